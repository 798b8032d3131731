/**
 * The layouts of a plan, one after another: every combination of sizes that multiplies out to the accelerators.
 */
import type { Model, Stack } from "../../catalog/index.ts"
import type { Recompute, Sharding } from "../../training/index.ts"
import { isInterleaved, shapeOf, type Candidate } from "./candidate.ts"

/** Values that a plan may choose from; absent = all that make sense. */
export interface PlanSpace {
  readonly tensor?: readonly number[]
  readonly pipeline?: readonly number[]
  readonly data?: readonly number[]
  readonly context?: readonly number[]
  readonly expert?: readonly number[]
  readonly virtualPipeline?: readonly number[]
  readonly microBatch?: readonly number[]
  readonly zeroStage?: readonly number[]
  readonly shardGroup?: readonly number[]
  readonly recompute?: readonly Recompute[]
  readonly schedule?: readonly string[]
  readonly nodes?: readonly number[]
  readonly system?: readonly string[]
}

/** What the space of some machines follows from. */
export interface SpaceSite {
  readonly machines: number
  readonly accelerators: number
  /** Accelerators in a scale-up domain. */
  readonly domain: number
  readonly model: Model
  readonly stack: Stack
  readonly globalBatch: number
  readonly sequenceLength: number
  /** What the scenario itself says; tried as well wherever the space leaves a size out. */
  readonly written: Partial<Candidate>
}

/** Largest micro-batch, chunks a stage and context-parallel size that are tried where the space does not say. */
const mostSequences = 16
const mostChunks = 8
const mostContext = 16
/** Tokens of a sequence from which on sharing it between ranks is tried. */
const longSequence = 16_384

/** Layouts that a plan looks at; more would take minutes. */
export const mostLayouts = 1_000_000

/** Layouts of spaces; one more than a plan looks at where there are more. */
export const layoutCount = (space: PlanSpace, sites: readonly SpaceSite[]): number => {
  let layouts = 0
  for (const site of sites) {
    const each = layoutsOf(space, site)
    while (each.next().done !== true) if (++layouts > mostLayouts) return layouts
  }
  return layouts
}

export const divisors = (of: number, most = of): readonly number[] => {
  const found: number[] = []
  for (let size = 1; size <= Math.min(of, most); size++) if (of % size === 0) found.push(size)
  return found
}

const zeroStagesOf = (stack: Stack, pipeline: number): readonly number[] => {
  if (stack.fullySharded) return [3]
  // Frameworks that cut a model into stages shard the optimizer alone: gradients stay until the last micro-batch.
  return pipeline === 1 ? [0, 1, 2, 3] : [0, 1]
}

const chunksOf = (model: Model, pipeline: number): readonly number[] =>
  pipeline === 1
    ? [1]
    : Array.from({ length: mostChunks }, (_, index) => index + 1).filter(
        (chunks) =>
          chunks === 1 || model.layers % (pipeline * chunks) === 0 || (model.layers + 2) % (pipeline * chunks) === 0
      )

/** Fused attention keeps no scores: to recompute its core is to recompute nothing. */
const recomputesOf = (stack: Stack): readonly Recompute[] =>
  stack.attention === "fused" && stack.selectiveRecompute === "core" ? ["none", "full"] : ["none", "selective", "full"]

const isZeroStage = (stage: number): stage is Sharding["zeroStage"] => stage >= 0 && stage <= 3

const defaultSchedules = ["1f1b", "interleaved-1f1b"]

/** Schedules of so many chunks; without a pipeline all are alike, and the first stands for them. */
const schedulesOf = (names: readonly string[], pipeline: number, chunks: number): readonly string[] => {
  const fitting = names.filter((name) =>
    isInterleaved(name) ? chunks > 1 : chunks === 1 || shapeOf(name, 1)?.chunks === chunks
  )
  return pipeline === 1 ? fitting.slice(0, 1) : fitting
}

/** Values by default, and the scenario's own. */
const withOwn = <Value>(values: readonly Value[], own: Value | undefined): readonly Value[] =>
  own === undefined || values.some((value) => isSame(value, own)) ? values : [...values, own]

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Every layout of a space on some machines, lazily. */
export const layoutsOf = function* (space: PlanSpace, site: SpaceSite): Generator<Candidate> {
  const { machines, accelerators, model, stack, globalBatch, written } = site
  const dividing = (sizes: readonly number[]): readonly number[] => sizes.filter((size) => accelerators % size === 0)
  const tensors = dividing(space.tensor ?? withOwn(divisors(accelerators, Math.max(1, site.domain)), written.tensor))
  const contexts = dividing(
    space.context ?? withOwn(site.sequenceLength < longSequence ? [1] : divisors(mostContext), written.context)
  )
  const pipelines = dividing(space.pipeline ?? divisors(accelerators, model.layers + 2))
  const experts = space.expert ?? (model.experts === null ? [1] : divisors(model.experts.count, accelerators))
  const microBatches = space.microBatch ?? withOwn(divisors(globalBatch, mostSequences), written.microBatch)
  const recomputes = space.recompute ?? withOwn<Recompute>(recomputesOf(stack), written.recompute)
  const schedules = space.schedule ?? withOwn(defaultSchedules, written.schedule)
  for (const tensor of tensors)
    for (const context of contexts)
      for (const pipeline of pipelines) {
        const data = accelerators / (tensor * context * pipeline)
        if (!Number.isInteger(data) || (space.data !== undefined && !space.data.includes(data))) continue
        const isShared = data * context > 1
        const stages = (space.zeroStage ?? withOwn(zeroStagesOf(stack, pipeline), written.zeroStage)).filter(
          isZeroStage
        )
        for (const expert of experts)
          for (const virtualPipeline of space.virtualPipeline ??
            withOwn(chunksOf(model, pipeline), pipeline === 1 ? undefined : written.virtualPipeline))
            for (const schedule of schedulesOf(schedules, pipeline, virtualPipeline))
              // Without a second rank to share with, all stages of sharding are one.
              for (const zeroStage of isShared ? stages : stages.slice(0, 1))
                for (const shardGroup of zeroStage === 3
                  ? (space.shardGroup ?? withOwn<number | undefined>([undefined], written.shardGroup))
                  : [undefined])
                  for (const microBatch of microBatches)
                    for (const recompute of recomputes)
                      yield {
                        ...{ machines, tensor, pipeline, data, context, expert, virtualPipeline, microBatch },
                        ...{ zeroStage, shardGroup, recompute, schedule }
                      }
      }
}
