/**
 * From a decoded scenario, where names are names, to a job of training or serving.
 */
import type { LoadedScenario, Refused } from "./load.ts"
import type { ResolveOptions } from "./resolve-options.ts"
import { resolveServing, type ResolvedServing } from "./resolve-serving.ts"
import { resolveTraining, type ResolvedTraining } from "./resolve-training.ts"
import { isServing } from "./schema.ts"

export type ResolvedScenario = ResolvedTraining | ResolvedServing

/** Resolves names, fills in defaults and checks that the sizes agree. */
export const resolveScenario = (loaded: LoadedScenario, options: ResolveOptions = {}): ResolvedScenario | Refused =>
  isServing(loaded.scenario) ? resolveServing(loaded, options) : resolveTraining(loaded, options)
