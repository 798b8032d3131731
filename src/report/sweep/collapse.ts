/**
 * Points seen by some of their fields only: of those alike in these, the best stands for all.
 */
import type { Judgement } from "./objective.ts"
import type { SweptPoint } from "./points.ts"

export interface Seen {
  /** Level of each of the fields that are looked at, in their order. */
  readonly levels: readonly number[]
  /** The best value of the points that count; undefined where none does. */
  readonly value: number | undefined
  /** How the points stand of which none counts: the standing of most. */
  readonly standing: string
}

export const seenBy = (
  points: readonly SweptPoint[],
  places: readonly number[],
  judgement: Judgement | undefined
): readonly Seen[] => {
  const values = new Map(judgement?.ranked.map(({ point, value }) => [point, value]))
  const groups = new Map<string, SweptPoint[]>()
  for (const point of points) {
    const key = places.map((place) => point.levels[place] ?? 0).join(" ")
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [point])
    else group.push(point)
  }
  const better = judgement?.metric.better === "more" ? Math.max : Math.min
  return [...groups.values()].map((group) => {
    const known = group.flatMap((point) => values.get(point) ?? [])
    return {
      levels: places.map((place) => group[0]?.levels[place] ?? 0),
      value: known.length === 0 ? undefined : better(...known),
      standing: commonest(group.map(({ standing }) => standing))
    }
  })
}

const commonest = (standings: readonly string[]): string => {
  const counts = new Map<string, number>()
  for (const one of standings) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ""
}
