/**
 * A plan in words: the answer, the layouts behind it with what each loses by, fewer accelerators, how it was found. 80
 * columns.
 */
import { rangesOf, type PredictionInterval } from "../intervals/index.ts"
import type { PlannedLayout, TrainingPlan } from "../planner/index.ts"
import type { TrainingResult } from "../training/index.ts"
import { formatBytes, formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import {
  layoutParts,
  limitText,
  objectiveText,
  quantityText,
  recomputeText,
  scheduleText,
  valueText
} from "./plan-words.ts"
import { settleText, sureText, verdictText, type PlanSure } from "./plan-sure.ts"
import { dollars, indent, labelled, rangeRows, row } from "./summary-parts.ts"
import { columns, paragraph, wrapped } from "./wrapping.ts"

/** The scenario as it is written, beside the plan. */
export interface WrittenLayout {
  readonly parts: readonly string[]
  readonly accelerators: number
  readonly result: TrainingResult
}

export interface PlanShown {
  readonly plan: TrainingPlan
  readonly title: string
  /** That the search took. */
  readonly seconds: number
  /** Of the best layout's iteration. */
  readonly interval: PredictionInterval | undefined
  readonly sure: PlanSure
  /** The layout that the scenario has; null where it has none that runs. */
  readonly written: WrittenLayout | null
  /** Commands that a reader may want next. */
  readonly next: readonly string[]
}

export const planText = ({ plan, title, seconds, interval, sure, written, next }: PlanShown): string => {
  const [best] = plan.layouts
  if (best === undefined) return ""
  const { objective } = plan.request
  return [
    title,
    ...paragraph(
      `${objectiveText[objective]}${limitsText(plan)}, of ${formatCount(plan.counts.layouts)} layouts`,
      columns
    ),
    "",
    ...bestRows(best, plan, interval),
    ...(written === null ? [] : [writtenRow(written, best)]),
    "",
    ...tableRows(plan, sure),
    ...(plan.front.length > 1 ? ["", ...frontRows(plan)] : []),
    "",
    ...sureRows(sure),
    ...labelled("search", paragraph(searchText(plan, seconds), columns - 8)),
    ...labelled("next", next)
  ].join("\n")
}

const limitsText = ({ request: { constraints } }: TrainingPlan): string => {
  const { memoryHeadroom, deadline, budget, power, accelerators } = constraints
  const parts = [
    ...(memoryHeadroom === undefined ? [] : [`${formatPercent(memoryHeadroom)} of the memory free`]),
    ...(deadline === undefined ? [] : [`within ${quantityText("deadline", deadline)}`]),
    ...(budget === undefined ? [] : [`within ${quantityText("budget", budget)}`]),
    ...(power === undefined ? [] : [`at most ${quantityText("power", power)}`]),
    ...(accelerators === undefined ? [] : [`at most ${quantityText("accelerators", accelerators)}`])
  ]
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`
}

const bestRows = (
  best: PlannedLayout,
  { request: { objective } }: TrainingPlan,
  interval: PredictionInterval | undefined
): readonly string[] => {
  const { result } = best
  const { memory, run, cost } = result
  const { whole } = best
  return [
    row("best", wrapped([best.machines, ...layoutParts(best.candidate)], " · ", columns - indent)),
    row("iteration", `${formatSeconds(result.iterationSeconds)} · MFU ${formatPercent(result.modelFlopsUtilisation)}`),
    ...rangeRows(interval && rangesOf(result.iterationSeconds, interval), formatSeconds),
    row(
      "throughput",
      `${formatFigures(result.tokensPerSecond)} tokens/s · ${formatFigures(result.tokensPerSecondPerAccelerator)} tokens/s/GPU`
    ),
    row("memory", `${formatBytes(memory.fullest.peakBytes)} of ${formatBytes(memory.capacityBytes)}`),
    ...(run === null
      ? []
      : [
          row(
            `${formatCount(run.tokens)} tokens`,
            [
              formatSeconds(run.seconds),
              `${formatCount(run.acceleratorHours)} GPU-hours`,
              ...(run.cost === null ? [] : [dollars(run.cost)])
            ].join(" · ")
          )
        ]),
    ...(whole === null
      ? []
      : [
          row(
            "whole run",
            [
              formatSeconds(whole.seconds.mean),
              `goodput ${formatPercent(whole.goodput.mean)}`,
              `${formatFigures(whole.tokens / whole.seconds.mean)} tokens/s`,
              ...(whole.cost === null ? [] : [dollars(whole.cost.mean)])
            ].join(" · ")
          )
        ]),
    ...(objective === "cost" && run === null && cost.perMillionTokens !== null
      ? [row("cost", `${dollars(cost.perMillionTokens)} a million tokens`)]
      : []),
    ...(objective === "energy" ? [row("energy", valueText(objective, best))] : [])
  ]
}

const writtenRow = ({ parts, accelerators, result }: WrittenLayout, best: PlannedLayout): string => {
  const { iterationSeconds, memory } = result
  // Of as many accelerators only is one layout slower than another.
  const over =
    accelerators === best.accelerators ? ` (${overText(iterationSeconds / best.result.iterationSeconds - 1)})` : ""
  const time = memory.fits ? `${formatSeconds(iterationSeconds)}${over}` : "does not fit"
  return row("as written", wrapped([time, ...parts], " · ", columns - indent))
}

const cells = [3, 7, 4, 4, 4, 6, 4, 4, 4, 3] as const

const line = (values: readonly (number | string)[], ...rest: readonly string[]): string =>
  `${values.map((value, index) => String(value).padStart(cells[index] ?? 0)).join("")}${rest
    .map((text, index) => text.padStart(index === 0 ? 12 : 10))
    .join("")}`

/** Each layout in a line, and below it what it loses to the first by. */
const tableRows = ({ layouts, request: { objective } }: TrainingPlan, { comparisons }: PlanSure): readonly string[] => {
  const [best] = layouts
  if (best === undefined) return []
  const isPaid = objective === "cost" || objective === "energy"
  const over = ({ value, result }: PlannedLayout): number =>
    objective === "gpus" ? result.iterationSeconds / best.result.iterationSeconds - 1 : value / best.value - 1
  return [
    line(
      ["#", "GPUs", "TP", "PP", "VP", "DP", "CP", "EP", "MB", "Z"],
      objective === "gpus" ? "time" : objective,
      "over #1",
      "memory"
    ),
    ...layouts.flatMap((layout, index) => {
      const { candidate: one, accelerators, result } = layout
      const sizes = [one.tensor, one.pipeline, one.virtualPipeline, one.data, one.context, one.expert, one.microBatch]
      return [
        line(
          [index + 1, accelerators, ...sizes, one.zeroStage],
          valueText(objective, layout),
          index === 0 ? "" : overText(over(layout)),
          formatBytes(result.memory.fullest.peakBytes)
        ),
        ...[
          `${workingText(layout)}${index === 0 ? "" : `; ${lossText(layout, isPaid)}`}`,
          ...comparisons.slice(index - 1, index).map(verdictText)
        ].flatMap((text) => paragraph(text, columns - 4).map((part) => `    ${part}`))
      ]
    })
  ]
}

/** The first against the second, and what would settle it. */
const sureRows = (sure: PlanSure): readonly string[] => {
  const [second] = sure.comparisons
  const settled = settleText(sure)
  return [
    ...(second === undefined ? [] : labelled("sure", paragraph(sureText(second), columns - 8))),
    ...(settled === undefined ? [] : labelled("settle", paragraph(settled, columns - 8)))
  ]
}

const overText = (share: number): string =>
  Math.abs(share) < 5e-5 ? "as good" : `${share > 0 ? "+" : ""}${formatPercent(share)}`

const workingText = ({ candidate }: PlannedLayout): string =>
  [
    ...(candidate.pipeline === 1 ? [] : [scheduleText(candidate)]),
    `recompute ${recomputeText(candidate.recompute)}`,
    ...(candidate.shardGroup === undefined ? [] : [`shards over ${candidate.shardGroup}`])
  ].join(", ")

/**
 * Parts of a loss that are worth a word: at least a tenth of the largest.
 *
 * @param isPaid  whether it is in seconds of all accelerators, which are what is paid for
 */
export const lossText = ({ losses }: PlannedLayout, isPaid: boolean): string => {
  const [most] = losses
  if (most === undefined) return "loses nothing"
  const told = losses.filter(({ seconds }) => seconds > most.seconds / 10).slice(0, 3)
  return `loses by ${told.map(({ on, seconds }) => `${on} +${isPaid ? `${formatFigures(seconds)} GPU-s` : formatSeconds(seconds)}`).join(", ")}`
}

/** The fastest for each number of accelerators. */
const frontRows = ({ front }: TrainingPlan): readonly string[] => [
  "  GPUs   iteration        days      cost  fastest layout",
  ...front.flatMap(({ accelerators, machines, candidate, result }) => {
    const system = /\((.*)\)$/.exec(machines)?.[1]
    const days = result.run === null ? "" : formatFigures(result.run.seconds / 86_400)
    const money = result.run?.cost ?? result.cost.perIteration
    const head = [
      String(accelerators).padStart(6),
      formatSeconds(result.iterationSeconds).padStart(12),
      days.padStart(12),
      (money === null ? "" : dollars(money)).padStart(10)
    ].join("")
    const [split = "", ...rest] = layoutParts(candidate)
    const [first = "", ...others] = wrapped(
      [...(system === undefined ? [] : [system]), split, ...rest],
      " · ",
      columns - 42
    )
    return [`${head}  ${first}`, ...others.map((text) => `${" ".repeat(42)}${text}`)]
  })
]

/** How many layouts there were, and what became of them. */
export const searchText = ({ counts }: TrainingPlan, seconds: number): string => {
  const { layouts, impossible, pruned, roofline, tables, simulated } = counts
  const of = (count: number, what: string): readonly string[] => (count === 0 ? [] : [`${formatCount(count)} ${what}`])
  const broken = (Object.keys(pruned) as (keyof typeof pruned)[]).flatMap((limit) =>
    of(pruned[limit], limit === "memoryHeadroom" ? "cannot fit" : `cannot keep the ${limitText[limit]}`)
  )
  const left = [
    ...of(impossible, "do not divide"),
    ...broken,
    ...of(roofline, "beaten by their roofline"),
    ...of(tables, "by their passes")
  ]
  const text = [
    `${formatCount(layouts)} layouts: ${[...left, `${formatCount(simulated)} simulated`].join(", ")}, in ${formatSeconds(seconds)}.`,
    "Exact: no bound is above what the simulation says, so nothing left out is better."
  ]
  return text.join(" ")
}
