/**
 * `windtunnel calibrate --measurements mine.csv`: what a machine of one's own attains, as a profile that scenarios name.
 */
import { basename } from "node:path"
import * as Effect from "effect/Effect"
import { rangeAt, rangesOf, type Anchor, type PredictionInterval, type Quantity } from "../intervals/index.ts"
import { profileFormat, servingHalf, trainingHalf } from "../scenario/index.ts"
import { quantile } from "../statistics/index.ts"
import { formatFigures } from "../units/index.ts"
import {
  calibrateMachine,
  factorWidths,
  type CalibratedPoint,
  type LocalPoint,
  type MachineCalibration
} from "../validation/index.ts"
import { CannotRun, InputWrong } from "./failure.ts"
import { machineMeasurements, type OpenedPoint } from "./machine-measurements.ts"
import { print, printJson, remark } from "./output.ts"
import { servingIntervals, trainingInterval } from "./prediction-intervals.ts"
import { writeText } from "./text-file.ts"
import { version } from "./version.ts"
import { columns, paragraph } from "./wrapping.ts"

export const calibrateMachineCommand = Effect.fn("calibrateMachine")(function* (
  tables: readonly string[],
  out: string | undefined,
  json: boolean
) {
  const { of, points } = yield* machineMeasurements(tables)
  const calibration = calibrateMachine(
    of,
    points.map(({ point }) => point)
  )
  if ("reason" in calibration)
    return yield* new InputWrong({ text: `${calibration.name}\n  cannot be predicted: ${calibration.reason}` })
  if (Object.keys(calibration.factors).length === 0)
    return yield* new CannotRun({
      text: "the measurements determine no factor: no change of compute, memory, links or host within reason would be told from their scatter"
    })
  const before = yield* Effect.promise(() => Promise.all(points.map(intervalBefore)))
  const profile = {
    ...profileDocument(calibration, before, out ?? tables[0] ?? ""),
    anchors: anchorsFrom(calibration, points)
  }
  if (out !== undefined) {
    const failure = writeText(out, `${JSON.stringify(profile, null, 2)}\n`)
    if (failure !== undefined) return yield* new InputWrong({ text: `${out}\n  cannot write the profile: ${failure}` })
    if (!json) yield* remark(`wrote ${out}`)
  }
  return yield* json ? printJson(profile) : print(machineText(calibration, before, out))
})

/** Factor of the 90 % interval that the shipped measurements give, before anything was measured here; null = none. */
const intervalBefore = async ({ resolved, metric, point }: OpenedPoint): Promise<number | null> => {
  const factorOf = (interval: PredictionInterval | undefined): number | null =>
    interval === undefined ? null : (rangeAt(rangesOf(1, interval), 0.9)?.high ?? null)
  if (metric === "collectives" || metric === "kernels") return null
  // Whatever profile the scenario holds already.
  if (resolved._tag === "ResolvedTraining") {
    const { calibration: _none, ...scenario } = resolved.scenario
    return factorOf(await trainingInterval({ ...resolved, scenario }))
  }
  const { calibration: _none, ...scenario } = resolved.scenario
  const { first, token, throughput } = await servingIntervals({ ...resolved, scenario })
  return factorOf({ first, token, throughput }[quantityOf(point)])
}

/** What a benchmark's number, or a step time, measures. */
const quantityOf = ({ name }: LocalPoint): Exclude<Quantity, "iteration"> =>
  /ttft/.test(name) ? "first" : /tpot|itl/.test(name) ? "token" : "throughput"

/** The measured scenarios, for intervals of others on this machine: numbers of whole runs, not of kernels or collectives. */
const anchorsFrom = ({ points }: MachineCalibration, opened: readonly OpenedPoint[]): readonly Anchor[] =>
  opened.flatMap(({ metric, resolved, point }, index): readonly Anchor[] => {
    const known = points[index]
    if (metric === "collectives" || metric === "kernels" || known === undefined) return []
    const half =
      resolved._tag === "ResolvedTraining" ? trainingHalf(resolved) : servingHalf(resolved, quantityOf(point))
    const { name, calibrated, calibratedError, interval } = known
    return [{ ...half, name, error: Math.log1p(calibratedError), again: Math.log(interval[1] / calibrated) }]
  })

const medianOf = (errors: readonly number[]): number =>
  quantile(Float64Array.from(errors.map(Math.abs)).toSorted(), 0.5)

const profileDocument = (
  { of, factors, fit, points }: MachineCalibration,
  before: readonly (number | null)[],
  file: string
) => ({
  windtunnelProfile: profileFormat,
  name: basename(file),
  windtunnel: version,
  of,
  factors,
  fit: fit.factors.map(({ name, value, interval, isDetermined }) => ({
    name,
    value,
    interval,
    isDetermined,
    prior: factorWidths[name]
  })),
  scatter: fit.scatter,
  errors: {
    rawMedian: medianOf(points.map(({ rawError }) => rawError)),
    calibratedMedian: medianOf(points.map(({ calibratedError }) => calibratedError))
  },
  measurements: points.map((point, index) => {
    const factor = before[index] ?? null
    return { ...point, intervalBefore: factor === null ? null : [point.raw / factor, point.raw * factor] }
  })
})

const titles = {
  compute: "compute",
  memory: "memory rate",
  scaleUp: "links in a node",
  network: "network",
  host: "host time"
} as const

const percent = (error: number): string => `${error > 0 ? "+" : ""}${(100 * error).toFixed(1)} %`
const range = ([low, high]: readonly [number, number]): string => `${formatFigures(low)}..${formatFigures(high)}`

const factorLine = ({ name, value, interval, isDetermined }: MachineCalibration["fit"]["factors"][number]): string =>
  isDetermined
    ? `${titles[name].padEnd(18)}${value.toFixed(3).padStart(8)}  ${range(interval)}`
    : `${titles[name].padEnd(18)}${"1".padStart(8)}  kept: the measurements do not determine it`

const pointLines = (point: CalibratedPoint, factor: number | null): readonly string[] => {
  const { name, unit, measured, raw, calibrated, rawError, calibratedError, interval } = point
  const shown = (value: number, error: number): string => `${formatFigures(value)} (${percent(error)})`
  const old = factor === null ? "none" : range([raw / factor, raw * factor])
  return [
    ...paragraph(name, columns),
    `  measured ${formatFigures(measured)} ${unit}, raw ${shown(raw, rawError)}, calibrated ${shown(calibrated, calibratedError)}`,
    `  90 % interval before ${old}, after ${range(interval)}`
  ]
}

export const machineText = (
  { of, fit, points }: MachineCalibration,
  before: readonly (number | null)[],
  out: string | undefined
): string =>
  [
    `${of.accelerator}, ${of.network ?? "no network"}, ${of.stack}: ${points.length} measured number${points.length === 1 ? "" : "s"} of ${of.kind}`,
    `median error ${(100 * medianOf(points.map(({ rawError }) => rawError))).toFixed(1)} % raw, ${(100 * medianOf(points.map(({ calibratedError }) => calibratedError))).toFixed(1)} % calibrated`,
    "",
    `${"over shipped".padEnd(18)}${"factor".padStart(8)}  90 % interval`,
    ...fit.factors.map(factorLine),
    "",
    ...points.flatMap((point, index) => pointLines(point, before[index] ?? null)),
    "",
    out === undefined
      ? "--out my-machine.profile.json keeps it for scenarios to name: calibration: my-machine.profile.json"
      : `a scenario names it: calibration: ${out}; or windtunnel run SCENARIO --profile ${out}`
  ].join("\n")
