/**
 * A mapped measurement of inference simulated through the front door: its scenario is decoded, resolved and run like a
 * user's.
 */
import type { InferenceMemory } from "../../inference/index.ts"
import type { ResolveOptions } from "../../scenario/index.ts"
import { simulateServing, Stalled, summariseServing, type ServingResult } from "../../serving/index.ts"
import { servingJobOf } from "./job.ts"
import type { ServingScenarioInput } from "./mapped.ts"
import type { Refusal } from "./reading.ts"

/** What a scenario of serving comes to: memory at once, the rest when asked. */
export interface ServingPrediction {
  readonly memory: InferenceMemory
  readonly result: () => ServingResult | Refusal
}

export type PredictServing = (scenario: ServingScenarioInput, options?: ResolveOptions) => ServingPrediction | Refusal

/** The simulation looks up every few thousand events; so many looks are about 10 million events. */
const mostLooks = 2500

export const predictServing: PredictServing = (scenario, options) => {
  const job = servingJobOf(scenario, options)
  if ("reason" in job) return job
  return {
    memory: job.memory,
    result: () => {
      try {
        let looks = 0
        const log = simulateServing(job, { stop: () => ++looks > mostLooks })
        if (looks > mostLooks) return { reason: "the run takes more events than a benchmark is worth" }
        const result = summariseServing(job, log)
        return result.requests.finished === 0 ? { reason: "no request finished" } : result
      } catch (error) {
        // A server that can serve nothing more of what waits; the point is then listed with the reason.
        if (error instanceof Stalled) return { reason: error.message }
        throw error
      }
    }
  }
}
