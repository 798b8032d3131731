/**
 * Calibration: the constants of accelerators, links and stacks refitted to published training measurements, all at
 * once, through the simulator itself.
 */
import { allConstants, classChain, stackLineage, withConstants, type Constant } from "../catalog/index.ts"
import { simulateTraining, isImpossible, type TrainingJob } from "../training/index.ts"
import { median, quantile } from "../statistics/index.ts"
import type { LeftOut } from "./errors.ts"
import { fit, type Fit, type FittedConstant, type FitPoint, type FreeConstant } from "./fit.ts"
import { freeConstants } from "./free-constants.ts"
import { toScenario, type MappedPoint } from "./mapping.ts"
import type { Measurement } from "./measurement.ts"
import { isTime, speedOf, type Comparison } from "./metrics.ts"
import { jobOf } from "./predict.ts"
import { isRefusal, numberOf } from "./reading.ts"

/** Errors beyond this count less and less: five to six per cent is what repeated measurements differ by. */
const robustScale = 0.06

export interface CalibrationOptions {
  readonly measurements: readonly Measurement[]
  readonly iterations: number
  /** Kernel constants that were refitted before and hold during this fit. */
  readonly kernelConstants?: readonly FittedConstant[]
  readonly onProgress?: (text: string) => void
}

export interface Calibration {
  readonly constants: readonly FittedConstant[]
  /** Points used, and their median absolute error before and after. */
  readonly points: number
  readonly before: number
  readonly after: number
  /** Each source predicted by the constants fitted to all the others. */
  readonly leftOut: readonly LeftOut[]
}

interface Usable {
  readonly mapped: MappedPoint
  readonly comparison: Comparison
  readonly job: TrainingJob
}

/** The measurements that a fit can use: trusted, with a speed, and expressible. */
const usable = (measurements: readonly Measurement[]): readonly Usable[] =>
  measurements.flatMap((point) => {
    if ((numberOf(point.trust) ?? 3) > 2) return []
    const mapped = toScenario(point)
    if (isRefusal(mapped)) return []
    const comparison = speedOf(mapped)
    const job = jobOf(mapped.scenario)
    if (comparison === undefined || "reason" in job) return []
    const outcome = simulateTraining(job)
    return isImpossible(outcome) ? [] : [{ mapped, comparison, job }]
  })

/** Which constants can matter to a job. */
const dependsOn =
  (job: TrainingJob) =>
  (key: string): boolean => {
    const [kind = "", name = ""] = key.split(".")
    if (kind === "stack") return stackLineage(job.stack.name).includes(name)
    if (kind === "link") return job.fabric.network?.link.name === name || job.fabric.scaleUp.link.name === name
    if (kind === "network" || kind === "synchronisation") return true
    if (kind === "unfused") return job.stack.attention === "unfused"
    if (kind === "sharded") return job.sharding.zeroStage === 3
    return classChain(job.accelerator.efficiencyClass).includes(kind)
  }

/** log(predicted / measured) in seconds. */
const logError = ({ mapped, comparison }: Usable): number => {
  const job = jobOf(mapped.scenario)
  if ("reason" in job) return 0
  const outcome = simulateTraining(job)
  if (isImpossible(outcome)) return 0
  const ratio = comparison.predict(outcome) / comparison.measured
  return Math.max(-1.5, Math.min(1.5, Math.log(isTime(comparison.metric) ? ratio : 1 / ratio)))
}

const fitTo = (
  rows: readonly Usable[],
  free: readonly FreeConstant[],
  iterations: number,
  onProgress?: (text: string) => void
): Fit => {
  const points: readonly FitPoint[] = rows.map(({ mapped, job }) => ({
    id: mapped.point.id,
    group: mapped.family,
    dependsOn: dependsOn(job)
  }))
  const residual = (index: number, values: Readonly<Record<string, number>>): number => {
    const row = rows[index]
    return row === undefined ? 0 : withConstants(values, () => logError(row))
  }
  return fit(free, points, residual, {
    iterations,
    robustScale,
    ...(onProgress === undefined
      ? {}
      : {
          onIteration: (iteration, loss) =>
            onProgress(`iteration ${iteration + 1} of ${iterations}, loss ${loss.toFixed(4)}`)
        })
  })
}

const valuesOf = (constants: readonly FittedConstant[]): Record<string, number> =>
  Object.fromEntries(constants.map(({ key, value }) => [key, value]))

const absoluteErrors = (rows: readonly Usable[], values: Readonly<Record<string, number>>): readonly number[] =>
  withConstants(values, () => rows.map((row) => Math.abs(Math.expm1(logError(row)))))

/** Refits the constants. */
export const calibrate = (options: CalibrationOptions): Calibration =>
  withConstants(valuesOf(options.kernelConstants ?? []), () => calibrateTraining(options))

const calibrateTraining = ({ measurements, iterations, onProgress }: CalibrationOptions): Calibration => {
  const rows = usable(measurements)
  const free = freeConstants()
  const before = median(absoluteErrors(rows, {}))
  const { constants, without } = fitTo(rows, free, iterations, onProgress)
  const values = valuesOf(constants)
  const leftOut = [...new Set(rows.map((row) => row.mapped.family))].map((source) => {
    const own = rows.filter((row) => row.mapped.family === source)
    const errors = absoluteErrors(own, without(source))
    return { source, points: own.length, median: median(errors), p90: quantile(errors, 0.9) }
  })
  return { constants, points: rows.length, before, after: median(absoluteErrors(rows, values)), leftOut }
}

/**
 * The constants without a source's measurements, for each source: one step of the fit from the shipped constants. Other
 * sources have no answer: nothing of theirs was fitted.
 */
export const trainingWithout = (
  measurements: readonly Measurement[]
): ((source: string) => Readonly<Record<string, number>>) => {
  const rows = usable(measurements)
  const sources = new Set(rows.map((row) => row.mapped.family))
  const { without } = fitTo(rows, freeConstants(), 0)
  return (source) => (sources.has(source) ? without(source) : {})
}

const figures = (value: number, digits: number): number => Number(value.toPrecision(digits))

/** Whether a constant belongs to served inference, which has a fit and a file of its own. */
export const isOfServing = (key: string): boolean => key.startsWith("serving.") || key.includes(".inference.")

/**
 * The catalogue's `fitted.json` with refitted constants in place of the old.
 *
 * @param source the measurements, as the constants' source will name them
 */
export const calibratedConstants = (
  kernels: readonly FittedConstant[],
  training: readonly FittedConstant[],
  source: string
): Record<string, Constant> => {
  const shipped = Object.fromEntries(
    allConstants()
      .filter(({ key, constant }) => constant.origin === "fitted" && !isOfServing(key))
      .map(({ key, constant }) => [key, constant])
  )
  const add = (constants: readonly FittedConstant[], words: string): void => {
    for (const { key, value, interval, points, residual } of constants)
      shipped[key] = {
        value: figures(value, 4),
        origin: "fitted",
        source: words,
        interval: [figures(interval[0], 3), figures(interval[1], 3)],
        points,
        residual: figures(residual, 3)
      }
  }
  add(kernels, "windtunnel calibrate, measured kernels of ai-dynamo/aiconfigurator@095f58a5")
  add(training, `windtunnel calibrate, ${source}`)
  return shipped
}
