/**
 * The best layouts of a space, exactly, by simulating few of them.
 *
 * Best first: the layout with the least bound comes next. Where its bound is only the roofline, the bound from compiled
 * passes takes its place; where it is that already, the layout is simulated. What is left once no bound is below what
 * was found cannot be better, because no bound is above what the simulation would say. The bounds only order, and
 * leave out; every figure of an answer is simulated.
 */
import {
  isImpossible,
  simulateTraining,
  type ImpossibleLayout,
  type TrainingResult,
  type WholeRun
} from "../../training/index.ts"
import { jobOf, type Candidate } from "./candidate.ts"
import { findingOf } from "./feasible.ts"
import { makeHeap } from "./heap.ts"
import type { Machines } from "./machines.ts"
import { memoryBound } from "./memory-bound.ts"
import {
  brokenBy,
  brokenByBound,
  limits,
  needsRun,
  simulatedLeast,
  type Constraints,
  type Least,
  type Limit,
  type Quantity
} from "./objective.ts"
import { layoutsOf, type PlanSpace } from "./space.ts"
import { rooflineBound, tableBound } from "./time-bound.ts"
import type { Finding } from "../../scenario/index.ts"

export interface Planned {
  readonly candidate: Candidate
  readonly machines: Machines
  readonly result: TrainingResult
  /** Where the objective or a constraint depends on it, and the scenario tells of one. */
  readonly whole: WholeRun | null
  /** Of the objective; smaller is better. */
  readonly value: number
  /** The bounds that it was found by. */
  readonly least: Least
}

export interface Counts {
  /** Combinations of sizes that multiply out to the accelerators. */
  readonly layouts: number
  /** Of these, sizes that do not divide what they must, or a schedule that refuses. */
  readonly impossible: number
  /** Bound to break a constraint; memory means bound not to fit. */
  readonly pruned: Readonly<Record<Limit, number>>
  /** That cannot be better than what was found, by the roofline, and by the bound from compiled passes. */
  readonly roofline: number
  readonly tables: number
  readonly simulated: number
  /** Simulated, and found to break a constraint, or refused by the simulator. */
  readonly broken: Readonly<Record<Limit, number>>
  readonly refused: number
  /** Tables of passes compiled. */
  readonly compiled: number
}

/** How far a search has come. */
export interface PlanProgress {
  /** Bounds of all layouts come first, then layouts are left out or simulated. */
  readonly phase: "bounds" | "search"
  readonly done: number
  readonly total: number
  /** The best so far, of the objective; null before one is simulated. */
  readonly best: Planned | null
}

export interface SearchRequest {
  readonly machines: readonly Machines[]
  readonly space: PlanSpace
  readonly objective: Quantity
  readonly constraints: Constraints
  /** Best layouts to find. */
  readonly top: number
  /** Whether the fastest layout of every machines is to be found as well. */
  readonly front: boolean
  /** That there are, for `onProgress`. */
  readonly layouts?: number
  readonly onProgress?: (progress: PlanProgress) => void
}

export interface Found {
  readonly best: readonly Planned[]
  /** The fastest layout of each machines that has one. */
  readonly fastest: readonly Planned[]
  readonly counts: Counts
  /** What was wrong with impossible layouts, each field's first, with how many it was of. */
  readonly findings: readonly { readonly finding: Finding; readonly layouts: number }[]
}

interface Entry {
  readonly candidate: Candidate
  readonly least: Least
  readonly value: number
  readonly isCompiled: boolean
}

/** By value, then by time: fewest accelerators, and of those the fastest. */
const isBefore = (
  a: { readonly value: number; readonly seconds: number },
  b: { readonly value: number; readonly seconds: number }
): boolean => a.value < b.value || (a.value === b.value && a.seconds < b.seconds)

const zeros = (): Record<Limit, number> =>
  Object.fromEntries(limits.map((limit) => [limit, 0])) as Record<Limit, number>

const isRefused = (whole: WholeRun | ImpossibleLayout): whole is ImpossibleLayout => "_tag" in whole

