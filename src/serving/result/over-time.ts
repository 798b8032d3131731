/** Latencies over the course of a run: of the requests that arrived in each of some equal windows. */
import { quantileOfSorted } from "../../statistics/index.ts"
import type { RequestLog } from "../types.ts"
import { lastTokenSeconds, tpotOf, ttftOf } from "./request-times.ts"

/** Index i is the window that ends at `until[i]`; windows without a request have NaN. Warm-up included. */
export interface OverTime {
  readonly until: readonly number[]
  /** Requests that arrived in the window and finished, ever: the sample of its latencies. */
  readonly requests: readonly number[]
  /** Requests that finished in the window, and tokens of their answers, a second. */
  readonly finishedPerSecond: readonly number[]
  readonly outputTokensPerSecond: readonly number[]
  readonly ttft: LatencyOverTime
  readonly tpot: LatencyOverTime
}

/** Seconds; quantiles are exact, and near the greatest value where a window has few requests. */
export interface LatencyOverTime {
  readonly mean: readonly number[]
  readonly p50: readonly number[]
  readonly p99: readonly number[]
}

const windows = 60

/**
 * @param rows     requests that finished, in order of arrival
 * @param seconds  length of the run
 */
export const overTimeOf = (requests: RequestLog, rows: Int32Array, seconds: number): OverTime => {
  const count = seconds > 0 ? windows : 0
  const width = seconds / windows
  const windowAt = (time: number): number => Math.min(windows - 1, Math.max(0, Math.floor(time / width)))
  const bounds = new Int32Array(count + 1)
  const [finished, tokens] = [new Float64Array(count), new Float64Array(count)]
  if (count > 0)
    for (const request of rows) {
      bounds[windowAt(requests.arrival[request]!) + 1]! += 1
      const end = windowAt(lastTokenSeconds(requests, request))
      finished[end]! += 1 / width
      tokens[end]! += requests.generated[request]! / width
    }
  for (let window = 0; window < count; window++) bounds[window + 1]! += bounds[window]!
  return {
    until: Array.from({ length: count }, (_, window) => ((window + 1) * seconds) / windows),
    requests: Array.from({ length: count }, (_, window) => bounds[window + 1]! - bounds[window]!),
    finishedPerSecond: [...finished],
    outputTokensPerSecond: [...tokens],
    ttft: latencyOverTime(requests, rows, bounds, ttftOf),
    tpot: latencyOverTime(requests, rows, bounds, tpotOf)
  }
}

/** Rows bounds[i] ... bounds[i + 1] - 1 are those of window i: they are in order of arrival. */
const latencyOverTime = (
  requests: RequestLog,
  rows: Int32Array,
  bounds: Int32Array,
  latencyOf: (requests: RequestLog, request: number) => number
): LatencyOverTime => {
  const all: { readonly mean: number[]; readonly p50: number[]; readonly p99: number[] } = {
    mean: [],
    p50: [],
    p99: []
  }
  const values = new Float64Array(rows.length)
  for (let window = 0; window + 1 < bounds.length; window++) {
    let [count, sum] = [0, 0]
    for (let index = bounds[window]!; index < bounds[window + 1]!; index++) {
      const seconds = latencyOf(requests, rows[index]!)
      if (seconds !== seconds) continue
      values[count++] = seconds
      sum += seconds
    }
    const sorted = values.subarray(0, count).sort()
    all.mean.push(sum / count)
    all.p50.push(quantileOfSorted(sorted, 0.5))
    all.p99.push(quantileOfSorted(sorted, 0.99))
  }
  return all
}
