/**
 * Between what the measured values of a server lie, as lines of its summary.
 */
import { rangeAt, rangeText, type Ranged } from "../intervals/index.ts"
import { formatFigures, formatSeconds } from "../units/index.ts"
import type { RangedServing } from "./prediction-intervals.ts"
import { indent, row } from "./summary-parts.ts"
import { columns, wrapped } from "./wrapping.ts"

/** Below the verdict: how many requests can be served, as far as that is known. */
export const capacityRows = (ranged: Ranged | undefined): readonly string[] => {
  const text = rangeText(ranged, formatFigures)
  return text === undefined ? [] : [row("", `${text} requests/s`)]
}

/** Between what measured means lie; an answer is as far off as its tokens. */
export const meanRows = (ranged: RangedServing | undefined): readonly string[] => {
  const means = [
    ["first token", ranged?.ttft],
    ["per token", ranged?.tpot]
  ] as const
  const texts = means.flatMap(([name, one]) => {
    const range = one === undefined ? undefined : rangeAt(one, 0.9)
    if (range === undefined) return []
    const { low, high } = range
    return [`${name} ${formatSeconds(low)} ${high === null ? "and up" : `to ${formatSeconds(high)}`}`]
  })
  return texts.length === 0 ? [] : [row("90 % of mean", wrapped(texts, " · ", columns - indent))]
}
