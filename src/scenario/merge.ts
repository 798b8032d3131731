/**
 * JSON Merge Patch (RFC 7396): maps merge key by key, null removes a key, anything else replaces.
 */

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Keys of which a scenario has one: setting one of them takes the other away. */
export const rivals: Readonly<Record<string, string>> = { nodes: "accelerators", accelerators: "nodes" }

/** `base` with `patch` on top; neither is changed. */
export const mergePatch = (base: unknown, patch: unknown): unknown => {
  if (!isFields(patch)) return patch
  const merged = new Map<string, unknown>(isFields(base) ? Object.entries(base) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else {
      const rival = rivals[key]
      if (rival !== undefined && !Object.hasOwn(patch, rival)) merged.delete(rival)
      merged.set(key, mergePatch(merged.get(key), value))
    }
  }
  return Object.fromEntries(merged)
}
