/**
 * Calibration of served inference: the constants of accelerators and serving stacks refitted to published measurements, in
 * two stages. Static batches are priced by the step model alone; then, with what they gave held, servers under load are
 * simulated as a user's scenarios are.
 */
import { allConstants, constantOf, servingStackLineage, withConstants, type Constant } from "../../catalog/index.ts"
import { median, quantile } from "../../statistics/index.ts"
import type { LeftOut } from "../errors.ts"
import { fit, type Fit, type FittedConstant, type FitPoint, type FreeConstant } from "../fit.ts"
import type { InferenceEntry } from "../inference/point.ts"
import { freeServingConstants, type Stage } from "./free-constants.ts"
import type { FitRow } from "./row.ts"
import { servedRows } from "./served-rows.ts"
import { staticRows } from "./static-rows.ts"

/** Errors beyond this count less and less. */
const robustScale = 0.08

export interface ServingCalibrationOptions {
  readonly measurements: readonly InferenceEntry[]
  /** Steps of the first stage at most; the second takes half as many. */
  readonly iterations: number
  readonly onProgress?: (text: string) => void
}

export interface ServingCalibration {
  readonly constants: readonly FittedConstant[]
  /** Quantities used, and their median absolute error with the shipped constants and with the fitted ones. */
  readonly points: number
  readonly before: number
  readonly after: number
  /** Each source predicted by the constants fitted to all the others. */
  readonly leftOut: readonly LeftOut[]
}

type Values = Readonly<Record<string, number>>

/** Which constants can matter to a row: those that its prediction read, and those of its own stack and version. */
const dependsOn = ({ evidence, stack }: FitRow): ((key: string) => boolean) => {
  const read = new Set(evidence)
  const { name, version, versions } = stack
  const release = versions.find((one) => version === one || version.startsWith(`${one}.`)) ?? version
  const owners = servingStackLineage(name).map((owner) => `serving.${owner}@${release}.`)
  return (key) => read.has(key) || owners.some((owner) => key.startsWith(owner))
}

const clamped = (value: number): number => (Number.isFinite(value) ? Math.max(-1.5, Math.min(1.5, value)) : 0)

const fitTo = (
  rows: readonly FitRow[],
  stage: Stage,
  held: Values,
  iterations: number,
  onProgress?: (text: string) => void,
  free: readonly FreeConstant[] = freeServingConstants(stage)
): Fit => {
  const points: readonly FitPoint[] = rows.map((row) => ({ id: row.id, group: row.group, dependsOn: dependsOn(row) }))
  const residual = (index: number, values: Values): number => {
    const row = rows[index]
    return row === undefined ? 0 : withConstants({ ...held, ...values }, () => clamped(row.logError()))
  }
  return fit(free, points, residual, {
    iterations,
    robustScale,
    ...(onProgress === undefined
      ? {}
      : {
          onIteration: (iteration, loss) =>
            onProgress(`${stage}: iteration ${iteration + 1} of ${iterations}, loss ${loss.toFixed(4)}`)
        })
  })
}

const valuesOf = (constants: readonly FittedConstant[]): Record<string, number> =>
  Object.fromEntries(constants.map(({ key, value }) => [key, value]))

const absoluteErrors = (rows: readonly FitRow[], values: Values): readonly number[] =>
  withConstants(values, () => rows.map((row) => Math.abs(Math.expm1(clamped(row.logError())))))

const leftOutOf = (rows: readonly FitRow[], held: Values, { without }: Fit): ServingCalibration["leftOut"] =>
  [...new Set(rows.map((row) => row.group))].map((source) => {
    const own = rows.filter((row) => row.group === source)
    const errors = absoluteErrors(own, { ...held, ...without(source) })
    return { source, points: own.length, median: median(errors), p90: quantile(errors, 0.9) }
  })

/** Refits the constants. */
export const calibrateServing = ({
  measurements,
  iterations,
  onProgress
}: ServingCalibrationOptions): ServingCalibration => {
  const batches = staticRows(measurements)
  const served = servedRows(measurements, (key) => constantOf(key)?.value)
  const rows = [...batches, ...served]
  const before = median(absoluteErrors(rows, {}))
  const first = fitTo(batches, "static", {}, iterations, onProgress)
  const held = valuesOf(first.constants)
  const second = fitTo(served, "served", held, Math.ceil(iterations / 2), onProgress)
  const constants = [...first.constants, ...second.constants]
  return {
    constants,
    points: rows.length,
    before,
    after: median(absoluteErrors(rows, valuesOf(constants))),
    leftOut: [...leftOutOf(batches, {}, first), ...leftOutOf(served, held, second)]
  }
}

/** The shipped values, from which a step of the fit leads to those without a source. */
const fromShipped = (stage: Stage): readonly FreeConstant[] =>
  freeServingConstants(stage).map((one) => ({
    ...one,
    centre: one.initial,
    initial: constantOf(one.key)?.value ?? one.initial
  }))

/** The constants without a source's measurements, for each source: one step of either fit from the shipped constants. */
export const servingWithout = (measurements: readonly InferenceEntry[]): ((source: string) => Values) => {
  const stages = (["static", "served"] as const).map((stage) => {
    const rows =
      stage === "static" ? staticRows(measurements) : servedRows(measurements, (key) => constantOf(key)?.value)
    const { without } = fitTo(rows, stage, {}, 0, undefined, fromShipped(stage))
    return { sources: new Set(rows.map((row) => row.group)), without }
  })
  return (source) =>
    Object.assign({}, ...stages.map(({ sources, without }) => (sources.has(source) ? without(source) : {})))
}

const figures = (value: number, digits: number): number => Number(value.toPrecision(digits))

/** Keys that a calibration of serving owns. */
const isServingKey = (key: string): boolean => key.startsWith("serving.") || key.includes(".inference.")

/**
 * The catalogue's `fitted-serving.json` with refitted constants in place of the old.
 *
 * @param source the measurements, as the constants' source will name them
 */
export const calibratedServingConstants = (
  constants: readonly FittedConstant[],
  source: string
): Record<string, Constant> => {
  const shipped = Object.fromEntries(
    allConstants()
      .filter(({ key, constant }) => constant.origin === "fitted" && isServingKey(key))
      .map(({ key, constant }) => [key, constant])
  )
  for (const { key, value, interval, points, residual } of constants)
    // What no measurement informs keeps its prior.
    if (points > 0)
      shipped[key] = {
        value: figures(value, 4),
        origin: "fitted",
        source: `windtunnel calibrate, ${source}`,
        interval: [figures(interval[0], 3), figures(interval[1], 3)],
        points,
        residual: figures(residual, 3)
      }
  return shipped
}
