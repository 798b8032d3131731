/** How fast a pool is, and what its part of a request is: what capacities and weights of fleets are made from. */
import { attendedTokens } from "../../transformer/index.ts"
import type { Pool, PoolRole } from "../types.ts"
import { modelledCapacity } from "./capacity.ts"
import type { RequestMix } from "./mix.ts"

/** The part of the mean request that a pool of a role does. */
export const mixOfRole = (mix: RequestMix, role: PoolRole): RequestMix => {
  if (role === "prefill")
    return { ...mix, output: 1, decodeSteps: 0, decodeContext: 0, decodeWindow: 0, finalTokens: mix.prompt }
  return role === "decode" ? { ...mix, prefill: 0, prefillPairs: 0 } : mix
}

/** A request of so many tokens as the mean of all. */
const mixOf = (prompt: number, output: number, window: number): RequestMix => {
  const steps = Math.max(0, output - 1)
  const context = steps * prompt + (steps * (steps + 1)) / 2
  return {
    requests: 1,
    prompt,
    prefill: prompt,
    prefillPairs: (prompt * (prompt + 1)) / 2,
    output,
    decodeSteps: steps,
    decodeContext: context,
    decodeWindow: Math.min(context, steps * window),
    finalTokens: prompt + steps,
    cached: 0
  }
}

/** Requests per second that a replica of a pool could serve its part of, all of these lengths. */
export const poolSpeed = (pool: Pool, prompt: number, output: number): number => {
  const window = attendedTokens(pool.target.model)
  const outputs = Int32Array.of(Math.max(1, Math.round(output)))
  return modelledCapacity({ ...pool, replicas: 1 }, mixOfRole(mixOf(prompt, output, window), pool.role), outputs)
}
