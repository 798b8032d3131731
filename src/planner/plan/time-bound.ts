/**
 * The least time of a layout, never more than the simulated time: a roofline from the model's matrices alone, and a much
 * nearer bound from the compiled passes, the idle wires and the optimizer.
 */
import { planCollective } from "../../cluster/index.ts"
import { makeDevice } from "../../kernels/index.ts"
import { defaultOrder, partOf } from "../../parallel/index.ts"
import { layerParameters } from "../../transformer/index.ts"
import {
  categoryIndex,
  type Category,
  type PartCompiler,
  type PartCost,
  type StageSynchronisation,
  type TrainingJob
} from "../../training/index.ts"
import { shapeOf, type Candidate, type ScheduleShape } from "./candidate.ts"
import { busySeconds, loopSeconds, splitSeconds, type PipelineLine, type ReduceSeconds } from "./pipeline-bound.ts"
import type { Part, PartLibrary } from "./part-library.ts"

export interface TimeBound {
  /** Of an iteration. */
  readonly seconds: number
  /** Seconds of an average stage in which it multiplies, and in which it moves memory: all of them will be run. */
  readonly products: number
  readonly memory: number
}

/** Sums in another order round otherwise. */
const rounding = 1 - 1e-9

const microBatchesOf = (job: TrainingJob, { microBatch, data }: Candidate): number =>
  job.globalBatch / (microBatch * data)

/** FLOP/s that no matrix multiplication of the layers goes beyond; infinite where measured tables may say otherwise. */
const bestRate = (base: TrainingJob): number => {
  if (base.kernelTables.length > 0) return Number.POSITIVE_INFINITY
  const device = makeDevice(base.accelerator)
  const rates = (["bf16", "fp16", base.precision] as const).map((format) => {
    const rate = device.sustained(format)
    return rate === undefined ? 0 : rate.peak * rate.share * gemmFactorOf(base)
  })
  return Math.max(...rates)
}

const gemmFactorOf = ({ stack }: TrainingJob): number => stack.constants.gemmFactor.value

/** Roofline seconds of a layer's forward and backward for a micro-batch of one sequence on one rank: 6 FLOPs a weight and token. */
export const layerRoofline = (base: TrainingJob): number => {
  const { model, stack, sequenceLength } = base
  const kind = model.experts === null ? "dense" : "mixture"
  const counts = layerParameters(model, kind)
  const dense = layerParameters(model, "dense")
  if (counts === null) return 0
  const routed =
    model.experts === null ? 0 : model.experts.count * (model.gated ? 3 : 2) * model.hidden * model.experts.feedForward
  const matrices = counts.total - routed - counts.normalization - counts.router
  // The lighter kind of layer, where there are two; attention's own products are left out.
  const least = dense === null ? matrices : Math.min(matrices, dense.total - dense.normalization - dense.router)
  const weights = Math.max(0, least - biases(base))
  return ((6 * weights * sequenceLength) / bestRate(base)) * Math.min(1, stack.constants.pace.value)
}

/** No product goes over a bias. */
const biases = ({ model }: TrainingJob): number =>
  model.bias || model.queryKeyValueBias ? 8 * model.hidden + 3 * model.feedForward : 0

/** The roofline of a layout: its layers at the best rate, its bubble at its least. */
export const rooflineBound = (job: TrainingJob, candidate: Candidate, library: PartLibrary, layer: number): number => {
  const { pipeline, tensor, context, microBatch } = candidate
  const each = (layer * microBatch) / (tensor * context)
  const microBatches = microBatchesOf(job, candidate)
  const shape = shapeOf(candidate.schedule, candidate.virtualPipeline)
  const even = (microBatches * each * job.model.layers) / pipeline
  if (shape === null || shape.layout !== "loop") return even * rounding
  const parts = library.split(pipeline * shape.chunks)
  if (parts === null) return even * rounding
  const line: PipelineLine = {
    stages: pipeline,
    chunks: shape.chunks,
    microBatches,
    forward: parts.map(({ layers }) => (layers * each) / 3),
    backward: parts.map(({ layers }) => (layers * each * 2) / 3),
    transferSeconds: 0,
    exposedSeconds: 0
  }
  const none = (): number => 0
  return (shape.splits ? splitSeconds(line, none) : loopSeconds(line, none)) * rounding
}

