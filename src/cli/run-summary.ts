/**
 * The summary of a run: the answer, where the time goes, how far to trust it, what to do next. 80 columns, one screen.
 */
import type { DecodedScenario, ResolvedScenario } from "../scenario/index.ts"
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
import type { Terminal } from "./terminal.ts"

const width = 80

export interface Run {
  readonly resolved: ResolvedScenario
  readonly result: TrainingResult
}

export const summaryText = ({ resolved, result }: Run, terminal: Terminal, next: readonly string[]): string => {
  const about = describeScenario(resolved)
  return [
    about.title,
    ...wrapped(about.parts, " · "),
    "",
    ...rows(resolved, result, terminal),
    "",
    ...breakdownRows(result.breakdown, result.iterationSeconds),
    "",
    ...labelled("trust", trustLines(result.evidence)),
    ...(next.length === 0 ? [] : labelled("next", next))
  ].join("\n")
}

/** Parts joined into lines of at most 80 columns. */
const wrapped = (parts: readonly string[], separator: string): readonly string[] => {
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + separator.length + part.length <= width)
      lines[lines.length - 1] = last + separator + part
    else lines.push(part)
  }
  return lines
}

const rows = (resolved: ResolvedScenario, result: TrainingResult, terminal: Terminal): readonly string[] => {
  const { job } = resolved
  const measured: NonNullable<DecodedScenario["measured"]> = resolved.scenario.measured ?? {}
  const flops = measured.tflopsPerAccelerator === undefined ? undefined : measured.tflopsPerAccelerator * 1e12
  const { energy, cost } = result
  return [
    row("iteration", formatSeconds(result.iterationSeconds)),
    ...beside(result.iterationSeconds, measured.iterationSeconds, formatSeconds),
    row(
      "throughput",
      `${formatFigures(result.tokensPerSecond)} tokens/s · ${formatFigures(result.tokensPerSecondPerAccelerator)} tokens/s/GPU`
    ),
    row(
      "utilisation",
      `MFU ${formatPercent(result.modelFlopsUtilisation)} · HFU ${formatPercent(result.hardwareFlopsUtilisation)}`,
      `(${formatFlops(result.loggedFlopsPerAccelerator)} as ${job.stack.name} counts)`
    ),
    ...beside(result.loggedFlopsPerAccelerator, flops, formatFlops),
    row("memory", memoryText(result.memory, terminal)),
    ...beside(result.memory.fullest.peakBytes, measured.memory, formatBytes),
    ...(result.run === null
      ? []
      : [
          row(
            `${formatCount(result.run.tokens)} tokens`,
            [
              formatSeconds(result.run.seconds),
              `${formatCount(result.run.acceleratorHours)} GPU-hours`,
              formatQuantity3(result.run.kilowattHours * 1000, "Wh"),
              ...(result.run.cost === null ? [] : [dollars(result.run.cost)]),
              ...(result.run.gramsCarbon === null ? [] : [`${formatQuantity3(result.run.gramsCarbon, "g")} CO2`])
            ].join(" · ")
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

/** A labelled value with its note, which stands on a line of its own where the first is full. */
const row = (label: string, value: string, note = ""): string => {
  const start = `  ${label.padEnd(13)}${value}`
  if (note === "") return start
  return start.length + 1 + note.length <= width ? `${start} ${note}` : `${start}\n${row("", note)}`
}

/** A measured value and how far the prediction is from it, on a line of its own below the prediction. */
const beside = (
  predicted: number,
  measured: number | undefined,
  format: (value: number) => string
): readonly string[] => {
  if (measured === undefined || measured <= 0) return []
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
  const fits = evidence.flatMap(({ constant: { points, residual } }) =>
    points === undefined || residual === undefined ? [] : [{ points, residual }]
  )
  const largest = fits.reduce((best, fit) => (fit.points > best.points ? fit : best), { points: 0, residual: 0 })
  const assumed = evidence.filter(({ constant }) => constant.origin === "assumed").map(({ name }) => name)
  return [
    ...(largest.points === 0
      ? []
      : [`fitted to ${largest.points} measurements, median error ${formatPercent(largest.residual)}`]),
    counts.length === 0
      ? "no constant of this result has a recorded origin"
      : `constants that mattered: ${counts.join(", ")}`,
    ...(assumed.length === 0 ? [] : [clipped(`assumed: ${assumed.join(", ")}`)])
  ]
}

const clipped = (text: string): string => (text.length <= width - 8 ? text : `${text.slice(0, width - 11)}...`)

const labelled = (label: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => `${(index === 0 ? label : "").padEnd(8)}${line}`)

/** Why the work does not fit, and what fills the memory. */
export const doesNotFitText = ({ memory }: TrainingResult): string => {
  const { fullest, capacityBytes } = memory
  const kinds = Object.entries(fullest.kinds)
    .filter(([, bytes]) => bytes > 0)
    .map(([kind, bytes]) => `${kind} ${formatBytes(bytes)}`)
  return [
    `does not fit: stage ${fullest.stage} needs ${formatBytes(fullest.peakBytes)} of ${formatBytes(capacityBytes)} at ${formatSeconds(fullest.atSeconds)}, ${fullest.during}`,
    ...wrapped(kinds, " · ").map((line) => `  ${line}`)
  ].join("\n")
}
