/**
 * The least memory that a layout can need: what stays on a rank, and the activations that its schedule is known to hold
 * when a stage first runs backward. Never more than the simulated peak.
 */
import { partOf } from "../../parallel/index.ts"
import { residentBytes, type TrainingJob } from "../../training/index.ts"
import { isInterleaved, shapeOf, type Candidate, type ScheduleShape } from "./candidate.ts"
import type { Part, PartLibrary } from "./part-library.ts"

/** Forwards of each chunk that are in flight on a stage at its first backward; null = one of any chunk. */
const inFlight = (
  { schedule, pipeline, virtualPipeline }: Candidate,
  microBatches: number,
  stage: number
): readonly number[] | null => {
  if (schedule === "1f1b") return [Math.min(microBatches, pipeline - stage)]
  if (schedule === "gpipe") return [microBatches]
  if (!isInterleaved(schedule)) return null
  const warm = 2 * (pipeline - stage - 1) + (virtualPipeline - 1) * pipeline
  const count = Math.min(warm + 1, microBatches * virtualPipeline)
  const held = Array.from({ length: virtualPipeline }, () => 0)
  const group = pipeline * virtualPipeline
  // Forwards take the chunks in turn, as many micro-batches of each as there are stages.
  for (let chunk = 0; chunk < virtualPipeline; chunk++) {
    const rest = (count % group) - chunk * pipeline
    held[chunk] = Math.floor(count / group) * pipeline + Math.max(0, Math.min(pipeline, rest))
  }
  return held
}

const stageBound = (
  job: TrainingJob,
  candidate: Candidate,
  library: PartLibrary,
  parts: readonly Part[],
  microBatches: number,
  stage: number
): number => {
  const parameters = parts.map((part) => ({
    parameters: library.parameters(job, candidate, part),
    layers: part.layers
  }))
  const resident = residentBytes(job, parameters)
  const bytes = parts.map((part) => library.bytes(job, candidate, part))
  const held = inFlight(candidate, microBatches, stage)
  let moving = 0
  if (held === null) for (const one of bytes) moving = Math.max(moving, one.activations + one.working + one.logits)
  else {
    const last = bytes.at(-1)
    bytes.forEach((one, chunk) => {
      moving += (held[chunk] ?? 0) * one.activations
    })
    moving += (last?.working ?? 0) + (last?.logits ?? 0)
  }
  const { weights, gradients, optimizer, buffers, context } = resident
  return weights + gradients + optimizer + buffers + context + moving * (1 + job.stack.memory.fragmentation)
}

/** Stages that may be the fullest: both ends, and the first without an end of the model. */
const stagesOf = (pipeline: number): readonly number[] => [...new Set([0, Math.min(1, pipeline - 1), pipeline - 1])]

/** Bytes on the fullest of the stages looked at. */
export const memoryBound = (job: TrainingJob, candidate: Candidate, library: PartLibrary): number => {
  const shape: ScheduleShape | null = shapeOf(candidate.schedule, candidate.virtualPipeline)
  if (shape === null) return 0
  const { pipeline } = candidate
  const parts = library.split(shape.layout === "bidirectional" ? pipeline : pipeline * shape.chunks)
  if (parts === null) return 0
  const microBatches = job.globalBatch / (candidate.microBatch * candidate.data)
  let most = 0
  for (const stage of stagesOf(pipeline)) {
    const own = Array.from(
      { length: shape.chunks },
      (_, chunk) => parts[partOf({ stages: pipeline, chunks: shape.chunks, layout: shape.layout }, stage, chunk)]
    )
    const held = own.filter((part) => part !== undefined)
    most = Math.max(most, stageBound(job, candidate, library, held, microBatches, stage))
  }
  // Sums in another order round otherwise.
  return most * (1 - 1e-12)
}
