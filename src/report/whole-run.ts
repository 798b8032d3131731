/**
 * The whole training run: how long by the calendar, where the days go, what stops it, how often to save.
 */
import { calendarBar, type Part, type Picture } from "../charts/index.ts"
import type { WholeRun } from "../training/index.ts"
import {
  formatBytes,
  formatCount,
  formatFigures,
  formatPercent,
  formatQuantity3,
  formatSeconds
} from "../units/index.ts"
import { list, table, text, type Block, type Column, type Figure, type Section } from "./document.ts"
import { amount, count, dollars, figure, money, seconds, share, words } from "./show.ts"

type PartOf = keyof WholeRun["breakdown"]
type Spread = WholeRun["seconds"]

/** In the order in which time is lost. */
const parts: readonly (readonly [PartOf, string, Part["colour"], number])[] = [
  ["productive", "training", "compute", 1],
  ["slowed", "slowed down", "backward", 1],
  ["checkpoint", "checkpoints", "memory", 1],
  ["lost", "work done again", "tensor", 1],
  ["detection", "until noticed", "data", 1],
  ["waiting", "waiting for repair", "data", 0.5],
  ["swap", "swapping nodes", "host", 0.5],
  ["restart", "restarting", "host", 1],
  ["planned", "planned stops", "other", 1]
]

export const runPicture = ({ breakdown, seconds: { mean }, goodput }: WholeRun): Picture => {
  const [largest] = parts
    .filter(([part]) => part !== "productive")
    .toSorted(([one], [other]) => breakdown[other] - breakdown[one])
  const worst =
    largest === undefined || !(breakdown[largest[0]] > 0)
      ? "nothing is lost"
      : `most of the rest goes to ${largest[1]}, ${formatSeconds(breakdown[largest[0]])}`
  return calendarBar({
    title: `${formatPercent(goodput.mean)} of ${formatSeconds(mean)} is training; ${worst}`,
    parts: parts.map(([part, name, colour, depth]) => ({ name, value: breakdown[part], colour, depth }))
  })
}

/** Key figures of the run in place of those of days without failures. */
export const runFigures = (run: WholeRun): readonly Figure[] => [
  figure(
    `${formatCount(run.tokens)} tokens`,
    run.seconds.mean,
    seconds(""),
    spreadNote(run, run.seconds, formatSeconds)
  ),
  figure("goodput", run.goodput.mean, share(""), `${formatSeconds(run.idealSeconds)} if nothing failed or was saved`),
  figure("GPU-hours", run.acceleratorHours.mean, count("")),
  ...(run.cost === null
    ? []
    : [figure("cost of the run", run.cost.mean, money(""), spreadNote(run, run.cost, dollars))]),
  figure(
    "energy of the run",
    run.kilowattHours.mean * 1000,
    { unit: "Wh", show: (value) => formatQuantity3(value, "Wh") },
    run.gramsCarbon === null ? undefined : `${formatQuantity3(run.gramsCarbon.mean / 1e6, "t")} CO2e`
  )
]

/** Where nine of ten simulated runs lie. */
const spreadNote = ({ runs }: WholeRun, { p5, p95 }: Spread, format: (value: number) => string): string | undefined =>
  runs === 1 || format(p5) === format(p95) ? undefined : `${format(p5)} to ${format(p95)} in nine of ten runs`

export const runSection = (run: WholeRun): Section => ({
  id: "run",
  title: "The whole run",
  blocks: [
    text(
      `${formatCount(run.tokens)} tokens in ${formatCount(run.steps)} steps, ${run.runs === 1 ? "simulated once" : `simulated ${formatCount(run.runs)} times with other failures each`}. ${interruptionText(run)}`
    ),
    spreadTable(run),
    ...componentTable(run),
    ...checkpointBlocks(run),
    ...(run.unfinished === 0
      ? []
      : [
          text(
            `${formatCount(run.unfinished)} of ${formatCount(run.runs)} runs were given up before the last step; they count with the time until then.`
          )
        ])
  ]
})

const interruptionText = ({ interruptions, failureSeconds }: WholeRun): string => {
  const { total, planned, slowNodes } = interruptions
  if (!(total.mean > 0)) return "Nothing interrupts it."
  const besides = [
    ...(planned > 0 ? [`${formatFigures(planned)} of them planned`] : []),
    ...(slowNodes > 0 ? [`${formatFigures(slowNodes)} for slow nodes`] : [])
  ]
  return `It is interrupted ${formatFigures(total.mean)} times${besides.length === 0 ? "" : `, ${besides.join(", ")}`}${failureSeconds === null ? "" : `; a failure comes every ${formatSeconds(failureSeconds)}`}.`
}

const statistics = ["mean", "p5", "p50", "p95"] as const

const spreadTable = (run: WholeRun): Block => {
  const columns: readonly (readonly [Spread | null, Column])[] = [
    [run.seconds, seconds("calendar time")],
    [run.goodput, share("goodput")],
    [run.lostSeconds, seconds("work done again")],
    [run.interruptions.total, amount("interruptions", "")],
    [run.acceleratorHours, count("GPU-hours")],
    [run.kilowattHours, { name: "energy", unit: "kWh", show: (value) => formatQuantity3(value * 1000, "Wh") }],
    [run.gramsCarbon, { name: "CO2e", unit: "g", show: (grams) => formatQuantity3(grams / 1e6, "t") }],
    [run.cost, money("cost")]
  ]
  const known = columns.flatMap(([spread, column]) => (spread === null ? [] : [{ spread, column }]))
  return table(
    run.runs === 1 ? "What it takes" : `Over ${formatCount(run.runs)} simulated runs`,
    [words(""), ...known.map(({ column }) => column)],
    (run.runs === 1 ? statistics.slice(0, 1) : statistics).map((statistic) => [
      statistic,
      ...known.map(({ spread }) => spread[statistic])
    ])
  )
}

const componentTable = ({ interruptions: { byComponent } }: WholeRun): readonly Block[] => {
  const failing = Object.entries(byComponent).filter(([, often]) => often > 0)
  return failing.length === 0
    ? []
    : [
        table(
          "What fails, mean times a run",
          [words("component"), { name: "failures", unit: "", show: formatFigures }],
          failing.toSorted(([, one], [, other]) => other - one)
        )
      ]
}

const checkpointBlocks = ({ checkpoint, failureSeconds }: WholeRun): readonly Block[] => {
  if (checkpoint === null) return [list(["Nothing is saved: a failure costs all that was done."])]
  const { bytes, pauseSeconds, uploadSeconds, intervalSeconds, advice } = checkpoint
  const upload = uploadSeconds === 0 ? "" : ` and can be used ${formatSeconds(uploadSeconds)} later`
  const rule =
    advice === null || advice.daly === null || failureSeconds === null
      ? ""
      : ` Daly's rule says ${formatSeconds(advice.daly)}.`
  return [
    text(
      `A checkpoint of ${formatBytes(bytes)} every ${formatSeconds(intervalSeconds)} stops the work for ${formatSeconds(pauseSeconds)}${upload}.${advice === null ? "" : ` Of the intervals simulated, ${formatSeconds(advice.intervalSeconds)} is best.`}${rule}`
    ),
    ...(advice === null || advice.tried.length < 2
      ? []
      : [
          table(
            "Calendar time by checkpoint interval",
            [seconds("interval"), seconds("run"), share("longer than the best")],
            advice.tried.map((one) => [one.intervalSeconds, one.runSeconds, one.runSeconds / advice.runSeconds - 1])
          )
        ])
  ]
}
