/**
 * Compiles a layout into tables: what each pass of each model part costs a rank. Equal parts are computed once.
 */
import { constantOf, find, isUnknownName, type Constant } from "../catalog/index.ts"
import {
  embedding,
  languageModelHead,
  layerOperators,
  makeDevice,
  memoryKernel,
  type Device,
  type Kernel,
  type LayerKind,
  type LayerOperators,
  type RankShape,
  type Site
} from "../kernels/index.ts"
import { communicators, type Communicators } from "./groups.ts"
import { wholeWires, type WireShares } from "./irregular/types.ts"
import { rankLayerParameters, rankTableParameters, type RankParameters } from "./parameters.ts"
import { emptyPass, joinPasses, runPass, withWait, type Pass, type PassContext } from "./pass.ts"
import { halfOf } from "./number-format.ts"
import { offloadWaits, shardWaits } from "./waits.ts"
import { layerKinds } from "../transformer/index.ts"
import type { TrainingJob } from "./types.ts"

/** What a model part asks of a rank, for one micro-batch. */
export interface PartCost {
  readonly forward: Pass
  readonly backwardInput: Pass
  readonly backwardWeight: Pass
  readonly parameters: RankParameters
  readonly layers: number
  readonly mixtureLayers: number
  readonly hasEmbedding: boolean
  readonly hasHead: boolean
}

/** What is not as in the rest of the cluster for some ranks. */
export interface RankVariant {
  /** Seconds of a kernel over those on a healthy accelerator. */
  readonly kernelFactor: number
  /** What the collectives inside of an operation find of their wires' rates. */
  readonly shares: WireShares
  /** Load of the rank's experts over the mean; absent = the job's. */
  readonly expertLoad?: number
}

export interface Compiled {
  readonly device: Device
  /** Of the variant: seconds of a kernel over those on a healthy accelerator. */
  readonly kernelFactor: number
  readonly communicators: Communicators
  readonly parts: readonly PartCost[]
  /** Bytes of a micro-batch's activations between stages, per sending rank. */
  readonly boundaryBytes: number
  readonly evidence: ReadonlyMap<string, Constant>
}

/** Layers of a part by kind, and which ends of the model it holds. */
export interface PartShape {
  readonly dense: number
  readonly mixture: number
  readonly embedding: boolean
  readonly head: boolean
}

/** Layers of each part by kind. */
export const partShapes = (job: Pick<TrainingJob, "model">, split: readonly number[]): readonly PartShape[] => {
  const kinds = layerKinds(job.model)
  let first = 0
  return split.map((layers, index) => {
    const own = kinds.slice(first, first + layers)
    first += layers
    const dense = own.filter((kind) => kind === "dense").length
    return { dense, mixture: layers - dense, embedding: index === 0, head: index === split.length - 1 }
  })
}

export const rankShapeOf = (job: TrainingJob): RankShape => ({
  model: job.model,
  microBatch: job.microBatch,
  sequence: job.sequenceLength,
  tensor: job.layout.tensor,
  sequenceParallel: job.sequenceParallel,
  context: job.layout.context,
  expert: job.layout.expert,
  expertTensor: job.layout.expertTensor ?? job.layout.tensor,
  expertImbalance: job.expertImbalance,
  ...(job.expertCapacity === undefined ? {} : { expertCapacity: job.expertCapacity }),
  datatype: job.precision
})

/** Hosts joined by NVLink-C2C launch fast enough that no measurement shows host time. */
const hasSlowHost = (job: TrainingJob): boolean => {
  const link = find("links", job.accelerator.host)
  return isUnknownName(link) || link.isCoherent !== true
}

/** How much of a forward and backward pass without recompute each pass is, in host time: as many launches each. */
const hostShare = 1 / 3

/** What all parts of a job have in common, and what each costs by its shape. */
export interface PartCompiler extends Omit<Compiled, "parts"> {
  /** The cost of a part; of equal shapes the same object. */
  readonly costOf: (part: PartShape) => PartCost
}

