/**
 * The interval of a prediction for a machine on which something was measured: what the two are off by together is known.
 *
 * A prediction is off by what the measured case beside it is off by, and by how far ratios of pairs that differ like these two
 * were off (`pairs.ts`): |error + score| and |error - score|, each as likely as the other. Of the nearest measured cases the one that
 * tells most counts. Of a case that was itself measured, the scatter of the machine's own measurements is the interval.
 */
import { distance, imagined } from "./distance.ts"
import { levels, type Band, type Level, type PredictionInterval } from "./interval.ts"
import { differencesOf, differing, sizeOf, type Half } from "./pair-difference.ts"
import { measuredPairs, pairSpread } from "./pairs.ts"
import type { Residual } from "./residual.ts"

/** A case that was measured on the machine. */
export interface Anchor extends Half {
  readonly name: string
  /** log of measured over predicted with the machine's profile; of a time or of a rate. */
  readonly error: number
  /** Half-width at 90 % of that logarithm, were the same measured again there. */
  readonly again: number
}

/** Anchors that are tried, the nearest first. */
const mostAnchors = 3

/** Normal quantiles of the shares within, over that of 90 %. */
const ofNinety: Readonly<Record<Level, number>> = { 0.5: 0.6745 / 1.6449, 0.8: 1.2816 / 1.6449, 0.9: 1 }

const repeated = ({ name, error, again }: Anchor): PredictionInterval => ({
  bands: levels.map((level): Band => ({
    level,
    factor: Math.exp(Math.abs(error) * ofNinety[level] + again * ofNinety[level])
  })),
  basis: { cases: 1, sources: 1, medianError: Math.expm1(Math.abs(error)), nearest: 0, isFar: false, anchor: name }
})

const widthOf = ({ bands }: PredictionInterval): number => bands.at(-1)?.factor ?? Infinity

/** Undefined where nothing of the quantity was measured on the machine. */
export const anchoredInterval = (
  to: Half,
  anchors: readonly Anchor[],
  residuals: readonly Residual[]
): PredictionInterval | undefined => {
  const near = anchors
    .filter((one) => Number.isFinite(distance(to, one)))
    .map((anchor) => ({ anchor, differences: differencesOf(to, anchor) }))
    .toSorted((one, other) => sizeOf(one.differences) - sizeOf(other.differences))
    .slice(0, mostAnchors)
  const own = near.filter(
    ({ anchor, differences }) => differing(differences).length === 0 && imagined(anchor) === imagined(to)
  )
  if (own.length > 0) return own.map(({ anchor }) => repeated(anchor)).toSorted((a, b) => widthOf(a) - widthOf(b))[0]
  const pairs = measuredPairs(residuals, to.quantity)
  return near
    .flatMap(({ anchor }): readonly PredictionInterval[] => {
      const spread = pairSpread(anchor, to, pairs, levels, anchor.error)
      if (spread === undefined) return []
      const { pairs: cases, ...basis } = spread.basis
      return [{ bands: spread.bands, basis: { ...basis, cases, nearest: 0, anchor: anchor.name } }]
    })
    .toSorted((one, other) => widthOf(one) - widthOf(other))[0]
}
