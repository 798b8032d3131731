/**
 * Two results side by side.
 */
import {
  formatBytes,
  formatCount,
  formatFigures,
  formatPercent,
  formatQuantity3,
  formatSeconds
} from "../units/index.ts"
import type { ComparedDocument, ComparedRun } from "./result-document.ts"
import { carbon, dollars } from "./summary-parts.ts"
import { runPartName } from "./training-run-summary.ts"

export interface Side {
  readonly label: string
  readonly document: ComparedDocument
}

export interface ComparedMetric {
  readonly name: string
  readonly a: number
  readonly b: number
  /** b over a, less one; null where a is zero. */
  readonly change: number | null
}

export interface Comparison {
  readonly a: { readonly label: string; readonly name: string; readonly hash: string; readonly fits: boolean }
  readonly b: Comparison["a"]
  readonly metrics: readonly ComparedMetric[]
  /** Parts of an iteration in seconds; the largest difference first. The differences add up to that of the iteration. */
  readonly breakdown: readonly ComparedPart[]
  /** Of the whole runs, where both scenarios say what happens in one: means, and parts of the calendar time in seconds. */
  readonly wholeRun: { readonly metrics: readonly ComparedMetric[]; readonly breakdown: readonly ComparedPart[] } | null
}

export type ComparedPart = ComparedMetric & { readonly difference: number }

const metric = (name: string, a: number, b: number): ComparedMetric => ({
  name,
  a,
  b,
  change: a === 0 ? null : b / a - 1
})

const partsOf = ({ breakdown }: ComparedDocument["result"]): ReadonlyMap<string, number> =>
  new Map([
    ...Object.entries(breakdown.compute).map(([kind, seconds]) => [`compute: ${kind}`, seconds] as const),
    ...Object.entries(breakdown.exposed).map(([group, seconds]) => [`communication: ${group}`, seconds] as const),
    ["pipeline bubble", breakdown.bubble],
    ["host", breakdown.host],
    ["optimizer", breakdown.optimizer]
  ])

export const comparisonOf = (first: Side, second: Side): Comparison => {
  const [a, b] = [first.document.result, second.document.result]
  const [before, after] = [partsOf(a), partsOf(b)]
  const [one, other] = [first.document.wholeRun, second.document.wholeRun]
  return {
    a: about(first),
    b: about(second),
    metrics: [
      metric("iterationSeconds", a.iterationSeconds, b.iterationSeconds),
      metric("tokensPerSecond", a.tokensPerSecond, b.tokensPerSecond),
      metric("tokensPerSecondPerAccelerator", a.tokensPerSecondPerAccelerator, b.tokensPerSecondPerAccelerator),
      metric("modelFlopsUtilisation", a.modelFlopsUtilisation, b.modelFlopsUtilisation),
      metric("hardwareFlopsUtilisation", a.hardwareFlopsUtilisation, b.hardwareFlopsUtilisation),
      metric("peakBytes", a.memory.fullest.peakBytes, b.memory.fullest.peakBytes),
      metric("joulesPerIteration", a.energy.joulesPerIteration, b.energy.joulesPerIteration),
      ...(a.cost.perIteration === null || b.cost.perIteration === null
        ? []
        : [metric("costPerIteration", a.cost.perIteration, b.cost.perIteration)])
    ],
    breakdown: differences(before, after, a.iterationSeconds),
    wholeRun: one === undefined || other === undefined ? null : comparedRuns(one, other)
  }
}

/** Parts of two wholes, the largest difference first. */
const differences = (
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  whole: number
): readonly ComparedPart[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => {
      const [one, other] = [before.get(name) ?? 0, after.get(name) ?? 0]
      const difference = other - one
      // Sums in another order differ in their last digits.
      const same = Math.abs(difference) < 1e-9 * whole
      return Object.assign(metric(name, one, other), { difference: same ? 0 : difference })
    })
    .sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference))

