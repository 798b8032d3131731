/**
 * The search for the fleet that serves a load within its goals for least.
 *
 * 1. ReplicaBounds that cannot be wrong take out what can never do (`space.ts`).
 * 2. The rest is ranked by modelled capacity. The first, and the first of every system, are searched for their smallest fleet:
 *    bisection on the number of replicas, each number simulated.
 * 3. Every other one is tried with the largest fleet that would still be better than the best so far. If that fails, no
 *    smaller one can do (more replicas never serve the same requests worse), and it is beaten; if not, its smallest fleet is
 *    searched and is the new best. One whose bound says that it needs as much as the best is not simulated at all.
 * 4. So that machines can be compared, the most promising other kinds of every other system are tried against the best of
 *    their own system in the same way, and the sheet has the better one.
 * 5. The best has to hold with other seeds too; if it does not, it grows, and the next best may come first.
 */
import type { ResolveOptions } from "../../scenario/index.ts"
import { isWithin } from "./fleet.ts"
import { runsOf, type Runs } from "./runs.ts"
import { rated, type NearestSeconds, type PrunedKind, type RatedKind } from "./space.ts"
import type { ReplicaKind, CapacityRequest, FleetPoint, FleetOutcome, CapacitySearch } from "./types.ts"

/** A kind of replica with its smallest fleet. */
export interface SizedFleet {
  readonly rated: RatedKind
  readonly replicas: number
  /** Of the objective. */
  readonly value: number
  readonly point: FleetPoint
  /** The goals held with every seed that was tried, so many. */
  readonly seeds: number
  /** With one replica less: what went wrong; null where there is none less. */
  readonly below: FleetOutcome | null
}

/** A kind of replica that cannot beat the best. */
export interface BeatenKind {
  readonly rated: RatedKind
  /** Simulated with so many replicas, the most that would have beaten the best (of its system); null = by its bound alone. */
  readonly tried: { readonly replicas: number; readonly outcome: FleetOutcome } | null
  /** The goals cannot be met with any number of replicas that there are. */
  readonly isHopeless: boolean
}

/** A fleet that was simulated. */
export interface TriedFleet {
  readonly candidate: ReplicaKind
  readonly replicas: number
  readonly outcome: FleetOutcome
}

export interface CapacityPlan {
  readonly layouts: number
  readonly pruned: readonly PrunedKind[]
  readonly nearest: NearestSeconds
  /** Cheapest first. */
  readonly sized: readonly SizedFleet[]
  readonly beaten: readonly BeatenKind[]
  /** Every fleet that was simulated with the request's seed. */
  readonly tried: readonly TriedFleet[]
  /** Simulations that were made. */
  readonly simulations: number
}

/** Most kinds that are searched for their smallest fleet whatever the best is: the table's rows. */
const rowsShown = 5

/** @param options  what may be read; a recorded workload lies in a file */
export function* searchCapacity(request: CapacityRequest, options: ResolveOptions = {}): CapacitySearch<CapacityPlan> {
  const inner = searched(request, options)
  const tried: TriedFleet[] = []
  let simulations = 0
  let step = inner.next()
  while (step.done !== true) {
    const asked = step.value
    const outcomes = yield asked
    simulations += asked.length
    asked.forEach(({ candidate, replicas, seed }, index) => {
      if (seed === request.seed && candidate !== null) tried.push({ candidate, replicas, outcome: outcomes[index]! })
    })
    step = inner.next(outcomes)
  }
  return { ...step.value, tried, simulations }
}

