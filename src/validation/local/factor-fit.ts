/**
 * A few factors fitted to a few measurements of one machine: least squares on log(predicted / measured), drawn towards 1.
 *
 *   sum of (log(predicted / measured) / s)^2 + sum of (log(factor) / width)^2
 *
 * The scatter s is 3 % where nothing is known, and comes from the residuals as these grow in number (the mean of an inverse
 * gamma prior of four measurements). A factor that the measurements say little about stays 1: its interval would be the
 * prior's.
 */
import { studentFactor } from "../../statistics/index.ts"
import { solve } from "../fit.ts"

export interface FactorPrior<Name extends string> {
  readonly name: Name
  /** Standard deviation of log(factor) before anything is measured. */
  readonly width: number
}

export interface FactorFit<Name extends string> {
  readonly factors: readonly {
    readonly name: Name
    readonly value: number
    /** 90 % interval. */
    readonly interval: readonly [number, number]
    readonly isDetermined: boolean
  }[]
  /** Standard deviation of log(predicted / measured). */
  readonly scatter: number
  /** Half-width of the 90 % interval of log(measured / predicted) of each measurement, were it measured again. */
  readonly spread: readonly number[]
}

/** log(predicted / measured) of all measurements under factors; NaN where a prediction fails. */
export type Residuals<Name extends string> = (factors: Readonly<Record<Name, number>>) => readonly number[]

const priorScatter = 0.03
const priorCount = 4
/** A factor whose interval stays wider than this share of the prior's is not determined. */
const determined = 0.75
const step = 0.04
const mostIterations = 8
/** No measurement moves a factor further in one step. */
const farthest = 0.5

interface Solution {
  readonly at: Float64Array
  readonly residuals: readonly number[]
  readonly slopes: readonly (readonly number[])[]
}

const lossOf = (residuals: readonly number[], at: Float64Array, widths: readonly number[], scatter: number): number =>
  residuals.reduce((sum, residual) => sum + (residual / scatter) ** 2, 0) +
  widths.reduce((sum, width, index) => sum + ((at[index] ?? 0) / width) ** 2, 0)

/** Normal matrix: information of the measurements and of the priors. */
const informationOf = (slopes: Solution["slopes"], widths: readonly number[], scatter: number) =>
  widths.map((width, row) =>
    Float64Array.from(
      widths,
      (_, column) =>
        (slopes[row] ?? []).reduce((sum, slope, at) => sum + slope * (slopes[column]?.[at] ?? 0), 0) / scatter ** 2 +
        (row === column ? 1 / width ** 2 : 0)
    )
  )

const inverseOf = (matrix: readonly Float64Array[]): readonly Float64Array[] =>
  matrix.map((_, column) =>
    solve(
      matrix,
      Float64Array.from(matrix, (__, row) => (row === column ? 1 : 0))
    )
  )

const minimise = (
  widths: readonly number[],
  scatter: number,
  residualsAt: (at: Float64Array) => readonly number[]
): Solution => {
  let at = new Float64Array(widths.length)
  let residuals = residualsAt(at)
  const slopesAt = (): Solution["slopes"] =>
    widths.map((_, index) => {
      const moved = Float64Array.from(at)
      moved[index] = (moved[index] ?? 0) + step
      return residualsAt(moved).map((residual, row) => (residual - (residuals[row] ?? 0)) / step)
    })
  let slopes = slopesAt()
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const right = Float64Array.from(
      widths,
      (width, index) =>
        -(slopes[index] ?? []).reduce((sum, slope, row) => sum + slope * (residuals[row] ?? 0), 0) / scatter ** 2 -
        (at[index] ?? 0) / width ** 2
    )
    const wanted = solve(informationOf(slopes, widths, scatter), right)
    const size = Math.max(...wanted.map(Math.abs), 0)
    if (size < 1e-5) break
    const loss = lossOf(residuals, at, widths, scatter)
    let share = Math.min(1, farthest / size)
    let moved = false
    for (let halving = 0; halving < 6 && !moved; halving++, share /= 2) {
      const tried = Float64Array.from(at, (value, index) => value + share * (wanted[index] ?? 0))
      const triedResiduals = residualsAt(tried)
      if (!(lossOf(triedResiduals, tried, widths, scatter) < loss)) continue
      at = tried
      residuals = triedResiduals
      moved = true
    }
    if (!moved) break
    slopes = slopesAt()
  }
  return { at, residuals, slopes }
}

export const fitFactors = <Name extends string>(
  priors: readonly FactorPrior<Name>[],
  residualsOf: Residuals<Name>
): FactorFit<Name> => {
  const ones = Object.fromEntries(priors.map(({ name }) => [name, 1])) as Record<Name, number>
  let free = [...priors]
  for (;;) {
    const now = free
    const widths = now.map(({ width }) => width)
    const residualsAt = (at: Float64Array): readonly number[] =>
      residualsOf({
        ...ones,
        ...(Object.fromEntries(now.map(({ name }, index) => [name, Math.exp(at[index] ?? 0)])) as Record<Name, number>)
      })
    const first = minimise(widths, priorScatter, residualsAt)
    const count = first.residuals.length
    const squares = first.residuals.reduce((sum, residual) => sum + residual ** 2, 0)
    const scatter = Math.sqrt((priorCount * priorScatter ** 2 + squares) / (priorCount + count))
    const { at, slopes } = minimise(widths, scatter, residualsAt)
    const covariance = inverseOf(informationOf(slopes, widths, scatter))
    const deviation = now.map((_, index) => Math.sqrt(covariance[index]?.[index] ?? 0))
    // The least determined goes first: what it might explain is then left to the others.
    const shares = deviation.map((value, index) => value / (widths[index] ?? 1))
    const worst = shares.indexOf(Math.max(...shares))
    if (now.length > 0 && (shares[worst] ?? 0) > determined) {
      free = now.filter((_, index) => index !== worst)
      continue
    }
    const t = studentFactor(0.9, priorCount + count)
    return {
      factors: priors.map(({ name, width }) => {
        const index = now.findIndex((one) => one.name === name)
        const value = index < 0 ? 0 : (at[index] ?? 0)
        const half = index < 0 ? 1.645 * width : t * (deviation[index] ?? 0)
        return {
          name,
          value: Math.exp(value),
          interval: [Math.exp(value - half), Math.exp(value + half)],
          isDetermined: index >= 0
        }
      }),
      scatter,
      spread: first.residuals.map((_, row) => {
        let variance = scatter ** 2
        now.forEach((__, i) =>
          now.forEach((___, j) => {
            variance += (slopes[i]?.[row] ?? 0) * (covariance[i]?.[j] ?? 0) * (slopes[j]?.[row] ?? 0)
          })
        )
        return t * Math.sqrt(variance)
      })
    }
  }
}
