/**
 * The mean request of a run, as far as the price of its steps goes: means over all that arrived of their lengths and of
 * the sums of context that their steps attend to.
 */
import { attendedTokens } from "../../transformer/index.ts"
import type { RequestLog } from "../types.ts"

export interface RequestMix {
  readonly requests: number
  readonly prompt: number
  /** Prompt tokens to compute: without those that the prefix cache had. */
  readonly prefill: number
  /** Query-key pairs of the prefill under the causal mask. */
  readonly prefillPairs: number
  /** Tokens to generate; the first comes from the prefill, each other from a decode step. */
  readonly output: number
  readonly decodeSteps: number
  /** Sum of the context over the decode steps of a request, and the same cut at the model's window. */
  readonly decodeContext: number
  readonly decodeWindow: number
  /** Tokens whose keys and values a request holds at its end, mean over decode steps (long answers weigh more). */
  readonly finalTokens: number
  /** Prompt tokens found in the prefix cache. */
  readonly cached: number
}

/** Sum of min(context, window) over context = prompt + 1 ... prompt + steps. */
const windowedSum = (prompt: number, steps: number, window: number): number => {
  const growing = Math.max(0, Math.min(steps, window - prompt))
  const full = steps - growing
  return growing * prompt + (growing * (growing + 1)) / 2 + (full > 0 ? full * window : 0)
}

/**
 * @param outputs  tokens that each request generates: `allServedTokens` for the offered mix, `requests.generated` for the
 *                 work that was done; requests of 0 tokens are left out
 */
export const requestMix = (requests: RequestLog, outputs: Int32Array, window: number): RequestMix => {
  let [count, prompt, output, decodeContext, decodeWindow, finalTokens, decodes] = [0, 0, 0, 0, 0, 0, 0]
  let [scheduled, cached] = [0, 0]
  for (let request = 0; request < requests.count; request++) {
    if (requests.scheduled[request] === requests.scheduled[request]) {
      scheduled++
      cached += requests.cached[request]!
    }
  }
  // Those that were never looked up would have found as much as the others.
  const meanCached = scheduled === 0 ? 0 : cached / scheduled
  let [prefill, prefillPairs] = [0, 0]
  for (let request = 0; request < requests.count; request++) {
    const tokens = outputs[request]!
    if (tokens === 0) continue
    const length = requests.prompt[request]!
    const steps = tokens - 1
    const isScheduled = requests.scheduled[request] === requests.scheduled[request]
    const found = isScheduled ? requests.cached[request]! : Math.min(meanCached, length)
    const left = length - found
    count++
    prompt += length
    prefill += left
    prefillPairs += left * (found + (left + 1) / 2)
    output += tokens
    decodes += steps
    decodeContext += steps * length + (steps * (steps + 1)) / 2
    decodeWindow += windowedSum(length, steps, window)
    finalTokens += steps * (length + steps)
  }
  return {
    requests: count,
    prompt: prompt / count,
    prefill: prefill / count,
    prefillPairs: prefillPairs / count,
    output: output / count,
    decodeSteps: decodes / count,
    decodeContext: decodeContext / count,
    decodeWindow: decodeWindow / count,
    finalTokens: decodes === 0 ? prompt / count : finalTokens / decodes,
    cached: meanCached
  }
}

/** Tokens that a query attends to where not to all; Infinity without a sliding window or an indexer. */
export const windowOf = attendedTokens
