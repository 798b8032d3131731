/**
 * The way from one pipeline stage to the next: inside a scale-up domain, or over the network.
 */
import { planCollective, type CollectivePlan, type Fabric } from "../cluster/index.ts"
import type { Actor } from "./actors.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import { slowed } from "./groups.ts"
import { wholeWires } from "./irregular/types.ts"
import { fabricOfRank } from "./machines/groups.ts"

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

/** A send on an idle fabric, inside of a domain and between domains, planned once a fabric. */
const sendsOf = (
  bytes: number
): ((fabric: Fabric) => { readonly inside: CollectivePlan; readonly outside: CollectivePlan | null }) => {
  const known = new Map<Fabric, { readonly inside: CollectivePlan; readonly outside: CollectivePlan | null }>()
  return (fabric) => {
    const found = known.get(fabric)
    if (found !== undefined) return found
    const made = {
      inside: planCollective(fabric, "sendReceive", bytes, { ranks: 2, perDomain: 2, domains: 1 }),
      outside:
        fabric.network === null
          ? null
          : planCollective(fabric, "sendReceive", bytes, { ranks: 2, perDomain: 1, domains: 2 })
    }
    known.set(fabric, made)
    return made
  }
}

/** A send between two fabrics: at the slower card's rate, with the longer latency. */
const slower = (one: CollectivePlan | null, other: CollectivePlan | null): CollectivePlan | null => {
  if (one === null || other === null || one === other) return one
  const [slow, fast] = one.networkRate <= other.networkRate ? [one, other] : [other, one]
  const latencySeconds = Math.max(slow.latencySeconds, fast.latencySeconds)
  return { ...slow, latencySeconds, seconds: slow.seconds - slow.latencySeconds + latencySeconds }
}

/** The hop between any two actors, computed once a pair. */
export const hopTable = ({ job, compiled, cast }: ExecutionPlan): ((from: Actor, to: Actor) => Hop) => {
  const bytes = compiled.boundaryBytes
  const sends = sendsOf(bytes)
  const sharesOf = (from: Actor, to: Actor) =>
    cast.wires?.hop(from, to) ?? { isInside: from.domain === to.domain, shares: wholeWires }
  const cache = new Map<number, Hop>()
  return (from, to) => {
    const key = from.index * cast.actors.length + to.index
    const known = cache.get(key)
    if (known !== undefined) return known
    const { isInside, shares } = sharesOf(from, to)
    const core = cast.core?.hop(from, to)
    const fabric = fabricOfRank(job, from.rank)
    const inside = sends(fabric).inside
    const outside = slower(sends(fabric).outside, sends(fabricOfRank(job, cast.peer(from, to.stage).rank)).outside)
    const hop: Hop =
      isInside || outside === null
        ? {
            latencySeconds: inside.latencySeconds,
            seconds: slowed(inside, shares).seconds - inside.latencySeconds,
            links: null,
            weights: [],
            rate: 0
          }
        : {
            latencySeconds: outside.latencySeconds,
            seconds: slowed(outside, shares).seconds - outside.latencySeconds,
            links: [from.link, to.link + 1, ...(core?.links ?? [])],
            weights: [from.multiplicity, to.multiplicity, ...(core?.weights ?? [])],
            rate: slowed(outside, shares).networkRate
          }
    cache.set(key, hop)
    return hop
  }
}
