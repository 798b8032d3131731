/**
 * How a measured run was split over its accelerators, its batch and its pipeline schedule: what the measurement states,
 * completed by rules that hold for every source.
 */
import { stackLineage, type Model } from "../catalog/index.ts"
import type { Measurement } from "./measurement.ts"
import { numberOf, sizeOf, type Refusal } from "./reading.ts"
import { releaseOf, sourceFamily } from "./source-family.ts"

export interface Sizes {
  readonly tensor: number
  readonly pipeline: number
  readonly data: number
  readonly context: number
}

export interface ParallelismInput extends Sizes {
  readonly expert?: number
  readonly expertTensor?: number
  readonly virtualPipeline?: number
  readonly sequenceParallel?: boolean
}

export interface BatchInput {
  readonly microBatch: number
  readonly globalBatch: number
}

/** Tensor, pipeline, data and context sizes whose product is the number of accelerators. */
export const sizesOf = (
  point: Measurement,
  accelerators: number,
  perNode: number,
  sharded: boolean,
  assumptions: string[]
): Sizes | Refusal => {
  const said = point.parallel ?? {}
  let tensor = numberOf(said.tp)
  let pipeline = numberOf(said.pp)
  let data = numberOf(said.dp)
  let context = sizeOf(said.cp) ?? 1
  const modelParallel = sizeOf(said.model_parallel)
  if (tensor === undefined && pipeline === undefined && modelParallel !== undefined) {
    // Only the product is printed: tensor parallel fills a node first (Narayanan et al. 2021, takeaway 1).
    tensor = modelParallel % perNode === 0 ? perNode : modelParallel
    pipeline = modelParallel / tensor
    assumptions.push(`tensor ${tensor} x pipeline ${pipeline}, of which the source prints the product`)
  }
  if (tensor === undefined && pipeline === undefined && !sharded && data !== accelerators) {
    return { reason: "the parallel layout is not given" }
  }
  tensor ??= 1
  pipeline ??= 1
  const replicas = accelerators / (tensor * pipeline)
  if (data === undefined) {
    data = replicas / context
  } else if (data * context !== replicas) {
    // A context size that does not multiply out is the one that is derived (NeMo's long-sequence table).
    if (said.cp !== null && said.cp !== undefined && Number.isInteger(replicas / data)) context = replicas / data
    else data = replicas / context
    assumptions.push(`data ${data} x context ${context}: the layout as printed does not multiply out`)
  }
  if (!Number.isInteger(data) || data < 1) return { reason: "the layout does not multiply out to the accelerators" }
  return { tensor, pipeline, data, context }
}

/** Whether a stack is Megatron-Bridge in any of its variants. */
const isBridge = (stack: string): boolean => stackLineage(stack).includes("megatron-bridge")

/**
 * Expert tensor sizes that a source prints elsewhere than beside the measurement: the layout table of Grok-1 on H100 has
 * ETP 1 from release 25.05 on, where earlier ones split experts as the rest (NVIDIA/dgxc-benchmarking@1f6d9f40
 * grok1/README.md).
 */
const printedExpertTensor = (point: Measurement): number | undefined =>
  sourceFamily(point) === "dgxc" &&
  (releaseOf(point) ?? 0) >= 2505 &&
  /grok/i.test(point.model?.name ?? "") &&
  /H100/i.test(point.cluster?.gpu ?? "")
    ? 1
    : undefined

/** Expert and expert-tensor sizes of a mixture. */
export const expertSizesOf = (
  point: Measurement,
  model: Model,
  sizes: Sizes,
  stack: string,
  assumptions: string[]
): { readonly expert: number; readonly expertTensor: number } => {
  const said = point.parallel ?? {}
  const stated = sizeOf(said.ep) ?? 1
  const ranks = sizes.tensor * sizes.context * sizes.data
  let expert = Math.min(stated, ranks)
  while (ranks % expert !== 0) expert--
  if (expert !== stated) assumptions.push(`expert ${expert} in place of ${stated}, more than a stage has ranks for`)
  const fits = (expertTensor: number) => ranks % (expert * expertTensor) === 0
  let expertTensor = sizeOf(said.etp) ?? printedExpertTensor(point)
  if (expertTensor === undefined) {
    // Folding gives experts a layout of their own; so do the recipes of Megatron-Bridge and NeMo's for 128 and more small
    // experts (DeepSeek-V3, Qwen3), all with expert tensor size 1. Elsewhere it is the tensor size.
    const folded = /folding/i.test(point.schedule ?? "") || isBridge(stack)
    const fine = (model.experts?.count ?? 0) >= 128
    expertTensor = folded || fine || !fits(sizes.tensor) ? 1 : sizes.tensor
    if (sizes.tensor > 1) assumptions.push(`expert tensor ${expertTensor}`)
  }
  if (!fits(expertTensor)) {
    assumptions.push(`expert tensor 1 in place of ${expertTensor}, which does not divide a stage's ranks`)
    expertTensor = 1
  }
  return { expert, expertTensor }
}

/** Stacks whose tables leave the interleaving unsaid although the recipes use it. */
const interleaves = new Set([
  "nemo-24",
  "megatron-bridge",
  "megatron-bridge-2606",
  "megatron-fsdp",
  "megatron-core",
  "llama3-meta"
])

