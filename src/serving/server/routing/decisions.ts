/** The log of routing decisions: where each request went, and what every open replica would have cost. */
import { grownFloats, grownIntegers } from "../../live/columns.ts"
import type { DecisionLog } from "./types.ts"

export interface DecisionRecorder {
  /** A request goes to a replica. */
  readonly decide: (request: number, seconds: number, chosen: number) => void
  /** A replica that it could have gone to, the chosen one included; after its `decide`. */
  readonly candidate: (replica: number, queuedTokens: number, cachedTokens: number, predictedTtft: number) => void
  readonly log: () => DecisionLog
}

/** Alternatives that are kept: with 32 bytes each, 128 MB. */
export const mostCandidates = 4e6

export const makeDecisionRecorder = (): DecisionRecorder => {
  let capacity = 1024
  let [request, chosen] = [new Int32Array(capacity), new Int32Array(capacity)]
  let [seconds, first] = [new Float64Array(capacity), new Float64Array(capacity + 1)]
  let room = 4096
  let replica = new Int32Array(room)
  let [queued, cached, predicted] = [new Float64Array(room), new Float64Array(room), new Float64Array(room)]
  let [decisions, candidates, left] = [0, 0, 0]
  let isFull = false
  return {
    decide: (row, now, to) => {
      if (candidates >= mostCandidates) {
        isFull = true
        left++
        return
      }
      if (decisions === capacity) {
        capacity *= 2
        request = grownIntegers(request, capacity)
        chosen = grownIntegers(chosen, capacity)
        seconds = grownFloats(seconds, capacity)
        first = grownFloats(first, capacity + 1)
      }
      request[decisions] = row
      seconds[decisions] = now
      chosen[decisions] = to
      decisions++
      first[decisions] = candidates
    },
    candidate: (index, queuedTokens, cachedTokens, ttft) => {
      if (isFull) return
      if (candidates === room) {
        room *= 2
        replica = grownIntegers(replica, room)
        queued = grownFloats(queued, room)
        cached = grownFloats(cached, room)
        predicted = grownFloats(predicted, room)
      }
      replica[candidates] = index
      queued[candidates] = queuedTokens
      cached[candidates] = cachedTokens
      predicted[candidates] = ttft
      candidates++
      first[decisions] = candidates
    },
    log: () => ({
      request: request.subarray(0, decisions),
      seconds: seconds.subarray(0, decisions),
      chosen: chosen.subarray(0, decisions),
      first: first.subarray(0, decisions + 1),
      replica: replica.subarray(0, candidates),
      queuedTokens: queued.subarray(0, candidates),
      cachedTokens: cached.subarray(0, candidates),
      predictedTtft: predicted.subarray(0, candidates),
      left
    })
  }
}
