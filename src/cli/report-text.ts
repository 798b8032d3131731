/**
 * What the terminal shows of a report that was written: the answer, its figures, and the files.
 */
import type { Figure, Report } from "../report/index.ts"
import { labelled } from "./summary-parts.ts"
import { columns, paragraph } from "./wrapping.ts"

const mostShown = 8

/** Columns of a value. */
const valueWidth = 17

/** Columns of the names: as many as the longest takes that leaves room for the rest. */
const nameWidthOf = (figures: readonly Figure[]): number =>
  Math.max(24, ...figures.map(({ name }) => name.length).filter((length) => length <= 28))

export const reportText = (
  { kind, title, answer, trust, figures: all }: Report,
  written: readonly string[]
): string => {
  const figures = all.slice(0, mostShown)
  const width = nameWidthOf(figures)
  return [
    ...paragraph(title, columns),
    "",
    ...paragraph(answer, columns),
    "",
    ...figures.flatMap((one) => figureLines(one, width, kind === "comparison")),
    "",
    ...labelled("trust", paragraph(trust, columns - 8)),
    ...labelled("wrote", written)
  ].join("\n")
}

/** "  iteration                105 s            90 %: 87.0 s to 131 s"; a longer name stands on lines of its own. */
const figureLines = (
  { name, shown, note, interval }: Figure,
  nameWidth: number,
  isCompared: boolean
): readonly string[] => {
  // Of several runs the note says which figure it is.
  const said = isCompared ? [note, interval].filter((part) => part !== undefined).join("; ") : (interval ?? note ?? "")
  const left = 2 + nameWidth + 1
  const [first = "", ...others] = paragraph(said, columns - left - Math.max(valueWidth, shown.length + 1))
  const names = name.length <= nameWidth ? [] : paragraph(name, columns - 2)
  const beside = names.length > 0 ? "" : name
  return [
    ...names.map((line) => `  ${line}`),
    `  ${beside.padEnd(nameWidth)} ${shown.padEnd(valueWidth - 1)} ${first}`.trimEnd(),
    ...others.map((line) => `${" ".repeat(left + Math.max(valueWidth, shown.length + 1))}${line}`)
  ]
}