export interface ScheduleInput {
  readonly schedule: string
  readonly virtualPipeline: number
  /** The chunks are ours, not the source's. */
  readonly assumed: boolean
}

/** Pipeline schedule and model chunks per stage. */
export const scheduleOf = (
  point: Measurement,
  model: Model,
  pipeline: number,
  stack: string
): ScheduleInput | Refusal => {
  const words = point.schedule ?? ""
  if (pipeline === 1) return { schedule: "1f1b", virtualPipeline: 1, assumed: false }
  const plain = /zb-?(?:1p|2p|h1|h2)/i.exec(words)?.[0].toLowerCase().replace(/^zb-?/, "zb-")
  if (plain !== undefined) return { schedule: plain, virtualPipeline: 1, assumed: false }
  if (/zb-?v/i.test(words)) return { schedule: "zb-v", virtualPipeline: 2, assumed: false }
  const v = /v-(?:half|min)\b/i.exec(words)?.[0].toLowerCase()
  if (v !== undefined) return { schedule: v, virtualPipeline: 2, assumed: false }
  if (/dualpipe-?v/i.test(words)) return { schedule: "dualpipe-v", virtualPipeline: 2, assumed: false }
  if (/dualpipe/i.test(words)) return { schedule: "dualpipe", virtualPipeline: 2, assumed: false }
  if (/gpipe/i.test(words)) return { schedule: "gpipe", virtualPipeline: 1, assumed: false }

  const given = sizeOf(point.parallel?.vpp)
  const silent = given === undefined
  const interleaved = /interleav|1f1b-i\b/i.test(words)
  let chunks = given ?? 1
  if (silent && interleaves.has(stack)) chunks = oneLayerPerChunk(model, pipeline, stack)
  else if (silent && interleaved) chunks = 2
  return { schedule: chunks > 1 ? "interleaved-1f1b" : "1f1b", virtualPipeline: chunks, assumed: silent && chunks > 1 }
}

/**
 * Chunks when every chunk is one layer. The embedding and the head count as layers where that divides evenly (Llama 3,
 * section 3.3.2). Megatron-Bridge's recipes for mixtures leave interleaving off unless the table says so
 * (scripts/performance/configs: deepseek, gpt_oss, qwen).
 */
const oneLayerPerChunk = (model: Model, pipeline: number, stack: string): number => {
  if (model.experts !== null && isBridge(stack)) return 1
  if (model.layers % pipeline === 0) return model.layers / pipeline
  if (model.experts === null && (model.layers + 2) % pipeline === 0) return (model.layers + 2) / pipeline
  return 1
}

/** Micro-batch and global batch, the latter rounded to what the layout and the schedule can run. */
/** Tokens of a micro-batch that runs without a pipeline are assumed to keep to. */
const unpipelinedTokens = 16_384

/** The largest power of two that divides a rank's sequences within that many tokens. */
const unpipelined = (sequences: number, sequence: number): number => {
  let microBatch = 1
  while (2 * microBatch * sequence <= unpipelinedTokens && sequences % (2 * microBatch) === 0) microBatch *= 2
  return microBatch
}

export const batchOf = (
  point: Measurement,
  model: Model,
  sequence: number,
  sizes: Sizes,
  sharded: boolean,
  schedule: ScheduleInput,
  assumptions: string[]
): BatchInput => {
  const said = point.batch ?? {}
  const { data, pipeline } = sizes
  const steps = numberOf(said.num_microbatches) ?? numberOf(said.grad_accum)
  const given = numberOf(said.global)
  let microBatch = numberOf(said.micro)
  if (microBatch === undefined) {
    if (given !== undefined && steps !== undefined) microBatch = Math.max(1, Math.round(given / (data * steps)))
    // A pipeline takes single sequences; a sharded dense model takes all of a rank's at once. Mixtures do not: their
    // published utilisation is that of one gather per sequence.
    else if (given !== undefined && sharded && pipeline === 1 && model.experts === null)
      microBatch = Math.max(1, Math.floor(given / data))
    // Without a pipeline there is no bubble to keep small: a rank takes more sequences at a time.
    else if (given !== undefined && pipeline === 1 && !sharded) microBatch = unpipelined(given / data, sequence)
    else microBatch = 1
    assumptions.push(`micro-batches of ${microBatch}`)
  }
  let microBatches = steps ?? (pipeline > 1 ? 4 * pipeline : 1)
  if (given === undefined) assumptions.push(`${microBatches} micro-batches an iteration`)
  else {
    microBatches = Math.max(1, Math.round(given / (data * microBatch)))
    const interleaved = schedule.virtualPipeline > 1 && schedule.schedule === "interleaved-1f1b"
    if (interleaved && !schedule.assumed)
      microBatches = Math.max(pipeline, Math.round(microBatches / pipeline) * pipeline)
    if (microBatches * data * microBatch !== given)
      assumptions.push(`global batch ${microBatches * data * microBatch} in place of ${given}`)
  }
  return { microBatch, globalBatch: microBatches * data * microBatch }
}
