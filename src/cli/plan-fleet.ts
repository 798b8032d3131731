/**
 * A fleet of a plan as a point that travels to threads of other machines, and what comes of it as a row of their database.
 */
import { simulateFleet, type FleetOutcome, type FleetRequest, type SweepPoint } from "../planner/index.ts"
import { isServing, type DecodedScenario, type ResolveOptions, type ServingScenario } from "../scenario/index.ts"
import type { FinishedPoint } from "./store/sweep-store.ts"
import { keyOf } from "./sweep-key.ts"

/** A scenario without what a fleet pays no heed to, so that plans that ask for something else find the same fleets. */
export const sharedScenario = ({ plan: _plan, sweep: _sweep, capacity: _capacity, ...scenario }: ServingScenario) =>
  scenario as ServingScenario

/** Everything of a request but its scenario, which all fleets of a plan share; a round of fleets has no order. */
export const fleetPoint = ({ scenario: _scenario, seed, ...own }: FleetRequest): SweepPoint => ({
  ordinal: 0,
  seed,
  // What JSON leaves out is left out of the key too.
  changes: JSON.parse(JSON.stringify(own)) as SweepPoint["changes"]
})

/** Numbers that JSON has no word for. */
const isSpecial = (value: unknown): value is number =>
  typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))

/** An outcome as text that gives back every number to the bit. */
export const writtenOutcome = (outcome: FleetOutcome): string =>
  JSON.stringify({ status: "ok", outcome }, (_, value: unknown) =>
    isSpecial(value) ? { number: Object.is(value, -0) ? "-0" : String(value) } : value
  )

/** A fleet that nobody could simulate. */
export interface FailedFleet {
  readonly kind: "failed"
  readonly reason: string
}

export const readOutcome = (text: string): FleetOutcome | FailedFleet => {
  const row = JSON.parse(text, (_, value: unknown) =>
    typeof value === "object" && value !== null && "number" in value ? Number(value.number) : value
  ) as { readonly status: "ok"; readonly outcome: FleetOutcome } | { readonly status: "error"; readonly reason: string }
  return row.status === "ok" ? row.outcome : { kind: "failed", reason: row.reason }
}

/** Simulates a fleet, on a thread of whichever machine. */
export const finishedFleet = (scenario: DecodedScenario, point: SweepPoint, reading: ResolveOptions): FinishedPoint => {
  if (!isServing(scenario)) throw new Error("a fleet of a training")
  const request = { ...point.changes, scenario, seed: point.seed } as unknown as FleetRequest
  const outcome = simulateFleet(request, reading)
  return { key: keyOf(point), ordinal: point.ordinal, text: writtenOutcome(outcome), objective: null }
}
