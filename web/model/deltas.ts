/** What differs between two runs, the greatest contribution first. */
import type { BreakdownPart } from "./run-result.ts"

export interface Delta {
  readonly name: string
  readonly kind: BreakdownPart["kind"]
  readonly before: number
  readonly after: number
  readonly difference: number
  /** Of the difference of the wholes; NaN where they are equal. */
  readonly share: number
}

/** Parts of one or the other, matched by name. */
export const deltasOf = (before: readonly BreakdownPart[], after: readonly BreakdownPart[]): readonly Delta[] => {
  const parts = new Map<string, { kind: BreakdownPart["kind"]; before: number; after: number }>()
  for (const { name, kind, seconds } of before) parts.set(name, { kind, before: seconds, after: 0 })
  for (const { name, kind, seconds } of after) {
    const known = parts.get(name)
    if (known === undefined) parts.set(name, { kind, before: 0, after: seconds })
    else known.after = seconds
  }
  const sum = (list: readonly BreakdownPart[]): number => list.reduce((total, { seconds }) => total + seconds, 0)
  const whole = sum(after) - sum(before)
  return [...parts]
    .map(([name, { kind, before: was, after: is }]) => ({
      name,
      kind,
      before: was,
      after: is,
      difference: is - was,
      share: whole === 0 ? Number.NaN : (is - was) / whole
    }))
    .sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference))
}
