/**
 * How an objective answers to a resource, from three simulations of the same random draws: as it is, with less, with more.
 *
 *   elasticity = log(y(more) / y(less)) / log(x(more) / x(less)),   1 = proportional, 0 = nothing
 */
import type { Variation } from "./variation.ts"

/** An objective and which way is better. */
export interface Objective {
  readonly name: string
  readonly title: string
  readonly isBetter: "higher" | "lower"
}

/** What came out of a simulation, by objective; a text says why nothing did. */
export type Outcome = Readonly<Record<string, number | null>> | string

/**
 * smooth: both sides agree. bend: more buys less than less costs, or the other way round: something else takes over.
 * step: whole pieces only, or one side cannot run. none: neither side can run, or the objective is not there.
 */
export type Shape = "smooth" | "bend" | "step" | "none"

export interface Response {
  readonly objective: string
  /** Percent of the objective for a percent of the resource; null = unknown. */
  readonly elasticity: number | null
  /** Relative change of the objective with more and with less of the resource; null where that cannot run. */
  readonly withMore: number | null
  readonly withLess: number | null
  readonly shape: Shape
}

export interface Effect {
  readonly resource: string
  readonly title: string
  readonly group: Variation["group"]
  /** What the resource is over what it was, on both sides. */
  readonly more: number
  readonly less: number | null
  readonly responses: readonly Response[]
  /** Why a side cannot run. */
  readonly moreFails: string | null
  readonly lessFails: string | null
}

/** Elasticities that differ by more, over and above a share of the larger, are two. */
const [difference, share] = [0.03, 0.35]

const valueOf = (outcome: Outcome | undefined, objective: string): number | null => {
  if (outcome === undefined || typeof outcome === "string") return null
  const value = outcome[objective] ?? null
  return value !== null && Number.isFinite(value) && value > 0 ? value : null
}

const slope = (high: number, low: number, times: number): number => Math.log(high / low) / Math.log(times)

export const responseOf = (
  objective: string,
  variation: Variation,
  base: Outcome,
  less: Outcome | undefined,
  more: Outcome | undefined
): Response => {
  const [own, low, high] = [base, less, more].map((outcome) => valueOf(outcome, objective))
  const [up, down] = [variation.more.times, variation.less?.times ?? 1]
  const nothing = { objective, elasticity: null, withMore: null, withLess: null, shape: "none" } as const
  if (own === null || own === undefined) return nothing
  const above = high === null || high === undefined ? null : slope(high, own, up)
  const below = low === null || low === undefined || down === 1 ? null : slope(low, own, down)
  const changes = {
    objective,
    withMore: high === null || high === undefined ? null : high / own - 1,
    withLess: low === null || low === undefined || down === 1 ? null : low / own - 1
  }
  if (above === null && below === null) return nothing
  if (above === null || below === null) return { ...changes, elasticity: above ?? below, shape: "step" }
  const isBent = Math.abs(above - below) > difference + share * Math.max(Math.abs(above), Math.abs(below))
  return {
    ...changes,
    elasticity: slope(high ?? own, low ?? own, up / down),
    shape: variation.isWhole ? "step" : isBent ? "bend" : "smooth"
  }
}
