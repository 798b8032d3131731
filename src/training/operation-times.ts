/**
 * What an operation of an actor takes and consists of: its variant's table, scaled where single operations differ.
 */
import { isPaired } from "../parallel/index.ts"
import type { Actor } from "./actors.ts"
import { addComposition, categories, categoryIndex, type Category, type Composition } from "./category.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import type { OperationTable } from "./operation-table.ts"

export interface OperationTimes {
  /** Seconds of the actor's operation at an index of its list, or of the pair there, if it were alone in its team. */
  readonly seconds: (actor: Actor, operations: Int32Array, at: number) => number
  /** Adds what the actor did in an operation that lasted so long: its own work, and waiting for its team. */
  readonly addTo: (into: Composition, actor: Actor, operations: Int32Array, at: number, lasted: number) => void
  readonly flops: (actor: Actor, operations: Int32Array, at: number) => number
  readonly recomputedFlops: (actor: Actor, operations: Int32Array, at: number) => number
}

/** How a category of an operation grows: with the rank's slowness, with its tokens. */
const growth: Readonly<Record<Category, "tokens" | "parameters" | "wires" | "fixed">> = {
  gemm: "tokens",
  attention: "tokens",
  elementwise: "tokens",
  head: "tokens",
  experts: "tokens",
  recompute: "tokens",
  accumulation: "parameters",
  shardCopies: "parameters",
  tensor: "wires",
  context: "wires",
  expert: "wires",
  data: "fixed",
  host: "fixed"
}

/** Where a rank waits for the slowest of its team: in the collective that joins the most ranks. */
const waitCategory = ({ job: { layout, sharding } }: ExecutionPlan): number =>
  categoryIndex[
    sharding.zeroStage === 3 ? "data" : layout.expert > 1 ? "expert" : layout.context > 1 ? "context" : "tensor"
  ]

/** Times of a plan's operations; `tables` are by variant. */
export const makeOperationTimes = (plan: ExecutionPlan, tables: readonly OperationTable[]): OperationTimes => {
  const { scales } = plan
  const waiting = waitCategory(plan)
  const tableOf = (actor: Actor): OperationTable => tables[actor.variant] as OperationTable
  const addWait = (into: Composition, seconds: number): void => {
    if (seconds > 0) into[waiting] = (into[waiting] ?? 0) + seconds
  }
  if (scales === null)
    return {
      seconds: (actor, operations, at) => tableOf(actor).seconds(actor.stage, operations, at),
      addTo: (into, actor, operations, at, lasted) => {
        const table = tableOf(actor)
        addComposition(into, table.composition(actor.stage, operations, at))
        addWait(into, lasted - table.seconds(actor.stage, operations, at))
      },
      flops: (actor, operations, at) => tableOf(actor).flops(actor.stage, operations, at),
      recomputedFlops: (actor, operations, at) => tableOf(actor).recomputedFlops(actor.stage, operations, at)
    }
  /** Two operations that run as one are as long as both together: their mean load. */
  const loadOf = (actor: Actor, operations: Int32Array, at: number): number => {
    const load = scales.load(actor, operations[at] ?? 0)
    return isPaired(operations[at] ?? 0) ? (load + scales.load(actor, operations[at + 1] ?? 0)) / 2 : load
  }
  const factor = (category: number, kernels: number, load: number): number => {
    const grows = growth[categories[category] ?? "host"]
    return grows === "tokens" ? kernels * load : grows === "parameters" ? kernels : grows === "wires" ? load : 1
  }
  return {
    seconds: (actor, operations, at) => {
      const kernels = scales.slowestKernels(actor, operations[at] ?? 0)
      const load = loadOf(actor, operations, at)
      const composition = tableOf(actor).composition(actor.stage, operations, at)
      let seconds = 0
      for (let category = 0; category < composition.length; category++)
        seconds += (composition[category] ?? 0) * factor(category, kernels, load)
      return seconds
    },
    addTo: (into, actor, operations, at, lasted) => {
      const kernels = scales.meanKernels(actor, operations[at] ?? 0)
      const load = loadOf(actor, operations, at)
      const composition = tableOf(actor).composition(actor.stage, operations, at)
      let own = 0
      for (let category = 0; category < composition.length; category++) {
        const seconds = (composition[category] ?? 0) * factor(category, kernels, load)
        into[category] = (into[category] ?? 0) + seconds
        own += seconds
      }
      addWait(into, lasted - own)
    },
    flops: (actor, operations, at) => tableOf(actor).flops(actor.stage, operations, at) * loadOf(actor, operations, at),
    recomputedFlops: (actor, operations, at) =>
      tableOf(actor).recomputedFlops(actor.stage, operations, at) * loadOf(actor, operations, at)
  }
}
