/** The latencies of the counted requests of some classes. */
import type { RequestLog } from "../types.ts"
import { summariseLatency } from "./latency-summary.ts"
import { e2eOf, queueingOf, stateIndex, tpotOf, ttftOf } from "./request-times.ts"
import type { Latencies } from "./types.ts"

/** Requests that finished, arrived at or after a time, and belong to a class (all where it is undefined), in order of arrival. */
export const finishedSince = (requests: RequestLog, fromSeconds: number, classIndex?: number): Int32Array => {
  const rows = new Int32Array(requests.count)
  let count = 0
  for (let request = 0; request < requests.count; request++) {
    if (requests.state[request] !== stateIndex.finished || requests.arrival[request]! < fromSeconds) continue
    if (classIndex !== undefined && requests.classIndex[request] !== classIndex) continue
    rows[count++] = request
  }
  return rows.subarray(0, count)
}

export const latenciesOf = (requests: RequestLog, rows: Int32Array): Latencies => {
  const count = rows.length
  const [ttft, tpot, e2e, queueing, perToken] = [
    new Float64Array(count),
    new Float64Array(count),
    new Float64Array(count),
    new Float64Array(count),
    new Float64Array(count)
  ]
  let withGaps = 0
  for (let index = 0; index < count; index++) {
    const request = rows[index]!
    const whole = e2eOf(requests, request)
    const perGap = tpotOf(requests, request)
    ttft[index] = ttftOf(requests, request)
    e2e[index] = whole
    queueing[index] = queueingOf(requests, request)
    perToken[index] = whole / Math.max(1, requests.generated[request]!)
    if (perGap === perGap) tpot[withGaps++] = perGap
  }
  return {
    ttft: summariseLatency(ttft),
    tpot: summariseLatency(tpot.subarray(0, withGaps)),
    e2e: summariseLatency(e2e),
    queueing: summariseLatency(queueing),
    perToken: summariseLatency(perToken)
  }
}
