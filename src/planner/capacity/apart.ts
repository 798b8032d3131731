/**
 * Fleets whose prompts and answers are apart: which kind of replica for each, and how many of both.
 *
 * Every kind of prefill replica is paired with every kind of decode replica. A pool alone has bounds (`bounds.ts`): tokens of
 * prompts a second, tokens of answers a second within the goal of a token. So a pair costs at least the sum of what its pools
 * need by their bounds, whatever the hand-over costs on top; if that is no less than the best fleet that is apart, the pair is
 * beaten unseen. The others are simulated as fleets, keys and values moving over the network, in the order of their estimates:
 * the first two whatever they cost, the others only in sizes that would be better.
 */
import type { ResolveOptions } from "../../scenario/index.ts"
import { find, isUnknownName } from "../../catalog/index.ts"
import { isWithin } from "./fleet.ts"
import { missOf, type LatencyGoal } from "./goals.ts"
import { mostTelling, openRows, valueOf, type Lattice, type OpenRow } from "./pair-lattice.ts"
import { acceleratorsOf } from "./pools.ts"
import type { PairSize, Runs } from "./runs.ts"
import { rated, type NearestSeconds, type PrunedKind, type RatedKind } from "./space.ts"
import type { CapacityRequest, CapacitySearch, FleetOutcome, FleetPoint, PoolSide } from "./types.ts"

/** A pair of kinds that may do. */
export interface RatedPair {
  readonly prefill: RatedKind
  readonly decode: RatedKind
  readonly lattice: Lattice
  /** Of the objective: what it costs at least, and about. */
  readonly bound: number
  readonly about: number
  /** Seconds that half of its answers take at least. */
  readonly answerSeconds: number
}

export interface RatedPairs {
  readonly pairs: readonly RatedPair[]
  readonly pruned: readonly PrunedKind[]
  readonly nearest: NearestSeconds
  /** All that there are, those with a side that was pruned included. */
  readonly count: number
}

/** Every pair with both sides possible, the most promising first. */
export const ratedPairs = (request: CapacityRequest, options: ResolveOptions = {}): RatedPairs => {
  const prefills = rated(request, options, "prefill")
  const decodes = rated(request, options, "decode")
  const pairs = prefills.rated.flatMap((prefill) =>
    decodes.rated.flatMap((decode) => pairOf(request, prefill, decode) ?? [])
  )
  return {
    pairs: pairs.toSorted((one, other) => one.about - other.about || one.bound - other.bound),
    pruned: [...prefills.pruned, ...decodes.pruned],
    nearest: { token: decodes.nearest.token, first: prefills.nearest.first },
    count: (prefills.rated.length + prefills.pruned.length) * (decodes.rated.length + decodes.pruned.length)
  }
}

type Sides = Readonly<Record<PoolSide, RatedKind>>

/** Replicas for answers that there can be beside so many for prompts: they may share machines. */
const mostBeside = (request: CapacityRequest, { prefill, decode }: Sides): ((prefills: number) => number) => {
  const { system } = decode.candidate
  if (prefill.candidate.system !== system) return () => decode.most
  const there = machinesOf(request, system)
  const sizes = { prefill: acceleratorsOf(prefill.candidate), decode: acceleratorsOf(decode.candidate) }
  return (prefills) => Math.min(decode.most, Math.floor((there - prefills * sizes.prefill) / sizes.decode))
}

/** Whether there are machines for so many replicas of both. */
export const isThere = (request: CapacityRequest, sides: Sides, { prefill, decode }: PairSize): boolean =>
  prefill <= sides.prefill.most && decode <= mostBeside(request, sides)(prefill)

/** Undefined where the machines do not hold the fewest replicas of both. */
const pairOf = (request: CapacityRequest, prefill: RatedKind, decode: RatedKind): RatedPair | undefined => {
  const least = { prefill: prefill.least, decode: decode.least }
  const about = { prefill: prefill.about, decode: decode.about }
  const worth = { prefill: prefill.worth, decode: decode.worth }
  const mostDecode = mostBeside(request, { prefill, decode })
  if (mostDecode(least.prefill) < least.decode) return undefined
  const lattice: Lattice = { least, about, worth, mostDecode, most: { prefill: prefill.most, decode: decode.most } }
  return {
    prefill,
    decode,
    lattice,
    bound: valueOf(lattice, least),
    about: valueOf(lattice, about),
    answerSeconds: decode.bounds.answerSeconds
  }
}