/** Compiles the parts of a job one by one, as they are asked for. */
export const partCompiler = (
  job: TrainingJob,
  variant: RankVariant = { kernelFactor: 1, shares: wholeWires }
): PartCompiler => {
  const device = makeDevice(job.accelerator, job.kernelTables)
  const groups = communicators(job.fabric, job.layout, job.sharding.group)
  const shape: RankShape = {
    ...rankShapeOf(job),
    ...(variant.expertLoad === undefined ? {} : { expertImbalance: variant.expertLoad })
  }
  const site: Site = { device, stack: job.stack, shape }
  const nodes = Math.max(1, Math.ceil(layoutRanks(job) / job.fabric.acceleratorsPerNode))
  const spread = constantOf("synchronisation.perDoubling")?.value ?? 0
  const context: PassContext = {
    fabric: job.fabric,
    stack: job.stack,
    communicators: groups,
    wire: { ...job.collective, shares: variant.shares },
    kernelFactor: variant.kernelFactor,
    stretch: job.stack.constants.pace.value * (1 + spread * Math.log2(nodes)),
    withPieces: job.trace !== "off"
  }
  const layer = layerCosts(job, site, context)
  const cache = new Map<string, PartCost>()
  const shards = job.sequenceParallel || job.stack.scatterGather ? job.layout.tensor : 1
  return {
    device,
    kernelFactor: variant.kernelFactor,
    communicators: groups,
    costOf: (part) => {
      const key = `${part.dense} ${part.mixture} ${part.embedding} ${part.head}`
      const known = cache.get(key)
      if (known !== undefined) return known
      const cost = partCost(job, site, context, part, layer)
      cache.set(key, cost)
      return cost
    },
    boundaryBytes: (2 * job.microBatch * job.sequenceLength * job.model.hidden) / job.layout.context / shards,
    evidence: device.evidence
  }
}

/** Compiles every part of a job's layer split. */
export const compile = (job: TrainingJob, split: readonly number[], variant?: RankVariant): Compiled => {
  const { costOf, ...common } = partCompiler(job, variant)
  return { ...common, parts: partShapes(job, split).map(costOf) }
}

const layoutRanks = ({ layout }: TrainingJob): number => layout.tensor * layout.context * layout.data * layout.pipeline

interface LayerCost {
  readonly forward: Pass
  readonly backwardInput: Pass
  readonly backwardInputRecomputed: Pass
  readonly backwardWeight: Pass
  readonly parameters: RankParameters
}

type LayerCosts = (kind: LayerKind) => LayerCost

const layerCosts = (job: TrainingJob, site: Site, context: PassContext): LayerCosts => {
  const cache = new Map<LayerKind, LayerCost>()
  return (kind) => {
    const known = cache.get(kind)
    if (known !== undefined) return known
    const cost = layerCost(job, site, context, kind)
    cache.set(kind, cost)
    return cost
  }
}

const layerCost = (job: TrainingJob, site: Site, context: PassContext, kind: LayerKind): LayerCost => {
  const { stack } = job
  const operators = layerOperators(site, kind)
  const expertHost = kind === "mixture" && hasSlowHost(job) ? stack.constants.hostSecondsPerExpertLayer.value : 0
  const host = (stack.constants.hostSecondsPerLayer.value + expertHost) * hostShare
  const parameters = rankLayerParameters(job, kind)
  const copies = shardCopies(job, site, parameters)
  const pass = (
    name: "forward" | "backwardInput" | "backwardWeight",
    recomputed: LayerOperators["core"],
    hosts: number
  ) => runPass(context, [...operators[name], ...copies[name]], { recomputed, hostSeconds: hosts * host, layer: 0 })
  const selective = job.recompute === "selective" ? operators.core : []
  return {
    forward: pass("forward", [], 1),
    backwardInput: pass("backwardInput", selective, 1),
    backwardInputRecomputed: pass("backwardInput", operators.forward, 2),
    backwardWeight: pass("backwardWeight", [], 1),
    parameters
  }
}

type Copies = Readonly<Record<"forward" | "backwardInput" | "backwardWeight", readonly Kernel[]>>
const noCopies: Copies = { forward: [], backwardInput: [], backwardWeight: [] }

