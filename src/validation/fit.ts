/**
 * A robust least-squares fit: Levenberg-Marquardt on log(predicted / measured) with Cauchy weights and weak priors.
 *
 * Knows nothing of what is fitted: a point answers a residual for the constants of the moment.
 */

/** A constant that a fit may move. */
export interface FreeConstant {
  readonly key: string
  /** Where the search starts. */
  readonly initial: number
  /** Where the prior sits; the start, unless said otherwise. */
  readonly centre?: number
  /** `positive` moves in log space; `share` keeps to 0..1 by a logit. */
  readonly scale: "positive" | "share"
  /** Standard deviation of the prior, in the moved space. */
  readonly prior: number
}

/** A measurement that a fit uses. */
export interface FitPoint {
  readonly id: string
  /** Measurements of one group were made together and are resampled together. */
  readonly group: string
  /** Whether a constant can matter to it. */
  readonly dependsOn: (key: string) => boolean
}

/** log(predicted / measured) of a point under constants. */
export type Residual = (point: number, values: Readonly<Record<string, number>>) => number

export interface FittedConstant {
  readonly key: string
  readonly value: number
  /** 80 % interval by resampling groups around the solution. */
  readonly interval: readonly [number, number]
  /** Points that feel it, and their median absolute residual. */
  readonly points: number
  readonly residual: number
}

export interface Fit {
  readonly constants: readonly FittedConstant[]
  /**
   * The constants without a group's points: one Gauss-Newton step from the solution, from which they are never far.
   * A constant that only the group informs returns to the centre of its prior.
   */
  readonly without: (group: string) => Readonly<Record<string, number>>
}

export interface FitOptions {
  readonly iterations: number
  /** Residuals beyond this count ever less. */
  readonly robustScale: number
  readonly onIteration?: (iteration: number, loss: number) => void
}

const shareFloor = 0.005

const moved = (constant: FreeConstant, value: number): number => {
  if (constant.scale === "positive") return Math.log(value)
  const inside = Math.min(1 - shareFloor, Math.max(shareFloor, value))
  return Math.log(inside / (1 - inside))
}

const restored = (constant: FreeConstant, at: number): number =>
  constant.scale === "positive" ? Math.exp(at) : 1 / (1 + Math.exp(-at))

/** Solves a symmetric positive definite system by Gaussian elimination with pivoting. */
export const solve = (matrix: readonly Float64Array[], right: Float64Array): Float64Array => {
  const size = right.length
  const rows = matrix.map((row, index) => Float64Array.from([...row, right[index] ?? 0]))
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let row = column + 1; row < size; row++)
      if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = row
    const [a, b] = [rows[column], rows[pivot]]
    if (a === undefined || b === undefined) continue
    rows[column] = b
    rows[pivot] = a
    const head = b[column] ?? 0
    if (head === 0) continue
    for (let row = 0; row < size; row++) {
      const target = rows[row]
      if (row === column || target === undefined) continue
      const factor = (target[column] ?? 0) / head
      if (factor === 0) continue
      for (let index = column; index <= size; index++) target[index] = (target[index] ?? 0) - factor * (b[index] ?? 0)
    }
  }
  return Float64Array.from(rows, (row, index) => {
    const head = row[index] ?? 0
    return head === 0 ? 0 : (row[size] ?? 0) / head
  })
}

const cauchyWeight = (residual: number, scale: number): number => 1 / (1 + (residual / scale) ** 2)
const cauchyLoss = (residual: number, scale: number): number => 0.5 * scale ** 2 * Math.log1p((residual / scale) ** 2)

