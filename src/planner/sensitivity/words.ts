/**
 * A sensitivity in words: what buys most in a sentence, and what the rows leave open.
 */
import { formatBytes, formatFigures } from "../../units/index.ts"
import type { Objective } from "./response.ts"
import { explainedShare } from "./sensitivity.ts"
import type { SensitivityOutcome } from "./study.ts"

const per = (by: number): string => `${formatFigures(100 * by)} %`

const isGood = (change: number, { isBetter }: Objective): boolean => (isBetter === "higher" ? change > 0 : change < 0)

/** "10 % more FLOP/s buys 6.1 % more tokens/s; network comes next with 1.2 %". */
export const sentenceOf = ({ sensitivity: { effects, objectives, by } }: SensitivityOutcome): string => {
  const [objective] = objectives
  if (objective === undefined) return "there is nothing to compare"
  // One wants fewer seconds, and more of everything else.
  const bought = effects.flatMap((effect) => {
    if (effect.group === "work") return []
    const [response] = effect.responses
    const isDuration = ["latency", "launch", "host"].includes(effect.resource)
    const change = (isDuration ? response?.withLess : response?.withMore) ?? null
    return change !== null && isGood(change, objective) && Math.abs(change) >= 5e-4
      ? [
          {
            text: isDuration ? `${per(by / (1 + by))} less ${effect.title}` : `${per(by)} more ${effect.title}`,
            title: effect.title,
            change
          }
        ]
      : []
  })
  const [first, second] = bought.toSorted((one, other) => Math.abs(other.change) - Math.abs(one.change))
  if (first === undefined) return `no resource alone buys better ${objective.title}`
  const size = (change: number): string => `${(100 * Math.abs(change)).toFixed(1)} %`
  const next = second === undefined ? "" : `; ${second.title} comes next with ${size(second.change)}`
  const than = objective.isBetter === "higher" ? "more" : "less"
  return `${first.text} buys ${size(first.change)} ${than} ${objective.title}${next}`
}

const memoryNote = ({ base, fits, sensitivity: { by } }: SensitivityOutcome): readonly string[] => {
  if (base.kind === "serving") return []
  const { peakBytes, capacityBytes } = base
  const spare = `${formatBytes(peakBytes)} of ${formatBytes(capacityBytes)}`
  if (!fits.own)
    return [`does not fit: ${spare}; with ${per(by)} more memory it ${fits.more ? "fits" : "still does not"}`]
  return [
    `memory size is a step: ${spare} are used, nothing changes until it no longer fits${fits.less ? "" : ` (with ${per(by)} less it does not)`}`
  ]
}

/** What the rows leave open. */
export const remarksOf = (outcome: SensitivityOutcome): readonly string[] => {
  const { sensitivity, base } = outcome
  const shapes = new Set(sensitivity.effects.map(({ responses }) => responses[0]?.shape))
  return [
    ...(outcome.notes ?? []),
    ...(base.kind === "training"
      ? [
          `all rates together, with all latencies and host times, explain ${explainedShare(sensitivity, "iterationSeconds").toFixed(2)} of the time (1 = all of it)`
        ]
      : []),
    ...memoryNote(outcome),
    ...(shapes.has("bend") ? ["bend: more buys another amount than less costs, for something else takes over"] : []),
    ...(shapes.has("step") ? ["step: comes in whole pieces, or one side cannot run"] : []),
    ...sensitivity.effects.flatMap(({ title, moreFails, lessFails }) => [
      ...(moreFails === null ? [] : [`more ${title}: ${moreFails}`]),
      ...(lessFails === null ? [] : [`less ${title}: ${lessFails}`])
    ])
  ]
}
