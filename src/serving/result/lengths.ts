/** What the server makes of the lengths that clients ask for. */
import type { RequestLog, ServingJob } from "../types.ts"

/** Tokens that a request gets if it is served to its end: what it asks for, cut at the longest sequence. */
export const servedTokens = ({ target }: ServingJob, requests: RequestLog, request: number): number =>
  Math.max(1, Math.min(requests.output[request]!, target.maximumSequence - requests.prompt[request]!))

/** Whether the server refuses a request for its length, however idle it is. */
export const isTooLong = (job: ServingJob, requests: RequestLog, request: number): boolean => {
  const prompt = requests.prompt[request]!
  const { cache, target } = job
  if (prompt >= target.maximumSequence) return true
  // The last token's keys and values are never needed.
  return Math.ceil((prompt + servedTokens(job, requests, request) - 1) / cache.blockTokens) > cache.blocks
}

/** The same for every request; 0 for those that are refused. */
export const allServedTokens = (job: ServingJob, requests: RequestLog): Int32Array => {
  const tokens = new Int32Array(requests.count)
  for (let request = 0; request < requests.count; request++)
    tokens[request] = isTooLong(job, requests, request) ? 0 : servedTokens(job, requests, request)
  return tokens
}