/** Fits constants to points. */
export const fit = (
  constants: readonly FreeConstant[],
  points: readonly FitPoint[],
  residual: Residual,
  options: FitOptions
): Fit => {
  const count = constants.length
  const start = Float64Array.from(constants, (constant) => moved(constant, constant.initial))
  const centre = Float64Array.from(constants, (constant) => moved(constant, constant.centre ?? constant.initial))
  let at = Float64Array.from(start)
  const valuesAt = (position: Float64Array): Record<string, number> =>
    Object.fromEntries(constants.map((constant, index) => [constant.key, restored(constant, position[index] ?? 0)]))
  const depends = constants.map(({ key }) => points.map((point) => point.dependsOn(key)))
  const residualsAt = (position: Float64Array): Float64Array => {
    const values = valuesAt(position)
    return Float64Array.from(points, (_, index) => residual(index, values))
  }
  const lossOf = (residuals: Float64Array, position: Float64Array): number => {
    let loss = 0
    for (const value of residuals) loss += cauchyLoss(value, options.robustScale)
    constants.forEach((constant, index) => {
      loss += 0.5 * options.robustScale ** 2 * (((position[index] ?? 0) - (centre[index] ?? 0)) / constant.prior) ** 2
    })
    return loss
  }
  const jacobianAt = (position: Float64Array, residuals: Float64Array): readonly Float64Array[] =>
    constants.map((_, column) => {
      const step = 0.04
      const probe = Float64Array.from(position)
      probe[column] = (probe[column] ?? 0) + step
      const values = valuesAt(probe)
      return Float64Array.from(points, (_, row) =>
        depends[column]?.[row] === true ? (residual(row, values) - (residuals[row] ?? 0)) / step : 0
      )
    })
  /** The step that normal equations ask for, with points weighted. */
  const stepFor = (
    jacobian: readonly Float64Array[],
    residuals: Float64Array,
    position: Float64Array,
    damping: number,
    times: (row: number) => number
  ): Float64Array => {
    const normal = constants.map(() => new Float64Array(count))
    const right = new Float64Array(count)
    for (let row = 0; row < points.length; row++) {
      const value = residuals[row] ?? 0
      const weight = cauchyWeight(value, options.robustScale) * times(row)
      if (weight === 0) continue
      for (let i = 0; i < count; i++) {
        const slope = jacobian[i]?.[row] ?? 0
        if (slope === 0) continue
        right[i] = (right[i] ?? 0) - weight * slope * value
        const line = normal[i]
        if (line === undefined) continue
        for (let j = 0; j < count; j++) line[j] = (line[j] ?? 0) + weight * slope * (jacobian[j]?.[row] ?? 0)
      }
    }
    constants.forEach((constant, i) => {
      const pull = options.robustScale ** 2 / constant.prior ** 2
      const line = normal[i]
      if (line !== undefined) line[i] = (line[i] ?? 0) * (1 + damping) + pull
      right[i] = (right[i] ?? 0) - pull * ((position[i] ?? 0) - (centre[i] ?? 0))
    })
    return solve(normal, right)
  }
  let residuals = residualsAt(at)
  let loss = lossOf(residuals, at)
  let damping = 1e-3
  let jacobian = jacobianAt(at, residuals)
  for (let iteration = 0; iteration < options.iterations; iteration++) {
    const step = stepFor(jacobian, residuals, at, damping, () => 1)
    const next = at.map((value, index) => value + Math.max(-0.7, Math.min(0.7, step[index] ?? 0)))
    const nextResiduals = residualsAt(next)
    const nextLoss = lossOf(nextResiduals, next)
    options.onIteration?.(iteration, Math.min(loss, nextLoss))
    if (nextLoss >= loss) {
      damping *= 10
      if (damping > 1e3) break
      continue
    }
    const gain = (loss - nextLoss) / loss
    at = next
    residuals = nextResiduals
    loss = nextLoss
    damping = Math.max(1e-6, damping / 5)
    jacobian = jacobianAt(at, residuals)
    if (gain < 1e-4) break
  }
  const spreads = resample(points, (times) => stepFor(jacobian, residuals, at, 1e-3, times), count)
  const fitted = constants.map((constant, index): FittedConstant => {
    const own = [...residuals].filter((_, row) => Math.abs(jacobian[index]?.[row] ?? 0) > 1e-3).map(Math.abs)
    const center = at[index] ?? 0
    const [low, high] = spreads[index] ?? [0, 0]
    return {
      key: constant.key,
      value: restored(constant, center),
      interval: [restored(constant, center + low), restored(constant, center + high)],
      points: own.length,
      residual: own.length === 0 ? 0 : (own.sort((a, b) => a - b)[own.length >> 1] ?? 0)
    }
  })
  const without = (group: string): Readonly<Record<string, number>> => {
    const step = stepFor(jacobian, residuals, at, 1e-6, (row) => (points[row]?.group === group ? 0 : 1))
    return valuesAt(at.map((value, index) => value + Math.max(-0.7, Math.min(0.7, step[index] ?? 0))))
  }
  return { constants: fitted, without }
}

const resamples = 200

/** 10 % and 90 % quantiles of one-step solutions when whole groups are drawn with replacement. */
const resample = (
  points: readonly FitPoint[],
  stepOf: (times: (row: number) => number) => Float64Array,
  count: number
): readonly (readonly [number, number])[] => {
  const groups = [...new Set(points.map((point) => point.group))]
  const groupOf = points.map((point) => groups.indexOf(point.group))
  // A linear congruential generator: the draw must repeat, its quality does not matter here.
  let state = 12345
  const draw = (): number => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor((state / 2147483648) * groups.length)
  }
  const steps = Array.from({ length: resamples }, () => {
    const times = new Int32Array(groups.length)
    for (let index = 0; index < groups.length; index++) {
      const drawn = draw()
      times[drawn] = (times[drawn] ?? 0) + 1
    }
    return stepOf((row) => times[groupOf[row] ?? 0] ?? 0)
  })
  return Array.from({ length: count }, (_, index) => {
    const sorted = steps.map((step) => step[index] ?? 0).sort((a, b) => a - b)
    return [sorted[Math.floor(0.1 * resamples)] ?? 0, sorted[Math.floor(0.9 * resamples)] ?? 0] as const
  })
}
