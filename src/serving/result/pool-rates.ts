/** Tokens a second of a pool: over the whole run from what its replicas counted, after a warm-up from the times of its requests. */
import type { RequestLog, ServingLog } from "../types.ts"
import { stateIndex } from "./request-times.ts"
import { tokensIn } from "./throughput.ts"
import { sumOf } from "./totals.ts"
import type { MeasuredWindow } from "./types.ts"

export interface PoolRates {
  /** Prompt tokens of requests that had their first token, those that a cache had included. */
  readonly prompt: number
  /** Prompt tokens computed, and tokens decoded; a first token comes with its prompt. */
  readonly prefill: number
  readonly decode: number
}

/**
 * @param log    of the whole fleet
 * @param own    of the pool's replicas alone
 * @param first  its first replica, of those that end before `end`
 */
export const poolRates = (
  { requests }: ServingLog,
  own: ServingLog,
  window: MeasuredWindow,
  [first, end]: readonly [number, number]
): PoolRates => {
  const isOurs = (replica: number): boolean => replica >= first && replica < end
  let [prompt, prefill, decode] = [0, 0, 0]
  for (let request = 0; request < requests.count; request++) {
    const isDone = requests.firstToken[request]! >= window.fromSeconds || window.fromSeconds === 0
    if (isDone && isOurs(requests.replica[request]!) && requests.generated[request]! > 0) {
      prompt += requests.prompt[request]!
      prefill += requests.prompt[request]! - requests.cached[request]!
    }
    if (window.fromSeconds > 0 && isOurs(decodesOn(requests, request))) decode += decodedIn(requests, request, window)
  }
  if (window.fromSeconds > 0) {
    const seconds = window.seconds > 0 ? window.seconds : Infinity
    return { prompt: prompt / seconds, prefill: prefill / seconds, decode: decode / seconds }
  }
  // Nothing happens in no time.
  const seconds = own.seconds > 0 ? own.seconds : Infinity
  return {
    prompt: prompt / seconds,
    prefill: sumOf(own, "prefillTokens") / seconds,
    decode: sumOf(own, "decodeTokens") / seconds
  }
}

const decodesOn = ({ replica, handovers }: RequestLog, request: number): number => {
  const next = handovers?.replica[request] ?? -1
  return next >= 0 ? next : replica[request]!
}

const decodedIn = (requests: RequestLog, request: number, window: MeasuredWindow): number => {
  const state = requests.state[request]
  if (state !== stateIndex.finished && state !== stateIndex.running) return 0
  const tokens = tokensIn(requests, request, window)
  return tokens > 0 && requests.firstToken[request]! >= window.fromSeconds ? tokens - 1 : tokens
}