export const search = (request: SearchRequest): Found => {
  const { machines, space, objective, constraints, top, layouts = 0, onProgress } = request
  const counts = { layouts: 0, impossible: 0, roofline: 0, tables: 0, simulated: 0, refused: 0 }
  const pruned = zeros()
  const broken = zeros()
  const findings = new Map<string, { readonly finding: Finding; layouts: number }>()
  const heap = makeHeap<Entry>((a, b) =>
    isBefore({ value: a.value, seconds: a.least.seconds }, { value: b.value, seconds: b.least.seconds })
  )
  const note = (finding: Finding): void => {
    const key = finding.path.join(".")
    const known = findings.get(key)
    if (known === undefined) findings.set(key, { finding, layouts: 1 })
    else known.layouts++
  }
  const enter = (candidate: Candidate, own: Machines, least: Least, isCompiled: boolean): void => {
    const limit = brokenByBound(constraints, least, own)
    if (limit === undefined) heap.push({ candidate, least, value: objective.least(least, own), isCompiled })
    else pruned[limit]++
  }
  const best: Planned[] = []
  const tell = (phase: PlanProgress["phase"], done: number): void =>
    onProgress?.({ phase, done, total: layouts, best: best[0] ?? null })
  const settled = (): number =>
    counts.impossible +
    limits.reduce((sum, limit) => sum + pruned[limit], counts.roofline + counts.tables + counts.simulated)
  for (const own of machines) {
    for (const candidate of layoutsOf(space, own.space)) {
      counts.layouts++
      tell("bounds", counts.layouts)
      const finding = findingOf(candidate, own.feasibility)
      if (finding !== undefined) {
        counts.impossible++
        note(finding)
        continue
      }
      const job = jobOf(own.base, own.fixed, candidate)
      const seconds = rooflineBound(job, candidate, own.library, own.layerSeconds)
      const peakBytes = memoryBound(job, candidate, own.library)
      enter(candidate, own, { seconds, products: 0, memory: 0, peakBytes }, false)
    }
  }

  const fastest = new Map<Machines, Planned>()
  const secondsOf = ({ value, result }: Planned) => ({ value, seconds: result.iterationSeconds })
  /** Whether a layout of these bounds may still be among the answers. */
  const isOpen = ({ value, least }: Entry, own: Machines): boolean => {
    const last = best[top - 1]
    if (last === undefined || isBefore({ value, seconds: least.seconds }, secondsOf(last))) return true
    return request.front && least.seconds < (fastest.get(own)?.result.iterationSeconds ?? Number.POSITIVE_INFINITY)
  }
  const keep = (planned: Planned): void => {
    const at = best.findIndex((other) => isBefore(secondsOf(planned), secondsOf(other)))
    if (at >= 0) best.splice(at, 0, planned)
    else best.push(planned)
    if (best.length > top) best.pop()
    const first = fastest.get(planned.machines)
    if (first === undefined || planned.result.iterationSeconds < first.result.iterationSeconds)
      fastest.set(planned.machines, planned)
  }
  const isWhole = needsRun(objective, constraints)
  const refuse = ({ path, given, expected }: ImpossibleLayout): void => {
    counts.refused++
    note({ path: path.split("."), problem: `given ${given}`, given, expected })
  }
  for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
    const { candidate, least } = entry
    const own = machines[candidate.machines]
    if (own === undefined) continue
    tell("search", settled())
    if (!isOpen(entry, own)) {
      if (entry.isCompiled) counts.tables++
      else counts.roofline++
      continue
    }
    const job = jobOf(own.base, own.fixed, candidate)
    const bound = entry.isCompiled ? null : tableBound(job, candidate, own.library)
    if (bound !== null) {
      enter(candidate, own, { ...least, ...bound, seconds: Math.max(bound.seconds, least.seconds) }, true)
      continue
    }
    counts.simulated++
    const result = simulateTraining(job)
    if (isImpossible(result)) {
      refuse(result)
      continue
    }
    const limit = brokenBy(constraints, result, own)
    if (limit !== undefined) {
      broken[limit]++
      continue
    }
    const value = objective.least(simulatedLeast(result), own)
    // Whole runs of iterations that alone are too slow are not played.
    if (isWhole && own.wholeRun !== null && !isOpen({ ...entry, value, least: simulatedLeast(result) }, own)) continue
    const whole = isWhole ? own.wholeRun?.(candidate, result) : undefined
    if (whole !== undefined && isRefused(whole)) {
      refuse(whole)
      continue
    }
    const limitOfRun = whole === undefined ? undefined : brokenBy(constraints, result, own, whole)
    if (limitOfRun !== undefined) broken[limitOfRun]++
    else
      keep({ candidate, machines: own, result, whole: whole ?? null, value: objective.of(result, own, whole), least })
  }
  return {
    best,
    fastest: machines.flatMap((own) => fastest.get(own) ?? []),
    counts: {
      ...counts,
      pruned,
      broken,
      compiled: machines.reduce((sum, { library }) => sum + library.compiled(), 0)
    },
    findings: [...findings.values()].toSorted((a, b) => b.layouts - a.layouts)
  }
}
