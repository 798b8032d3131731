/**
 * The highest load that a fleet of given size serves within its goals.
 */
import { isWithin } from "./fleet.ts"
import type { LatencyGoal } from "./goals.ts"
import type { FleetPoint, FleetRequest, FleetOutcome, CapacitySearch } from "./types.ts"

export interface HighestLoad {
  /** Requests a second; 0 where not even the least load is served within the goals. */
  readonly rate: number
  readonly point: FleetPoint | null
  /** The lowest load found that is not, and what came of it; null where none failed. */
  readonly above: { readonly rate: number; readonly outcome: FleetOutcome } | null
  readonly simulations: number
}

/** Loads are told apart to this share of themselves. */
export const resolution = 0.01
const mostSteps = 40

/**
 * Bisection on the logarithm of the rate, every rate with the same requests (`fleet.ts`).
 *
 * @param start  a rate to begin with, such as a modelled capacity
 * @param reach  how far the first step goes from there, a factor; each step further is the square of the one before
 */
export function* highestLoad(
  fleet: Omit<FleetRequest, "rate">,
  goals: readonly LatencyGoal[],
  start: number,
  tolerance = resolution,
  reach = 1.25
): CapacitySearch<HighestLoad> {
  let low: { readonly rate: number; readonly point: FleetPoint } | null = null
  let high: { readonly rate: number; readonly outcome: FleetOutcome } | null = null
  let rate = start
  let factor = reach
  let simulations = 0
  while (simulations < mostSteps) {
    const [outcome] = yield [{ ...fleet, rate }]
    simulations++
    if (outcome === undefined) break
    if (outcome.kind === "served" && isWithin(outcome, goals)) low = { rate, point: outcome }
    else high = { rate, outcome }
    if (low !== null && high !== null) {
      if (high.rate / low.rate <= 1 + tolerance) break
      rate = Math.sqrt(low.rate * high.rate)
    } else {
      if (outcome.kind === "none" || rate < 1e-4 * start || rate > 1e4 * start) break
      rate = low === null ? rate / factor : rate * factor
      factor *= factor
    }
  }
  return { rate: low?.rate ?? 0, point: low?.point ?? null, above: high, simulations }
}