function* searched(
  request: CapacityRequest,
  options: ResolveOptions
): CapacitySearch<Omit<CapacityPlan, "tried" | "simulations">> {
  const { rated: survivors, pruned, nearest } = rated(request, options)
  const ranked = survivors.toSorted(
    (one, other) =>
      one.about * one.worth - other.about * other.worth || one.least * one.worth - other.least * other.worth
  )
  const run = runsOf(request)
  // Of kinds that differ in nothing but their batches, one.
  const layouts = firstBy(ranked, ({ candidate: { system, tensor, pipeline, precision } }) =>
    [system, tensor, pipeline, precision].join(" ")
  )
  const shown = new Set([...layouts.slice(0, rowsShown), ...firstBy(ranked, ({ candidate }) => candidate.system)])
  const sized: SizedFleet[] = []
  const beaten: BeatenKind[] = []
  const settle = (one: RatedKind, found: Smallest): void => {
    if (found.point === null)
      beaten.push({
        rated: one,
        tried: found.below === null ? null : { replicas: one.most, outcome: found.below },
        isHopeless: true
      })
    else
      sized.push({
        rated: one,
        replicas: found.replicas,
        value: found.replicas * one.worth,
        point: found.point,
        seeds: 1,
        below: found.below
      })
  }
  const firsts = [...shown]
  const found = yield* together(firsts.map((one) => smallest(run, one, one.least, one.most, one.about)))
  firsts.forEach((one, index) => settle(one, found[index]!))

  const others = ranked
    .filter((one) => !shown.has(one))
    .toSorted((one, other) => one.about * one.worth - other.about * other.worth)
  while (others.length > 0) {
    const best = leastOf(sized)
    // Two threads' worth at a time: what the first shows spares the next.
    const batch: { readonly one: RatedKind; readonly most: number }[] = []
    while (batch.length < 4 && others.length > 0) {
      const one = others.shift()!
      const most = Math.min(one.most, best === undefined ? one.most : Math.ceil(best.value / one.worth - 1e-9) - 1)
      if (most < one.least) beaten.push({ rated: one, tried: null, isHopeless: false })
      else batch.push({ one, most })
    }
    const outcomes = yield batch.map(({ one, most }) => run.at(one, most))
    const better: { readonly one: RatedKind; readonly most: number; readonly outcome: FleetOutcome }[] = []
    batch.forEach(({ one, most }, index) => {
      const outcome = outcomes[index]!
      if (isWithin(outcome, request.goals)) better.push({ one, most, outcome })
      else
        beaten.push({
          rated: one,
          tried: { replicas: most, outcome },
          isHopeless: best === undefined || most === one.most
        })
    })
    const smaller = yield* together(
      better.map(({ one, most }) => smallest(run, one, one.least, most, Math.min(most, one.about)))
    )
    better.forEach(({ one }, index) => settle(one, smaller[index]!))
  }
  yield* betterOfSystems(run, sized, beaten, settle)
  yield* confirmBest(run, request, sized)
  sized.sort(byValue)
  return { layouts: survivors.length + pruned.length, pruned, nearest, sized, beaten }
}

/** Kinds of a system that are tried against its best. */
const rivals = 6

/** Other systems than the best's, each with what it does best as far as the most promising of its kinds tell. */
function* betterOfSystems(
  run: Runs,
  sized: readonly SizedFleet[],
  beaten: BeatenKind[],
  settle: (one: RatedKind, found: Smallest) => void
): CapacitySearch<void> {
  const best = leastOf(sized)
  const asked = firstBy(sized.toSorted(byValue), ({ rated: { candidate } }) => candidate.system).flatMap((own) => {
    const { system } = own.rated.candidate
    if (best === undefined || system === best.rated.candidate.system) return []
    return beaten
      .filter(({ rated: one, tried }) => tried === null && one.candidate.system === system)
      .map(({ rated: one }) => ({ one, most: Math.min(one.most, Math.ceil(own.value / one.worth - 1e-9) - 1) }))
      .filter(({ one, most }) => most >= one.least)
      .toSorted((a, b) => a.one.about * a.one.worth - b.one.about * b.one.worth)
      .slice(0, rivals)
  })
  const outcomes = yield asked.map(({ one, most }) => run.at(one, most))
  const better = asked.filter((_, index) => isWithin(outcomes[index]!, run.goals))
  const found = yield* together(
    better.map(({ one, most }) => smallest(run, one, one.least, most, Math.min(most, one.about)))
  )
  asked.forEach(({ one, most }, index) => {
    const place = beaten.findIndex(({ rated: other }) => other === one)
    beaten[place] = { rated: one, tried: { replicas: most, outcome: outcomes[index]! }, isHopeless: false }
  })
  better.forEach(({ one }, index) => {
    beaten.splice(
      beaten.findIndex(({ rated: other }) => other === one),
      1
    )
    settle(one, found[index]!)
  })
}

