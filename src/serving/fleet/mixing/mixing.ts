/**
 * Prefill and decode replicas that stand in for one another under load: Splitwise's mixed pool (Patel et al., ISCA 2024,
 * section 4.1; MixedPoolScheduler of Mutinifni/splitwise-sim, scheduler.py).
 *
 * A replica is mixed while it has work of the other side: a decode replica while it has prompts to compute, a prefill replica
 * while it has answers to write. So long its own side's router does not see it; it is home again with the last such request.
 *
 * A prompt goes where the router of the prefill side sends it, unless more prompt tokens than a bound are queued there; then
 * to the mixed replica with the fewest queued, unless that has too many as well; then to the decode replica with the fewest,
 * which becomes mixed; and where all are mixed, to the fewest of all. An answer goes where the router of the decode side
 * sends it, unless that has no room for its blocks; then to the mixed replica with the most room; then to the prefill
 * replica with the most, which becomes mixed; and where all are mixed, it stays where its prompt is.
 *
 * Replicas of role both are places for prompts like any other of the prefill side, and at hand like a mixed one where prompts
 * queue; what they take they serve whole, so that nothing is foreign to them, and they write no answers to prompts of others.
 *
 * Where the router looks at caches, prompt tokens that a replica is believed to have count nowhere as queued, and its belief
 * covers both sides: a prompt is believed to be where it was sent, whoever chose that, and where its keys and values were sent.
 * A conversation is at home at the replica of the prefill side that computed its latest prompt there.
 *
 * Replicas that do not run now take part in none of this: where a whole side is down, the other does its work.
 */
import { freeBlocksNow } from "../../replica/begun-steps.ts"
import {
  shortestGroup,
  waitingRequests,
  type Entrance,
  type Mixing,
  type Replica,
  type RunPool
} from "../../replica/replica.ts"
import type { LiveRequests } from "../../live/live-requests.ts"
import type { Scheduler } from "../../policy/scheduler.ts"
import { blocksOf } from "../decode-side.ts"
import { showToRouter } from "../entrance.ts"
import type { MixingLog } from "./types.ts"

/**
 * @param promptTokens   prompt tokens queued at a replica beyond which prompts go elsewhere
 * @param looksAtCaches  the router in front does
 */
export const makeMixing = (
  front: Entrance,
  behind: Entrance,
  promptTokens: number,
  looksAtCaches: boolean
): Mixing => ({
  front,
  behind,
  whole: front.replicas.filter(({ pool }) => pool.server.role === "both"),
  belief: looksAtCaches ? front.belief : null,
  promptTokens,
  mixed: [],
  changedAt: 0,
  entered: 0,
  replicaSeconds: 0,
  promptsBehind: 0,
  answersInFront: 0,
  stayed: 0
})

/** Its replicas take work of the other side, and hand on work of theirs. */
export const standsIn = ({ mixing, server }: Pick<RunPool, "mixing" | "server">): boolean =>
  mixing !== null && server.role !== "both"

/** The replica that computes a request's prompt; undefined while none runs. */
export const replicaForPrompt = (mixing: Mixing, live: LiveRequests, slot: number): Replica | undefined => {
  const { front, behind, whole, mixed, belief, promptTokens } = mixing
  const isLong = (replica: Replica): boolean =>
    waitingRequests(replica) > 0 &&
    replica.queuedTokens + live.prompt[slot]! - (belief?.cachedTokens(slot, replica) ?? 0) > promptTokens
  if (front.open.length > 0) {
    const best = front.router.choose(slot)
    if (!isLong(best)) return best
  }
  const helper = fewestQueued(whole.length === 0 ? mixed : [...mixed, ...whole])
  if (helper !== undefined && !isLong(helper)) return helper
  return fewestQueued(behind.open) ?? fewestQueued([...front.replicas, ...behind.replicas])
}

/** The replica that writes the answer of a request whose prompt is with `source`, which may be the same. */
export const replicaForAnswer = (
  mixing: Mixing,
  live: LiveRequests,
  source: Replica,
  slot: number,
  now: number
): Replica => {
  const { front, behind, whole, mixed } = mixing
  if (behind.open.length > 0) {
    const best = behind.router.choose(slot)
    if (roomFor(live, best, source, slot, now) >= 0) return best
  }
  const helper = mostRoom(live, mixed, source, slot, now)
  if (helper !== undefined && roomFor(live, helper, source, slot, now) >= 0) return helper
  const prefilling = whole.length === 0 ? front.open : front.open.filter(({ pool }) => pool.server.role === "prefill")
  return mostRoom(live, prefilling, source, slot, now) ?? source
}

