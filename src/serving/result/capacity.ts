/**
 * Requests per second that the replicas could serve if their queue were never empty: the rate at which the verdict turns.
 *
 * Two estimates. Measured: requests that finished per second while every replica had requests waiting (`queue-trend.ts`
 * finds that time). Modelled, here: a replica at the largest batch that the limits and the KV cache allow, in a steady
 * state of the mean request that arrived; each step then decodes one token of every running sequence and takes up the
 * prompts that replace those which ended, and the step model prices that step. It leaves out preemption, the variation of
 * the batch and uneven replicas (which cost), and that a full server takes up prompts in bunches (which saves: Llama-3.1-70B
 * on 8 H100, prompts of 1,024 and answers of 256, served 14.6 requests/s where this says 13.5, 14.5 where it says 12.5 with
 * prompts in steps of their own, and 11.6 as it says with chunks of 512).
 */
import { expectedTokens, type StepLoad } from "../../inference/index.ts"
import type { Batching, Server } from "../types.ts"
import type { RequestMix } from "./mix.ts"

/** What a batch of mean requests costs. */
interface StepTimes {
  /** From the start of a step to the start of the next of the same batch. */
  readonly cycle: number
  /** Of the slowest stage, which is what several batches in flight come to. */
  readonly slowestStage: number
}

/** A step that decodes for `decodes` sequences and takes up `prompts` mean prompts. */
export const meanLoad = (mix: RequestMix, decodes: number, taken: number): StepLoad => {
  // Prompts that were computed elsewhere are no work.
  const prompts = mix.prefill > 0 ? taken : 0
  const contextOf = (sum: number): number => (mix.decodeSteps > 0 ? sum / mix.decodeSteps : mix.prompt)
  return {
    decodes,
    decodeContext: decodes * contextOf(mix.decodeContext),
    decodeWindow: decodes * contextOf(mix.decodeWindow),
    prefills: prompts,
    prefillTokens: prompts * mix.prefill,
    prefillPairs: prompts * mix.prefillPairs,
    prefillContext: prompts * mix.prompt,
    sampled: decodes + prompts
  }
}

/** @param load  of one data-attention group; all groups work on the like at once */
const timesOf = ({ steps, target }: Server, ofGroup: StepLoad): StepTimes => {
  const load = wholeLoad(ofGroup, target.layout.dataAttention)
  let [sum, slowestStage] = [0, 0]
  for (let stage = 0; stage < steps.stages; stage++) {
    const seconds = steps.stageSeconds(stage, load)
    sum += seconds
    slowestStage = Math.max(slowestStage, seconds)
  }
  return { cycle: sum + (steps.stages - 1) * steps.hopSeconds(load) + steps.hostSeconds(load), slowestStage }
}

/**
 * The load of `groups` groups, in whole sequences and tokens: measured tables and captured graphs know no others. What
 * there is of a kind is at least one.
 */
export const wholeLoad = (load: StepLoad, groups = 1): StepLoad => {
  const whole = (count: number): number => (count > 0 ? Math.max(1, Math.round(count * groups)) : 0)
  return {
    decodes: whole(load.decodes),
    decodeContext: load.decodeContext * groups,
    decodeWindow: load.decodeWindow * groups,
    prefills: whole(load.prefills),
    prefillTokens: whole(load.prefillTokens),
    prefillPairs: load.prefillPairs * groups,
    prefillContext: load.prefillContext * groups,
    sampled: whole(load.sampled)
  }
}

/** Sequences that a data-attention group can hold at once. */
const sequencesThatFit = (job: Server, mix: RequestMix): number => {
  const { batching, cache, target } = job
  const tokens = cache.blocks * cache.blockTokens
  const shared = cache.prefixCaching ? mix.cached : 0
  const partBlock = (cache.blockTokens - 1) / 2
  const held = {
    // Blocks as they fill: the mean over a request's life.
    growing: mix.decodeSteps > 0 ? mix.decodeContext / mix.decodeSteps : mix.prompt,
    // Blocks of the whole request from its start.
    whole: mix.finalTokens + 1,
    longest: target.maximumSequence
  }
  switch (batching.policy) {
    case "none":
      return 1
    case "orca":
      return Math.min(batching.maximumSequences, tokens / held.longest)
    case "in-flight":
    case "mixed":
    case "static":
    case "dynamic":
      return Math.min(batching.maximumSequences, tokens / (held.whole - shared + partBlock))
    default:
      return Math.min(
        batching.maximumSequences,
        (tokens * (1 - cache.watermark)) / Math.max(1, held.growing - shared + partBlock)
      )
  }
}