/** Flat-parameter copies and casts of a fully sharded stack: a third each pass. */
const shardCopies = (job: TrainingJob, site: Site, parameters: RankParameters): Copies => {
  const bytes = job.stack.constants.shardCopyBytes.value * (parameters.dense + parameters.expert)
  if (job.sharding.zeroStage < 3 || bytes === 0) return noCopies
  const copy = [memoryKernel(site, "parameter copies", bytes / 3, { kind: "shardCopies" })]
  return { forward: copy, backwardInput: copy, backwardWeight: copy }
}

const partCost = (job: TrainingJob, site: Site, context: PassContext, part: PartShape, layer: LayerCosts): PartCost => {
  const kinds: readonly LayerKind[] = [
    ...Array.from({ length: part.dense }, (): LayerKind => "dense"),
    ...Array.from({ length: part.mixture }, (): LayerKind => "mixture")
  ]
  const costs = kinds.map(layer)
  const recomputed = (index: number): boolean =>
    job.recompute === "full" || (typeof job.recompute === "object" && index < job.recompute.blocks)
  const end = (operators: LayerOperators) => ({
    forward: runPass(context, operators.forward, { hostSeconds: 0, layer: -1 }),
    backwardInput: runPass(context, operators.backwardInput, { hostSeconds: 0, layer: -1 }),
    backwardWeight: runPass(context, operators.backwardWeight, { hostSeconds: 0, layer: -1 })
  })
  const none = { forward: emptyPass, backwardInput: emptyPass, backwardWeight: emptyPass }
  const first = part.embedding ? end(embedding(site)) : none
  const last = part.head ? end(languageModelHead(site)) : none
  const layersForward = costs.map((cost, index) => numbered(cost.forward, index))
  const layersInput = costs.map((cost, index) =>
    numbered(recomputed(index) ? cost.backwardInputRecomputed : cost.backwardInput, index)
  )
  const layersWeight = costs.map((cost, index) => numbered(cost.backwardWeight, index))
  const parameters = partParameters(job, part, costs)
  const waits = shardWaits(job, context, costs, layersForward, layersInput, layersWeight)
  const offload = offloadWaits(job, site, kinds, layersForward, layersInput)
  const accumulation = accumulate(job, site, context, parameters)
  return {
    forward: withWait(
      withWait(
        joinPasses([first.forward, ...layersForward, last.forward]),
        "data",
        "parameters not yet gathered",
        waits.forward
      ),
      "host",
      "activations to the host",
      offload.forward
    ),
    backwardInput: withWait(
      withWait(
        joinPasses([last.backwardInput, ...layersInput.toReversed(), first.backwardInput]),
        "data",
        "gathers and scatters behind compute",
        waits.backward
      ),
      "host",
      "activations from the host",
      offload.backward
    ),
    backwardWeight: joinPasses([last.backwardWeight, ...layersWeight.toReversed(), first.backwardWeight, accumulation]),
    parameters,
    layers: part.dense + part.mixture,
    mixtureLayers: part.mixture,
    hasEmbedding: part.embedding,
    hasHead: part.head
  }
}

const numbered = (pass: Pass, layer: number): Pass =>
  pass.pieces.length === 0 ? pass : { ...pass, pieces: pass.pieces.map((piece) => ({ ...piece, layer })) }

const partParameters = (job: TrainingJob, part: PartShape, costs: readonly LayerCost[]): RankParameters => {
  const tables = rankTableParameters(job, part.embedding, part.head)
  let [dense, expert] = [tables.dense, tables.expert]
  for (const cost of costs) {
    dense += cost.parameters.dense
    expert += cost.parameters.expert
  }
  return { dense, expert }
}

/** Gradients of a micro-batch added to those of the step. */
const accumulate = (job: TrainingJob, site: Site, context: PassContext, parameters: RankParameters): Pass => {
  const bytes = job.stack.gradientAccumulationBytes[halfOf(job)] * (parameters.dense + parameters.expert)
  if (bytes === 0) return emptyPass
  const kernel = memoryKernel(site, "gradient accumulation", bytes, { kind: "accumulation" })
  return runPass(context, [kernel], { hostSeconds: 0, layer: -1 })
}
