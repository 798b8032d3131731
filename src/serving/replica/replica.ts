/**
 * A replica: one copy of the model, with a scheduler for each data-attention group, and batches that pass its stages.
 *
 * A step is one event, at its end. Stages are first-in, first-out servers with known service times, so the end of a step is
 * known when it starts, however many batches are in flight. A batch that only decodes and that nothing can disturb leaps: one
 * event for many steps, cut short at the end of the step during which something happens that matters.
 */
import type { StepLoad, StepModel, StepWork } from "../../inference/index.ts"
import type { Rules } from "../policy/rules.ts"
import { type Outcomes, type Part, type Policy, runningHere, type Scheduler, waitingHere } from "../policy/scheduler.ts"
import type { Pool } from "../types.ts"
import { makeStepLoad } from "../../inference/index.ts"
import { makeSeriesRecorder, type SeriesRecorder } from "./series.ts"
import type { DecodeLines, Stretch } from "./decode-lines.ts"
import type { Totals } from "./totals.ts"

/** A step, or a leap of equal ones, in flight or about to be. */
export interface Batch {
  readonly index: number
  /** One for each scheduler of the replica. */
  readonly parts: readonly Part[]
  isInFlight: boolean
  start: number
  /** Pending event of its end. */
  event: number
  /** Steps of a leap, 1 of a single step. A leap that was cut may have one as well. */
  steps: number
  isLeap: boolean
  /** Seconds of the first step, and what each later one takes more. */
  first: number
  increment: number
  /** Of the first step: what stages work, and the host. */
  stageSeconds: number
  hostSeconds: number
  /** What each later step of a leap attends to more. */
  contextGrowth: number
  windowGrowth: number
  /** When each stage began with the step, and how long it took; of a single step. */
  readonly stageStart: Float64Array
  readonly stageTook: Float64Array
  /** What the first step works on: what its seconds depend on, and what is really done. */
  readonly load: StepLoad
  readonly work: StepLoad
}

export interface Replica {
  /** Its number among those of all pools. */
  readonly index: number
  readonly pool: RunPool
  /** Numbers its batches for events: that of its first one. */
  readonly firstBatch: number
  /** It takes requests: it is neither off nor starting, draining or failed. */
  isUp: boolean
  /** The router of its side may send it requests. One that is not open goes on with what it has. */
  isOpen: boolean
  readonly steps: StepModel
  readonly lines: DecodeLines
  readonly schedulers: readonly Scheduler[]
  readonly batches: readonly Batch[]
  /** Batches in flight. */
  inFlight: number
  /** When each stage, and the host, will have done what is already planned. */
  readonly stageFree: Float64Array
  hostFree: number
  busySince: number
  /** Running requests whose clients have gone. */
  readonly leaving: number[]
  /** Requests and tokens that were sent here and have not left. */
  requests: number
  tokens: number
  /** Prompt tokens sent here, without those believed to be cached, of requests that have not got their next token. */
  queuedTokens: number
  /** Requests here that are the other side's work: prompts of a decode replica, answers of a prefill replica. */
  foreign: number
  /** When a request last left, and how long it takes in the mean from one to the next; NaN = not known. */
  lastLeft: number
  leaveInterval: number
  /** When the integrals of the totals were last brought up to date. */
  accruedAt: number
  readonly totals: Totals
  readonly series: SeriesRecorder
  /** Pending event that wakes an idle replica, -1 = none, and its time. */
  wakeEvent: number
  wakeAt: number
  // Scratch.
  readonly stretch: Stretch
  readonly done: StepWork
}

/** A pool of a run: what its replicas have in common. */
export interface RunPool {
  readonly index: number
  readonly server: Pool
  readonly lines: DecodeLines
  readonly policy: Policy
  readonly rules: Rules
  /** What becomes of requests whose tokens left; set once the run is whole. */
  outcomes: Outcomes
  /** In the order of their numbers. */
  readonly replicas: Replica[]
  /** Through which requests come to its replicas. */
  entrance: Entrance
  /** Its side and the other stand in for one another; null = they do not. A pool of role both has part in it as a place for prompts. */
  mixing: Mixing | null
  /** Shared by all pools; null where nothing that one replica does depends on whether another's step is over. */
  readonly moment: Moment | null
}

/** What happens at this moment, where other replicas' steps may end (`same-moment.ts`). */
export interface Moment {
  /** Number of the replica whose step ends in the event under way, Infinity = steps are over; -1 = it is another event. */
  acting: number
}

/** Prefill and decode replicas of a model that stand in for one another (`fleet/mixing/mixing.ts`). */
export interface Mixing {
  readonly front: Entrance
  readonly behind: Entrance
  /** Replicas in front that serve requests whole: nothing is foreign to them. */
  readonly whole: readonly Replica[]
  /** What the router in front believes of the caches of both sides; null where it goes by loads alone. */
  readonly belief: Belief | null
  /** Prompt tokens queued at a replica beyond which prompts go elsewhere. */
  readonly promptTokens: number
  /** Replicas that have work of the other side, by number. */
  readonly mixed: Replica[]
  /** When `replicaSeconds` was last brought up to date. */
  changedAt: number
  // See `fleet/mixing/types.ts`.
  entered: number
  replicaSeconds: number
  promptsBehind: number
  answersInFront: number
  stayed: number
}

