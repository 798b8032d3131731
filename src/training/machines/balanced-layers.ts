/**
 * Layers of each model part such that the slowest part is as fast as can be: the exact contiguous partition
 * (`partitionLayers`) under the seconds that forward and backward of each layer take on the machines of each part, the
 * embedding and the head besides.
 *
 * Where stages hold one part each, no stage takes more than its accelerator's memory holds, as far as a split allows it:
 * parameters, gradients and optimizer states of a layer, and the activations of as many micro-batches as the schedule
 * keeps on that stage.
 */
import {
  isSplitError,
  partOf,
  partitionLayers,
  peakInFlight,
  type PartitionMemory,
  type Schedule,
  type SplitError
} from "../../parallel/index.ts"
import { layerKinds } from "../../transformer/index.ts"
import { compile, rankShapeOf, type PartCost } from "../compile.ts"
import { partBytes, residentBytes, type ResidentBytes } from "../stage-memory.ts"
import type { TrainingJob } from "../types.ts"
import { groupsOfStages, jobOnGroup, stageCapacities } from "./groups.ts"

const secondsOf = ({ forward, backwardInput, backwardWeight }: PartCost): number =>
  forward.seconds + backwardInput.seconds + backwardWeight.seconds

/** The split of a job over the parts of its schedule. */
export const balancedLayers = (job: TrainingJob, schedule: Schedule, parts: number): readonly number[] | SplitError => {
  const { layers } = job.model
  const onStage = groupsOfStages(job)
  // Groups of every part: those of the stage that holds it, or of both where it is held twice.
  const groupsOf = Array.from({ length: parts }, (): number[] => [])
  for (let stage = 0; stage < schedule.stages; stage++)
    for (let chunk = 0; chunk < schedule.chunks; chunk++) {
      const part = partOf(schedule, stage, chunk)
      groupsOf[part]?.push(...(onStage[stage] ?? []))
    }
  // A part of each layer alone, the embedding and the head apart.
  const single = [0, ...Array.from({ length: layers }, () => 1), 0]
  const jobs = Array.from({ length: job.machines?.length ?? 1 }, (_, group) => jobOnGroup(job, group))
  const tables = jobs.map((own) => compile(own, single).parts)
  const most = (part: number, valueOf: (group: number) => number): number =>
    Math.max(...(groupsOf[part] ?? [0]).map(valueOf))
  const seconds = (group: number, index: number): number => {
    const cost = tables[group]?.[index]
    return cost === undefined ? 0 : secondsOf(cost)
  }
  const options = {
    layers,
    parts,
    cost: (layer: number, part: number): number => most(part, (group) => seconds(group, layer + 1)),
    extra: (part: number): number =>
      (part === 0 ? most(part, (group) => seconds(group, 0)) : 0) +
      (part === parts - 1 ? most(part, (group) => seconds(group, layers + 1)) : 0)
  }
  if (schedule.chunks > 1) return partitionLayers(options)
  const memory = memoryOf(job, schedule, tables[0] ?? [])
  const bounded = partitionLayers({ ...options, memory })
  // What fits no way is split by time alone; the result says that it does not fit.
  return isSplitError(bounded) ? partitionLayers(options) : bounded
}

/** Bytes of layers on the stages of a schedule of one part a stage. */
const memoryOf = (job: TrainingJob, schedule: Schedule, single: readonly PartCost[]): PartitionMemory => {
  const capacities = stageCapacities(job)
  const { layers } = job.model
  const shape = rankShapeOf(job)
  const inFlight = peakInFlight(schedule)
  const scale = 1 + job.stack.memory.fragmentation
  const kinds = layerKinds(job.model)
  const total = ({ weights, gradients, optimizer, buffers, context }: ResidentBytes): number =>
    weights + gradients + optimizer + buffers + context
  // Of a part without layers: the context, buffers of a fixed size.
  const empty = residentBytes(job, [])
  const residentOf = (index: number): number => {
    const part = single[index]
    return part === undefined ? 0 : total(residentBytes(job, [part])) - total(empty)
  }
  const heldOf = (index: number): ReturnType<typeof partBytes> | null => {
    const part = single[index]
    return part === undefined ? null : partBytes(job, shape, part, Math.max(0, Math.min(layers - 1, index - 1)))
  }
  const cache = new Map<string, { readonly resident: number; readonly activations: number; readonly working: number }>()
  const layerOf = (layer: number) => {
    const kind = kinds[layer] ?? "dense"
    const known = cache.get(kind)
    if (known !== undefined) return known
    const held = heldOf(layer + 1)
    const made = {
      resident: residentOf(layer + 1),
      activations: held?.activations ?? 0,
      working: held?.working ?? 0
    }
    cache.set(kind, made)
    return made
  }
  const working = Math.max(...Array.from({ length: layers }, (_, layer) => layerOf(layer).working))
  const endBytes = (index: number, part: number): number => {
    const held = heldOf(index)
    return residentOf(index) + scale * ((inFlight[part] ?? 0) * (held?.activations ?? 0) + (held?.logits ?? 0))
  }
  return {
    bytes: (layer, part) => {
      const { resident, activations } = layerOf(layer)
      return resident + scale * (inFlight[part] ?? 0) * activations
    },
    extraBytes: (part) =>
      total(empty) +
      scale * working +
      (part === 0 ? endBytes(0, part) : 0) +
      (part === schedule.stages - 1 ? endBytes(layers + 1, part) : 0),
    capacity: (part) => capacities[part] ?? Infinity
  }
}
