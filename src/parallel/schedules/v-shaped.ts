/**
 * V-shaped schedules: two chunks a stage in a V, so that the first and the last part of the model share stage 0. From
 * building blocks (Qi et al. 2405.15362, sections 3 and 4; the steps of V-Min and V-Half as in the published code,
 * sail-sg/zero-bubble-pipeline-parallelism, zbv_greedy.py), squeezed and reordered by `lookAhead`.
 *
 * | schedule | most micro-batches in flight | bubble if F = Bi = W, at most (published) |
 * | --- | --- | --- |
 * | V-Min | floor((p + 4) / 3) | 2pF |
 * | V-Half | floor((p + 2) / 2) | 1.5pF |
 * | ZB-V | p | 0 |
 *
 * where 1F1B holds p and idles 3(p - 1)F, F of a whole stage. Steady state: one micro-batch.
 */
import { blockLists } from "./building-block.ts"
import type { BuildingBlock } from "./building-block.ts"
import { bestOf } from "./choice.ts"
import type { Candidate } from "./choice.ts"
import { greedyOperations } from "./list-scheduler.ts"
import { lookAhead } from "./look-ahead.ts"
import { equalTimes, planTimes } from "./schedule.ts"
import type { OperationTimes, Schedule, ScheduleGenerator } from "./schedule.ts"
import { checkOptions } from "./validation.ts"

/** The turn at the top waits where the repeated block would else ask for two operations at once. */
const minimalBlock = (stages: number): BuildingBlock => ({ down: 1, up: 1, turns: [1, stages % 3 === 0 ? 3 : 1, 1] })
const halfBlock = (stages: number): BuildingBlock => ({ down: 2, up: 1, turns: [1, stages % 2 === 0 ? 4 : 1, 2] })
const zeroBubbleBlock: BuildingBlock = { down: 4, up: 2, turns: [1, 1, 1] }

/** Micro-batches in flight that a schedule of the family promises not to exceed. */
export const promisedInFlight = {
  "v-min": (stages: number): number => Math.floor((stages + 4) / 3),
  "v-half": (stages: number): number => Math.floor((stages + 2) / 2),
  "zb-v": (stages: number): number => stages
} as const

/** Micro-batches until the steady state of a V is reached, and left again, with room to spare. */
export const horizonOf = (stages: number): number => 3 * stages + 24

export interface VOptions {
  readonly stages: number
  /** Most chunks in flight, and the share of one that stays from input to weight gradient. */
  readonly limit: number
  readonly weightShare: number
  readonly times: OperationTimes
}

/** The orders that a block makes under the given times and under equal times, patient and not. */
export const blockCandidates = (
  name: string,
  block: BuildingBlock,
  { stages, limit, weightShare, times }: VOptions
): readonly Candidate[] => {
  const equal = { times: equalTimes, isPatient: false }
  const own = [false, true].map((isPatient) => ({ times, isPatient }))
  return [equal, ...(times === equalTimes ? [] : own)].map((plan) => ({
    horizon: horizonOf(stages),
    plan: (microBatches): Schedule => {
      const shape = { name, stages, microBatches, chunks: 2, layout: "mirror" } as const
      const lists = blockLists(block, stages, microBatches)
      return {
        ...shape,
        operations: lookAhead(shape, lists, plan.times, { limit, weightShare, isPatient: plan.isPatient })
      }
    }
  }))
}

/** Greedy orders of a V, which can keep any limit of at least two chunks. */
export const greedyCandidates = (name: string, { stages, limit, times }: VOptions): readonly Candidate[] =>
  planTimes(times).flatMap((plan) =>
    (["first", "always"] as const).map((reserve) => ({
      horizon: horizonOf(stages),
      plan: (microBatches: number): Schedule => {
        const shape = { name, stages, microBatches, chunks: 2, layout: "mirror" } as const
        return { ...shape, operations: greedyOperations(shape, plan, { limit, turn: "alternate", reserve }) }
      }
    }))
  )

const vShaped =
  (name: keyof typeof promisedInFlight, blockOf: (stages: number) => BuildingBlock): ScheduleGenerator =>
  (options) => {
    const refused = checkOptions(options, [1, 2])
    if (refused !== undefined) return refused
    const { stages, microBatches, times = equalTimes } = options
    const promised = promisedInFlight[name](stages)
    const limit = Math.floor(2 * Math.min(promised, options.maximumInFlight ?? promised))
    const family: VOptions = { stages, limit, weightShare: 1, times }
    // A block needs what it promises; below that only greedy orders go, which lose time in every micro-batch.
    const candidates =
      limit < 2 * promised ? greedyCandidates(name, family) : blockCandidates(name, blockOf(stages), family)
    return bestOf(candidates, microBatches, () => times) as Schedule
  }

export const vMin = vShaped("v-min", minimalBlock)
export const vHalf = vShaped("v-half", halfBlock)
/** ZB-V (2401.10241, section 6; V-ZB of 2405.15362): no bubble if F = Bi = W and m is a few p. */
export const zeroBubbleV = vShaped("zb-v", () => zeroBubbleBlock)
