/**
 * What of a scenario the errors of its prediction may depend on, for prediction intervals and the nearest measured cases.
 */
import type { Accelerator, Model } from "../catalog/index.ts"
import type { AcceleratorKind, Half, Likeness, Quantity, Setup } from "../intervals/index.ts"
import type { ServingJob } from "../serving/index.ts"
import type { TrainingJob } from "../training/index.ts"
import { countParameters } from "../transformer/index.ts"
import type { ResourceFactors } from "./resource-factors.ts"
import type { ResolvedServing } from "./resolve-serving.ts"
import type { ResolvedTraining } from "./resolve-training.ts"

const kindOf = ({ name, efficiencyClass, generation }: Accelerator): AcceleratorKind => ({
  name,
  efficiencyClass,
  generation
})

const shapeOf = (model: Model) => ({ parameters: countParameters(model).total, isMixture: model.experts !== null })

/** What predictions hang on in proportion; more memory changes no rate, and lengths and loads are the work's. */
const rates = ["flops", "memoryRate", "scaleUpRate", "networkRate", "hostRate", "latency", "launch", "host"] as const

const imaginedOf = (factors: ResourceFactors = {}): Pick<Likeness, "doublings"> => {
  const doublings = rates.reduce((sum, name) => sum + Math.abs(Math.log2(factors[name] ?? 1)), 0)
  return doublings === 0 ? {} : { doublings }
}

type OfTraining = Pick<ResolvedTraining, "job" | "accelerators"> & Partial<Pick<ResolvedTraining, "scenario">>
type OfServing = Pick<ResolvedServing, "job" | "accelerators"> & Partial<Pick<ResolvedServing, "scenario">>

export const trainingLikeness = ({
  job: { stack, accelerator, model },
  accelerators,
  scenario
}: OfTraining): Likeness => ({
  quantity: "iteration",
  load: "training",
  stack: stack.name,
  accelerator: kindOf(accelerator),
  accelerators,
  ...imaginedOf(scenario?.resources),
  ...shapeOf(model)
})

export const servingLikeness = (
  { job: { target, workload, batching, replicas }, accelerators, scenario }: OfServing,
  quantity: Exclude<Quantity, "iteration">
): Likeness => ({
  quantity,
  load: loadOf(workload, batching, replicas),
  stack: target.stack.name,
  accelerator: kindOf(target.accelerator),
  accelerators,
  ...imaginedOf(scenario?.resources),
  ...shapeOf(target.model)
})

/** All requests at once are a static batch where they run as one, else a backlog. */
const loadOf = (
  { arrivals, requests }: ResolvedServing["job"]["workload"],
  { maximumSequences }: ResolvedServing["job"]["batching"],
  replicas: number
): Likeness["load"] => {
  if (arrivals.kind === "batch") return requests <= maximumSequences * replicas ? "static" : "offline"
  return arrivals.kind === "closedLoop" ? "closed" : "open"
}

/** How a training is laid out, by the names that pairs of predictions are compared by. */
export const trainingSetup = ({
  layout,
  virtualPipeline,
  microBatch,
  globalBatch,
  sequenceLength,
  precision,
  sharding,
  recompute,
  schedule
}: TrainingJob): Setup => ({
  tensor: layout.tensor,
  pipeline: layout.pipeline,
  parts: virtualPipeline,
  context: layout.context,
  expert: layout.expert,
  microBatch,
  globalBatch,
  sequence: sequenceLength,
  zero: `ZeRO-${sharding.zeroStage}${sharding.group === undefined ? "" : ` over ${sharding.group}`}`,
  recompute: typeof recompute === "string" ? recompute : `${recompute.blocks} blocks`,
  // Without a pipeline all schedules are alike.
  schedule: layout.pipeline === 1 ? "none" : typeof schedule === "string" ? schedule : "written",
  precision
})

/** How a replica of a server is laid out. */
export const servingSetup = ({ target: { layout, precision } }: Pick<ServingJob, "target">): Setup => ({
  tensor: layout.tensor,
  pipeline: layout.pipeline,
  expert: layout.expert,
  dataAttention: layout.dataAttention,
  precision
})

/** A layout as half of a pair that predictions are compared in. */
export const trainingHalf = (resolved: OfTraining): Half => ({
  ...trainingLikeness(resolved),
  setup: trainingSetup(resolved.job),
  model: resolved.job.model.title
})

/** One replica of a server as half of a pair; what it does under a full load is a backlog's throughput. */
export const servingHalf = (resolved: OfServing, quantity: Exclude<Quantity, "iteration">): Half => ({
  ...servingLikeness(resolved, quantity),
  setup: servingSetup(resolved.job),
  model: resolved.job.target.model.title
})
