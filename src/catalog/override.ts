/**
 * An entry changed in a few fields, as an inline entry of a scenario writes it: `{ extends: ..., memory: { bytes } }`.
 */

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * `base` with the fields of `changes` in place of its own. Records are merged field by field, to any depth; every other
 * value, lists and null too, replaces what was there; an undefined field changes nothing. The result is outside data
 * again: decode it with the Schema of its kind.
 */
export const override = (base: object, changes: object): Readonly<Record<string, unknown>> => {
  const merged: Record<string, unknown> = { ...base }
  for (const [field, change] of Object.entries(changes)) {
    if (change === undefined) continue
    const before = merged[field]
    // defineProperty: a field named __proto__ stays a field.
    const value = isRecord(before) && isRecord(change) ? override(before, change) : change
    Object.defineProperty(merged, field, { value, enumerable: true, configurable: true, writable: true })
  }
  return merged
}
