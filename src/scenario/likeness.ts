/**
 * What of a scenario the errors of its prediction may depend on, for prediction intervals and the nearest measured cases.
 */
import type { Accelerator, Model } from "../catalog/index.ts"
import type { AcceleratorKind, Likeness, Quantity } from "../intervals/index.ts"
import { countParameters } from "../transformer/index.ts"
import type { ResolvedServing } from "./resolve-serving.ts"
import type { ResolvedTraining } from "./resolve-training.ts"

const kindOf = ({ name, efficiencyClass, generation }: Accelerator): AcceleratorKind => ({
  name,
  efficiencyClass,
  generation
})

const shapeOf = (model: Model) => ({ parameters: countParameters(model).total, isMixture: model.experts !== null })

export const trainingLikeness = ({
  job: { stack, accelerator, model },
  accelerators
}: Pick<ResolvedTraining, "job" | "accelerators">): Likeness => ({
  quantity: "iteration",
  load: "training",
  stack: stack.name,
  accelerator: kindOf(accelerator),
  accelerators,
  ...shapeOf(model)
})

export const servingLikeness = (
  { job: { target, workload, batching, replicas }, accelerators }: Pick<ResolvedServing, "job" | "accelerators">,
  quantity: Exclude<Quantity, "iteration">
): Likeness => ({
  quantity,
  load: loadOf(workload, batching, replicas),
  stack: target.stack.name,
  accelerator: kindOf(target.accelerator),
  accelerators,
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
