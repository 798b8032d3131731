/** A run of a job, before anything has happened. */
import { makeSimulation } from "../../engine/index.ts"
import type { Recorder } from "../../trace/index.ts"
import { adapterDrawer } from "../adapters/draw-adapter.ts"
import { makeGapLog } from "../batch/gap-log.ts"
import { poolsOf } from "../fleet/pools.ts"
import { modelKeyValueBytes, modelStateBytes } from "../../inference/index.ts"
import { makeMoves } from "../fleet/move.ts"
import { blocksAreThere } from "../fleet/moves.ts"
import { abandonMove } from "../fleet/release-move.ts"
import { makeFetcher } from "../cache/tiers/fetching.ts"
import { makeRunTiers } from "../cache/tiers/run-tiers.ts"
import { hasTiers, makeWires, needsWires } from "../fleet/wires.ts"
import { makeEntrances } from "../fleet/make-entrances.ts"
import { makeRunPool } from "../fleet/make-pool.ts"
import { isLiving } from "../fleet/scaling/life-view.ts"
import { makeLiveRequests } from "../live/live-requests.ts"
import { makeRequestLog } from "../live/request-log.ts"
import { makeNarrator } from "../narrator.ts"
import type { RequestSource, ServingJob } from "../types.ts"
import { makeDoor } from "./door.ts"
import { makeDecisionRecorder } from "./routing/decisions.ts"
import type { Run } from "./run.ts"

/** Requests for which a run of a given time has room at first. */
const firstRows = 2 ** 14

/** @param look  called every few thousand events; null = nobody wants to know */
export const makeRun = (job: ServingJob, source: RequestSource, recorder: Recorder, look: Run["look"]): Run => {
  const simulation = makeSimulation()
  const live = makeLiveRequests()
  const servers = poolsOf(job)
  const canHold = isLiving(servers) || job.workload.classes.some(({ admission }) => admission !== undefined)
  const { requests, seconds } = job.workload
  const log = makeRequestLog(
    // How many come in a given time is not known: the table grows.
    seconds < Infinity ? Math.min(requests, firstRows) : requests,
    needsWires(servers),
    job.workload.classes.some(({ conversation }) => conversation !== null),
    canHold,
    hasTiers(servers)
  )
  const wires = needsWires(servers) || hasTiers(servers) ? makeWires(simulation, servers) : null
  const tiers = wires !== null && hasTiers(servers) ? makeRunTiers(simulation, wires, servers) : null
  const fetcher = makeFetcher(() => run)
  const narrator = makeNarrator(recorder, job, live, log)
  const onFirstStep = (slot: number): void => {
    if (live.timeoutEvent[slot]! < 0) return
    simulation.cancel(live.timeoutEvent[slot]!)
    live.timeoutEvent[slot] = -1
  }
  /** A prompt that is put aside holds no place where it would go on. */
  const onPreempt = (slot: number, now: number): void => {
    if (live.move[slot]! >= 0) abandonMove(run, slot, now)
  }
  const onReserved = (slot: number, hits: number, now: number): void => blocksAreThere(run, slot, hits, now)
  // Wires, tiers and the door are shared: what happens there at the end of one replica's step may concern another's.
  const moment = wires !== null || canHold ? { acting: -1 } : null
  const batchesInFlight = Math.max(...servers.map(({ batching }) => batching.batchesInFlight))
  let count = 0
  const pools = servers.map((server, index) => {
    const shared = { live, log, onFirstStep, onResume: narrator.requestResumes, onPreempt }
    const pool = makeRunPool(server, {
      index,
      firstReplica: count,
      batchesInFlight,
      seed: job.seed,
      shared,
      shares: job.workload.classes.map(({ share }) => share ?? 1),
      onReserved,
      isMixing: job.handover?.mixing !== undefined,
      tiers,
      fetcher,
      moment
    })
    count += server.replicas
    return pool
  })
  const replicas = pools.flatMap((pool) => pool.replicas)
  const run: Run = {
    job,
    simulation,
    handlers: { arrive: 0, retry: 0, giveUp: 0, drop: 0, stepEnd: 0, wake: 0, moved: 0, fetched: 0 },
    source,
    arrival: { arrivalSeconds: 0, promptTokens: 0, outputTokens: 0, classIndex: 0, pieces: null, outputPiece: 0 },
    live,
    log,
    gaps: makeGapLog(),
    pools,
    entrances: makeEntrances(job, pools, { live, log }),
    replicas,
    fixed: replicas.filter(({ pool }) => pool.policy.isFixed),
    batchesInFlight,
    drawAdapter: job.adapterChoice === undefined ? null : adapterDrawer(job.adapterChoice, job.seed),
    moves: needsWires(servers)
      ? makeMoves(
          job.handover?.overlap !== "after-prefill",
          wires!,
          servers.map(({ target }) => modelKeyValueBytes(target)),
          servers.map(({ target }) => modelStateBytes(target))
        )
      : null,
    tiers,
    moment,
    life: null,
    door: canHold ? makeDoor() : null,
    eased: new Set(),
    decisions: job.routing?.isLogged === true ? makeDecisionRecorder() : null,
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
  return run
}
