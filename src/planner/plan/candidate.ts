/**
 * A layout that a plan may choose: the sizes, and what runs in them.
 */
import { schedules, type ChunkLayout, type Layout } from "../../parallel/index.ts"
import type { Changes, DecodedScenario } from "../../scenario/index.ts"
import type { Recompute, Sharding, TrainingJob } from "../../training/index.ts"

export interface Candidate {
  /** Which of the plan's machines it runs on. */
  readonly machines: number
  readonly tensor: number
  readonly pipeline: number
  readonly data: number
  readonly context: number
  readonly expert: number
  readonly virtualPipeline: number
  readonly microBatch: number
  readonly zeroStage: Sharding["zeroStage"]
  /** Ranks that a shard is spread over; undefined = all. */
  readonly shardGroup: number | undefined
  readonly recompute: Recompute
  readonly schedule: string
}

/** What of a scenario holds for every layout. */
export interface Fixed {
  readonly order: string
  readonly expertTensor: number | undefined
  /** As the scenario writes it, or the stack's default. */
  readonly sequenceParallel: boolean
}

export const layoutOf = (candidate: Candidate, { order, expertTensor }: Fixed): Layout => ({
  tensor: candidate.tensor,
  pipeline: candidate.pipeline,
  context: candidate.context,
  expert: candidate.expert,
  ...(expertTensor === undefined ? {} : { expertTensor }),
  data: candidate.data,
  order
})

/** The job of a layout, from that of any other layout on the same machines. */
export const jobOf = (base: TrainingJob, fixed: Fixed, candidate: Candidate): TrainingJob => ({
  ...base,
  layout: layoutOf(candidate, fixed),
  virtualPipeline: candidate.virtualPipeline,
  sequenceParallel: candidate.tensor > 1 && fixed.sequenceParallel,
  schedule: candidate.schedule,
  microBatch: candidate.microBatch,
  sharding: {
    zeroStage: candidate.zeroStage,
    prefetch: base.sharding.prefetch,
    ...(candidate.shardGroup === undefined ? {} : { group: candidate.shardGroup })
  },
  recompute: candidate.recompute
})

/** The fields of a scenario that make a layout. */
export const changesOf = (candidate: Candidate, scenario: DecodedScenario): Changes => {
  const sizes = "training.parallelism"
  const sharding = "training" in scenario ? scenario.training.sharding : undefined
  return {
    [`${sizes}.tensor`]: candidate.tensor,
    [`${sizes}.pipeline`]: candidate.pipeline,
    [`${sizes}.data`]: candidate.data,
    [`${sizes}.context`]: candidate.context,
    [`${sizes}.expert`]: candidate.expert,
    [`${sizes}.virtualPipeline`]: candidate.virtualPipeline,
    "training.microBatch": candidate.microBatch,
    "training.zeroStage": candidate.zeroStage,
    ...(candidate.shardGroup === undefined
      ? sharding?.group === undefined
        ? {}
        : { "training.sharding.group": null }
      : { "training.sharding.group": candidate.shardGroup }),
    "training.recompute": candidate.recompute,
    "training.schedule": candidate.schedule
  }
}

/** How a named schedule lays parts on stages, as far as bounds need to know. */
export interface ScheduleShape {
  readonly chunks: number
  readonly layout: ChunkLayout
  /** Whether weight gradients are operations of their own. */
  readonly splits: boolean
  /** Whether a forward and a backward may run as one and hide each other's communication. */
  readonly pairs: boolean
}

const plain: ScheduleShape = { chunks: 1, layout: "loop", splits: false, pairs: false }
const vShaped: ScheduleShape = { chunks: 2, layout: "mirror", splits: true, pairs: false }

const shapes: Readonly<Record<string, ScheduleShape>> = {
  naive: plain,
  gpipe: plain,
  "1f1b": plain,
  "zb-h1": { ...plain, splits: true },
  "zb-h2": { ...plain, splits: true },
  "zb-v": vShaped,
  "v-half": vShaped,
  "v-min": vShaped,
  dualpipe: { chunks: 2, layout: "bidirectional", splits: true, pairs: true },
  "dualpipe-v": { ...vShaped, pairs: true }
}

/** Null for schedules that are looked for: nothing is known before they are made. */
export const shapeOf = (schedule: string, virtualPipeline: number): ScheduleShape | null =>
  isInterleaved(schedule) ? { ...plain, chunks: virtualPipeline } : (shapes[schedule] ?? null)

export const isInterleaved = (schedule: string): boolean =>
  schedule === "interleaved-1f1b" || schedule === "interleaved"

export const isSchedule = (name: string): boolean => Object.hasOwn(schedules, name)
