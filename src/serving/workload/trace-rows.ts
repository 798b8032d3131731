/** The rows of a recorded workload as requests, in order. */
import type { Arrival, PromptPiece, RequestTrace } from "../types.ts"

/** Names of classes in a trace that a workload does not have. */
export const unknownTraceClasses = (trace: RequestTrace, classNames: readonly string[]): readonly string[] =>
  trace.classes?.names.filter((name) => !classNames.includes(name)) ?? []

/**
 * Writes one row after the other, everything but the time.
 *
 * @param classNames   names of the workload's classes
 * @param chooseClass  the class of a row that names none, or one that the workload does not have
 */
export const traceRows = (
  trace: RequestTrace,
  classNames: readonly string[],
  chooseClass: () => number
): ((into: Arrival) => void) => {
  const classOf = trace.classes?.names.map((name) => classNames.indexOf(name))
  let row = 0
  return (into) => {
    const classIndex = classOf?.[trace.classes!.index[row]!] ?? -1
    into.classIndex = classIndex >= 0 ? classIndex : chooseClass()
    into.promptTokens = trace.promptTokens[row]!
    into.outputTokens = trace.outputTokens[row]!
    into.pieces = trace.prefixes === null ? null : promptPieces(trace.prefixes, row, into.promptTokens)
    into.outputPiece = 0
    row++
  }
}

/** The blocks of a prompt. The last one holds what is left of it, and id 0 of a trace becomes 1: 0 is kept for "none". */
const promptPieces = (
  { first, ids, blockTokens }: NonNullable<RequestTrace["prefixes"]>,
  row: number,
  promptTokens: number
): readonly PromptPiece[] => {
  const pieces: PromptPiece[] = []
  for (let index = first[row]!, left = promptTokens; index < first[row + 1]! && left > 0; index++, left -= blockTokens)
    pieces.push({ id: ids[index]! + 1, tokens: Math.min(blockTokens, left) })
  return pieces
}
