/**
 * A plan as a report for whoever decides: the answer, the layouts with what each loses by, what more machines buy, how the
 * search went, how to launch it.
 */
import { scalingCurve, type Picture } from "../charts/index.ts"
import { basisText, rangeText, rangesOf, type PredictionInterval } from "../intervals/index.ts"
import type { PlannedLayout, TrainingPlan } from "../planner/index.ts"
import {
  breakdownPicture,
  sensitivitySection,
  type Block,
  type Column,
  type Figure,
  type LaunchFile,
  type Report,
  type Section,
  type SensitivityFindings
} from "../report/index.ts"
import { describeScenario, hashScenario, type ResolvedTraining } from "../scenario/index.ts"
import { formatBytes, formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { lossText, searchText } from "./plan-text.ts"
import { chanceText, settleFiles, settleText, sureText, type PlanSure } from "./plan-sure.ts"
import { layoutParts, objectiveText } from "./plan-words.ts"
import { dollars } from "./summary-parts.ts"
import { version } from "./version.ts"

export interface PlanReported {
  readonly plan: TrainingPlan
  /** The best layout. */
  readonly resolved: ResolvedTraining
  readonly interval: PredictionInterval | undefined
  readonly sure: PlanSure
  /** What more of each resource would buy the best layout. */
  readonly sensitivity: SensitivityFindings | undefined
  readonly launch: LaunchFile | undefined
  /** That the search took. */
  readonly seconds: number
  /** That makes the plan again. */
  readonly command: string
}

const words = (name: string): Column => ({ name, unit: "" })
const count = (name: string): Column => ({ name, unit: "", show: formatCount })
const time: Column = { name: "iteration", unit: "s", show: formatSeconds }
const rate: Column = { name: "throughput", unit: "tokens/s", show: formatFigures }
const memory: Column = { name: "memory", unit: "bytes", show: formatBytes }
const price: Column = { name: "a million tokens", unit: "$", show: dollars }

const figure = (name: string, value: number, { unit, show = formatFigures }: Column): Figure => ({
  name,
  value,
  unit,
  shown: show(value)
})

const cellsOf = (layout: PlannedLayout): readonly (string | number | null)[] => [
  layout.accelerators,
  layoutParts(layout.candidate).join(" · "),
  layout.result.iterationSeconds,
  layout.result.tokensPerSecond,
  layout.result.memory.fullest.peakBytes,
  layout.result.cost.perMillionTokens
]

/** Columns that some row has something to say in, and the number of accelerators only where there are several. */
const table = (
  name: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | number | null)[])[]
): Block => {
  const kept = columns.map(
    ({ name: column }, index) =>
      rows.some((row) => row[index] !== null && row[index] !== "") &&
      (column !== "accelerators" || new Set(rows.map((row) => row[index])).size > 1)
  )
  return {
    kind: "table",
    table: {
      name,
      columns: columns.filter((_, index) => kept[index]),
      rows: rows.map((row) => row.filter((_, index) => kept[index]))
    }
  }
}

const layoutColumns: readonly Column[] = [count("accelerators"), words("layout"), time, rate, memory, price]

export const planReport = ({
  plan,
  resolved,
  interval,
  sure,
  sensitivity,
  launch,
  seconds,
  command
}: PlanReported): Report => {
  const about = describeScenario(resolved)
  const [best] = plan.layouts
  const isPaid = plan.request.objective === "cost" || plan.request.objective === "energy"
  const range =
    best === undefined || interval === undefined
      ? undefined
      : rangeText(rangesOf(best.result.iterationSeconds, interval), formatSeconds)
  return {
    kind: "training",
    title: about.title,
    about: [...about.parts, about.stack],
    answer: best === undefined ? "" : answerOf(best, plan),
    figures: best === undefined ? [] : figuresOf(best),
    trust: [...(range === undefined ? [] : [`iteration: ${range}`]), basisText(interval?.basis)].join("; "),
    picture: pictureOf(plan),
    assumptions: [],
    sections: [
      {
        id: "layouts",
        title: "The best layouts",
        blocks: [
          table(
            "Layouts, the best first",
            [count("#"), ...layoutColumns],
            plan.layouts.map((layout, index) => [index + 1, ...cellsOf(layout)])
          ),
          ...(plan.layouts.length < 2
            ? []
            : [
                { kind: "text" as const, text: "What each loses to the first by, and how sure that is:" },
                {
                  kind: "list" as const,
                  items: plan.layouts.slice(1).map((layout, index) => lossItem(layout, index, sure, isPaid))
                }
              ])
        ]
      },
      ...(plan.front.length < 2
        ? []
        : [
            {
              id: "machines",
              title: "What more machines buy",
              blocks: [
                table("The fastest layout for each number of accelerators", layoutColumns, plan.front.map(cellsOf))
              ]
            }
          ]),
      ...sureSection(sure),
      ...sensitivitySection(sensitivity),
      {
        id: "search",
        title: "How it was found",
        blocks: [{ kind: "text" as const, text: searchText(plan, seconds) }]
      },
      ...(launch === undefined
        ? []
        : [{ id: "launch", title: "Launch it", blocks: [{ kind: "file" as const, file: launch, isFolded: false }] }])
    ],
    provenance: [
      {
        version,
        hash: hashScenario(resolved.scenario),
        seed: resolved.job.seed,
        command,
        scenario: resolved.scenario,
        remarks: []
      }
    ]
  }
}