const machinesOf = ({ available }: CapacityRequest, name: string): number => {
  const system = find("systems", name)
  return isUnknownName(system) || system.nodes === null
    ? available
    : Math.min(available, system.nodes * system.acceleratorsPerNode)
}

/** The cheapest size of a pair. */
export interface SizedPair {
  readonly size: PairSize
  readonly point: FleetPoint
}

export interface SettledPair {
  readonly sized: SizedPair | null
  /** The dearest size that failed, and how. */
  readonly below: { readonly size: PairSize; readonly outcome: FleetOutcome } | null
  /** It was never simulated: its bound alone is no better than the best. */
  readonly isByBound: boolean
}

/**
 * The cheapest size of a pair that costs less than `cap` says, which may fall while the search goes on.
 *
 * Sizes grow from the estimate, the pool that is too slow first, until one does; then whatever might be cheaper is settled.
 *
 * @param onSized  is told of every size that does, when it is found
 */
export function* cheapestSize(
  run: Runs,
  pair: RatedPair,
  cap: () => number,
  onSized: (found: { readonly value: number; readonly point: FleetPoint }) => void
): CapacitySearch<SettledPair> {
  const { lattice } = pair
  const failed: PairSize[] = []
  let sized: SizedPair | null = null
  let below: SettledPair["below"] = null
  let next: PairSize | undefined = clamped(lattice, lattice.about)
  // What each pool will about take, as far as the fleets that were simulated tell.
  let about = next
  for (let tried = 0; ; tried++) {
    const limit = Math.min(cap(), sized === null ? Infinity : valueOf(lattice, sized.size))
    const isGrowing: boolean = sized === null && limit === Infinity && next !== undefined
    const rows: readonly OpenRow[] = isGrowing ? [] : openRows(lattice, failed, limit)
    const size: PairSize | undefined = isGrowing ? next : mostTelling({ ...lattice, about }, rows)
    if (size === undefined) return { sized, below, isByBound: tried === 0 }
    const [outcome]: readonly (FleetOutcome | undefined)[] = yield [run.apart(pair, size)]
    if (outcome === undefined) return { sized, below, isByBound: false }
    if (outcome.kind === "served" && isWithin(outcome, run.goals)) {
      sized = { size, point: outcome }
      about = { prefill: Math.min(about.prefill, size.prefill), decode: Math.min(about.decode, size.decode) }
      onSized({ value: valueOf(lattice, size), point: outcome })
    } else {
      failed.push(size)
      if (below === null || valueOf(lattice, size) >= valueOf(lattice, below.size)) below = { size, outcome }
      // What cannot be simulated at all is so at any size.
      if (outcome.kind === "none") return { sized: null, below, isByBound: false }
      const { prompts, answers } = slowSides(outcome, run.goals)
      about = {
        prefill: prompts ? Math.max(about.prefill, size.prefill + 1) : about.prefill,
        decode: answers ? Math.max(about.decode, size.decode + 1) : about.decode
      }
      next = grown(lattice, size, { prompts, answers })
    }
  }
}

const clamped = ({ least, most, mostDecode }: Lattice, { prefill, decode }: PairSize): PairSize => {
  // Not so many for prompts that none are left for answers.
  let prefills = Math.min(most.prefill, Math.max(least.prefill, prefill))
  while (prefills > least.prefill && mostDecode(prefills) < least.decode) prefills--
  return { prefill: prefills, decode: Math.min(mostDecode(prefills), Math.max(least.decode, decode)) }
}

/** More of the pool that is too slow, by an eighth and at least by one; undefined where there is no more. */
const grown = (lattice: Lattice, size: PairSize, { prompts, answers }: SlowSides): PairSize | undefined => {
  const more = (count: number, isSlow: boolean): number => count + (isSlow ? Math.max(1, Math.floor(count / 8)) : 0)
  const larger = clamped(lattice, { prefill: more(size.prefill, prompts), decode: more(size.decode, answers) })
  return larger.prefill > size.prefill || larger.decode > size.decode ? larger : undefined
}

interface SlowSides {
  readonly prompts: boolean
  readonly answers: boolean
}

/** Which pool a failure speaks against: late first tokens against the one, late tokens against the other, else both. */
export const slowSides = ({ latencies }: FleetPoint, goals: readonly LatencyGoal[]): SlowSides => {
  const isMissed = (metric: LatencyGoal["metric"]): boolean =>
    goals.some((goal) => goal.metric === metric && missOf(goal, latencies) > 1)
  const [first, token] = [isMissed("ttft"), isMissed("tpot")]
  return first || token ? { prompts: first, answers: token } : { prompts: true, answers: true }
}
