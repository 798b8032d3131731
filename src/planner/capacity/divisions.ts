/**
 * Ways to divide given machines between a pool for prompts and one for answers: of every pair of kinds as many replicas of the one
 * as of the other leave room for, leaving out what is no more of either than another way.
 */
import type { ResolveOptions } from "../../scenario/index.ts"
import { ratedPairs, type RatedPair } from "./apart.ts"
import type { PairSize } from "./runs.ts"
import { sideSpace, type PrunedKind } from "./space.ts"
import type { CapacityRequest, CapacitySpace } from "./types.ts"

export interface Division {
  readonly pair: RatedPair
  readonly size: PairSize
  /** Requests a second that it serves at most, and about. */
  readonly bound: number
  readonly estimate: number
}

export interface Divisions {
  readonly divisions: readonly Division[]
  readonly pruned: readonly PrunedKind[]
  /** Pairs that there are, and those of which one cannot do, for which there are no machines, or that take two systems. */
  readonly pairs: number
  readonly impossible: number
}

/**
 * Pools on two systems take the machines of both, and so more than any other fleet: they are pairs only where the pools are said
 * to choose from other systems.
 */
const mixesSystems = (space: CapacitySpace): boolean =>
  JSON.stringify(sideSpace(space, "prefill").systems) !== JSON.stringify(sideSpace(space, "decode").systems)

/** Sizes of a pair of which none has as many of both as another. */
export const largestSizes = ({ lattice }: Pick<RatedPair, "lattice">): readonly PairSize[] => {
  const { least, most, mostDecode } = lattice
  const sizes: PairSize[] = []
  for (let prefill = least.prefill; prefill <= most.prefill; prefill++) {
    const decode = mostDecode(prefill)
    if (decode < least.decode) break
    const isLargest = prefill === most.prefill || mostDecode(prefill + 1) < decode
    if (isLargest) sizes.push({ prefill, decode })
  }
  return sizes
}

export const divisionsOf = (request: CapacityRequest, options: ResolveOptions): Divisions => {
  const { pairs, pruned, count } = ratedPairs(request, options)
  const isMixed = mixesSystems(request.space)
  const possible = pairs.filter(
    ({ prefill, decode }) => isMixed || prefill.candidate.system === decode.candidate.system
  )
  const divisions = possible.flatMap((pair) =>
    largestSizes(pair).map((size): Division => {
      const least = (of: "mostPerSecond" | "modelledPerSecond"): number =>
        Math.min(size.prefill * pair.prefill.bounds[of], size.decode * pair.decode.bounds[of])
      return { pair, size, bound: least("mostPerSecond"), estimate: least("modelledPerSecond") }
    })
  )
  return {
    divisions: divisions.toSorted((one, other) => other.estimate - one.estimate || other.bound - one.bound),
    pruned,
    pairs: count,
    impossible: count - possible.length
  }
}