const lossItem = (layout: PlannedLayout, index: number, sure: PlanSure, isPaid: boolean): string => {
  const chance = sureCell(sure, index)
  const parts = [
    lossText(layout, isPaid).replace("loses by ", ""),
    chance === "" ? "" : `the first is better ${chance}`
  ]
  const said = parts.filter((part) => part !== "")
  return `#${index + 2}: ${said.length === 0 ? "as good" : said.join("; ")}`
}

const sureCell = ({ comparisons }: PlanSure, index: number): string => {
  const one = comparisons[index]
  if (one === undefined) return ""
  return one.verdict === "certain" ? "for certain" : one.chance === null ? "" : chanceText(one.chance)
}

/** Whether the order holds, and the measurement that would tell, with its scenarios. */
const sureSection = (sure: PlanSure): readonly Section[] => {
  const [second] = sure.comparisons
  const settled = settleText(sure)
  if (second === undefined) return []
  const texts = [`Against the second: ${sureText(second)}.`, ...(settled === undefined ? [] : [settled])]
  return [
    {
      id: "sure",
      title: "Whether the first is the best, and what would settle it",
      blocks: [
        ...texts.map((text) => ({ kind: "text" as const, text })),
        ...[...settleFiles(sure)]
          .filter(([name]) => !name.endsWith(".json"))
          .map(([name, text]) => ({
            kind: "file" as const,
            isFolded: true,
            file: { name, title: `To measure: ${name}`, language: "bash" as const, text, remarks: [] }
          }))
      ]
    }
  ]
}

const answerOf = (best: PlannedLayout, { request: { objective }, counts }: TrainingPlan): string => {
  const { run } = best.result
  const whole = run === null ? "" : `, ${formatCount(run.tokens)} tokens in ${formatSeconds(run.seconds)}`
  const cost = run?.cost == null ? "" : ` for ${dollars(run.cost)}`
  return `Of ${formatCount(counts.layouts)} layouts, ${layoutParts(best.candidate).join(", ")} on ${best.machines} has the ${objectiveText[objective]}: ${formatSeconds(best.result.iterationSeconds)} an iteration${whole}${cost}.`
}

const figuresOf = ({ accelerators, result }: PlannedLayout): readonly Figure[] => [
  figure("accelerators", accelerators, count("accelerators")),
  figure("iteration", result.iterationSeconds, time),
  figure("throughput", result.tokensPerSecond, { ...rate, show: (value) => `${formatFigures(value)} tokens/s` }),
  figure("MFU", result.modelFlopsUtilisation, { name: "MFU", unit: "share", show: formatPercent }),
  figure("memory of the fullest", result.memory.fullest.peakBytes, memory),
  ...(result.cost.perMillionTokens === null ? [] : [figure("a million tokens", result.cost.perMillionTokens, price)])
]

/** What more machines buy, where there is a choice; where the best layout's time goes, where there is none. */
const pictureOf = ({ front, layouts }: TrainingPlan): Picture | null => {
  const [best] = layouts
  if (front.length > 1)
    return scalingCurve({
      unit: "tokens/s",
      points: front.map(({ accelerators, result }) => ({ accelerators, rate: result.tokensPerSecond })),
      ...(best === undefined ? {} : { here: best.accelerators })
    })
  if (best === undefined) return null
  return breakdownPicture(best.result)
}
