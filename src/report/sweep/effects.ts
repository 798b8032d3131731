/**
 * Which field of a sweep matters: the mean of a number at each of its values (main effects), and the share of the
 * number's spread that these means explain, the eta squared of an analysis of variance with one factor: the sum of
 * squares between values over the total (Fisher 1925, Statistical Methods for Research Workers, chapter VII).
 */
import { mean } from "../../statistics/index.ts"
import type { Judged } from "./objective.ts"
import type { Field, SweepValue } from "./row.ts"

export interface ValueMean {
  readonly value: SweepValue
  readonly mean: number
  /** That count. */
  readonly points: number
}

export interface MainEffect {
  readonly field: Field
  /** Place of the field. */
  readonly index: number
  /** Values that some point that counts has. */
  readonly values: readonly ValueMean[]
  /** 0 ... 1; of fields whose values do not occur with each other alike, the shares overlap. */
  readonly explained: number
}

/** The one that matters most first. */
export const mainEffects = (ranked: readonly Judged[], fields: readonly Field[]): readonly MainEffect[] => {
  const all = mean(ranked.map(({ value }) => value))
  const total = ranked.reduce((sum, { value }) => sum + (value - all) ** 2, 0)
  return fields
    .map((field, index) => {
      const own: number[][] = field.values.map(() => [])
      for (const { point, value } of ranked) own[point.levels[index] ?? 0]?.push(value)
      const values = field.values.flatMap((value, level): readonly ValueMean[] => {
        const found = own[level] ?? []
        return found.length === 0 ? [] : [{ value, mean: mean(found), points: found.length }]
      })
      const between = values.reduce((sum, one) => sum + one.points * (one.mean - all) ** 2, 0)
      return { field, index, values, explained: total === 0 ? 0 : between / total }
    })
    .toSorted((a, b) => b.explained - a.explained)
}
