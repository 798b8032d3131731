/**
 * Whether the sizes of a layout divide what they must, and whether its schedule takes them.
 */
import type { Model } from "../../catalog/index.ts"
import { findImpossible, type Finding } from "../../scenario/index.ts"
import { isInterleaved, layoutOf, shapeOf, type Candidate, type Fixed } from "./candidate.ts"

export interface FeasibilitySite {
  readonly model: Model
  readonly fixed: Fixed
  readonly accelerators: number
  readonly globalBatch: number
  readonly sequenceLength: number
  readonly layerSplit: readonly number[] | "balanced" | undefined
  readonly symmetry: "on" | "off"
  /** Whether the layers split into so many parts. */
  readonly splits: (parts: number) => boolean
}

const refuse = (field: string, given: number, problem: string, expected: string): Finding => ({
  path: ["training", ...field.split(".")],
  problem,
  given: String(given),
  expected
})

/** What a schedule asks of the micro-batches; the generators ask the same, but make the whole schedule besides. */
const scheduleFinding = (candidate: Candidate, microBatches: number): Finding | undefined => {
  const { schedule, pipeline, virtualPipeline } = candidate
  if (isInterleaved(schedule) && virtualPipeline > 1 && microBatches % pipeline !== 0)
    return refuse(
      "globalBatch",
      microBatches,
      `${microBatches} micro-batches are no multiple of ${pipeline} stages, as interleaving needs`,
      `a multiple of ${pipeline} micro-batches`
    )
  const shape = shapeOf(schedule, virtualPipeline)
  if (shape === null || !shape.pairs) return undefined
  if (microBatches < 2 * pipeline)
    return refuse(
      "globalBatch",
      microBatches,
      `${microBatches} micro-batches are too few for ${schedule} on ${pipeline} stages`,
      `at least ${2 * pipeline} micro-batches`
    )
  if (shape.layout === "bidirectional" && (pipeline % 2 !== 0 || microBatches % 2 !== 0))
    return refuse("parallelism.pipeline", pipeline, "dualpipe needs even stages and micro-batches", "an even number")
  return undefined
}

/** Schedules that fix how many parts a stage holds may need more of them than there are layers. */
const splitFinding = (
  { schedule, pipeline, virtualPipeline }: Candidate,
  site: FeasibilitySite
): Finding | undefined => {
  const shape = shapeOf(schedule, virtualPipeline)
  if (shape === null || site.layerSplit === "balanced") return undefined
  const parts = shape.layout === "bidirectional" ? pipeline : pipeline * shape.chunks
  return site.splits(parts)
    ? undefined
    : refuse(
        "parallelism.pipeline",
        pipeline,
        `${schedule} on ${pipeline} stages cuts the model into ${parts} parts`,
        `parts that ${site.model.layers} layers fill`
      )
}

/** What is wrong with a layout; undefined where it can be simulated. */
export const findingOf = (candidate: Candidate, site: FeasibilitySite): Finding | undefined => {
  // What most layouts fail by, before anything that costs more.
  const each = candidate.data * candidate.microBatch
  const microBatches = site.globalBatch / each
  if (!Number.isInteger(microBatches))
    return refuse(
      "globalBatch",
      site.globalBatch,
      `${site.globalBatch} sequences do not divide over data ${candidate.data} x microBatch ${candidate.microBatch}`,
      `a multiple of ${each}`
    )
  return (
    scheduleFinding(candidate, microBatches) ??
    findImpossible({
      model: site.model,
      layout: layoutOf(candidate, site.fixed),
      virtualPipeline: candidate.virtualPipeline,
      sequenceParallel: candidate.tensor > 1 && site.fixed.sequenceParallel,
      accelerators: site.accelerators,
      microBatch: candidate.microBatch,
      globalBatch: site.globalBatch,
      sequenceLength: site.sequenceLength,
      shardGroup: candidate.shardGroup,
      layerSplit: site.layerSplit,
      symmetry: site.symmetry
    })[0] ??
    splitFinding(candidate, site)
  )
}