/** The first of each key, in order. */
const firstBy = <T>(all: readonly T[], key: (one: T) => string): readonly T[] => {
  const first = new Map<string, T>()
  for (const one of all) if (!first.has(key(one))) first.set(key(one), one)
  return [...first.values()]
}

const byValue = (one: SizedFleet, other: SizedFleet): number =>
  one.value - other.value || one.point.latencies.e2e.p50 - other.point.latencies.e2e.p50

const leastOf = (sized: readonly SizedFleet[]): SizedFleet | undefined => sized.toSorted(byValue)[0]

interface Smallest {
  readonly replicas: number
  /** Null: not even the most replicas do. */
  readonly point: FleetPoint | null
  /** With one replica less, or with the most. */
  readonly below: FleetOutcome | null
}

/** The smallest fleet from `least` to `most` replicas that is within the goals: steps that double from `start`, then halves. */
export function* smallest(
  run: Runs,
  one: Pick<RatedKind, "candidate">,
  least: number,
  most: number,
  start: number
): CapacitySearch<Smallest> {
  let low = least - 1
  let high: { readonly replicas: number; readonly point: FleetPoint } | null = null
  let below: FleetOutcome | null = null
  let at = Math.min(most, Math.max(least, start))
  let step = 1
  for (;;) {
    const [outcome] = yield [run.at(one, at)]
    if (outcome !== undefined && outcome.kind === "served" && isWithin(outcome, run.goals))
      high = { replicas: at, point: outcome }
    else {
      low = at
      below = outcome ?? null
    }
    const top: number | undefined = high?.replicas
    if (top === undefined && low >= most) return { replicas: most, point: null, below }
    if (high !== null && high.replicas - low <= 1) return { ...high, below: low < least ? null : below }
    at =
      top === undefined
        ? Math.min(most, low + step)
        : low < least
          ? Math.max(least, top - step)
          : Math.floor((low + top) / 2)
    step *= 2
  }
}

/** Several searches side by side: a round has what all of them ask for. */
export function* together<T>(searches: readonly CapacitySearch<T>[]): CapacitySearch<readonly T[]> {
  const steps = searches.map((search) => search.next())
  for (;;) {
    const open = steps.flatMap((step, index) => (step.done === true ? [] : [{ index, asked: step.value }]))
    if (open.length === 0) return steps.map((step) => step.value as T)
    const outcomes = yield open.flatMap(({ asked }) => asked)
    let place = 0
    for (const { index, asked } of open) {
      steps[index] = searches[index]!.next(outcomes.slice(place, place + asked.length))
      place += asked.length
    }
  }
}

/** The best under other seeds, replica by replica more until it holds; again while another has become the best. */
function* confirmBest(
  run: Runs,
  { confirmations, seed, goals }: CapacityRequest,
  sized: SizedFleet[]
): CapacitySearch<void> {
  if (confirmations === 0) return
  const seeds = Array.from({ length: confirmations }, (_, index) => seed + 1 + index)
  for (let best = leastOf(sized); best !== undefined && best.seeds === 1; best = leastOf(sized)) {
    const place = sized.indexOf(best)
    const outcomes = yield seeds.map((one) => run.at(best.rated, best.replicas, one))
    const isGood = outcomes.every((outcome) => isWithin(outcome, goals))
    if (isGood) sized[place] = { ...best, seeds: 1 + confirmations }
    else if (best.replicas >= best.rated.most) sized.splice(place, 1)
    else {
      const replicas = best.replicas + 1
      const [own] = yield [run.at(best.rated, replicas)]
      const failed = outcomes.find((outcome) => !isWithin(outcome, goals)) ?? null
      sized[place] = {
        ...best,
        replicas,
        value: replicas * best.rated.worth,
        point: own?.kind === "served" ? own : best.point,
        below: failed
      }
    }
  }
}