const comparedRuns = (a: ComparedRun, b: ComparedRun): NonNullable<Comparison["wholeRun"]> => ({
  metrics: [
    metric("calendarSeconds", a.seconds.mean, b.seconds.mean),
    metric("goodput", a.goodput.mean, b.goodput.mean),
    metric("acceleratorHours", a.acceleratorHours.mean, b.acceleratorHours.mean),
    metric("interruptions", a.interruptions.total.mean, b.interruptions.total.mean),
    metric("lostSeconds", a.lostSeconds.mean, b.lostSeconds.mean),
    metric("kilowattHours", a.kilowattHours.mean, b.kilowattHours.mean),
    ...(a.gramsCarbon === null || b.gramsCarbon === null
      ? []
      : [metric("gramsCarbon", a.gramsCarbon.mean, b.gramsCarbon.mean)]),
    ...(a.cost === null || b.cost === null ? [] : [metric("costOfRun", a.cost.mean, b.cost.mean)])
  ],
  breakdown: differences(
    new Map(Object.entries(a.breakdown).map(([part, seconds]) => [runPartName(part), seconds])),
    new Map(Object.entries(b.breakdown).map(([part, seconds]) => [runPartName(part), seconds])),
    a.seconds.mean
  )
})

const about = ({ label, document }: Side): Comparison["a"] => ({
  label,
  name: document.scenario.name ?? label,
  hash: document.hash,
  fits: document.result.memory.fits
})

interface Shown {
  readonly label: string
  readonly format: (value: number) => string
}

const shown: Readonly<Record<string, Shown>> = {
  iterationSeconds: { label: "iteration", format: formatSeconds },
  tokensPerSecond: { label: "tokens/s", format: formatFigures },
  tokensPerSecondPerAccelerator: { label: "tokens/s/GPU", format: formatFigures },
  modelFlopsUtilisation: { label: "MFU", format: formatPercent },
  hardwareFlopsUtilisation: { label: "HFU", format: formatPercent },
  peakBytes: { label: "memory, fullest", format: formatBytes },
  joulesPerIteration: { label: "energy", format: (joules) => formatQuantity3(joules, "J") },
  calendarSeconds: { label: "the whole run", format: formatSeconds },
  goodput: { label: "goodput", format: formatPercent },
  acceleratorHours: { label: "GPU-hours", format: formatCount },
  interruptions: { label: "interruptions", format: formatFigures },
  lostSeconds: { label: "work done again", format: formatSeconds },
  kilowattHours: { label: "energy of the run", format: (kilowattHours) => formatQuantity3(1000 * kilowattHours, "Wh") },
  gramsCarbon: { label: "CO2e of the run", format: carbon },
  costOfRun: { label: "cost of the run", format: dollars },
  costPerIteration: { label: "cost an iteration", format: (amount) => `$${formatFigures(amount)}` }
}

const line = (label: string, a: string, b: string, change: string): string =>
  `  ${label.padEnd(26)}${a.padStart(15)}${b.padStart(15)}${change.padStart(14)}`.trimEnd()

const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text)

const metricLines = (metrics: readonly ComparedMetric[]): readonly string[] =>
  metrics.map(({ name, a, b, change }) => {
    const { label, format } = shown[name] ?? { label: name, format: formatFigures }
    return line(label, format(a), format(b), change === null ? "" : signed(formatPercent(change), change))
  })

const partLines = (title: string, parts: readonly ComparedPart[]): readonly string[] => {
  const moved = parts.filter(({ difference }) => difference !== 0)
  const unmoved = parts.filter(({ difference }) => difference === 0).reduce((sum, { a }) => sum + a, 0)
  return [
    line(title, "A", "B", "difference"),
    ...moved.map(({ name, a, b, difference }) =>
      line(name, formatSeconds(a), formatSeconds(b), signed(formatSeconds(difference), difference))
    ),
    line(moved.length === 0 ? "nowhere" : "everything else", formatSeconds(unmoved), formatSeconds(unmoved), "")
  ]
}

export const comparisonText = ({ a, b, metrics, breakdown, wholeRun }: Comparison): string =>
  [
    `A  ${a.name} (${a.label})${a.fits ? "" : " does not fit"}`,
    `B  ${b.name} (${b.label})${b.fits ? "" : " does not fit"}`,
    "",
    line("", "A", "B", "change"),
    ...metricLines(metrics),
    "",
    ...partLines("where it changes", breakdown),
    ...(wholeRun === null
      ? []
      : [
          "",
          line("the whole run, mean", "A", "B", "change"),
          ...metricLines(wholeRun.metrics),
          "",
          ...partLines("where the days change", wholeRun.breakdown)
        ])
  ].join("\n")
