/**
 * The factors of a machine from what was measured on it, with the errors of every measurement before and after.
 */
import type { AttainedFactors, AttainedName, ProfileSubject } from "../../scenario/index.ts"
import { fitFactors, type FactorFit, type FactorPrior } from "./factor-fit.ts"
import type { LocalPoint } from "./local-point.ts"

/**
 * How far a machine may be from the shipped constants before anything is measured, as standard deviations of the logarithm:
 * the widths that the shipped fit takes for the same things (free-constants.ts).
 */
export const factorWidths: Readonly<Record<AttainedName, number>> = {
  compute: 0.15,
  memory: 0.15,
  scaleUp: 0.3,
  network: 0.3,
  host: 0.3
}

export interface CalibratedPoint {
  readonly name: string
  readonly unit: string
  readonly measured: number
  /** Predicted with the shipped constants, and with the factors. */
  readonly raw: number
  readonly calibrated: number
  /** Predicted over measured, minus 1. */
  readonly rawError: number
  readonly calibratedError: number
  /** 90 % interval of the same measured again on this machine. */
  readonly interval: readonly [number, number]
}

export interface MachineCalibration {
  readonly of: ProfileSubject
  readonly fit: FactorFit<AttainedName>
  /** The determined ones alone. */
  readonly factors: AttainedFactors
  readonly points: readonly CalibratedPoint[]
}

/** A measurement that cannot be predicted, and why. */
export interface Unpredictable {
  readonly name: string
  readonly reason: string
}

export const calibrateMachine = (
  of: ProfileSubject,
  points: readonly LocalPoint[]
): MachineCalibration | Unpredictable => {
  const predictions = (attained: AttainedFactors): readonly (number | string)[] =>
    points.map(({ predict }) => predict(attained))
  const raw = predictions({})
  const failed = raw.findIndex((value) => typeof value === "string")
  if (failed >= 0) return { name: points[failed]?.name ?? "", reason: String(raw[failed]) }
  const names: readonly AttainedName[] = ["compute", "memory", "scaleUp", ...(of.network === null ? [] : ["network" as const]), "host"] // prettier-ignore
  const priors = names.map((name): FactorPrior<AttainedName> => ({ name, width: factorWidths[name] }))
  const residualsOf = (values: readonly (number | string)[]): readonly number[] =>
    values.map((value, index) =>
      typeof value === "string" ? Number.NaN : Math.log(value / (points[index]?.measured ?? Number.NaN))
    )
  const fit = fitFactors(priors, (attained) => residualsOf(predictions(attained)))
  const factors: AttainedFactors = Object.fromEntries(
    fit.factors.filter(({ isDetermined }) => isDetermined).map(({ name, value }) => [name, value])
  )
  const after = predictions(factors)
  return {
    of,
    fit,
    factors,
    points: points.map(({ name, unit, measured }, index) => {
      const [before, calibrated] = [Number(raw[index]), Number(after[index])]
      const half = Math.exp(fit.spread[index] ?? 0)
      return {
        name,
        unit,
        measured,
        raw: before,
        calibrated,
        rawError: before / measured - 1,
        calibratedError: calibrated / measured - 1,
        interval: [calibrated / half, calibrated * half]
      }
    })
  }
}
