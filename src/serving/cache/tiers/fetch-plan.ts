/**
 * How much of a prompt to fetch: the blocks behind what the accelerator has, as far as the tiers hold them without a gap.
 *
 * With `fetch: cost` the cut is where the estimate of
 *
 *   max over tiers (latency + bytes / rate) + seconds of the step model for the tokens behind the cut
 *
 * is least. The rate of a tier is what its narrowest link would give one more flow now: an equal share, or what is free.
 *
 * Layer-wise a first step of P seconds hides what comes behind its first layer: of T seconds of transfer and L layers the
 * request waits for max(T / L, T - P (L - 1) / L), and the rest of the bytes follows while it computes.
 */
import type { StepLoad, StepModel } from "../../../inference/index.ts"
import { makeStepLoad } from "../../../inference/index.ts"
import type { Wires } from "../../fleet/wires.ts"
import type { FetchPlan } from "./scheduler-tiers.ts"
import type { TierWay } from "./tier-ways.ts"

const load: StepLoad = makeStepLoad()

/** Seconds for tokens from ... to - 1 of a prompt in steps of at most `budget` tokens, with nobody else in them. */
export const promptSeconds = (steps: StepModel, budget: number, from: number, to: number): number => {
  let seconds = 0
  for (let done = from; done < to;) {
    const tokens = Math.min(to - done, budget)
    const after = done + tokens
    load.prefills = 1
    load.prefillTokens = tokens
    load.prefillPairs = tokens * (done + (tokens + 1) / 2)
    load.prefillContext = after
    load.sampled = after === to ? 1 : 0
    seconds += steps.hostSeconds(load)
    for (let stage = 0; stage < steps.stages; stage++) seconds += steps.stageSeconds(stage, load)
    done = after
  }
  return seconds
}

/** Bytes/s that one more flow would get on a way. */
export const expectedRate = (wires: Wires, flows: Int32Array, links: readonly number[], rateCap: number): number => {
  let rate = rateCap
  for (const link of links) {
    const whole = wires.rate(link)
    rate = Math.min(rate, Math.max(whole / (flows[link]! + 1), whole - wires.network.linkRate(link)))
  }
  return rate
}

/** Runs of blocks in one tier each: run r ends before block ends[r] and is in tier tiers[r]. */
export interface TierRuns {
  readonly tiers: readonly number[]
  readonly ends: readonly number[]
}

export interface CutRequest {
  readonly runs: TierRuns
  readonly hits: number
  readonly blockTokens: number
  readonly blockBytes: number
  /** Tokens to compute in all. */
  readonly total: number
  readonly budget: number
  readonly steps: StepModel
  readonly ways: readonly TierWay[]
  /** Bytes/s that a fetch from each tier may expect. */
  readonly rateOf: (tier: number) => number
  readonly isAlways: boolean
  /** Layers that come one after the other while the first step computes; 1 = all bytes come first. */
  readonly layers: number
}

/** The best cut, null where nothing is to be fetched. */
export const cutOf = (request: CutRequest): FetchPlan | null => {
  const { runs, hits, blockTokens, blockBytes, total, budget, steps, ways, rateOf, isAlways, layers } = request
  const blocksOf = ways.map(() => 0)
  const rates = ways.map((_way, tier) => (runs.tiers.includes(tier) ? rateOf(tier) : 0))
  const compute = (blocks: number): number => promptSeconds(steps, budget, blocks * blockTokens, total)
  let best: FetchPlan | null = null
  let least = isAlways ? Infinity : compute(hits)
  let start = hits
  for (const [run, end] of runs.ends.entries()) {
    blocksOf[runs.tiers[run]!]! += end - start
    start = end
    let transfer = 0
    for (const [tier, blocks] of blocksOf.entries())
      if (blocks > 0) transfer = Math.max(transfer, ways[tier]!.latencySeconds + (blocks * blockBytes) / rates[tier]!)
    const rest = isAlways && layers === 1 ? 0 : compute(end)
    const wait = layers === 1 ? transfer : Math.max(transfer / layers, transfer - (rest * (layers - 1)) / layers)
    if (!isAlways && wait + rest >= least) continue
    if (!isAlways) least = wait + rest
    best = { end, blocksOf: [...blocksOf], share: layers === 1 ? 1 : wait / transfer }
  }
  return best
}
