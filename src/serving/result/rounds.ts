/** Rounds of roll-outs: how long each took, and how much of that was spent on the last few answers. */
import { sortNumbers } from "../../statistics/index.ts"
import type { RequestLog, ServingJob } from "../types.ts"

/** A round of roll-outs. */
export interface RoundResult {
  readonly startSeconds: number
  readonly seconds: number
  /** From when nine answers of ten were there to the last one. */
  readonly tailSeconds: number
  readonly outputTokens: number
  readonly outputTokensPerSecond: number
}

/** Answers of a round after which the rest is its tail. */
const tailShare = 0.9

/** Undefined where the workload does not come in rounds. Rounds that the end of the run cut are left out. */
export const roundsOf = ({ workload }: ServingJob, requests: RequestLog): readonly RoundResult[] | undefined => {
  const { arrivals } = workload
  if (arrivals.kind !== "rounds") return undefined
  const size = arrivals.prompts * arrivals.samples
  const rounds: RoundResult[] = []
  for (let from = 0; from + size <= requests.count; from += size) {
    const ends = requests.finished.slice(from, from + size)
    if (ends.some((end) => Number.isNaN(end))) continue
    sortNumbers(ends, new Float64Array(ends.length))
    const start = requests.arrival[from]!
    const end = ends.at(-1)!
    const tokens = requests.generated.subarray(from, from + size).reduce((sum, one) => sum + one, 0)
    rounds.push({
      startSeconds: start,
      seconds: end - start,
      tailSeconds: end - ends[Math.min(size - 1, Math.ceil(size * tailShare) - 1)]!,
      outputTokens: tokens,
      outputTokensPerSecond: tokens / (end - start)
    })
  }
  return rounds
}
