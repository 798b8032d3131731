/** The whole distribution of each latency, as the quantiles at every hundredth. */
import { quantileOfSorted, sortNumbers } from "../../statistics/index.ts"
import type { RequestLog } from "../types.ts"
import { e2eOf, queueingOf, tpotOf, ttftOf } from "./request-times.ts"

/**
 * Exact quantiles 0, 0.01 ... 1 of the counted requests that finished: 101 numbers of seconds in ascending order, or none
 * where the sample is empty. The first is the least, the last the greatest.
 */
export interface Distributions {
  readonly ttft: readonly number[]
  readonly tpot: readonly number[]
  readonly e2e: readonly number[]
  readonly queueing: readonly number[]
}

const hundredths = 100

/** @param rows  the requests that count, all of them finished */
export const distributionsOf = (requests: RequestLog, rows: Int32Array): Distributions => {
  const values = new Float64Array(rows.length)
  const spare = new Float64Array(rows.length)
  const curve = (latencyOf: (requests: RequestLog, request: number) => number): readonly number[] => {
    let count = 0
    for (let index = 0; index < rows.length; index++) {
      const seconds = latencyOf(requests, rows[index]!)
      if (seconds === seconds) values[count++] = seconds
    }
    const sorted = values.subarray(0, count)
    sortNumbers(sorted, spare)
    return count === 0
      ? []
      : Array.from({ length: hundredths + 1 }, (_, index) => quantileOfSorted(sorted, index / hundredths))
  }
  return { ttft: curve(ttftOf), tpot: curve(tpotOf), e2e: curve(e2eOf), queueing: curve(queueingOf) }
}
