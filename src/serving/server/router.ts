/**
 * Routers: which of the open replicas of an entrance a request goes to. Ties go to the replica with the lower number.
 *
 * Where pools have weights, a replica of weight 2 gets twice the requests of one of weight 1: turns and draws are weighted,
 * and loads are divided by the weight.
 */
import { randomStream } from "../../random/index.ts"
import { makeLeastOf } from "../fleet/least-of.ts"
import type { Entrance, Replica, Router, Weights } from "../replica/replica.ts"
import type { RouterName } from "../types.ts"
import { type KnowingOptions, leastTtft, prefixAware, sticky } from "./routing/routers.ts"

export interface RouterOptions {
  readonly seed: number
  /** Name of its random stream. */
  readonly stream: string
  readonly weights: Weights
  /** What routers that look at the request go by. */
  readonly knowing: Omit<KnowingOptions, "weights">
}

/** A router of a name, with its own random stream. */
export const makeRouter = (name: RouterName, entrance: Entrance, options: RouterOptions): Router =>
  makers[name](entrance, options)

type Maker = (entrance: Entrance, options: RouterOptions) => Router

const nothing = (): void => undefined

const roundRobin: Maker = (entrance, { weights }) => {
  let turn = 0
  if (weights === null) return { choose: () => entrance.open[turn++ % entrance.open.length]!, loadChanges: nothing }
  // Smooth weighted round-robin (nginx): everybody gains its weight, the one with the most goes and pays for all.
  const credit = new Map<Replica, number>()
  return {
    choose: () => {
      let best = entrance.open[0]!
      let total = 0
      for (const replica of entrance.open) {
        const weight = weights(replica)
        total += weight
        credit.set(replica, (credit.get(replica) ?? 0) + weight)
        if (credit.get(replica)! > credit.get(best)!) best = replica
      }
      credit.set(best, credit.get(best)! - total)
      return best
    },
    loadChanges: nothing
  }
}

const random: Maker = (entrance, { seed, stream, weights }) => {
  const draw = randomStream(seed, stream)
  if (weights === null)
    return { choose: () => entrance.open[Math.floor(draw() * entrance.open.length)]!, loadChanges: nothing }
  return {
    choose: () => {
      let left = draw() * entrance.open.reduce((sum, replica) => sum + weights(replica), 0)
      for (const replica of entrance.open) {
        left -= weights(replica)
        if (left < 0) return replica
      }
      return entrance.open.at(-1)!
    },
    loadChanges: nothing
  }
}

const powerOfTwo: Maker = (entrance, { seed, stream, weights }) => {
  const draw = randomStream(seed, stream)
  const load = (replica: Replica): number => replica.requests / (weights?.(replica) ?? 1)
  return {
    choose: () => {
      const { open } = entrance
      const first = Math.floor(draw() * open.length)
      if (open.length === 1) return open[first]!
      // The second of two different ones.
      const other = Math.floor(draw() * (open.length - 1))
      const second = other < first ? other : other + 1
      const [low, high] = first < second ? [first, second] : [second, first]
      return load(open[high]!) < load(open[low]!) ? open[high]! : open[low]!
    },
    loadChanges: nothing
  }
}

/** Replicas up to which a search from the front is as quick as a tree. */
const searched = 16

const least =
  (loadOf: (replica: Replica) => number): Maker =>
  (entrance, { weights }) => {
    // Weights may change at any time, and with them everybody's load.
    if (weights !== null || entrance.replicas.length <= searched) {
      const load = weights === null ? loadOf : (replica: Replica): number => loadOf(replica) / weights(replica)
      return { choose: () => leastBy(entrance.open, load), loadChanges: nothing }
    }
    const places = new Map(entrance.replicas.map((replica, place) => [replica, place]))
    const loads = makeLeastOf(entrance.replicas.length)
    return {
      choose: () => entrance.replicas[loads.first()]!,
      loadChanges: (replica) => loads.set(places.get(replica)!, replica.isOpen ? loadOf(replica) : Infinity)
    }
  }

const makers: Readonly<Record<RouterName, Maker>> = {
  "round-robin": roundRobin,
  random,
  "least-requests": least((replica) => replica.requests),
  // Prompt and output tokens of all requests that have not left, whatever is done of them already.
  "least-tokens": least((replica) => replica.tokens),
  // What a front door can know: prompts to compute, and one token for each request.
  "least-queued": least((replica) => replica.queuedTokens + replica.requests),
  "power-of-two": powerOfTwo,
  "prefix-aware": (entrance, { knowing, weights }) => prefixAware(entrance, { ...knowing, weights }),
  session: (entrance, { knowing, weights }) => sticky(entrance, { ...knowing, weights }),
  "least-ttft": (entrance, { knowing, weights }) => leastTtft(entrance, { ...knowing, weights })
}

const leastBy = (replicas: readonly Replica[], load: (replica: Replica) => number): Replica => {
  let best = replicas[0]!
  let bestLoad = load(best)
  for (const replica of replicas) {
    const own = load(replica)
    if (own < bestLoad) [best, bestLoad] = [replica, own]
  }
  return best
}
