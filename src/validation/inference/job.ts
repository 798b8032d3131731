/**
 * The job of a mapped measurement: its scenario decoded and resolved like a user's.
 */
import { resolveServing, scenarioFromData, type ResolveOptions } from "../../scenario/index.ts"
import type { ServingJob } from "../../serving/index.ts"
import type { ServingScenarioInput } from "./mapped.ts"
import type { Refusal } from "./reading.ts"

const briefly = (issue: { readonly path: string; readonly problem: string; readonly expected: string }): string =>
  `${issue.path}: ${issue.problem}, expected ${issue.expected}`

/** The job of a mapped scenario, or why it cannot run. */
export const servingJobOf = (scenario: ServingScenarioInput, options: ResolveOptions = {}): ServingJob | Refusal => {
  const loaded = scenarioFromData({ name: scenario.name, data: scenario })
  if (loaded._tag === "Refused") return { reason: loaded.issues.map(briefly).join("; ") }
  const resolved = resolveServing(loaded, options)
  if (resolved._tag === "Refused") return { reason: resolved.issues.map(briefly).join("; ") }
  return resolved.job
}
