/**
 * The measured cases most like a scenario: the one rule that the summary of a run, the report and the intervals share.
 */
import { distance } from "./distance.ts"
import type { Likeness, Residual } from "./residual.ts"

/** Points of one table are much alike: only so many of each source are shown. */
const ofOneSource = 4

/** The nearest cases of the same quantity, the nearest first; ties in the order of their names. */
export const nearestCases = (to: Likeness, residuals: readonly Residual[], most = 8): readonly Residual[] => {
  const sorted = residuals
    .filter(({ load }) => load !== "open")
    .map((one) => ({ one, far: distance(to, one) }))
    .filter(({ far }) => Number.isFinite(far))
    .sort((a, b) => a.far - b.far || (a.one.id < b.one.id ? -1 : 1))
  const chosen: Residual[] = []
  const taken = new Map<string, number>()
  for (const { one } of sorted) {
    const already = taken.get(one.source) ?? 0
    if (already >= ofOneSource) continue
    taken.set(one.source, already + 1)
    chosen.push(one)
    if (chosen.length === most) break
  }
  return chosen
}
