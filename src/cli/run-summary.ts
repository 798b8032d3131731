/**
 * The summary of a run: the answer, where the time goes, how far to trust it, what to do next. 80 columns, one screen.
 */
import type { DecodedScenario, LoadedScenario, ResolvedTraining } from "../scenario/index.ts"
import { rangesOf, type PredictionInterval } from "../intervals/index.ts"
import { describeScenario } from "../scenario/index.ts"
import type { Breakdown, FabricCosts, TrainingResult, WholeRun } from "../training/index.ts"
import {
  formatBytes,
  formatCount,
  formatFigures,
  formatFlops,
  formatPercent,
  formatQuantity3,
  formatSeconds
} from "../units/index.ts"
import { fabricRows } from "./fabric-summary.ts"
import { machineGroupRows } from "./machine-groups-summary.ts"
import { formatSeconds4 } from "./seconds.ts"
import { stragglerRows } from "./stragglers-summary.ts"
import { beside, carbon, dollars, indent, labelled, rangeRows, row, trustLines } from "./summary-parts.ts"
import type { Terminal } from "./terminal.ts"
import { wholeRunRows } from "./training-run-summary.ts"
import { columns, wrapped } from "./wrapping.ts"

export interface Run {
  readonly resolved: ResolvedTraining
  readonly result: TrainingResult
  /** Where the scenario says what happens in it (training.run). */
  readonly wholeRun?: WholeRun | undefined
  /** Brings what was measured before `--set` changed the scenario. */
  readonly loaded?: Pick<LoadedScenario, "measuredUnchanged">
  /** Of the iteration. */
  readonly interval?: PredictionInterval | undefined
  /** Where the network has a topology. */
  readonly fabric?: FabricCosts | null
}

export const summaryText = (
  { resolved, result, wholeRun, loaded, interval, fabric = null }: Run,
  terminal: Terminal,
  next: readonly string[]
): string => {
  const about = describeScenario(resolved)
  return [
    about.title,
    ...wrapped(about.parts, " · "),
    "",
    ...rows(resolved, result, loaded?.measuredUnchanged ?? {}, terminal, interval, fabric),
    "",
    ...breakdownRows(result.breakdown, result.iterationSeconds),
    "",
    ...(wholeRun === undefined
      ? []
      : [...wholeRunRows(wholeRun, resolved.scenario.measured?.run, loaded?.measuredUnchanged?.run), ""]),
    ...labelled("trust", trustLines(result.evidence, interval?.basis)),
    ...(next.length === 0 ? [] : labelled("next", next))
  ].join("\n")
}

type Measured = NonNullable<DecodedScenario["measured"]>

