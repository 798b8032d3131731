/** Conversations and agents' tasks as wholes: from the first request to the last answer. */
import { mean } from "../../statistics/index.ts"
import type { RequestLog } from "../types.ts"
import { summariseLatency } from "./latency-summary.ts"
import { stateIndex } from "./request-times.ts"
import type { SessionResult } from "./types.ts"

/** Undefined where there are no conversations. Those with a request that did not finish are counted and left out. */
export const sessionsOf = (requests: RequestLog, isCut: boolean): SessionResult | undefined => {
  const { session } = requests
  if (session === undefined) return undefined
  let count = 0
  for (let request = 0; request < requests.count; request++) count = Math.max(count, session[request]! + 1)
  if (count === 0) return undefined
  const first = new Float64Array(count).fill(Infinity)
  const last = new Float64Array(count)
  const served = new Float64Array(count)
  const turns = new Int32Array(count)
  const isWhole = new Uint8Array(count).fill(1)
  for (let request = 0; request < requests.count; request++) {
    const of = session[request]!
    if (of < 0) continue
    turns[of] = turns[of]! + 1
    first[of] = Math.min(first[of]!, requests.arrival[request]!)
    if (requests.state[request] !== stateIndex.finished) isWhole[of] = 0
    else {
      last[of] = Math.max(last[of]!, requests.finished[request]!)
      served[of] = served[of]! + requests.finished[request]! - requests.arrival[request]!
    }
  }
  const whole = [...isWhole.keys()].filter((of) => isWhole[of] === 1)
  return {
    count,
    whole: whole.length,
    isCut,
    meanTurns: mean(Float64Array.from(whole, (of) => turns[of]!)),
    seconds: summariseLatency(Float64Array.from(whole, (of) => last[of]! - first[of]!)),
    servedSeconds: summariseLatency(Float64Array.from(whole, (of) => served[of]!))
  }
}
