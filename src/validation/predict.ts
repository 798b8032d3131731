/**
 * A mapped measurement simulated through the front door: its scenario is decoded, resolved and run like a user's.
 */
import { resolveTraining, scenarioFromData } from "../scenario/index.ts"
import { isImpossible, simulateTraining, type TrainingJob } from "../training/index.ts"
import type { ScenarioInput } from "./mapping.ts"
import type { Refusal } from "./reading.ts"
import type { SimulateScenario } from "./run.ts"

/** The job of a mapped scenario, or why it cannot run. */
export const jobOf = (scenario: ScenarioInput): TrainingJob | Refusal => {
  const loaded = scenarioFromData({ name: scenario.name, data: scenario })
  if (loaded._tag === "Refused") return { reason: loaded.issues.map(briefly).join("; ") }
  const resolved = resolveTraining(loaded)
  if (resolved._tag === "Refused") return { reason: resolved.issues.map(briefly).join("; ") }
  return resolved.job
}

const briefly = (issue: { readonly path: string; readonly problem: string; readonly expected: string }): string =>
  `${issue.path}: ${issue.problem}, expected ${issue.expected}`

/** Simulates a mapped scenario. */
export const simulateScenario: SimulateScenario = (scenario) => {
  const job = jobOf(scenario)
  if ("reason" in job) return job
  const outcome = simulateTraining(job)
  return isImpossible(outcome)
    ? { reason: `${outcome.path}: given ${outcome.given}, expected ${outcome.expected}` }
    : outcome
}