/** A request is work of the other side for its replica. */
export const takeForeign = (mixing: Mixing, live: LiveRequests, replica: Replica, slot: number, now: number): void => {
  live.isForeign[slot] = 1
  if (replica.pool.server.role === "prefill") mixing.answersInFront++
  else mixing.promptsBehind++
  if (replica.foreign++ > 0) return
  count(mixing, now)
  mixing.entered++
  mixing.mixed.push(replica)
  mixing.mixed.sort((one, other) => one.index - other.index)
  showToRouter(replica)
}

/** It is so no more. */
export const endForeign = (mixing: Mixing, live: LiveRequests, replica: Replica, slot: number, now: number): void => {
  live.isForeign[slot] = 0
  if (--replica.foreign > 0) return
  count(mixing, now)
  mixing.mixed.splice(mixing.mixed.indexOf(replica), 1)
  showToRouter(replica)
}

/** Requests of a side that the other has while no replica of the side itself runs. */
export const heldByOthers = ({ front, behind }: Mixing, side: Entrance): number =>
  side.replicas.some(({ isUp }) => isUp)
    ? 0
    : (side === front ? behind : front).replicas.reduce((sum, { foreign }) => sum + foreign, 0)

/** A request's answer is written where its prompt is computed. */
export const stay = (mixing: Mixing, live: LiveRequests, replica: Replica, slot: number, now: number): void => {
  live.stays[slot] = 1
  mixing.stayed++
  if (replica.pool.server.role === "prefill") takeForeign(mixing, live, replica, slot, now)
}

/** Brings the time integral up to now. */
const count = (mixing: Mixing, now: number): void => {
  mixing.replicaSeconds += mixing.mixed.length * (now - mixing.changedAt)
  mixing.changedAt = now
}

export const mixingLog = (all: readonly Mixing[], now: number): MixingLog => {
  for (const mixing of all) count(mixing, now)
  const sum = (of: (mixing: Mixing) => number): number => all.reduce((total, mixing) => total + of(mixing), 0)
  return {
    entered: sum(({ entered }) => entered),
    replicaSeconds: sum(({ replicaSeconds }) => replicaSeconds),
    promptsBehind: sum(({ promptsBehind }) => promptsBehind),
    answersInFront: sum(({ answersInFront }) => answersInFront),
    stayed: sum(({ stayed }) => stayed)
  }
}

/** Prompt tokens to compute, and one for each request: what Splitwise's queues are measured by. */
const fewestQueued = (replicas: readonly Replica[]): Replica | undefined => {
  let best: Replica | undefined
  let least = Infinity
  for (const replica of replicas) {
    if (!replica.isUp) continue
    const queued = replica.queuedTokens + replica.requests
    if (queued < least) [best, least] = [replica, queued]
  }
  return best
}

const mostRoom = (
  live: LiveRequests,
  replicas: readonly Replica[],
  source: Replica,
  slot: number,
  now: number
): Replica | undefined => {
  let best: Replica | undefined
  let most = -Infinity
  for (const replica of replicas) {
    if (!replica.isUp) continue
    const room = roomFor(live, replica, source, slot, now)
    if (room > most) [best, most] = [replica, room]
  }
  return best
}

/** Blocks that a replica has left once a request and those in line before it have theirs; negative = it would wait. */
const roomFor = (live: LiveRequests, replica: Replica, source: Replica, slot: number, now: number): number => {
  const group = replica === source ? live.group[slot]! : shortestGroup(replica)
  const scheduler = replica.schedulers[group]!
  const { rules, incoming } = scheduler
  // Where its prompt is it has blocks already, and more as it grows.
  let wanted = replica === source ? 0 : blocksFor(live, scheduler, slot)
  if (incoming.count() > 0) for (const before of incoming.all()) wanted += blocksFor(live, scheduler, before)
  return freeBlocksNow(replica, group, now) - rules.watermark - wanted
}

const blocksFor = (live: LiveRequests, scheduler: Scheduler, slot: number): number => {
  const prompt = live.prompt[slot]!
  return blocksOf(scheduler, prompt, prompt + live.target[slot]! - 1)
}
