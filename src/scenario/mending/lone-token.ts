/** How fast a server answers one client. */
import { attendedTokens } from "../../transformer/index.ts"
import type { ServingJob } from "../../serving/index.ts"
import { requestTokens } from "../serving/fit.ts"

/** Seconds from one token of a lone request to its next. */
export const tokenSeconds = (job: ServingJob): number => {
  const context = requestTokens(job)
  const window = attendedTokens(job.target.model)
  const load = {
    decodes: 1,
    decodeContext: context,
    decodeWindow: Math.min(context, window),
    prefills: 0,
    prefillTokens: 0,
    prefillPairs: 0,
    prefillContext: 0,
    sampled: 1
  }
  let seconds = job.steps.hostSeconds(load)
  for (let stage = 0; stage < job.steps.stages; stage++)
    seconds += job.steps.stageSeconds(stage, load) + (stage === 0 ? 0 : job.steps.hopSeconds(load))
  return seconds
}
