/**
 * All that the executor needs, compiled: what every stage does, costs and holds.
 */
import type { Schedule } from "../parallel/index.ts"
import type { Actor, Cast } from "./actors.ts"
import type { Compiled } from "./compile.ts"
import type { MemoryJournal } from "./memory-journal.ts"
import type { PartBytes, ResidentBytes } from "./stage-memory.ts"
import type { StageSynchronisation } from "./synchronisation-plan.ts"
import type { TrainingJob } from "./types.ts"

/** What a stage holds for good, and what its chunks' operations hold. */
export interface StageBytes {
  readonly resident: ResidentBytes
  readonly chunks: readonly PartBytes[]
}

/** What operations cost a rank, and its optimizer step: ranks on other accelerators or wires have tables of their own. */
export interface PlanVariant {
  readonly compiled: Compiled
  /** By stage; exchanges between ranks are those of the plan, the optimizer's seconds those of the variant. */
  readonly synchronisation: readonly StageSynchronisation[]
  /** Absent = the plan's; another has no more micro-batches than that. */
  readonly schedule?: Schedule
}

/** How long the operations of single actors take, where the tables alone do not say. Pure: the same at any time asked. */
export interface OperationScales {
  /** Whether an actor's operations differ from one micro-batch to the next, so that none repeats another. */
  readonly isVarying: boolean
  /** Factor on the kernels of an operation: the mean over the ranks that the actor stands for, for what it did. */
  readonly meanKernels: (actor: Actor, code: number) => number
  /** The same of the slowest of these ranks, for how long it took. */
  readonly slowestKernels: (actor: Actor, code: number) => number
  /** Tokens of the operation over the mean: a factor on kernels that grow with tokens, and on collectives and sends. */
  readonly load: (actor: Actor, code: number) => number
}

/** Operations of an actor, in order. */
export const operationsOf = ({ variants, schedule }: ExecutionPlan, { variant, stage }: Actor): Int32Array =>
  (variants[variant]?.schedule ?? schedule).operations[stage] ?? noOperations

const noOperations = new Int32Array(0)

export interface ExecutionPlan {
  readonly job: TrainingJob
  readonly schedule: Schedule
  /** Tables of variant 0. */
  readonly compiled: Compiled
  readonly cast: Cast
  /** Of variant 0. */
  readonly synchronisation: readonly StageSynchronisation[]
  readonly memory: readonly StageBytes[]
  /** By `actor.variant`; the first is that of the plan itself. */
  readonly variants: readonly PlanVariant[]
  /** Null where every operation takes what its table says. */
  readonly scales: OperationScales | null
  /** Where given, the memory of a stage's first rank is written down event by event. */
  readonly journal?: MemoryJournal
}
