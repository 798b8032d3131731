/** A run of a job, before anything has happened. */
import { makeSimulation } from "../../engine/index.ts"
import type { Recorder } from "../../trace/index.ts"
import { makeGapLog } from "../batch/gap-log.ts"
import { makeLiveRequests } from "../live/live-requests.ts"
import { makeRequestLog } from "../live/request-log.ts"
import { makeNarrator } from "../narrator.ts"
import { makeScheduler } from "../policy/make-scheduler.ts"
import { policyOf } from "../policy/policy-of.ts"
import { makeDecodeLines } from "../replica/decode-lines.ts"
import { makeReplica } from "../replica/replica.ts"
import { makeTotals } from "../replica/totals.ts"
import type { RequestSource, ServingJob } from "../types.ts"
import { makeRouter } from "./router.ts"
import type { Run } from "./run.ts"

/** @param look  called every few thousand events; null = nobody wants to know */
export const makeRun = (job: ServingJob, source: RequestSource, recorder: Recorder, look: Run["look"]): Run => {
  const { steps, batching, target } = job
  const simulation = makeSimulation()
  const live = makeLiveRequests()
  const log = makeRequestLog(job.workload.requests)
  const narrator = makeNarrator(recorder, job, live, log)
  const lines = makeDecodeLines(steps)
  const { policy, rules } = policyOf(job)
  const onFirstStep = (slot: number): void => {
    if (live.timeoutEvent[slot]! < 0) return
    simulation.cancel(live.timeoutEvent[slot]!)
    live.timeoutEvent[slot] = -1
  }
  return {
    job,
    simulation,
    handlers: { arrive: 0, retry: 0, giveUp: 0, drop: 0, stepEnd: 0, wake: 0 },
    source,
    arrival: { arrivalSeconds: 0, promptTokens: 0, outputTokens: 0, classIndex: 0, pieces: null, outputPiece: 0 },
    live,
    log,
    gaps: makeGapLog(),
    policy,
    router: makeRouter(job.queue.router, job.seed),
    replicas: Array.from({ length: job.replicas }, (_, index) => {
      const totals = makeTotals()
      const shared = { live, log, rules, totals, onFirstStep, onResume: narrator.requestResumes }
      const schedulers = Array.from({ length: target.layout.dataAttention }, () => makeScheduler(job, shared))
      return makeReplica({ index, steps, lines, totals, schedulers, batchesInFlight: batching.batchesInFlight })
    }),
    narrator,
    touched: new Set(),
    arrivalEvent: -1,
    arrivalAt: NaN,
    rejectedTries: 0,
    pendingRetries: 0,
    ended: 0,
    look,
    lastAt: 0
  }
}
