/** Why a layout, a split of layers or a schedule cannot be built: the parts of a message, without the prose. */

export interface Refusal<Tag extends string> {
  readonly _tag: Tag
  /** What is wrong: an option ("microBatches"), or a place in a list ("operations[3]"). */
  readonly field: string
  readonly given: string
  /** What would be right, as a phrase that follows "expected". */
  readonly expected: string
  /** Valid values near the given one, nearest first; empty where there is none to name. */
  readonly nearest: readonly (number | string)[]
}

/** Valid values nearest to `given`: those of `candidates`, at most `count`, nearest first. */
export const nearestOf = (given: number, candidates: readonly number[], count = 2): readonly number[] =>
  [...candidates].sort((a, b) => Math.abs(a - given) - Math.abs(b - given) || a - b).slice(0, count)

/** Whether a size is a whole number of at least `minimum`. */
export const isWhole = (value: number, minimum = 1): boolean => Number.isSafeInteger(value) && value >= minimum