const products: readonly Category[] = ["gemm", "attention", "head", "experts", "recompute"]
const moving: readonly Category[] = ["elementwise", "accumulation", "shardCopies"]
const hidden: readonly Category[] = ["tensor", "expert", "context"]

const sumOf = (part: PartCost, names: readonly Category[]): number => {
  let sum = 0
  for (const name of names) {
    const index = categoryIndex[name]
    for (const pass of [part.forward, part.backwardInput, part.backwardWeight]) sum += pass.composition[index] ?? 0
  }
  return sum
}

interface PartSeconds {
  readonly forward: number
  readonly backward: number
  readonly products: number
  readonly memory: number
  /** Communication that a pair of passes may hide, and all else. */
  readonly hidden: number
  readonly bare: number
}

const known = new WeakMap<PartCost, PartSeconds>()

const secondsOf = (part: PartCost): PartSeconds => {
  const found = known.get(part)
  if (found !== undefined) return found
  const forward = part.forward.seconds
  const backward = part.backwardInput.seconds + part.backwardWeight.seconds
  const hiding = sumOf(part, hidden)
  const made = {
    forward,
    backward,
    products: sumOf(part, products),
    memory: sumOf(part, moving),
    hidden: hiding,
    bare: forward + backward - hiding
  }
  known.set(part, made)
  return made
}

/** Seconds on an idle wire between two stages, and those of them that the sender waits for. */
const transferOf = (
  job: TrainingJob,
  { boundaryBytes }: PartCompiler
): Pick<PipelineLine, "transferSeconds" | "exposedSeconds"> => {
  const { fabric, layout, stack } = job
  if (layout.pipeline === 1) return { transferSeconds: 0, exposedSeconds: 0 }
  const inside = planCollective(fabric, "sendReceive", boundaryBytes, { ranks: 2, perDomain: 2, domains: 1 })
  const outside =
    fabric.network === null
      ? inside
      : planCollective(fabric, "sendReceive", boundaryBytes, { ranks: 2, perDomain: 1, domains: 2 })
  const isApart = layout.order === defaultOrder && layout.tensor * layout.context * layout.data >= fabric.scaleUp.domain
  const { seconds, latencySeconds } = isApart ? outside : inside.seconds < outside.seconds ? inside : outside
  const least = isApart ? latencySeconds : Math.min(inside.latencySeconds, outside.latencySeconds)
  const exposure = Math.min(1, stack.constants.pipelineExposure.value)
  return {
    transferSeconds: seconds,
    exposedSeconds: exposure <= 0 ? 0 : least + exposure * Math.max(0, seconds - latencySeconds)
  }
}

/** Seconds of a stage's exchanges: on wires of its own, one after another. */
interface Exchanges {
  /** Of what is left once the stage has run its last operation. */
  readonly after: number
  /** Of what runs beside the last backward, in the chunk with the least. */
  readonly beside: number
  readonly tied: number
  readonly step: number
}

const exchangesOf = (stage: StageSynchronisation, overlap: number): Exchanges => {
  const shareOf =
    (share: number) =>
    (sum: number, { plan }: StageSynchronisation["gather"][number]) =>
      sum + plan.latencySeconds + share * (plan.seconds - plan.latencySeconds)
  const over = (list: StageSynchronisation["gather"], share: number): number =>
    share <= 0 ? 0 : list.reduce(shareOf(share), 0)
  return {
    after: stage.reduce.reduce((sum, list) => sum + over(list, 1 - overlap), 0),
    beside: Math.min(...stage.reduce.map((list) => over(list, overlap))),
    tied: stage.tied?.plan.seconds ?? 0,
    step: stage.normSeconds + stage.optimizerSeconds + over(stage.gather, 1 - overlap)
  }
}

