/** What becomes of the requests of a replica that failed, and of those that waited for one to open. */
import { giveSlotBack, phase } from "../../live/live-requests.ts"
import type { Entrance, Replica } from "../../replica/replica.ts"
import { endRequest } from "../../server/ending.ts"
import { endAnywhere, sendToReplica } from "../../server/front-door.ts"
import { leaveReplica } from "../../server/leave-replica.ts"
import type { Run } from "../../server/run.ts"
import { handOver } from "../moves.ts"
import type { Taken } from "./empty-replica.ts"

/** The process of a replica starts anew: nothing is in the accelerators' memory. */
export const clearCaches = (replica: Replica): void => {
  for (const { cache, tiers } of replica.schedulers) {
    const { free } = cache.queue
    if (tiers !== null) tiers.isSilent = true
    cache.queue.take(free)
    cache.queue.give(free)
    if (tiers !== null) tiers.isSilent = false
  }
  const { mixing, entrance } = replica.pool
  ;(mixing?.front ?? entrance).belief?.cleared(replica)
}

/** A replica takes requests again: those at the door go in, and prompts that are done go on to it. */
export const replicaOpens = (run: Run, replica: Replica, now: number): void => {
  const { mixing } = replica.pool
  // Where replicas stand in for one another it may take prompts, whichever side it is of.
  const entrance = mixing?.front ?? replica.pool.entrance
  run.touched.add(replica)
  for (const slot of run.door!.opened(run, entrance, now)) sendToReplica(run, slot, now)
  if (run.door!.firstDeferred(entrance) >= 0) run.eased.add(entrance)
  if (replica.pool.server.role !== "decode" || mixing !== null) return
  for (const slot of standing(run, entrance)) handOver(run, slot, now)
}

/** Prompts that are done and have nowhere to go: no replica behind them is open. */
export const standing = ({ live, replicas }: Run, behind: Entrance): readonly number[] =>
  replicas.flatMap(({ pool, schedulers }) =>
    (pool.entrance as Entrance | undefined)?.behind === behind
      ? schedulers.flatMap(({ handing }) => handing.all().filter((slot) => live.move[slot]! < 0))
      : []
  )

/** Requests of a failed replica are lost, or sent again. */
export const replicaFails = (run: Run, replica: Replica, taken: Taken, now: number): void => {
  const { live, log } = run
  const { requests: fate, retries } = replica.pool.server.lifecycle!.failures!
  const again: number[] = []
  for (const slot of taken.slots) {
    const request = live.request[slot]!
    log.generated[request] = live.generated[slot]!
    if (live.isLeaving[slot] === 1) {
      run.narrator.requestEnds(slot, now)
      giveSlotBack(live, slot)
      continue
    }
    if (fate === "lost" || log.fates!.resent[request]! >= retries) {
      run.life!.lostRequests++
      endRequest(run, slot, "failed", now)
      run.narrator.requestEnds(slot, now)
      giveSlotBack(live, slot)
      continue
    }
    begin(run, replica, slot, taken.computed.get(slot)!)
    again.push(slot)
  }
  for (const slot of again) sendToReplica(run, slot, now)
  // Their prompts are elsewhere and safe.
  for (const slot of taken.awaited) {
    const request = live.request[slot]!
    if (log.fates!.resent[request]! >= retries) {
      run.life!.lostRequests++
      endAnywhere(run, slot, "failed", now)
      continue
    }
    log.fates!.resent[request] = log.fates!.resent[request]! + 1
    if (live.phase[slot] === phase.handing) handOver(run, slot, now)
  }
}

/** Makes a request ready to be sent again. */
const begin = (run: Run, replica: Replica, slot: number, computed: number): void => {
  const { live, log, simulation } = run
  const life = run.life!
  const request = live.request[slot]!
  const { server, policy, entrance } = replica.pool
  life.resentRequests++
  log.fates!.resent[request] = log.fates!.resent[request]! + 1
  if (live.timeoutEvent[slot]! >= 0) simulation.cancel(live.timeoutEvent[slot]!)
  live.timeoutEvent[slot] = -1
  leaveReplica(run, slot)
  // Fixed batches have sent nothing yet; and where answers are written elsewhere, their prompts are computed from the start.
  const isKept =
    server.lifecycle!.failures!.requests === "resume" &&
    !policy.isFixed &&
    server.role === "both" &&
    entrance.behind === null
  live.lost[slot] = (live.phase[slot] === phase.waiting ? live.lost[slot]! : 0) + computed
  if (!isKept) {
    life.discardedTokens += live.generated[slot]!
    live.lost[slot] = Math.min(live.lost[slot], live.prompt[slot]!)
    live.generated[slot] = 0
    log.generated[request] = 0
    log.firstToken[request] = NaN
    live.lastToken[slot] = NaN
  }
  forgetHandover(run, request)
  live.replica[slot] = -1
  live.computed[slot] = 0
  live.reserved[slot] = 0
  live.planned[slot] = 0
  live.inFlight[slot] = 0
  live.swapped[slot] = 0
  live.wantsRoom[slot] = 0
  live.stays[slot] = 0
  live.preemptedAt[slot] = NaN
  live.phase[slot] = phase.away
  const content = live.content[slot]!
  // Keys are those of the blocks of the cache that it was in.
  if (content !== null) live.content[slot] = { ...content, keys: null }
}

/** The time that it was with two replicas counts as spent for nothing. */
const forgetHandover = ({ log, moves }: Run, request: number): void => {
  const { handovers } = log
  if (handovers === null || handovers.replica[request]! < 0) return
  moves!.abandonedSeconds += handovers.moved[request]! - handovers.asked[request]!
  handovers.replica[request] = -1
  for (const name of ["asked", "reserved", "prefilled", "moved"] as const) handovers[name][request] = NaN
}
