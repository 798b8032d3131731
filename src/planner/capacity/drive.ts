/**
 * Runs a search's rounds to its end, on this thread.
 */
import type { ResolveOptions } from "../../scenario/index.ts"
import { simulateFleet } from "./fleet.ts"
import type { CapacitySearch } from "./types.ts"

export const drivenHere = <T>(search: CapacitySearch<T>, options: ResolveOptions = {}): T => {
  let step = search.next()
  while (step.done !== true) step = search.next(step.value.map((request) => simulateFleet(request, options)))
  return step.value
}