const rows = (
  resolved: ResolvedTraining,
  result: TrainingResult,
  unchanged: Measured,
  terminal: Terminal,
  interval: PredictionInterval | undefined,
  fabric: FabricCosts | null
): readonly string[] => {
  const { job } = resolved
  const measured: Measured = resolved.scenario.measured ?? {}
  const { energy, cost } = result
  const seconds = measured.iterationSeconds === undefined ? formatSeconds : formatSeconds4
  return [
    row("iteration", seconds(result.iterationSeconds)),
    ...rangeRows(interval && rangesOf(result.iterationSeconds, interval), formatSeconds),
    ...beside(result.iterationSeconds, measured.iterationSeconds, unchanged.iterationSeconds, formatSeconds4),
    row(
      "throughput",
      `${formatFigures(result.tokensPerSecond)} tokens/s · ${formatFigures(result.tokensPerSecondPerAccelerator)} tokens/s/GPU`
    ),
    row(
      "utilisation",
      wrapped(
        [
          `MFU ${formatPercent(result.modelFlopsUtilisation)} · HFU ${formatPercent(result.hardwareFlopsUtilisation)}`,
          `${formatFlops(result.loggedFlopsPerAccelerator)} as ${job.stack.name} counts`
        ],
        " · ",
        columns - indent
      )
    ),
    ...beside(
      result.loggedFlopsPerAccelerator / 1e12,
      measured.tflopsPerAccelerator,
      unchanged.tflopsPerAccelerator,
      (teraflops) => formatFlops(teraflops * 1e12)
    ),
    ...(result.droppedShare === null || result.droppedShare === 0
      ? []
      : [row("dropped", `${formatPercent(result.droppedShare)} of the token copies find no place at their expert`)]),
    ...machineGroupRows(resolved, result),
    ...stragglerRows(resolved, result),
    ...fabricRows(resolved, result, fabric),
    row("memory", memoryText(result.memory, terminal)),
    ...beside(result.memory.fullest.peakBytes, measured.memory, unchanged.memory, formatBytes),
    // The whole run has a block of its own where more is known of it.
    ...(result.run === null || job.run?.settings !== undefined
      ? []
      : [
          row(
            `${formatCount(result.run.tokens)} tokens`,
            wrapped(
              [
                formatSeconds(result.run.seconds),
                `${formatCount(result.run.acceleratorHours)} GPU-hours`,
                formatQuantity3(result.run.kilowattHours * 1000, "Wh"),
                ...(result.run.cost === null ? [] : [dollars(result.run.cost)]),
                ...(result.run.gramsCarbon === null ? [] : [carbon(result.run.gramsCarbon)])
              ],
              " · ",
              columns - indent
            )
          )
        ]),
    row(
      "energy",
      `${formatQuantity3(energy.joulesPerIteration, "J")} an iteration · ${formatQuantity3(energy.averageWattsPerAccelerator, "W")} a GPU`
    ),
    ...(cost.perIteration === null || cost.perMillionTokens === null
      ? []
      : [
          row("cost", `${dollars(cost.perIteration)} an iteration · ${dollars(cost.perMillionTokens)} a million tokens`)
        ])
  ]
}

const memoryText = ({ capacityBytes, fits, fullest }: TrainingResult["memory"], terminal: Terminal): string => {
  const spare = formatBytes(Math.abs(capacityBytes - fullest.peakBytes))
  const verdict = fits ? terminal.good(`fits, ${spare} spare`) : terminal.bad(`does not fit, ${spare} too much`)
  return `${formatBytes(fullest.peakBytes)} of ${formatBytes(capacityBytes)} on stage ${fullest.stage} · ${verdict}`
}

export interface Share {
  readonly name: string
  readonly seconds: number
}

const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((total, value) => total + value, 0)

/** The parts of an iteration, which add up to it. */
export const sharesOf = ({ compute, exposed, bubble, host, optimizer }: Breakdown): readonly Share[] => [
  { name: "compute", seconds: sum(compute) },
  { name: "pipeline bubble", seconds: bubble },
  { name: "tensor parallel", seconds: exposed.tensor },
  { name: "pipeline sends", seconds: exposed.pipeline },
  { name: "data parallel", seconds: exposed.data },
  { name: "context parallel", seconds: exposed.context },
  { name: "expert parallel", seconds: exposed.expert },
  { name: "host", seconds: host },
  { name: "optimizer", seconds: optimizer }
]

const breakdownRows = (breakdown: Breakdown, iterationSeconds: number): readonly string[] => {
  const shares = sharesOf(breakdown)
  const shown = shares
    .filter(({ seconds }) => seconds >= 0.005 * iterationSeconds)
    .sort((a, b) => b.seconds - a.seconds)
  const rest = sum(
    Object.fromEntries(shares.filter((share) => !shown.includes(share)).map(({ name, seconds }) => [name, seconds]))
  )
  // Sums that should cancel leave a rest of the last digits.
  const all = rest > 1e-9 * iterationSeconds ? [...shown, { name: "everything else", seconds: rest }] : shown
  const line = ({ name, seconds }: Share): string => {
    const share = seconds / iterationSeconds
    const percent = `${(share * 100).toFixed(0)} %`
    return `  ${name.padEnd(20)}${formatSeconds(seconds).padStart(9)}${percent.padStart(7)}  ${"#".repeat(Math.round(share * 40))}`.trimEnd()
  }
  return ["where an iteration goes", ...all.map(line)]
}
