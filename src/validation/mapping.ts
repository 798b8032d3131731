/**
 * From a published measurement to the scenario that it measured. One mapping for every source: the point's own words
 * first, then the rules of the files beside this one; whatever a rule filled in is listed as an assumption.
 */
import type { Datatype, Model } from "../catalog/index.ts"
import { clusterOf, type ClusterInput } from "./cluster-rule.ts"
import { batchOf, expertSizesOf, scheduleOf, sizesOf, type ParallelismInput } from "./layout-rule.ts"
import type { Measurement } from "./measurement.ts"
import { shapeOf, type ModelInput } from "./model-shape.ts"
import { precisionOf } from "./precision.ts"
import { isRefusal, notNumeric, numberOf, type Refusal } from "./reading.ts"
import { isSharded, recomputeOf, shardingOf, type RecomputeInput } from "./sharding-rule.ts"
import { sourceFamily } from "./source-family.ts"
import { stackOf } from "./stack-rule.ts"

/** A scenario as a file would write it. */
export interface ScenarioInput {
  readonly name: string
  readonly cluster: ClusterInput
  readonly model: ModelInput
  readonly training: {
    readonly parallelism: ParallelismInput
    readonly schedule: string
    readonly microBatch: number
    readonly globalBatch: number
    readonly sequenceLength: number
    readonly precision: Datatype
    readonly zeroStage: 0 | 1 | 2 | 3
    readonly sharding?: { readonly group: number }
    readonly recompute: RecomputeInput
    readonly offload?: { readonly activations: boolean; readonly optimizer: boolean }
    readonly stack: string
  }
}

/** A measurement with the scenario that it measured. */
export interface MappedPoint {
  readonly point: Measurement
  readonly scenario: ScenarioInput
  readonly model: Model
  readonly family: string
  /** Dense peak FLOP/s of the accelerator in the scenario's number format, and in bf16. */
  readonly peakFlops: number
  readonly accelerator: string
  /** Sequences of the measured iteration; differs from the scenario's where that had to be rounded. */
  readonly measuredBatch: number
  readonly assumptions: readonly string[]
}

/** The scenario that a point measured, or why there is none. */
export const toScenario = (point: Measurement): MappedPoint | Refusal => {
  if (point.unreadable !== undefined) return { reason: `cannot be read: ${point.unreadable}` }
  const kind = point.kind ?? "pretrain"
  if (kind !== "pretrain") return { reason: `not a measured training speed (${kind})` }
  const textual = notNumeric(point)
  if (textual !== undefined) return textual

  const cluster = clusterOf(point)
  if (isRefusal(cluster)) return cluster
  const assumptions = [...cluster.assumptions]
  const sharded = isSharded(point)
  const sizes = sizesOf(point, cluster.input.accelerators, cluster.acceleratorsPerNode, sharded, assumptions)
  if (isRefusal(sizes)) return sizes
  const shape = shapeOf(point, sizes.pipeline)
  if (isRefusal(shape)) return shape
  assumptions.push(...shape.assumptions)
  const stack = stackOf(point, sharded)
  const precision = precisionOf(point.precision, cluster.accelerator.generation)
  if (precision === undefined) return { reason: `the precision is not one we know` }
  if (precision.assumption !== undefined) assumptions.push(precision.assumption)
  const schedule = scheduleOf(point, shape.model, sizes.pipeline, stack)
  if (isRefusal(schedule)) return schedule
  const experts =
    shape.model.experts === null ? undefined : expertSizesOf(point, shape.model, sizes, stack, assumptions)
  const batch = batchOf(point, shape.model, shape.sequence, sizes, sharded, schedule, assumptions)
  // Chunks that we assumed give way to a batch that the interleaved schedule cannot run.
  const microBatches = batch.globalBatch / (batch.microBatch * sizes.data)
  const chunks = schedule.assumed && microBatches % sizes.pipeline !== 0 ? 1 : schedule.virtualPipeline
  if (schedule.assumed && chunks > 1) assumptions.push(`${chunks} model chunks per stage`)
  const sharding = shardingOf(point, sizes, cluster.acceleratorsPerNode, stack)
  const sequenceParallel = point.parallel?.sequence_parallel
  const offloads = /offload/i.test(point.schedule ?? "")

  const scenario: ScenarioInput = {
    name: point.id,
    cluster: cluster.input,
    model: shape.input,
    training: {
      parallelism: {
        ...sizes,
        ...experts,
        ...(chunks > 1 ? { virtualPipeline: chunks } : {}),
        ...(typeof sequenceParallel === "boolean" ? { sequenceParallel } : {})
      },
      schedule: chunks === 1 && schedule.schedule === "interleaved-1f1b" ? "1f1b" : schedule.schedule,
      microBatch: batch.microBatch,
      globalBatch: batch.globalBatch,
      sequenceLength: shape.sequence,
      precision: precision.precision,
      zeroStage: sharding.zeroStage,
      ...(sharding.group === undefined ? {} : { sharding: { group: sharding.group } }),
      recompute: recomputeOf(point, shape.model, sizes, stack, assumptions),
      ...(offloads ? { offload: { activations: true, optimizer: true } } : {}),
      stack
    }
  }
  const peaks = cluster.accelerator.peakFlops
  const peakFlops = peaks[peakFormat(point, precision.precision)] ?? peaks.bf16 ?? peaks.fp16
  if (peakFlops === undefined) return { reason: "the accelerator has no 16-bit peak" }
  return {
    point,
    scenario,
    model: shape.model,
    family: sourceFamily(point),
    peakFlops,
    accelerator: cluster.accelerator.name,
    measuredBatch: numberOf(point.batch?.global) ?? batch.globalBatch,
    assumptions
  }
}

/** Utilisation is printed against the peak of the stated format; block-scaled fp8 has that of fp8. */
const peakFormat = (point: Measurement, precision: Datatype): Datatype => {
  if (precision === "mxfp8") return "fp8"
  return precision === "bf16" && /fp8|float8/i.test(point.precision ?? "") ? "fp8" : precision
}
