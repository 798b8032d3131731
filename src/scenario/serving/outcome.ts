/**
 * From a resolved server to its result, or to the reasons that there is none.
 */
import { simulateServing, summariseServing, type ServingResult } from "../../serving/index.ts"
import { formatBytes, formatCount } from "../../units/index.ts"
import { locateOne, type LoadedScenario, type Refused } from "../load.ts"
import type { ResolvedServing } from "../resolve-serving.ts"
import { fitsOneRequest, requestTokens } from "./fit.ts"
import { policyIssue } from "./policy.ts"

export const servedOutcome = (resolved: ResolvedServing, loaded: LoadedScenario): ServingResult | Refused => {
  const { job } = resolved
  if (!fitsOneRequest(job)) return doesNotFit(resolved, loaded)
  try {
    return summariseServing(job, simulateServing(job))
  } catch (error) {
    const issue = policyIssue(error, loaded)
    if (issue === undefined) throw error
    return { _tag: "Refused", issues: [issue] }
  }
}

const doesNotFit = ({ job }: ResolvedServing, { sources }: LoadedScenario): Refused => {
  const { memory, target } = job
  const tokens = requestTokens(job)
  const needed = memory.weights + memory.activations + memory.overhead + tokens * memory.keyValueBytesPerToken
  const issue = locateOne(
    {
      path: ["serving"],
      at: "key",
      problem: `${target.model.title} does not fit: ${formatBytes(needed)} with one request of ${formatCount(tokens)} tokens`,
      given: `${target.precision}, tensor ${target.layout.tensor}, pipeline ${target.layout.pipeline}`,
      expected: `at most ${formatBytes(memory.usableBytes)} on the fullest accelerator`
    },
    sources
  )
  return { _tag: "Refused", issues: [issue] }
}
