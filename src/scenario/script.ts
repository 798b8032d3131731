/**
 * A scenario as a TypeScript script: `export default Scenario.make({ ... })`, checked and completed by the editor.
 */
import type { InlineAccelerator, InlineLink, InlineModel, InlineStack, InlineSystem } from "./entries.ts"
import type { ScheduleFunction, WrittenScenario } from "./schema.ts"

type Cluster = WrittenScenario["cluster"]
type Training = WrittenScenario["training"]
type Linked<T> = Omit<T, "link"> & { readonly link?: string | InlineLink }

/** A scenario as people write it: names or inline entries, numbers or quantities with units. */
export type ScenarioInput = Omit<WrittenScenario, "cluster" | "model" | "training"> & {
  readonly cluster: Omit<Cluster, "system" | "accelerator" | "scaleUp" | "network"> & {
    readonly system?: string | InlineSystem
    readonly accelerator?: string | InlineAccelerator
    readonly scaleUp?: Linked<NonNullable<Cluster["scaleUp"]>>
    readonly network?: Linked<NonNullable<Cluster["network"]>>
  }
  readonly model: string | InlineModel
  readonly training: Omit<Training, "stack" | "schedule"> & {
    readonly stack?: string | InlineStack
    readonly schedule?: Training["schedule"] | ScheduleFunction
  }
}

export const Scenario = {
  /** The scenario itself; what it says is checked when it is run. */
  make: (scenario: ScenarioInput): ScenarioInput => scenario
}
