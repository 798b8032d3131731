/**
 * How far the search for a plan has come, on a terminal's standard error: a line for the bounds, then one for the layouts.
 */
import type { PlanProgress } from "../planner/index.ts"
import { formatSeconds } from "../units/index.ts"
import { progressOf, type Progress } from "./progress.ts"

const nouns: Readonly<Record<PlanProgress["phase"], string>> = { bounds: "layouts bounded", search: "layouts settled" }

export const planProgress = (stream?: Parameters<typeof progressOf>[1], now?: () => number) => {
  let shown: Progress | undefined
  let phase: PlanProgress["phase"] | undefined
  return {
    tell: (progress: PlanProgress): void => {
      if (progress.phase !== phase) {
        phase = progress.phase
        shown = progressOf(progress.total, stream, now, nouns[phase])
      }
      const best = progress.best === null ? "" : `, best ${formatSeconds(progress.best.result.iterationSeconds)}`
      shown?.reach(progress.done, best)
    },
    /** Takes the line away. */
    end: (): void => shown?.end()
  }
}
