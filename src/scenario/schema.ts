/**
 * The Schema of a scenario: every field with its meaning, its bounds and an example. `windtunnel schema` prints it.
 *
 * A scenario is about training or about serving; the parts of both are in schema/.
 */
import * as Schema from "effect/Schema"
import type { BatchPolicyFunction } from "../serving/index.ts"
import { modelEntry } from "./entries.ts"
import type { Finding } from "./issue.ts"
import { isFields } from "./merge.ts"
import { choice, count, quantity, text } from "./quantity.ts"
import { capacitySchema } from "./schema/capacity.ts"
import { clusterSchema } from "./schema/cluster.ts"
import { measuredSchema, priceSchema } from "./schema/outcome.ts"
import { planSchema } from "./schema/plan.ts"
import { ofRequests, resourcesSchema } from "./schema/resources.ts"
import { servingSchema } from "./schema/serving.ts"
import { sweepSchema } from "./schema/sweep.ts"
import { trainingSchema } from "./schema/training.ts"
import { workloadSchema } from "./schema/workload.ts"

const optional = Schema.optionalKey

const calibrationSchema = Schema.Union([
  text("Path of a profile of `windtunnel calibrate`, relative to the scenario file", "my-machine.profile.json"),
  Schema.Struct({ profile: Schema.String.annotate({ description: "The profile itself" }) })
]).annotate({
  expected: "the path of a profile, or { profile: ... }",
  description:
    "What your machine attains over the shipped constants, as `windtunnel calibrate --measurements mine.csv` found",
  examples: ["my-machine.profile.json"]
})

/** A scenario as files write it (Encoded) and as it is read (Type: plain numbers in SI units). */
export const scenarioSchema = Schema.Struct({
  name: optional(text("Title; default: the model and the cluster", "BLOOM-176B pre-training on Jean Zay")),
  description: optional(text("What the scenario is about")),
  extends: optional(text("Path of a scenario that this one changes", "bloom-176b.yaml")),
  cluster: clusterSchema,
  model: modelEntry,
  training: optional(trainingSchema),
  serving: optional(servingSchema),
  workload: optional(workloadSchema),
  symmetry: optional(choice(["on", "off"], "Training: off simulates every rank on its own; default on")),
  timeLimit: optional(
    quantity(
      "time",
      1e-6,
      1e9,
      "Serving: simulated time at which the run ends whatever is left; default: twice the time that arrivals take and an hour, none where they wait for the server",
      "1 h"
    )
  ),
  leap: optional(
    choice(
      ["on", "off"],
      "Off executes every micro-batch of an iteration, or every step of every served batch, instead of leaping over those of a steady state; the same result; default on"
    )
  ),
  calibration: optional(calibrationSchema),
  resources: optional(resourcesSchema),
  price: optional(priceSchema),
  plan: optional(planSchema),
  capacity: optional(capacitySchema),
  measured: optional(measuredSchema),
  sweep: optional(sweepSchema),
  seed: optional(count(Number.MAX_SAFE_INTEGER, "Seed of every random stream; default 1", 1, 0))
}).annotate({
  identifier: "Scenario",
  title: "Windtunnel scenario",
  expected: "a map with the fields cluster and model, and either training or serving and workload",
  description:
    "A cluster, a model, and either a training iteration or a server with its workload. Quantities are SI numbers or text with a unit."
})

/** What a schedule function is told. */
export interface ScheduleRequest {
  readonly stages: number
  readonly microBatches: number
  readonly chunks: number
}

/** A schedule as code: the operations of each stage, such as `["F0 F1 B0 B1", ...]`. */
export type ScheduleFunction = (request: ScheduleRequest) => readonly string[]

type Decoded = typeof scenarioSchema.Type
type DecodedTraining = NonNullable<Decoded["training"]>
type DecodedServing = NonNullable<Decoded["serving"]>
type DecodedBatching = NonNullable<DecodedServing["batching"]>

/** What files may contain. */
export type WrittenScenario = typeof scenarioSchema.Encoded

type Common = Omit<Decoded, "training" | "serving" | "workload" | "symmetry" | "timeLimit">

/** A decoded scenario of a training iteration: names still names, quantities in SI units. */
export type TrainingScenario = Common & {
  readonly symmetry?: "on" | "off"
  readonly training: Omit<DecodedTraining, "schedule"> & {
    readonly schedule?: DecodedTraining["schedule"] | ScheduleFunction
  }
}

/** A decoded scenario of a server and its workload. */
export type ServingScenario = Common & {
  readonly timeLimit?: number
  readonly serving: Omit<DecodedServing, "batching"> & {
    readonly batching?: Omit<DecodedBatching, "policy"> & {
      readonly policy?: DecodedBatching["policy"] | BatchPolicyFunction
    }
  }
  readonly workload: NonNullable<Decoded["workload"]>
}

export type Scenario = TrainingScenario | ServingScenario

export const isServing = (scenario: Scenario): scenario is ServingScenario => "serving" in scenario

type Kind = "training" | "serving"

/** Fields that only one kind of scenario has; those of `measured` too. */
const fieldsOf: Readonly<Record<Kind, readonly string[]>> = {
  training: ["training", "symmetry"],
  serving: ["serving", "workload", "timeLimit", "capacity"]
}
const measuredOf: Readonly<Record<Kind, readonly string[]>> = {
  training: ["iterationSeconds", "tflopsPerAccelerator", "run"],
  serving: Object.keys(measuredSchema.fields).filter(
    (field) => !["iterationSeconds", "tflopsPerAccelerator", "run", "memory", "source"].includes(field)
  )
}

const extra = (path: readonly string[], problem: string, expected: string): Finding => ({
  path,
  at: "key",
  problem,
  given: path.join("."),
  expected
})

const missing = (path: readonly string[], expected: string): Finding => ({
  path,
  at: "key",
  problem: "is missing",
  given: "nothing",
  expected
})

/** What makes a scenario neither one of training nor one of serving. */
export const findMixed = (data: unknown): readonly Finding[] => {
  if (!isFields(data)) return []
  const has = (field: string): boolean => data[field] !== undefined
  if (has("training") && (has("serving") || has("workload")))
    return [
      extra(
        [has("serving") ? "serving" : "workload"],
        "training is given as well",
        "either training, or serving with a workload"
      )
    ]
  if (has("serving") && !has("workload"))
    return [missing(["workload"], "the requests: a map with the fields arrivals, prompt and output")]
  if (has("workload") && !has("serving"))
    return [missing(["serving"], "the server: a map with fields such as stack and parallelism, or {} for defaults")]
  if (!has("training") && !has("serving")) return [missing(["training"], "either training, or serving with a workload")]
  const [kind, other]: readonly [Kind, Kind] = has("serving") ? ["serving", "training"] : ["training", "serving"]
  const { measured, resources } = data
  return [
    ...fieldsOf[other].filter(has).map((field) => extra([field], `only ${other} has it`, `nothing: this is ${kind}`)),
    ...(kind === "training" && isFields(resources)
      ? ofRequests.filter((field) => resources[field] !== undefined)
      : []
    ).map((field) =>
      extra(["resources", field], "only serving has it", "a factor on machines or software: this is training")
    ),
    ...(isFields(measured) ? measuredOf[other].filter((field) => measured[field] !== undefined) : []).map((field) =>
      extra(["measured", field], `only ${other} has it`, `one of ${measuredOf[kind].join(", ")}, memory, source`)
    )
  ]
}
