/**
 * How many points stand how, in words; the beginnings of sentences.
 */
import { formatCount } from "../../units/index.ts"
import { listed } from "../show.ts"
import type { SweptPoint } from "./points.ts"

const plural: Readonly<Record<string, readonly [one: string, many: string]>> = {
  "does not fit": ["does not fit", "do not fit"],
  impossible: ["is impossible", "are impossible"],
  error: ["ended in an error", "ended in an error"],
  overloaded: ["is overloaded", "are overloaded"],
  "misses goals": ["misses its goals", "miss their goals"]
}

/** Those that do not count, the commonest first. */
export const standingsOf = (points: readonly SweptPoint[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { standing } of points) counts.set(standing, (counts.get(standing) ?? 0) + 1)
  return new Map([...counts].toSorted(([, a], [, b]) => b - a))
}

/** "3 do not fit and 1 is impossible"; empty where all are well. */
export const lossesText = (points: readonly SweptPoint[]): string =>
  listed(
    [...standingsOf(points)]
      .filter(([standing]) => standing !== "ok")
      .map(([standing, count]) => {
        const [one, many] = plural[standing] ?? [`is ${standing}`, `are ${standing}`]
        return `${formatCount(count)} ${count === 1 ? one : many}`
      })
  )

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
