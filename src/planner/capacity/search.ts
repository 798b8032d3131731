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
 * 5. Fleets whose prompts and answers are apart are searched for themselves (`apart.ts`), so that both ways can be compared.
 * 6. The best has to hold with other seeds too; if it does not, it grows, and the next best may come first.
 */
import type { ResolveOptions } from "../../scenario/index.ts"
import { confirmBest } from "./confirm.ts"
import { isWithin } from "./fleet.ts"
import { searchPairs } from "./pair-search.ts"
import type { BeatenKind, CapacityPlan, SizedFleet, TriedFleet } from "./plan-types.ts"
import { runsOf, type Runs } from "./runs.ts"
import { byValue, dominatedFrom, leastOf, smallest, together, type Smallest } from "./sizing.ts"
import { isApart, isTogether, rated, type RatedKind } from "./space.ts"
import type { CapacityRequest, FleetOutcome, CapacitySearch } from "./types.ts"

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
    asked.forEach(({ candidate, replicas, prefill, seed }, index) => {
      if (seed === request.seed && candidate !== null)
        tried.push({
          candidate,
          replicas,
          outcome: outcomes[index]!,
          ...(prefill === undefined ? {} : { prefill })
        })
    })
    step = inner.next(outcomes)
  }
  return { ...step.value, tried, simulations }
}

function* searched(
  request: CapacityRequest,
  options: ResolveOptions
): CapacitySearch<Omit<CapacityPlan, "tried" | "simulations">> {
  const none = { rated: [], pruned: [], nearest: { token: Infinity, first: Infinity } }
  const { rated: survivors, pruned, nearest } = isTogether(request.space) ? rated(request, options) : none
  const ranked = survivors.toSorted(
    (one, other) =>
      one.about * one.worth - other.about * other.worth || one.least * one.worth - other.least * other.worth
  )
  const run = runsOf(request)
  // Of kinds that differ in nothing but their batches, one.
  const layouts = firstBy(ranked, ({ candidate: { system, tensor, pipeline, precision, expert, dataAttention } }) =>
    [system, tensor, pipeline, precision, expert, dataAttention].join(" ")
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
  const capOf = (one: Pick<RatedKind, "bounds">): number =>
    request.wantsFront === true ? dominatedFrom(sized, one.bounds.answerSeconds) : (leastOf(sized)?.value ?? Infinity)
  while (others.length > 0) {
    // Two threads' worth at a time: what the first shows spares the next.
    const batch: { readonly one: RatedKind; readonly most: number }[] = []
    while (batch.length < 4 && others.length > 0) {
      const one = others.shift()!
      const most = Math.min(one.most, Math.ceil(capOf(one) / one.worth - 1e-9) - 1)
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
          isHopeless: most === one.most
        })
    })
    const smaller = yield* together(
      better.map(({ one, most }) => smallest(run, one, one.least, most, Math.min(most, one.about)))
    )
    better.forEach(({ one }, index) => settle(one, smaller[index]!))
  }
  yield* betterOfSystems(run, sized, beaten, settle)
  const count = survivors.length + pruned.length
  if (!isApart(request.space)) {
    yield* confirmBest(run, request, sized)
    sized.sort(byValue)
    return { layouts: count, pruned, nearest, sized, beaten }
  }
  const apart = yield* searchPairs(run, request, options)
  sized.push(...apart.sized)
  yield* confirmBest(run, request, sized)
  sized.sort(byValue)
  return {
    layouts: count,
    pruned: [...pruned, ...apart.pruned],
    nearest: {
      token: Math.min(nearest.token, apart.nearest.token),
      first: Math.min(nearest.first, apart.nearest.first)
    },
    sized,
    beaten,
    apart: apart.found
  }
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
