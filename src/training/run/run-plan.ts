/**
 * From a job and what its scenario says of the run to a plan that can be played.
 */
import { acceleratorWatts } from "../power.ts"
import type { ImpossibleLayout, TrainingJob, TrainingResult } from "../types.ts"
import { plannedSteps } from "./segments.ts"
import { timedSegments } from "./step-times.ts"
import type { RunPlan, RunPower, RunSettings } from "./types.ts"

const nothing = { compute: 0, memory: 0, network: 0, waiting: 0 } as const

const powerOf = (job: TrainingJob, accelerators: number, nodes: number, spareNodes: number): RunPower => {
  const { powerWatts } = job.accelerator
  const idle = acceleratorWatts(powerWatts, nothing)
  const hosts = nodes * job.nodeWatts
  return {
    waiting: accelerators * acceleratorWatts(powerWatts, { ...nothing, waiting: 1 }) + hosts,
    idle: accelerators * idle + hosts,
    spares: spareNodes * (job.fabric.acceleratorsPerNode * idle + job.nodeWatts),
    rated: accelerators * powerWatts
  }
}

/** Simulates the iterations of all stages; a stage that cannot be laid out is a refusal. */
export const makeRunPlan = (
  job: TrainingJob,
  iteration: TrainingResult,
  { tokens, stages, ramp, runs: _howOften, ...settings }: RunSettings
): RunPlan | ImpossibleLayout => {
  const segments = timedSegments(job, iteration, plannedSteps(tokens, stages, ramp))
  if ("_tag" in segments) return segments
  const { tensor, pipeline, context, data } = job.layout
  const accelerators = tensor * pipeline * context * data
  const { acceleratorsPerNode } = job.fabric
  const nodes = Math.ceil(accelerators / acceleratorsPerNode)
  return {
    ...settings,
    segments,
    accelerators,
    nodes,
    replicas: data,
    acceleratorsPerNode,
    acceleratorsPerReplica: tensor * pipeline * context,
    power: powerOf(job, accelerators, nodes, settings.spares?.nodes ?? 0)
  }
}
