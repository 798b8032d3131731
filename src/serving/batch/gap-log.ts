/** Gaps between tokens as a growing table: one row a step, or one for all steps of a leap, whatever the batch. */
import { grownFloats } from "../live/columns.ts"
import type { TokenGaps } from "../types.ts"

export interface GapLog {
  /** Gaps first, first + increment, ... (`steps` of them), each seen by `sequences` requests. Nothing when either is 0. */
  readonly add: (first: number, increment: number, steps: number, sequences: number) => void
  /** The rows so far; shares memory with the log. */
  readonly rows: () => TokenGaps
}

export const makeGapLog = (): GapLog => {
  let first = new Float64Array(1024)
  let increment = new Float64Array(1024)
  let steps = new Float64Array(1024)
  let sequences = new Float64Array(1024)
  let count = 0
  return {
    add: (firstGap, growth, stepCount, sequenceCount) => {
      if (stepCount === 0 || sequenceCount === 0) return
      if (count === first.length) {
        const capacity = Math.ceil(count * 1.5)
        first = grownFloats(first, capacity)
        increment = grownFloats(increment, capacity)
        steps = grownFloats(steps, capacity)
        sequences = grownFloats(sequences, capacity)
      }
      first[count] = firstGap
      increment[count] = growth
      steps[count] = stepCount
      sequences[count] = sequenceCount
      count++
    },
    rows: () => ({
      count,
      first: first.subarray(0, count),
      increment: increment.subarray(0, count),
      steps: steps.subarray(0, count),
      sequences: sequences.subarray(0, count)
    })
  }
}
