/**
 * Intervals of the numbers of a result.
 */
import type { IntervalBasis, PredictionInterval } from "./interval.ts"

/** From low to high, in the unit of the value; high is null where nothing bounds it. */
export interface Range {
  /** Share of such ranges that hold the measured value: 0.9. */
  readonly level: number
  readonly low: number
  readonly high: number | null
}

export interface Ranged {
  readonly value: number
  readonly ranges: readonly Range[]
  readonly basis: IntervalBasis
}

/** Of a server, by what is predicted: work a second, a token, the first token. */
export interface ServingIntervals {
  readonly throughput: PredictionInterval | undefined
  readonly token: PredictionInterval | undefined
  readonly first: PredictionInterval | undefined
}

/** Of a time or of a rate: either is off by the same factor. */
export const rangesOf = (value: number, { bands, basis }: PredictionInterval): Ranged => ({
  value,
  ranges: bands.map(({ level, factor }) => ({ level, low: value / factor, high: value * factor })),
  basis
})

/**
 * Of a latency under requests that come by themselves. Where their rate lies within the interval of what the server can do,
 * a queue may grow without end: at such a level nothing bounds the latency.
 *
 * @param load  share of the server's capacity that comes
 */
export const latencyRanges = (
  value: number,
  latency: PredictionInterval,
  capacity: PredictionInterval | undefined,
  load: number
): Ranged => {
  const { ranges, ...ranged } = rangesOf(value, latency)
  return {
    ...ranged,
    ranges: ranges.map((range) => {
      const factor = capacity?.bands.find(({ level }) => level === range.level)?.factor ?? Infinity
      return load * factor < 1 ? range : { ...range, high: null }
    })
  }
}

export const rangeAt = ({ ranges }: Ranged, level: number): Range | undefined =>
  ranges.find((range) => range.level === level)

/** As `result.json` has it: "90": [low, high]. */
export const rangesDocument = ({ ranges, basis }: Ranged) => ({
  ...Object.fromEntries(ranges.map(({ level, low, high }) => [String(Math.round(level * 100)), [low, high] as const])),
  cases: basis.cases,
  sources: basis.sources,
  medianError: basis.medianError,
  isFar: basis.isFar,
  ...(basis.isImagined ? { isImagined: true } : {}),
  ...(basis.anchor === undefined ? {} : { anchor: basis.anchor })
})