/** The bound from compiled passes; null where the split or the schedule is only known once it is made. */
export const tableBound = (job: TrainingJob, candidate: Candidate, library: PartLibrary): TimeBound | null => {
  const shape = shapeOf(candidate.schedule, candidate.virtualPipeline)
  if (shape === null) return null
  const stages = candidate.pipeline
  const parts = library.split(shape.layout === "bidirectional" ? stages : stages * shape.chunks)
  if (parts === null) return null
  const compiler = library.compiler(job, candidate)
  const costs = parts.map((part) => compiler.costOf(part))
  const seconds = costs.map(secondsOf)
  const microBatches = microBatchesOf(job, candidate)
  const isLoop = shape.layout === "loop"
  const line: PipelineLine = {
    stages,
    chunks: isLoop ? shape.chunks : 1,
    microBatches,
    forward: seconds.map(({ forward }) => forward),
    backward: seconds.map(({ backward }) => backward),
    ...(isLoop ? transferOf(job, compiler) : { transferSeconds: 0, exposedSeconds: 0 })
  }
  const exchanges = stageExchanges(job, candidate, library, compiler, shape, parts, costs)
  const all = (name: "products" | "memory"): number =>
    (microBatches / stages) * seconds.reduce((sum, part) => sum + part[name], 0)
  const least = isLoop
    ? loopBound(job, shape, line, exchanges)
    : looseBound(stages, shape, microBatches, seconds) +
      // Where stages step without waiting for one another, the busiest need not be the one with the longest step.
      (job.stack.postValidation ? 0 : Math.max(exchanges(0).step, exchanges(stages - 1).step))
  return { seconds: least * rounding, products: all("products"), memory: all("memory") }
}

const loopBound = (
  job: TrainingJob,
  shape: ScheduleShape,
  line: PipelineLine,
  exchanges: (stage: number) => Exchanges
): number => {
  const last = line.stages - 1
  if (shape.splits && job.stack.postValidation) {
    // No stage waits for the others at the end: each by itself.
    const spans = [0, Math.min(1, last), last].map((stage) => {
      const { after, step } = exchanges(stage)
      return busySeconds(line, stage) + after + step
    })
    return Math.max(...spans)
  }
  const reduce: ReduceSeconds = (stage, lastBackward) => {
    const { after, beside, tied } = exchanges(stage)
    // The tied table and what is left come after the last operation; what overlaps begins with the last backward.
    const queued = after + tied
    return shape.splits ? queued : Math.max(queued, beside - lastBackward + queued - line.exposedSeconds)
  }
  const steps = [0, Math.min(1, last), last].map((stage) => exchanges(stage).step)
  return (shape.splits ? splitSeconds(line, reduce) : loopSeconds(line, reduce)) + Math.max(...steps)
}

/** Work alone, for parts that lie otherwise than in a loop: in a V, or held twice, half of the micro-batches each. */
const looseBound = (
  stages: number,
  shape: ScheduleShape,
  microBatches: number,
  seconds: readonly PartSeconds[]
): number => {
  let least = 0
  for (let stage = 0; stage < stages; stage++) {
    let [work, communication] = [0, 0]
    for (let chunk = 0; chunk < shape.chunks; chunk++) {
      const part = seconds[partOf({ stages, chunks: shape.chunks, layout: shape.layout }, stage, chunk)]
      const passes = shape.layout === "bidirectional" ? Math.floor(microBatches / 2) : microBatches
      if (part === undefined) continue
      work += passes * (shape.pairs ? part.bare : part.forward + part.backward)
      // A pair lasts as long as the longer of the two.
      if (shape.pairs) communication += passes * part.hidden
    }
    least = Math.max(least, work, communication)
  }
  return least
}

/** Exchanges of each stage, as asked for; of equal stages planned once. */
const stageExchanges = (
  job: TrainingJob,
  candidate: Candidate,
  library: PartLibrary,
  compiler: PartCompiler,
  shape: ScheduleShape,
  parts: readonly Part[],
  costs: readonly PartCost[]
): ((stage: number) => Exchanges) => {
  const stages = candidate.pipeline
  const overlap = job.sharding.zeroStage === 3 ? 0 : job.stack.constants.dataOverlap.value
  const made = new Map<string, Exchanges>()
  return (stage) => {
    let key = ""
    const own: PartCost[] = []
    for (let chunk = 0; chunk < shape.chunks; chunk++) {
      const index = partOf({ stages, chunks: shape.chunks, layout: shape.layout }, stage, chunk)
      const [part, cost] = [parts[index], costs[index]]
      if (part === undefined || cost === undefined) continue
      own.push(cost)
      key += `${part.key},`
    }
    const found = made.get(key)
    if (found !== undefined) return found
    const exchanges = exchangesOf(library.synchronisation(job, candidate, compiler, own, key), overlap)
    made.set(key, exchanges)
    return exchanges
  }
}
