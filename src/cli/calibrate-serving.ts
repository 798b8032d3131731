/**
 * `windtunnel calibrate --serving`: the constants of served inference refitted to measurements.
 */
import * as Effect from "effect/Effect"
import type { ServingCalibration } from "../validation/index.ts"
import { loadValidation, measurementsOf } from "./validate.ts"

const percent = (value: number): string => (100 * value).toFixed(1).padStart(6)
/** Times in microseconds, shares and factors as they are. */
const figures = (value: number): string => (value < 1e-2 ? `${(value * 1e6).toPrecision(3)} us` : value.toPrecision(3))

/** What the fit gave, as text. */
export const servingReportOf = (calibration: ServingCalibration): string =>
  [
    `${calibration.constants.length} constants fitted to ${calibration.points} measured quantities of served inference`,
    `median error ${percent(calibration.before).trim()} % before, ${percent(calibration.after).trim()} % after`,
    "",
    `${"constant".padEnd(58)}${"value".padStart(10)}  ${"80 % interval".padEnd(22)}${"n".padStart(4)}`,
    ...calibration.constants.map(
      ({ key, value, interval, points }) =>
        `${key.padEnd(58)}${figures(value).padStart(10)}  ${`${figures(interval[0])}..${figures(interval[1])}`.padEnd(22)}${String(points).padStart(4)}`
    ),
    "",
    `${"predicted without the source".padEnd(46)}${"n".padStart(6)}${"median %".padStart(10)}${"p90 %".padStart(8)}`,
    ...calibration.leftOut.map(
      ({ source, points, median, p90 }) =>
        `${source.padEnd(46)}${String(points).padStart(6)}${percent(median).padStart(10)}${percent(p90).padStart(8)}`
    )
  ].join("\n")

/** The fit and the constants that it gives, from measurement files or from the shipped measurements. */
export const calibrateServing = Effect.fn("calibrateServing")(function* (
  measurements: readonly string[],
  iterations: number,
  onProgress: (text: string) => void
) {
  const validation = yield* loadValidation
  const { inference } = yield* measurementsOf(measurements)
  const calibration = validation.calibrateServing({ measurements: inference, iterations, onProgress })
  const constants = validation.calibratedServingConstants(
    calibration.constants,
    measurements.length === 0 ? "the shipped measurements" : measurements.join(", ")
  )
  return { calibration, constants }
})