/** Mean of the longest answer among `batch` requests drawn from those that arrived; answers of 0 tokens are none. */
export const meanLongest = (outputs: Int32Array, batch: number): number => {
  const sorted = outputs.filter((tokens) => tokens > 0).sort()
  const count = sorted.length
  let mean = 0
  for (let index = 0; index < count; index++)
    mean += sorted[index]! * (((index + 1) / count) ** batch - (index / count) ** batch)
  return mean
}

/** Tokens in a step; Orca counts sequences alone. */
const budgetOf = ({ policy, chunkTokens, maximumStepTokens }: Batching): number =>
  policy === "orca" ? Infinity : policy === "sarathi" && chunkTokens > 0 ? chunkTokens : maximumStepTokens

/** Requests per second of one batch of `sequences` whose steps take `secondsOf`. */
const rateOf = (
  job: Server,
  mix: RequestMix,
  outputs: Int32Array,
  sequences: number,
  secondsOf: (load: StepLoad) => number
): number => {
  const { batching } = job
  // With guesses a step emits several tokens of a sequence, and has several rows for it.
  const { speculation } = job.target
  const emitted = speculation === undefined ? 1 : expectedTokens(speculation.tokens, speculation.acceptance)
  const rows = 1 + (speculation?.tokens ?? 0)
  const steps = mix.decodeSteps / emitted
  const decoding = (decodes: number): number => (steps === 0 ? 0 : secondsOf(meanLoad(mix, decodes, 0)))
  switch (batching.policy) {
    case "none":
      return 1 / (secondsOf(meanLoad(mix, 0, 1)) + steps * decoding(1))
    case "static":
    case "dynamic": {
      // A batch is as long as its longest answer.
      const longest = meanLongest(outputs, sequences)
      return (
        sequences /
        (secondsOf(meanLoad(mix, 0, sequences)) + (Math.max(0, longest - 1) / emitted) * decoding(sequences))
      )
    }
    case "continuous": {
      // Prompts have steps of their own, with as many as have come free since the last.
      const most = Math.max(1, batching.maximumStepTokens / Math.max(1, mix.prefill))
      const together = Math.min(most, Math.max(1, sequences / Math.max(1, steps)))
      return 1 / (secondsOf(meanLoad(mix, 0, together)) / together + (steps / sequences) * decoding(sequences))
    }
    default: {
      // Prompts ride along with decodes, as far as the step's tokens reach.
      const budget = budgetOf(batching)
      const stepsOfPrompt = Math.max(1, mix.prefill / budget)
      const perStep = Math.min(sequences / (steps + stepsOfPrompt), budget / Math.max(1, mix.prefill + steps * rows))
      return perStep / secondsOf(meanLoad(mix, perStep * steps, perStep))
    }
  }
}

/**
 * Modelled capacity of all replicas, requests per second; NaN where there is no request to go by.
 *
 * @param outputs  tokens that the requests ask for
 */
export const modelledCapacity = (job: Server, mix: RequestMix, outputs: Int32Array): number => {
  if (mix.requests === 0) return NaN
  const sequences = Math.max(1, sequencesThatFit(job, mix))
  const inFlight = Math.min(sequences, Math.max(1, job.batching.batchesInFlight))
  const batch = sequences / inFlight
  const groups = job.replicas * job.target.layout.dataAttention
  const oneAfterAnother = rateOf(job, mix, outputs, batch, (load) => timesOf(job, load).cycle)
  if (inFlight === 1) return groups * oneAfterAnother
  const slowest = rateOf(job, mix, outputs, batch, (load) => timesOf(job, load).slowestStage)
  return groups * Math.min(inFlight * oneAfterAnother, slowest)
}
