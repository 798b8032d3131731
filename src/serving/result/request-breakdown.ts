/** Where the time of a mean request goes. */
import type { RequestLog } from "../types.ts"
import { lastTokenSeconds, queueingOf } from "./request-times.ts"
import type { RequestBreakdown } from "./types.ts"

/**
 * Time put aside is taken from the decode, where preemption strikes, and what that does not hold from the prefill.
 *
 * @param rows  requests that finished; NaN throughout where there are none
 */
export const requestBreakdownOf = (requests: RequestLog, rows: Int32Array): RequestBreakdown => {
  let [queue, prefill, decode, preempted] = [0, 0, 0, 0]
  for (const request of rows) {
    const aside = requests.preemptedSeconds?.[request] ?? 0
    const first = requests.firstToken[request]!
    const prefilling = first - requests.scheduled[request]!
    const decoding = lastTokenSeconds(requests, request) - first
    const ofDecode = Math.min(decoding, aside)
    queue += queueingOf(requests, request)
    decode += decoding - ofDecode
    prefill += prefilling - (aside - ofDecode)
    preempted += aside
  }
  const count = rows.length
  return {
    queue: queue / count,
    prefill: prefill / count,
    decode: decode / count,
    preempted: requests.preemptedSeconds === undefined ? null : preempted / count
  }
}
