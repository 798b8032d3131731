/**
 * JSON Merge Patch (RFC 7396): maps merge key by key, null removes a key, anything else replaces.
 */

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Keys of which a map has one: setting one of them takes the others away. */
const alternatives: readonly (readonly string[])[] = [
  ["nodes", "accelerators"],
  ["operations", "automatic"],
  ["memoryLimit", "memoryBytes"],
  ["poisson", "gamma", "deterministic", "closedLoop", "batch", "trace"],
  ["fatTree", "railOptimised", "dragonfly", "torus"],
  ["roundRobin", "random", "listed"],
  ["ramp", "daily", "bursts", "steps"],
  ["constant", "uniform", "exponential", "lognormal", "zipf", "histogram", "values", "published"]
]

/** Keys that one key takes the place of. */
const rivals: ReadonlyMap<string, readonly string[]> = new Map([
  ...alternatives.flatMap((keys) => keys.map((key) => [key, keys.filter((other) => other !== key)] as const)),
  // A list of request classes stands in place of the one class that a workload may spell out.
  ["classes", ["prompt", "output", "sharedPrefix", "conversation"]]
])

export const rivalsOf = (key: string): readonly string[] => rivals.get(key) ?? []

/** `base` with `patch` on top; neither is changed. */
export const mergePatch = (base: unknown, patch: unknown): unknown => {
  if (!isFields(patch)) return patch
  const merged = new Map<string, unknown>(isFields(base) ? Object.entries(base) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else {
      for (const rival of rivalsOf(key)) if (!Object.hasOwn(patch, rival)) merged.delete(rival)
      merged.set(key, mergePatch(merged.get(key), value))
    }
  }
  return Object.fromEntries(merged)
}
