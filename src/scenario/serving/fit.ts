/**
 * Whether a model and the keys and values of a request fit.
 */
import { distributionMean, type ServingJob } from "../../serving/index.ts"

/** Tokens that one request of mean length takes in the cache, within what a sequence may have. */
export const requestTokens = ({ workload, target }: Pick<ServingJob, "workload" | "target">): number => {
  const { arrivals, classes } = workload
  const lengths =
    arrivals.kind === "trace"
      ? [mean(arrivals.trace.promptTokens) + mean(arrivals.trace.outputTokens)]
      : classes.map(
          ({ prompt, output, sharedPrefix }) =>
            distributionMean(prompt) + distributionMean(output) + (sharedPrefix?.tokens ?? 0)
        )
  return Math.ceil(Math.min(target.maximumSequence, Math.max(1, Math.min(...lengths))))
}

const mean = (values: Int32Array): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

/** The weights and at least one request of mean length fit. */
export const fitsOneRequest = (job: ServingJob): boolean =>
  job.memory.fits && job.cache.blocks * job.cache.blockTokens >= requestTokens(job)