/**
 * An entrance: replicas that can take the same requests, and the router that picks one of them (`fleet/entrance.ts`).
 */
export interface Entrance {
  readonly pools: readonly RunPool[]
  readonly replicas: readonly Replica[]
  /** Those that take requests now, in the order of their numbers. */
  open: readonly Replica[]
  router: Router
  /** What the front door believes of the replicas' caches; null where nobody asks. */
  readonly belief: Belief | null
  /** Longest sequence that all pools on a request's way accept, tokens. */
  readonly longest: number
  /** Where requests that were only prefilled here go on; null = they stay where they are. */
  behind: Entrance | null
}

export interface Router {
  /** The replica that a request (by slot) goes to; at least one is open. */
  readonly choose: (slot: number) => Replica
  /** Requests or tokens of a replica have changed, or whether it is open. */
  readonly loadChanges: (replica: Replica) => void
  /** Where a request went that others than those chosen by the router may take, after its `choose`. */
  readonly went?: (slot: number, replica: Replica) => void
}

/** Weight of a replica, more than 0; null = all are equal. */
export type Weights = ((replica: Replica) => number) | null

/** How much of a request's prompt a replica's cache holds, as far as the router knows. */
export interface Belief {
  /** Tokens of the prompt that the replica need not compute. */
  readonly cachedTokens: (slot: number, replica: Replica) => number
  /** The request was sent there. */
  readonly sent: (slot: number, replica: Replica) => void
  /** The replica's cache is empty. */
  readonly cleared: (replica: Replica) => void
  /** The lower, the less is lost there if something else is cached: blocks, or how lately something was sent. */
  readonly filling: (replica: Replica) => number
}

export interface ReplicaParts {
  readonly index: number
  readonly pool: RunPool
  readonly firstBatch: number
  readonly totals: Totals
  readonly schedulers: readonly Scheduler[]
}

export const makeReplica = ({ pool, schedulers, ...own }: ReplicaParts): Replica => ({
  ...own,
  pool,
  isUp: true,
  isOpen: true,
  steps: pool.server.steps,
  lines: pool.lines,
  schedulers,
  batches: Array.from({ length: pool.server.batching.batchesInFlight }, (_, batch) => ({
    index: batch,
    parts: schedulers.map(({ parts }) => parts[batch]!),
    isInFlight: false,
    start: 0,
    event: -1,
    steps: 0,
    isLeap: false,
    first: 0,
    increment: 0,
    stageSeconds: 0,
    hostSeconds: 0,
    contextGrowth: 0,
    windowGrowth: 0,
    stageStart: new Float64Array(pool.server.steps.stages),
    stageTook: new Float64Array(pool.server.steps.stages),
    load: makeStepLoad(),
    work: makeStepLoad()
  })),
  inFlight: 0,
  stageFree: new Float64Array(pool.server.steps.stages),
  hostFree: 0,
  busySince: 0,
  leaving: [],
  requests: 0,
  tokens: 0,
  queuedTokens: 0,
  foreign: 0,
  lastLeft: NaN,
  leaveInterval: NaN,
  accruedAt: 0,
  series: makeSeriesRecorder(),
  wakeEvent: -1,
  wakeAt: Infinity,
  stretch: { first: 0, increment: 0, steps: 0, stageSeconds: 0 },
  done: { flops: 0, bytes: 0, communicationSeconds: 0 }
})

export const runningRequests = ({ schedulers }: Replica): number => {
  if (schedulers.length === 1) return runningHere(schedulers[0]!)
  let count = 0
  for (const scheduler of schedulers) count += runningHere(scheduler)
  return count
}

export const waitingRequests = ({ schedulers }: Replica): number => {
  if (schedulers.length === 1) return waitingHere(schedulers[0]!)
  let count = 0
  for (const scheduler of schedulers) count += waitingHere(scheduler)
  return count
}

export const usedBlocks = ({ schedulers }: Replica): number => {
  let count = 0
  for (const { cache } of schedulers) count += cache.blocks - cache.queue.free
  return count
}

/** Brings the time integrals up to now; call before anything that they count changes. */
export const accrue = (replica: Replica, now: number): void => {
  const seconds = now - replica.accruedAt
  if (seconds <= 0) return
  const { totals } = replica
  totals.runningIntegral += seconds * runningRequests(replica)
  totals.waitingIntegral += seconds * waitingRequests(replica)
  totals.usedBlockIntegral += seconds * usedBlocks(replica)
  replica.accruedAt = now
}

/** The data-attention group with the fewest requests. */
export const shortestGroup = ({ schedulers }: Replica): number => {
  if (schedulers.length === 1) return 0
  let best = 0
  let least = Infinity
  for (let group = 0; group < schedulers.length; group++) {
    const scheduler = schedulers[group]!
    const load = waitingHere(scheduler) + scheduler.running.count
    if (load < least) [best, least] = [group, load]
  }
  return best
}

/** Tells the series of a change. */
export const noteSeries = (replica: Replica, now: number): void => {
  const { series, totals } = replica
  series.add(now, runningRequests(replica), waitingRequests(replica), usedBlocks(replica), totals.preemptions)
}
