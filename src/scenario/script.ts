/**
 * A scenario as a TypeScript script: `export default Scenario.make({ ... })`, checked and completed by the editor.
 */
import type { BatchPolicyFunction } from "../serving/index.ts"
import type {
  InlineAccelerator,
  InlineLink,
  InlineModel,
  InlineServingStack,
  InlineStack,
  InlineSystem
} from "./entries.ts"
import type { ScheduleFunction, WrittenScenario } from "./schema.ts"

type Cluster = WrittenScenario["cluster"]
type Training = NonNullable<WrittenScenario["training"]>
type Serving = NonNullable<WrittenScenario["serving"]>
type Batching = NonNullable<Serving["batching"]>
type Linked<T> = Omit<T, "link"> & { readonly link?: string | InlineLink }

type Common = Omit<
  WrittenScenario,
  "cluster" | "model" | "training" | "serving" | "workload" | "symmetry" | "timeLimit"
> & {
  readonly cluster: Omit<Cluster, "system" | "accelerator" | "scaleUp" | "network"> & {
    readonly system?: string | InlineSystem
    readonly accelerator?: string | InlineAccelerator
    readonly scaleUp?: Linked<NonNullable<Cluster["scaleUp"]>>
    readonly network?: Linked<NonNullable<Cluster["network"]>>
  }
  readonly model: string | InlineModel
}

/** A scenario of training as people write it: names or inline entries, numbers or quantities with units. */
export type TrainingInput = Common &
  Pick<WrittenScenario, "symmetry"> & {
    readonly training: Omit<Training, "stack" | "schedule"> & {
      readonly stack?: string | InlineStack
      readonly schedule?: Training["schedule"] | ScheduleFunction
    }
    readonly serving?: never
    readonly workload?: never
  }

/** A scenario of serving as people write it; the batching policy may be a function. */
export type ServingInput = Common &
  Pick<WrittenScenario, "timeLimit"> & {
    readonly serving: Omit<Serving, "stack" | "batching"> & {
      readonly stack?: string | InlineServingStack
      readonly batching?: Omit<Batching, "policy"> & {
        readonly policy?: Batching["policy"] | BatchPolicyFunction
      }
    }
    readonly workload: NonNullable<WrittenScenario["workload"]>
    readonly training?: never
  }

/** A scenario as people write it. */
export type ScenarioInput = TrainingInput | ServingInput

interface Make {
  (scenario: TrainingInput): TrainingInput
  (scenario: ServingInput): ServingInput
}

const make: Make = <Input extends ScenarioInput>(scenario: Input): Input => scenario

export const Scenario = {
  /** The scenario itself; what it says is checked when it is run. */
  make
}
