/** What the way from prefill to decode replicas cost the requests that took it. */
import type { ServingLog } from "../types.ts"
import type { HandoverSummary } from "./types.ts"

/** @param first  number of the first decode replica that counts, and `end` of the one after the last */
export const handoversOf = ({ requests }: ServingLog, first: number, end: number): HandoverSummary | null => {
  const { handovers } = requests
  if (handovers === undefined) return null
  const left: number[] = []
  let waited = 0
  for (let request = 0; request < requests.count; request++) {
    const replica = handovers.replica[request]!
    const moved = handovers.moved[request]!
    if (replica < first || replica >= end || moved !== moved) continue
    const prefilled = handovers.prefilled[request]!
    left.push(moved - prefilled)
    waited += Math.max(0, handovers.reserved[request]! - prefilled)
  }
  const sorted = Float64Array.from(left).sort()
  const count = sorted.length
  const at = (share: number): number => (count === 0 ? 0 : sorted[Math.min(count - 1, Math.ceil(share * count) - 1)]!)
  return {
    count,
    meanSeconds: count === 0 ? 0 : sorted.reduce((sum, seconds) => sum + seconds, 0) / count,
    medianSeconds: at(0.5),
    p99Seconds: at(0.99),
    meanBlockedSeconds: count === 0 ? 0 : waited / count
  }
}
