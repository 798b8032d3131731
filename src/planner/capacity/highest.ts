/**
 * The kind of replica, or the two pools, that serve the highest load on so many accelerators.
 *
 * As many replicas as the accelerators make, of every kind; the load of each by bisection. Kinds whose bound is below what was found are
 * left out; any other is simulated just above the best so far, where every load above fails if that one does, and is bisected only
 * if it does not. Of fleets whose prompts and answers are apart every division of the accelerators between two kinds is one to choose
 * from (`divisions.ts`), judged in the same way.
 */
import type { ResolveOptions } from "../../scenario/index.ts"
import { highestLoad, resolution, type HighestLoad } from "./bisect.ts"
import { divisionsOf, type Division } from "./divisions.ts"
import { isWithin } from "./fleet.ts"
import { runsOf } from "./runs.ts"
import { isApart, isTogether, rated, type PrunedKind, type RatedKind } from "./space.ts"
import { together } from "./sizing.ts"
import type { CapacityRequest, CapacitySearch, FleetRequest } from "./types.ts"

export interface LoadedFleet {
  readonly rated: RatedKind
  readonly replicas: number
  readonly found: HighestLoad
  /** The pool that computes prompts, where it is apart; `rated` and `replicas` are then of the pool that writes answers. */
  readonly prefill?: { readonly rated: RatedKind; readonly replicas: number }
}

/** Fleets that are apart: pairs of kinds, and what became of their divisions. */
export interface DivisionCounts {
  readonly pairs: number
  readonly impossible: number
  readonly divisions: number
  readonly byBound: number
  readonly bySimulation: number
}

export interface HighestPlan {
  readonly layouts: number
  readonly pruned: readonly PrunedKind[]
  /** The highest load first. */
  readonly fleets: readonly LoadedFleet[]
  /** Kinds that cannot serve more by their bounds, and that were simulated just above the best. */
  readonly byBound: number
  readonly bySimulation: number
  /** Absent: none that is apart was looked for. */
  readonly apart?: DivisionCounts
  readonly simulations: number
}

/** Kinds whose load is found whatever the best is: the table's rows, and the first of every system. */
const rowsShown = 5

const bound = ({ bounds, most }: RatedKind): number => bounds.mostPerSecond * most
const estimate = ({ bounds, most }: RatedKind): number => bounds.modelledPerSecond * most

/**
 * Where a bisection begins. An estimate of nothing (no batch is within the goal by its margin) says only that the load is lower than
 * the bound.
 */
const beginning = (about: number, most: number): number =>
  about > 0 ? Math.max(1e-6, about) : Number.isFinite(most) && most > 0 ? most : 1

/** @param request  its rate does not matter; `available` accelerators of each system are what there is */
export function* searchHighest(request: CapacityRequest, options: ResolveOptions = {}): CapacitySearch<HighestPlan> {
  const quiet = { ...request, rate: 1e-6 }
  const none = { rated: [], pruned: [] }
  const { rated: survivors, pruned } = isTogether(request.space) ? rated(quiet, options) : none
  const ranked = survivors.toSorted((one, other) => estimate(other) - estimate(one))
  const firsts = new Set(ranked.slice(0, rowsShown))
  for (const one of ranked)
    if (![...firsts].some(({ candidate }) => candidate.system === one.candidate.system)) firsts.add(one)
  const { scenario, requests, seed, goals, traceRate } = request
  const fleetOf = ({ candidate, most }: RatedKind): Omit<FleetRequest, "rate"> => ({
    ...{ scenario, candidate, replicas: most, requests, seed },
    ...(traceRate === undefined ? {} : { traceRate })
  })
  const found = yield* together(
    [...firsts].map((one) => highestLoad(fleetOf(one), goals, beginning(estimate(one), bound(one))))
  )
  const fleets: LoadedFleet[] = [...firsts].map((one, index) => ({
    rated: one,
    replicas: one.most,
    found: found[index]!
  }))
  let [byBound, bySimulation] = [0, 0]
  let simulations = found.reduce((sum, one) => sum + one.simulations, 0)
  for (const one of ranked) {
    if (firsts.has(one)) continue
    const best = fleets.reduce((most, fleet) => Math.max(most, fleet.found.rate), 0)
    if (bound(one) <= best) {
      byBound++
      continue
    }
    const rate = Math.max(1e-6, best * (1 + resolution))
    const [outcome] = yield [{ ...fleetOf(one), rate }]
    simulations++
    if (outcome === undefined || !isWithin(outcome, goals)) {
      bySimulation++
      continue
    }
    const own = yield* highestLoad(fleetOf(one), goals, Math.max(rate, estimate(one)))
    simulations += own.simulations
    fleets.push({ rated: one, replicas: one.most, found: own })
  }
  const apart = isApart(request.space) ? yield* searchDivisions(quiet, options, fleets) : undefined
  return {
    layouts: survivors.length + pruned.length,
    pruned: [...pruned, ...(apart?.pruned ?? [])],
    fleets: fleets.toSorted((one, other) => other.found.rate - one.found.rate),
    byBound,
    bySimulation,
    ...(apart === undefined ? {} : { apart: apart.counts }),
    simulations: simulations + (apart?.simulations ?? 0)
  }
}

/** Pairs whose load is found whatever the best is, each in its most promising division. */
const pairsShown = 2
/** Divisions that are tried side by side: two threads' worth, as in the search for the cheapest. */
const batchSize = 4

interface DivisionsFound {
  readonly counts: DivisionCounts
  readonly pruned: readonly PrunedKind[]
  readonly simulations: number
}

/** @param fleets  what was found so far, to which it adds */
function* searchDivisions(
  request: CapacityRequest,
  options: ResolveOptions,
  fleets: LoadedFleet[]
): CapacitySearch<DivisionsFound> {
  const { divisions, pruned, pairs, impossible } = divisionsOf(request, options)
  const run = runsOf(request)
  const fleetOf = ({ pair, size }: Division): Omit<FleetRequest, "rate"> => run.apart(pair, size)
  let simulations = 0
  function* settle(some: readonly Division[], above: number): CapacitySearch<void> {
    const found = yield* together(
      some.map((one) => highestLoad(fleetOf(one), request.goals, Math.max(above, beginning(one.estimate, one.bound))))
    )
    some.forEach(({ pair, size }, index) => {
      const own = found[index]!
      simulations += own.simulations
      fleets.push({
        rated: pair.decode,
        replicas: size.decode,
        prefill: { rated: pair.prefill, replicas: size.prefill },
        found: own
      })
    })
  }
  const firsts = divisions
    .filter(({ pair }, place) => divisions.findIndex((one) => one.pair === pair) === place)
    .slice(0, pairsShown)
  yield* settle(firsts, 0)
  let [byBound, bySimulation] = [0, 0]
  const others = divisions.filter((one) => !firsts.includes(one))
  while (others.length > 0) {
    const best = fleets.reduce((most, { found }) => Math.max(most, found.rate), 0)
    const batch: Division[] = []
    while (batch.length < batchSize && others.length > 0) {
      const one = others.shift()!
      if (one.bound <= best) byBound++
      else batch.push(one)
    }
    if (batch.length === 0) break
    const rate = Math.max(1e-6, best * (1 + resolution))
    const outcomes = yield batch.map((one) => ({ ...fleetOf(one), rate }))
    simulations += batch.length
    const better = batch.filter((_, index) => isWithin(outcomes[index]!, request.goals))
    bySimulation += batch.length - better.length
    yield* settle(better, rate)
  }
  return {
    counts: { pairs, impossible, divisions: divisions.length, byBound, bySimulation },
    pruned,
    simulations
  }
}
