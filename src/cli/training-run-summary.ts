/**
 * The block of a summary about the whole run: how long, how much of it is training, what stopped it, how often to save.
 */
import type { DecodedScenario } from "../scenario/index.ts"
import type { WholeRun } from "../training/index.ts"
import { formatBytes, formatCount, formatPercent, formatQuantity3, formatSeconds } from "../units/index.ts"
import { beside, carbon, dollars, indent, row } from "./summary-parts.ts"
import { columns, wrapped } from "./wrapping.ts"

type Measured = NonNullable<NonNullable<DecodedScenario["measured"]>["run"]>

/** Words of the parts of the calendar time. */
const partNames: Readonly<Record<keyof WholeRun["breakdown"], string>> = {
  productive: "training",
  slowed: "slowed down",
  checkpoint: "checkpoints",
  lost: "work done again",
  detection: "until noticed",
  waiting: "waiting for repair",
  swap: "swapping nodes",
  restart: "restarting",
  planned: "planned stops"
}

/** A part of the calendar time in words. */
export const runPartName = (part: string): string =>
  part in partNames ? partNames[part as keyof WholeRun["breakdown"]] : part

const parts = (label: string, texts: readonly string[]): string => row(label, wrapped(texts, " · ", columns - indent))

/** Lines of the whole run, 80 columns wide, with what was published beside it, or published before `--set` changed it. */
export const wholeRunRows = (run: WholeRun, measured: Measured = {}, unchanged: Measured = {}): readonly string[] => {
  const { seconds, goodput, acceleratorHours, kilowattHours, interruptions } = run
  return [
    `the whole run: ${formatCount(run.tokens)} tokens in ${formatCount(run.steps)} steps${several(run)}`,
    parts("time", [formatSeconds(seconds.mean), ...between(run, seconds, formatSeconds)]),
    ...beside(seconds.mean, measured.duration, unchanged.duration, formatSeconds),
    parts("goodput", [
      `${formatPercent(goodput.mean)} of the time is training`,
      ...between(run, goodput, formatPercent)
    ]),
    ...beside(goodput.mean, measured.goodput, unchanged.goodput, formatPercent),
    parts("GPU-hours", [formatCount(acceleratorHours.mean)]),
    ...beside(acceleratorHours.mean, measured.acceleratorHours, unchanged.acceleratorHours, formatCount),
    parts("energy", [
      formatQuantity3(kilowattHours.mean * 1000, "Wh"),
      ...(run.gramsCarbon === null ? [] : [carbon(run.gramsCarbon.mean)])
    ]),
    ...beside(kilowattHours.mean * joulesPerKilowattHour, measured.energy, unchanged.energy, wattHours),
    ...(measured.ratedEnergy === undefined
      ? []
      : [
          parts("rated power", [`${formatQuantity3(run.ratedKilowattHours * 1000, "Wh")} of the accelerators alone`]),
          ...beside(run.ratedKilowattHours * joulesPerKilowattHour, measured.ratedEnergy, undefined, wattHours)
        ]),
    ...(run.cost === null
      ? []
      : [
          parts("cost", [dollars(run.cost.mean), ...between(run, run.cost, dollars)]),
          ...beside(run.cost.mean, measured.cost, unchanged.cost, dollars)
        ]),
    parts("interrupted", [
      `${formatCount(interruptions.total.mean)} times`,
      ...Object.entries(interruptions.byComponent)
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${name} ${formatCount(count)}`),
      ...(interruptions.planned > 0 ? [`planned ${formatCount(interruptions.planned)}`] : []),
      ...(interruptions.slowNodes > 0 ? [`slow nodes ${formatCount(interruptions.slowNodes)}`] : [])
    ]),
    ...beside(interruptions.total.mean, measured.interruptions, unchanged.interruptions, formatCount),
    ...checkpointRows(run),
    ...(run.unfinished === 0
      ? []
      : [parts("given up", [`${run.unfinished} of ${run.runs} runs; they count with the time until then`])]),
    ...unfitRows(run),
    "",
    ...breakdownRows(run)
  ]
}

const joulesPerKilowattHour = 3.6e6
const wattHours = (joules: number): string => formatQuantity3(joules / 3600, "Wh")

const several = ({ runs }: WholeRun): string => (runs === 1 ? "" : `, mean of ${formatCount(runs)} simulated runs`)

/** Where nine of ten runs lie, unless they are all the same. */
const between = (
  { runs }: WholeRun,
  { p5, p95 }: WholeRun["seconds"],
  format: (value: number) => string
): readonly string[] =>
  runs === 1 || format(p5) === format(p95) ? [] : [`${format(p5)} to ${format(p95)} in nine of ten`]

const checkpointRows = ({ checkpoint, failureSeconds }: WholeRun): readonly string[] => {
  if (checkpoint === null) return []
  const { bytes, pauseSeconds, uploadSeconds, intervalSeconds, advice } = checkpoint
  return [
    parts("checkpoints", [
      `${formatBytes(bytes)} every ${formatSeconds(intervalSeconds)}`,
      `stops ${formatSeconds(pauseSeconds)}`,
      ...(uploadSeconds === 0 ? [] : [`uploads ${formatSeconds(uploadSeconds)}`])
    ]),
    ...(advice === null || advice.daly === null || failureSeconds === null
      ? []
      : [
          parts("", [
            `best every ${formatSeconds(advice.intervalSeconds)} (Daly ${formatSeconds(advice.daly)}, a failure every ${formatSeconds(failureSeconds)})`
          ])
        ])
  ]
}

const unfitRows = ({ segments }: WholeRun): readonly string[] => {
  const unfit = segments.find(({ fits }) => !fits)
  return unfit === undefined
    ? []
    : [
        parts("memory", [
          `does not fit where ${formatCount(unfit.globalBatch)} sequences have ${formatCount(unfit.sequenceLength)} tokens`
        ])
      ]
}

const breakdownRows = ({ breakdown, seconds }: WholeRun): readonly string[] => {
  const lines = Object.entries(breakdown)
    .filter(([, spent]) => spent >= 0.0005 * seconds.mean)
    .sort(([, one], [, other]) => other - one)
    .map(([part, spent]) => {
      const share = spent / seconds.mean
      const name = partNames[part as keyof WholeRun["breakdown"]]
      const percent = `${(share * 100).toFixed(1)} %`
      return `  ${name.padEnd(20)}${formatSeconds(spent).padStart(9)}${percent.padStart(8)} ${"#".repeat(Math.round(share * 40))}`.trimEnd()
    })
  return ["where the calendar goes", ...lines]
}
