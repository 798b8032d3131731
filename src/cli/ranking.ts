/**
 * Any number of results in a table, the fastest iteration first, each beside what was measured.
 */
import { median, spearman } from "../statistics/index.ts"
import { formatBytes, formatFigures, formatPercent } from "../units/index.ts"
import type { Side } from "./comparison.ts"
import { formatSeconds4 } from "./seconds.ts"
import { columns } from "./wrapping.ts"

export interface Ranked {
  readonly label: string
  readonly name: string
  readonly hash: string
  readonly iterationSeconds: number
  /** TFLOP/s per accelerator as the stack logs them. */
  readonly tflopsPerAccelerator: number
  /** Of the fullest rank. */
  readonly peakBytes: number
  readonly fits: boolean
  /** What the scenario says was measured: the iteration where it is known, else the rate. */
  readonly measured: { readonly metric: "iterationSeconds" | "tflopsPerAccelerator"; readonly value: number } | null
  /** predicted / measured - 1. */
  readonly error: number | null
}

export interface Ranking {
  readonly scenarios: readonly Ranked[]
  /** Agreement with what was measured; null below five measured values. */
  readonly summary: {
    readonly measured: number
    readonly medianError: number
    /** Spearman's, of the measured and predicted values of the metric that most of them have. */
    readonly rankCorrelation: number
  } | null
}

const fewest = 5

const rankedOf = ({ label, document: { scenario, hash, result } }: Side): Ranked => {
  const { iterationSeconds, loggedFlopsPerAccelerator, memory } = result
  const tflopsPerAccelerator = loggedFlopsPerAccelerator / 1e12
  const { iterationSeconds: seconds = 0, tflopsPerAccelerator: rate = 0 } = scenario.measured ?? {}
  const measured =
    seconds > 0
      ? ({ metric: "iterationSeconds", value: seconds } as const)
      : rate > 0
        ? ({ metric: "tflopsPerAccelerator", value: rate } as const)
        : null
  const predicted = { iterationSeconds, tflopsPerAccelerator }
  return {
    label,
    name: scenario.name ?? label,
    hash,
    ...predicted,
    peakBytes: memory.fullest.peakBytes,
    fits: memory.fits,
    measured,
    error: measured === null ? null : predicted[measured.metric] / measured.value - 1
  }
}

export const rankingOf = (sides: readonly Side[]): Ranking => {
  const scenarios = sides.map(rankedOf).sort((a, b) => a.iterationSeconds - b.iterationSeconds)
  return { scenarios, summary: summaryOf(scenarios) }
}

const summaryOf = (scenarios: readonly Ranked[]): Ranking["summary"] => {
  const errors = scenarios.flatMap(({ error }) => (error === null ? [] : [Math.abs(error)]))
  if (errors.length < fewest) return null
  const pairs = (metric: "iterationSeconds" | "tflopsPerAccelerator") =>
    scenarios.flatMap((one) => (one.measured?.metric === metric ? [[one.measured.value, one[metric]] as const] : []))
  const [times, rates] = [pairs("iterationSeconds"), pairs("tflopsPerAccelerator")]
  const compared = times.length >= rates.length ? times : rates
  return {
    measured: errors.length,
    medianError: median(errors),
    rankCorrelation: spearman(
      compared.map(([measured]) => measured),
      compared.map(([, predicted]) => predicted)
    )
  }
}

const cells = [11, 9, 10, 13, 9] as const
const labelWidth = columns - cells.reduce((sum, width) => sum + width, 0)

const line = (label: string, ...values: readonly string[]): string =>
  `${clipped(label).padEnd(labelWidth)}${values.map((value, index) => value.padStart(cells[index] ?? 0)).join("")}`.trimEnd()

/** The end of a path tells more than its start. */
const clipped = (label: string): string =>
  label.length < labelWidth ? label : `..${label.slice(label.length - labelWidth + 3)}`

export const rankingText = ({ scenarios, summary }: Ranking): string => {
  const isTooLarge = scenarios.some(({ fits }) => !fits)
  const shared = sharedFolder(scenarios.map(({ label }) => label))
  return [
    line(shared === "" ? "scenario" : shared, "iteration", "TFLOP/s", "memory", "measured", "error"),
    ...scenarios.map(({ label, iterationSeconds, tflopsPerAccelerator, peakBytes, fits, measured, error }) =>
      line(
        label.slice(shared.length).replace(/(?:\/result)?\.(?:ya?ml|json|m?[jt]s)$/, ""),
        formatSeconds4(iterationSeconds),
        formatFigures(tflopsPerAccelerator),
        `${fits ? "" : "! "}${formatBytes(peakBytes)}`,
        measured === null
          ? ""
          : measured.metric === "iterationSeconds"
            ? formatSeconds4(measured.value)
            : `${formatFigures(measured.value)} TFLOP/s`,
        error === null ? "" : `${error > 0 ? "+" : ""}${formatPercent(error)}`
      )
    ),
    ...(!isTooLarge ? [] : ["", `! does not fit in memory: the time is what it would take if it did`]),
    ...(summary === null
      ? []
      : [
          "",
          `${summary.measured} measured: median error ${formatPercent(summary.medianError)}, rank correlation ${summary.rankCorrelation.toFixed(2)}`
        ])
  ].join("\n")
}

/** The folder that all labels lie in, with its slash; labels that are only names have none. */
export const sharedFolder = (labels: readonly string[]): string => {
  const folders = labels.map((label) => label.split("/").slice(0, -1))
  const [first = []] = folders
  const depth = first.findIndex((step, index) => folders.some((folder) => folder[index] !== step))
  const steps = depth < 0 ? first : first.slice(0, depth)
  return steps.length === 0 ? "" : `${steps.join("/")}/`
}
