/** What a change did, in a sentence: to the iteration of a training run, to throughput and tails of a server. */
import { shown } from "../view/numbers.ts"
import type { RunResult } from "../model/run-result.ts"

/** Figures that stand for a run. */
const headlines: Readonly<Record<RunResult["kind"], readonly string[]>> = {
  training: ["iteration"],
  serving: ["output tokens/s", "TTFT p99", "TPOT p99"]
}

const figuresOf = (result: RunResult | undefined): RunResult["figures"] =>
  result === undefined
    ? []
    : headlines[result.kind].flatMap((wanted) => result.figures.filter(({ label }) => label === wanted))

export const nowOf = (result: RunResult | undefined): string => {
  const figures = figuresOf(result).map(({ label, value, unit }) => `${label} ${shown(value, unit)}`)
  return figures.length === 0 ? "" : `Now ${figures.join(" · ")}`
}

export const changeOf = (before: RunResult | undefined, after: RunResult | undefined): string => {
  const was = new Map(figuresOf(before).map(({ label, value }) => [label, value]))
  const changes = figuresOf(after).map(({ label, value, unit }) => {
    const old = was.get(label)
    if (old === undefined || old === 0) return `${label} ${shown(value, unit)}`
    const percent = 100 * (value / old - 1)
    return `${label} ${shown(value, unit)}, before ${shown(old, unit)} (${percent >= 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)} %)`
  })
  return changes.length === 0 ? "" : `${changes.join("; ")}.`
}
