/** How many requests there were, and how they ended. */
import { requestStates, type RequestLog } from "../types.ts"
import type { ClassResult } from "./types.ts"

type Counts = ClassResult["requests"]

/** Of the requests that arrived at or after a time, by class; the last entry is of all classes together. */
export const countRequests = (requests: RequestLog, classes: number, fromSeconds: number): readonly Counts[] => {
  const states = requestStates.length
  const table = new Float64Array((classes + 1) * states)
  for (let request = 0; request < requests.count; request++) {
    if (requests.arrival[request]! < fromSeconds) continue
    const state = requests.state[request]!
    table[requests.classIndex[request]! * states + state]! += 1
    table[classes * states + state]! += 1
  }
  return Array.from({ length: classes + 1 }, (_, index) => {
    const row = table.subarray(index * states, (index + 1) * states)
    const byState = Object.fromEntries(requestStates.map((state, at) => [state, row[at]!])) as Omit<Counts, "arrived">
    return { arrived: row.reduce((sum, count) => sum + count, 0), ...byState }
  })
}
