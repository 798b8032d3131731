/**
 * The way from one pipeline stage to the next: inside a scale-up domain, or over the network.
 */
import { planCollective, type CollectivePlan } from "../cluster/index.ts"
import type { Actor } from "./actors.ts"
import type { ExecutionPlan } from "./execution-plan.ts"

/** How a boundary's bytes travel between two actors. */
export interface Hop {
  readonly latencySeconds: number
  /** Seconds of the whole boundary inside a scale-up domain. */
  readonly seconds: number
  /** Network links, or null inside a domain. */
  readonly links: readonly number[] | null
  readonly weights: readonly number[]
  readonly rate: number
}

/** The hop between any two actors, computed once a pair. */
export const hopTable = ({ job, compiled, cast }: ExecutionPlan): ((from: Actor, to: Actor) => Hop) => {
  const { fabric } = job
  const bytes = compiled.boundaryBytes
  const inside = planCollective(fabric, "sendReceive", bytes, { ranks: 2, perDomain: 2, domains: 1 })
  const outside: CollectivePlan | null =
    fabric.network === null
      ? null
      : planCollective(fabric, "sendReceive", bytes, { ranks: 2, perDomain: 1, domains: 2 })
  const cache = new Map<number, Hop>()
  return (from, to) => {
    const key = from.index * cast.actors.length + to.index
    const known = cache.get(key)
    if (known !== undefined) return known
    const hop: Hop =
      from.domain === to.domain || outside === null
        ? {
            latencySeconds: inside.latencySeconds,
            seconds: inside.seconds - inside.latencySeconds,
            links: null,
            weights: [],
            rate: 0
          }
        : {
            latencySeconds: outside.latencySeconds,
            seconds: outside.seconds - outside.latencySeconds,
            links: [from.link, to.link + 1],
            weights: [from.multiplicity, to.multiplicity],
            rate: outside.networkRate
          }
    cache.set(key, hop)
    return hop
  }
}
