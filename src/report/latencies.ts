/**
 * Latencies of single requests, for their distribution.
 */
import { requestStates, type RequestLog } from "../serving/index.ts"
import type { SortedLatencies } from "./serving-findings.ts"

const finished = requestStates.indexOf("finished")

/** Of the requests that arrived after the warm-up and finished. */
export const sortedLatencies = (requests: RequestLog, warmUpSeconds: number): SortedLatencies => {
  const counted: number[] = []
  for (let index = 0; index < requests.count; index++)
    if (requests.state[index] === finished && requests.arrival[index]! >= warmUpSeconds) counted.push(index)
  const since = (times: Float64Array): Float64Array =>
    Float64Array.from(counted, (index) => times[index]! - requests.arrival[index]!).sort()
  return { ttft: since(requests.firstToken), e2e: since(requests.finished) }
}
