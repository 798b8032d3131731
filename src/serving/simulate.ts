/**
 * Simulates a server: a job in, a log out. Pure: the same job gives the same log, to the bit.
 *
 *     source -> front door -> router -> replica: waiting line -> scheduler -> step -> tokens
 *
 * What happens is a sequence of events on `engine`: arrivals, ends of steps, lost patience. A step costs the same whatever its
 * batch, and equal steps are leapt over, so a run costs what its requests cost: a few microseconds each.
 */
import { makeRecorder, type Recorder } from "../trace/index.ts"
import { finishedRequestLog } from "./live/request-log.ts"
import { tierTotals } from "./cache/tiers/run-tiers.ts"
import { mixingLog } from "./fleet/mixing/mixing.ts"
import { makeRun } from "./server/make-run.ts"
import type { Run } from "./server/run.ts"
import { serve } from "./server/serve.ts"
import type { RequestSource, ServingJob, ServingLog } from "./types.ts"
import { makeRequestSource } from "./workload/index.ts"

export interface ServingOptions {
  /** Where the trace goes; made from `job.trace` when left out. */
  readonly recorder?: Recorder
  /** Where the requests come from; made from `job.workload` when left out. */
  readonly source?: RequestSource
  /** Told every few thousand events how far the run is: simulated seconds, requests that have ended, and that have arrived. */
  readonly progress?: (now: number, ended: number, arrived: number) => void
  /** Asked as often; true ends the run with what is done. */
  readonly stop?: () => boolean
  /** Asked as often; true hands control back for a while, see `beginServing`. */
  readonly pause?: () => boolean
}

/** A run that is under way, for callers that have to do something else now and then: answer a signal, draw progress. */
export interface ServingRun {
  /** Goes on until the end or the next pause; true when it has ended. */
  readonly advance: () => boolean
  /** The log, once it has ended. */
  readonly finish: () => ServingLog
}

/** @throws BadPlan when a policy of the user's plans what cannot be done */
export const simulateServing = (job: ServingJob, options: Omit<ServingOptions, "pause"> = {}): ServingLog => {
  const run = beginServing(job, options)
  while (!run.advance());
  return run.finish()
}

/** The same in pieces. Pauses change nothing in the outcome. */
export const beginServing = (job: ServingJob, options: ServingOptions = {}): ServingRun => {
  const recorder = options.recorder ?? makeRecorder({ mode: job.trace })
  let isStopped = false
  let isPaused = false
  const look = (): void => {
    options.progress?.(simulation.now, run.ended, run.log.count)
    isStopped = options.stop?.() === true
    isPaused = !isStopped && options.pause?.() === true
    if (isStopped || isPaused) simulation.stop()
  }
  const isWatched = options.progress !== undefined || options.stop !== undefined || options.pause !== undefined
  const run = makeRun(
    job,
    options.source ?? makeRequestSource(job.workload, job.seed),
    recorder,
    isWatched ? look : null
  )
  const { simulation } = run
  const { cutOff } = serve(run)
  const advance = (): boolean => {
    isPaused = false
    if (!isStopped) simulation.run(job.timeLimitSeconds)
    return !isPaused
  }
  const finish = (): ServingLog => logOf(run, recorder, isStopped, cutOff)
  return { advance, finish }
}

const logOf = (run: Run, recorder: Recorder, isStopped: boolean, cutOff: (now: number) => void): ServingLog => {
  const { job, simulation, live, source } = run
  const isLeft = live.count > 0 || source.peek() < Infinity
  const isCut = isLeft && (isStopped || Number.isFinite(job.timeLimitSeconds))
  if (isLeft && !isCut) throw new Stalled(live.count)
  const seconds = isCut ? simulation.now : run.lastAt
  cutOff(seconds)
  return {
    requests: finishedRequestLog(run.log),
    gaps: run.gaps.rows(),
    replicas: run.replicas.map(({ totals, series }) => ({ totals: { ...totals }, series: series.rows() })),
    seconds,
    events: simulation.executed,
    isCut,
    rejectedTries: run.rejectedTries,
    ...(run.moves === null
      ? {}
      : {
          transfers: {
            count: run.moves.done,
            bytes: run.moves.bytes,
            abandonedSeconds: run.moves.abandonedSeconds
          }
        }),
    ...mixingOf(run, seconds),
    ...(run.life === null ? {} : { life: run.life.log(seconds) }),
    ...(run.decisions === null ? {} : { decisions: run.decisions.log() }),
    ...(run.door === null ? {} : { door: run.door.log(seconds) }),
    ...(run.tiers === null ? {} : { tiers: tierTotals(run.tiers) }),
    trace: recorder.isOn ? recorder.finish() : null
  }
}

const mixingOf = ({ pools }: Run, seconds: number): Pick<ServingLog, "mixing"> => {
  const all = new Set(pools.flatMap(({ mixing }) => mixing ?? []))
  return all.size === 0 ? {} : { mixing: mixingLog([...all], seconds) }
}

/** Requests are left that no event will ever move: a mistake of the scheduler, or of a policy that forgot them. */
export class Stalled extends Error {
  readonly _tag = "Stalled"
  readonly requests: number
  constructor(requests: number) {
    super(`${requests} requests are left and nothing will happen any more`)
    this.requests = requests
  }
}
