/** Why a trace was not read. */

export interface TraceRefusal {
  readonly _tag: "BadTrace"
  /** Of the trace, as the reader was told: usually its file. */
  readonly name: string
  /** From 1, the header included; 0 when the trouble belongs to no line. */
  readonly line: number
  /** The column or key that is wrong or missing, as the format writes it. */
  readonly column?: string
  /** What was found, shortened. */
  readonly given: string
  /** What would have been right. */
  readonly expected: string
}

export const isTraceRefusal = (outcome: object): outcome is TraceRefusal =>
  "_tag" in outcome && outcome._tag === "BadTrace"

const shownLength = 80

/** A piece of a file fit to be shown: one short line without control characters. */
export const excerpt = (text: string): string => {
  const short = text.length > shownLength ? `${text.slice(0, shownLength)}...` : text
  // oxlint-disable-next-line no-control-regex
  return short.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\u00b7")
}
