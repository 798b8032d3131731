/**
 * Where a curve of latency against load turns up.
 *
 * The curve is stretched to a unit square; the knee is the point that lies furthest below the chord from its first point to
 * its last (Satopaa, Albrecht, Irwin and Raghavan, "Finding a 'Kneedle' in a Haystack", ICDCSW 2011). A curve that stays
 * within a fifth of its chord bends nowhere in particular.
 */

export interface CurvePoint {
  readonly load: number
  readonly latency: number
}

const leastBend = 0.2

/** The load of the knee; undefined where the curve has none, or does not rise by a half. */
export const kneeOf = (points: readonly CurvePoint[]): number | undefined => {
  const [first, last] = [points[0], points.at(-1)]
  if (points.length < 4 || first === undefined || last === undefined) return undefined
  const rise = last.latency - first.latency
  const run = last.load - first.load
  if (!(run > 0) || !(rise > 0.5 * first.latency)) return undefined
  let [knee, deepest]: [number | undefined, number] = [undefined, leastBend]
  for (const { load, latency } of points) {
    const depth = (load - first.load) / run - (latency - first.latency) / rise
    if (depth > deepest) [knee, deepest] = [load, depth]
  }
  return knee
}
