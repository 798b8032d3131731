/**
 * What the terminal shows of a report that was written: the answer, its figures, and the files.
 */
import type { Report } from "../report/index.ts"
import { labelled } from "./summary-parts.ts"
import { columns, paragraph } from "./wrapping.ts"

const mostShown = 8

export const reportText = ({ title, answer, trust, figures }: Report, written: readonly string[]): string => {
  const shown = figures.slice(0, mostShown)
  const width = Math.min(36, Math.max(24, ...shown.map(({ name }) => name.length)))
  return [
    ...paragraph(title, columns),
    "",
    ...paragraph(answer, columns),
    "",
    ...shown.map(({ name, shown: value, note, interval }) =>
      `  ${name.slice(0, width).padEnd(width)} ${value.padEnd(17)}${wholeWords(interval ?? note ?? "", columns - width - 20)}`.trimEnd()
    ),
    "",
    ...labelled("trust", paragraph(trust, columns - 8)),
    ...labelled("wrote", written)
  ].join("\n")
}

/** As many whole words as a width takes. */
const wholeWords = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, text.lastIndexOf(" ", width - 3))} ...`
