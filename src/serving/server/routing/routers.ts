/**
 * Routers that know more of a request than that it is one.
 *
 * - prefix-aware: the replica with the most cached tokens of the prompt less `loadWeight` x tokens queued there (SGLang's
 *   cache-aware router and llm-d's scorer weigh the same two). Of equals the one with the fewest requests, then the one
 *   where the least is cached.
 * - session: the replica that the conversation began at, while it is open; new ones go where the fewest requests are. Where
 *   others may take what the router sends, a conversation is where its latest prompt went of the router's own replicas.
 * - least-ttft: the replica that is predicted to give the first token soonest (`estimate.ts`).
 */
import type { GrowingRequestLog } from "../../live/request-log.ts"
import type { LiveRequests } from "../../live/live-requests.ts"
import type { Belief, Router, Weights, Entrance, Replica } from "../../replica/replica.ts"
import { predictedTtft } from "./estimate.ts"

export interface KnowingOptions {
  readonly live: LiveRequests
  readonly log: Pick<GrowingRequestLog, "session">
  /** null where no cache keeps prefixes. */
  readonly belief: Belief | null
  readonly loadWeight: number
  readonly weights: Weights
}

const nothing = (): void => undefined

/** Lower is better, and of equals the next criterion; the first of all equals. */
const bestOf = (replicas: readonly Replica[], costs: (replica: Replica, into: number[]) => void): Replica => {
  let best = replicas[0]!
  let [bestCosts, own]: [number[], number[]] = [[], []]
  costs(best, bestCosts)
  for (let index = 1; index < replicas.length; index++) {
    const replica = replicas[index]!
    own.length = 0
    costs(replica, own)
    let place = 0
    while (place < own.length && own[place] === bestCosts[place]) place++
    if (place === own.length || own[place]! > bestCosts[place]!) continue
    best = replica
    ;[bestCosts, own] = [own, bestCosts]
  }
  return best
}

export const prefixAware = (entrance: Entrance, { belief, loadWeight, weights }: KnowingOptions): Router => ({
  choose: (slot) =>
    bestOf(entrance.open, (replica, into) => {
      const weight = weights?.(replica) ?? 1
      const cached = belief?.cachedTokens(slot, replica) ?? 0
      into.push(
        (loadWeight * replica.queuedTokens) / weight - cached,
        replica.requests / weight,
        belief?.filling(replica) ?? 0
      )
    }),
  loadChanges: nothing
})

const fewest = (entrance: Entrance, weights: Weights): Replica =>
  bestOf(entrance.open, (replica, into) => void into.push(replica.requests / (weights?.(replica) ?? 1)))

export const sticky = (entrance: Entrance, { live, log, weights }: KnowingOptions): Router => {
  const homes = new Map<number, Replica>()
  const sessionOf = (slot: number): number => log.session?.[live.request[slot]!] ?? -1
  /** The latest conversation that got a new home, and the one that it had. */
  let [moved, before]: [number, Replica | undefined] = [-1, undefined]
  return {
    choose: (slot) => {
      const session = sessionOf(slot)
      if (session < 0) return fewest(entrance, weights)
      const home = homes.get(session)
      moved = -1
      if (home?.isOpen === true) return home
      const chosen = fewest(entrance, weights)
      homes.set(session, chosen)
      ;[moved, before] = [session, home]
      return chosen
    },
    loadChanges: nothing,
    went: (slot, replica) => {
      const session = sessionOf(slot)
      if (session < 0) return
      if (replica.pool.entrance === entrance) homes.set(session, replica)
      // Nothing of it is where it was to go.
      else if (moved === session && before === undefined) homes.delete(session)
      else if (moved === session) homes.set(session, before!)
    }
  }
}

export const leastTtft = (entrance: Entrance, { live, belief }: KnowingOptions): Router => ({
  choose: (slot) =>
    bestOf(entrance.open, (replica, into) => {
      const seconds = predictedTtft(live, replica, slot, belief?.cachedTokens(slot, replica) ?? 0)
      into.push(seconds, replica.requests)
    }),
  loadChanges: nothing
})
