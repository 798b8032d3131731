/**
 * Best-first search for the smallest changes after which something runs: what is wrong says what may mend it, and the
 * nearest changes are looked at first.
 */
import type { Changes } from "./changes.ts"

export interface Search<Found> {
  readonly distanceOf: (changes: Changes) => number
  /** What may mend the sizes that are wrong after these changes; undefined where none is. */
  readonly mendings: (changes: Changes) => readonly Changes[] | undefined
  /** Simulates what looks sound: what came out, or what may mend it. */
  readonly verify: (changes: Changes) => Verified<Found>
  /** Of a simulation, in the unit of `budget`. */
  readonly effortOf: (changes: Changes) => number
  readonly limits: Limits
}

export type Verified<Found> =
  | { readonly found: Found }
  | {
      readonly mendings: readonly Changes[]
      /** Whether it was refused before anything was simulated. */
      readonly isRefused: boolean
    }

export interface Limits {
  readonly most: number
  /** Fields changed at once. */
  readonly fields: number
  /** Changes looked at; and simulated; and the effort of all simulations together. */
  readonly looks: number
  readonly simulations: number
  readonly effort: number
}

export interface FoundChanges<Found> {
  readonly changes: Changes
  readonly found: Found
}

const keyOf = (changes: Changes): string =>
  JSON.stringify(Object.entries(changes).toSorted(([one], [other]) => (one < other ? -1 : 1)))

/** Of the same fields no more than this many are told: their values are alike. */
const mostAlike = 2

/** The smallest changes that run, the nearest first. */
export const smallestChanges = <Found>(search: Search<Found>): readonly FoundChanges<Found>[] => {
  const { distanceOf, limits } = search
  const seen = new Set<string>()
  const waiting: { readonly changes: Changes; readonly distance: number }[] = []
  const found: FoundChanges<Found>[] = []
  const alike = new Map<string, number>()
  let [simulations, effort] = [0, 0]
  const push = (changes: Changes): void => {
    if (Object.keys(changes).length > limits.fields) return
    const key = keyOf(changes)
    if (seen.has(key)) return
    seen.add(key)
    waiting.push({ changes, distance: distanceOf(changes) })
  }
  push({})
  for (let looks = 0; looks < limits.looks && found.length < limits.most; looks++) {
    const next = takeNearest(waiting)
    if (next === undefined) break
    const fields = Object.keys(next).toSorted().join(" ")
    if ((alike.get(fields) ?? 0) >= mostAlike || found.some(({ changes }) => contains(next, changes))) continue
    const mendings = search.mendings(next)
    if (mendings !== undefined) {
      for (const more of mendings) push({ ...next, ...more })
      continue
    }
    const cost = search.effortOf(next)
    if (simulations >= limits.simulations || effort + cost > limits.effort) continue
    const verified = search.verify(next)
    if (!("isRefused" in verified && verified.isRefused)) {
      simulations++
      effort += cost
    }
    if ("mendings" in verified) for (const more of verified.mendings) push({ ...next, ...more })
    else {
      found.push({ changes: next, found: verified.found })
      alike.set(fields, (alike.get(fields) ?? 0) + 1)
    }
  }
  return found
}

const takeNearest = (waiting: { readonly changes: Changes; readonly distance: number }[]): Changes | undefined => {
  let best = 0
  for (let index = 1; index < waiting.length; index++)
    if ((waiting[index]?.distance ?? Infinity) < (waiting[best]?.distance ?? Infinity)) best = index
  return waiting.splice(best, 1)[0]?.changes
}

/** Whether the changes contain all of others, which are enough by themselves. */
const contains = (changes: Changes, others: Changes): boolean =>
  Object.entries(others).every(([path, value]) => Object.hasOwn(changes, path) && changes[path] === value)
