/**
 * The summary of a run: the answer, where the time goes, how far to trust it, what to do next. 80 columns, one screen.
 */
import type { DecodedScenario, LoadedScenario, ResolvedScenario } from "../scenario/index.ts"
import { describeScenario } from "../scenario/index.ts"
import type { Breakdown, Evidence, TrainingResult } from "../training/index.ts"
import {
  formatBytes,
  formatCount,
  formatFigures,
  formatFlops,
  formatPercent,
  formatQuantity3,
  formatSeconds
} from "../units/index.ts"
import { formatSeconds4 } from "./seconds.ts"
import type { Terminal } from "./terminal.ts"
import { columns, wrapped } from "./wrapping.ts"

export interface Run {
  readonly resolved: ResolvedScenario
  readonly result: TrainingResult
  /** Brings what was measured before `--set` changed the scenario. */
  readonly loaded?: Pick<LoadedScenario, "measuredUnchanged">
}

export const summaryText = ({ resolved, result, loaded }: Run, terminal: Terminal, next: readonly string[]): string => {
  const about = describeScenario(resolved)
  return [
    about.title,
    ...wrapped(about.parts, " · "),
    "",
    ...rows(resolved, result, loaded?.measuredUnchanged ?? {}, terminal),
    "",
    ...breakdownRows(result.breakdown, result.iterationSeconds),
    "",
    ...labelled("trust", trustLines(result.evidence)),
    ...(next.length === 0 ? [] : labelled("next", next))
  ].join("\n")
}

type Measured = NonNullable<DecodedScenario["measured"]>

const rows = (
  resolved: ResolvedScenario,
  result: TrainingResult,
  unchanged: Measured,
  terminal: Terminal
): readonly string[] => {
  const { job } = resolved
  const measured: Measured = resolved.scenario.measured ?? {}
  const { energy, cost } = result
  const seconds = measured.iterationSeconds === undefined ? formatSeconds : formatSeconds4
  return [
    row("iteration", seconds(result.iterationSeconds)),
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
    row("memory", memoryText(result.memory, terminal)),
    ...beside(result.memory.fullest.peakBytes, measured.memory, unchanged.memory, formatBytes),
    ...(result.run === null
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

const dollars = (amount: number): string => `$${amount < 1e6 ? formatFigures(amount) : formatCount(amount)}`

/** Grams of CO2 and what warms like it; a kilogram and a tonne have names of their own. */
const carbon = (grams: number): string =>
  grams < 1e6 ? `${formatQuantity3(grams, "g")} CO2e` : `${formatCount(grams / 1e6)} tonnes CO2e`

/** Column at which values start. */
const indent = 15

/** A label with its value, or with the parts of it that have to stand on lines of their own. */
const row = (label: string, value: string | readonly string[]): string => {
  const [first = "", ...others] = typeof value === "string" ? [value] : value
  return [`  ${label}`.padEnd(indent) + first, ...others.map((part) => " ".repeat(indent) + part)].join("\n")
}

/** A measured value and how far the prediction is from it, on a line of its own below the prediction. */
const beside = (
  predicted: number,
  measured: number | undefined,
  unchanged: number | undefined,
  format: (value: number) => string
): readonly string[] => {
  if (measured === undefined || measured <= 0)
    return unchanged === undefined ? [] : [row("", `${format(unchanged)} was measured for the unchanged scenario`)]
  const error = predicted / measured - 1
  return [row("", `measured ${format(measured)} (${error > 0 ? "+" : ""}${formatPercent(error)})`)]
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
  const all = rest > 0 ? [...shown, { name: "everything else", seconds: rest }] : shown
  const line = ({ name, seconds }: Share): string => {
    const share = seconds / iterationSeconds
    const percent = `${(share * 100).toFixed(0)} %`
    return `  ${name.padEnd(20)}${formatSeconds(seconds).padStart(9)}${percent.padStart(7)}  ${"#".repeat(Math.round(share * 40))}`.trimEnd()
  }
  return ["where an iteration goes", ...all.map(line)]
}

const origins = ["measured", "fitted", "published", "data-sheet", "assumed"] as const

/** How many of the constants that mattered came from where, and which of them nobody measured. */
const trustLines = (evidence: readonly Evidence[]): readonly string[] => {
  const counts = origins
    .map((origin) => ({ origin, count: evidence.filter(({ constant }) => constant.origin === origin).length }))
    .filter(({ count }) => count > 0)
    .map(({ origin, count }) => `${count} ${origin}`)
  const assumed = evidence.filter(({ constant }) => constant.origin === "assumed").map(({ name }) => name)
  return [
    ...nearestMeasurements(evidence),
    counts.length === 0
      ? "no constant of this result has a recorded origin"
      : `constants that mattered: ${counts.join(", ")}`,
    ...(assumed.length === 0 ? [] : [listed("assumed: ", assumed)])
  ]
}

/** The constants that were fitted to the measurements most like this scenario: of its stack, else of its accelerator. */
const nearestMeasurements = (evidence: readonly Evidence[]): readonly string[] => {
  const fits = evidence.flatMap(({ name, constant: { origin, source, points, residual } }) =>
    origin !== "fitted" || points === undefined || residual === undefined ? [] : [{ name, source, points, residual }]
  )
  const whose = [
    { text: "of this stack", of: fits.filter(({ name }) => name.startsWith("stack.")) },
    { text: "of this accelerator's family", of: fits.filter(({ name }) => name.includes(".gemm.")) },
    { text: "of this accelerator's family", of: fits }
  ].find(({ of }) => of.length > 0)
  const [largest] = (whose?.of ?? []).toSorted((one, other) => other.points - one.points)
  if (whose === undefined || largest === undefined) return []
  const { points, residual } = largest
  return [`nearest measurements: ${formatCount(points)} ${whose.text}, median error ${formatPercent(residual)}`]
}

/** As many names as a line takes, and how many there are besides. */
const listed = (start: string, names: readonly string[]): string => {
  const room = columns - 8
  const whole = start + names.join(", ")
  if (whole.length <= room) return whole
  const ends = names.map(
    (_, index) => `${start}${names.slice(0, index + 1).join(", ")} and ${names.length - index - 1} more`
  )
  return ends.findLast((text) => text.length <= room) ?? `${start}${names.length} constants`
}

const labelled = (label: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => `${(index === 0 ? label : "").padEnd(8)}${line}`)
