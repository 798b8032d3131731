/**
 * An imported training as YAML: what became of each line as comments on top, then the scenario.
 */
import { yamlText } from "../model-text.ts"
import type { RemarkKind, TrainingRemark } from "./remarks.ts"
import { trainingTitle, type ImportedTraining } from "./training-import.ts"

const headings: readonly (readonly [RemarkKind, string])[] = [
  ["assumed", "assumed"],
  ["not modelled", "said, but not modelled"],
  ["unknown", "unknown"],
  ["understood", "understood"],
  ["ignored", "ignored, as no time depends on it"]
]

const longest = 100

/** One line of a comment: place, what was written, what it became. */
const remarkText = ({ written, text, line, file }: TrainingRemark): string => {
  const place = [file, line === undefined ? undefined : `line ${line}`].filter((part) => part !== undefined).join(", ")
  const said = written === undefined ? "" : written.length > longest ? `${written.slice(0, longest - 3)}...` : written
  const meaning = said !== "" && text !== "" ? `${said}  ->  ${text}` : `${said}${text}`
  // A comment has one line, and no control characters, whatever a flag's value holds.
  // oxlint-disable-next-line no-control-regex
  return `${place === "" ? "" : `${place}: `}${meaning}`.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
}

const inOrder = (one: TrainingRemark, other: TrainingRemark): number =>
  (one.file ?? "") < (other.file ?? "")
    ? -1
    : (one.file ?? "") > (other.file ?? "")
      ? 1
      : (one.line ?? 0) - (other.line ?? 0)

const linesOf = (imported: ImportedTraining, kinds: readonly RemarkKind[]): readonly string[] => [
  `imported from ${imported.source}: ${trainingTitle(imported)}`,
  ...headings.flatMap(([kind, heading]) => {
    const own = imported.remarks.filter((remark) => remark.kind === kind).toSorted(inOrder)
    return own.length === 0 || !kinds.includes(kind)
      ? []
      : [`${heading}:`, ...own.map((remark) => `  ${remarkText(remark)}`)]
  })
]

/** What a reader must know: all but what was plainly understood or ignored, of which the number. */
export const trainingRemarks = (imported: ImportedTraining): readonly string[] => {
  const count = (kind: RemarkKind): number => imported.remarks.filter((remark) => remark.kind === kind).length
  return [
    ...linesOf(imported, ["assumed", "not modelled", "unknown"]),
    `${count("understood")} options understood, ${count("ignored")} on which no time depends: the file's comments list them by line`
  ]
}

export const trainingText = (imported: ImportedTraining): string =>
  yamlText(
    imported.scenario,
    linesOf(
      imported,
      headings.map(([kind]) => kind)
    )
  )
