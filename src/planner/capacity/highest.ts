/**
 * The kind of replica that serves the highest load on so many accelerators.
 *
 * As many replicas as the accelerators make, of every kind; the load of each by bisection. Kinds whose bound is below what was found are
 * left out; any other is simulated just above the best so far, where every load above fails if that one does, and is bisected only
 * if it does not.
 */
import type { ResolveOptions } from "../../scenario/index.ts"
import { highestLoad, resolution, type HighestLoad } from "./bisect.ts"
import { isWithin } from "./fleet.ts"
import { rated, type PrunedKind, type RatedKind } from "./space.ts"
import { together } from "./sizing.ts"
import type { CapacityRequest, CapacitySearch, FleetRequest } from "./types.ts"

export interface LoadedFleet {
  readonly rated: RatedKind
  readonly replicas: number
  readonly found: HighestLoad
}

export interface HighestPlan {
  readonly layouts: number
  readonly pruned: readonly PrunedKind[]
  /** The highest load first. */
  readonly fleets: readonly LoadedFleet[]
  /** Kinds that cannot serve more by their bounds, and that were simulated just above the best. */
  readonly byBound: number
  readonly bySimulation: number
  readonly simulations: number
}

/** Kinds whose load is found whatever the best is: the table's rows, and the first of every system. */
const rowsShown = 5

const bound = ({ bounds, most }: RatedKind): number => bounds.mostPerSecond * most
const estimate = ({ bounds, most }: RatedKind): number => bounds.modelledPerSecond * most

/** @param request  its rate does not matter; `available` accelerators of each system are what there is */
export function* searchHighest(request: CapacityRequest, options: ResolveOptions = {}): CapacitySearch<HighestPlan> {
  const { rated: survivors, pruned } = rated({ ...request, rate: 1e-6 }, options)
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
    [...firsts].map((one) => highestLoad(fleetOf(one), goals, Math.max(1e-6, estimate(one))))
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
  return {
    layouts: survivors.length + pruned.length,
    pruned,
    fleets: fleets.toSorted((one, other) => other.found.rate - one.found.rate),
    byBound,
    bySimulation,
    simulations
  }
}
