/**
 * Two results side by side.
 */
import { formatBytes, formatFigures, formatPercent, formatQuantity3, formatSeconds } from "../units/index.ts"
import type { ComparedDocument } from "./result-document.ts"

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
  readonly breakdown: readonly (ComparedMetric & { readonly difference: number })[]
}

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
  const names = [...new Set([...before.keys(), ...after.keys()])]
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
    breakdown: names
      .map((name) => {
        const [one, other] = [before.get(name) ?? 0, after.get(name) ?? 0]
        const difference = other - one
        // Sums in another order differ in their last digits.
        const same = Math.abs(difference) < 1e-9 * a.iterationSeconds
        return Object.assign(metric(name, one, other), { difference: same ? 0 : difference })
      })
      .sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference))
  }
}

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
  costPerIteration: { label: "cost an iteration", format: (amount) => `$${formatFigures(amount)}` }
}

const line = (label: string, a: string, b: string, change: string): string =>
  `  ${label.padEnd(26)}${a.padStart(15)}${b.padStart(15)}${change.padStart(14)}`.trimEnd()

const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text)

export const comparisonText = ({ a, b, metrics, breakdown }: Comparison): string => {
  const moved = breakdown.filter(({ difference }) => difference !== 0)
  const unmoved = breakdown.filter(({ difference }) => difference === 0).reduce((sum, { a }) => sum + a, 0)
  return [
    `A  ${a.name} (${a.label})${a.fits ? "" : " does not fit"}`,
    `B  ${b.name} (${b.label})${b.fits ? "" : " does not fit"}`,
    "",
    line("", "A", "B", "change"),
    ...metrics.map(({ name, a, b, change }) => {
      const { label, format } = shown[name] ?? { label: name, format: formatFigures }
      return line(label, format(a), format(b), change === null ? "" : signed(formatPercent(change), change))
    }),
    "",
    line("where it changes", "A", "B", "difference"),
    ...moved.map(({ name, a, b, difference }) =>
      line(name, formatSeconds(a), formatSeconds(b), signed(formatSeconds(difference), difference))
    ),
    line(moved.length === 0 ? "nowhere" : "everything else", formatSeconds(unmoved), formatSeconds(unmoved), "")
  ].join("\n")
}
