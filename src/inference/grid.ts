/**
 * Interpolation in measurements along several coordinates.
 *
 * Along each coordinate the two nearest measured values are taken under which the other coordinates were measured as well, and
 * under each of them the next coordinate's own: so a union of several grids, or a grid with a corner cut off, needs no
 * rule of its own.
 */

interface Branch {
  /** Measured values of this coordinate, ascending. */
  readonly at: Float64Array
  /** What was measured at each of them: the next coordinate, or at the last coordinate the value. */
  readonly next: readonly Branch[]
  readonly values: Float64Array
  /** Smallest and largest value measured anywhere below, by coordinate from this one on. */
  readonly least: readonly number[]
  readonly most: readonly number[]
}

export interface Grid {
  /** Largest measured value of each coordinate. */
  readonly last: readonly number[]
  /** Value at coordinates; outside of what was measured, that of the nearest measured. */
  readonly at: (coordinates: readonly number[]) => number
}

const grow = (
  columns: readonly Float64Array[],
  values: Float64Array,
  rows: readonly number[],
  depth: number
): Branch => {
  const column = columns[depth] ?? new Float64Array(0)
  const groups = new Map<number, number[]>()
  for (const row of rows) {
    const value = column[row] ?? 0
    const group = groups.get(value)
    if (group === undefined) groups.set(value, [row])
    else group.push(row)
  }
  const ordered = [...groups].sort((a, b) => a[0] - b[0])
  const isLeaf = depth === columns.length - 1
  const next = isLeaf ? [] : ordered.map(([, group]) => grow(columns, values, group, depth + 1))
  const at = Float64Array.from(ordered, ([value]) => value)
  const deeper = columns.slice(depth + 1).map((_, index) => index)
  return {
    at,
    next,
    values: isLeaf ? Float64Array.from(ordered, ([, [row = 0]]) => values[row] ?? 0) : new Float64Array(0),
    least: [at[0] ?? 0, ...deeper.map((index) => Math.min(...next.map((branch) => branch.least[index] ?? 0)))],
    most: [at[at.length - 1] ?? 0, ...deeper.map((index) => Math.max(...next.map((branch) => branch.most[index] ?? 0)))]
  }
}

/** Whether a branch was measured around the coordinates from `depth` on. */
const covers = ({ least, most }: Branch, coordinates: readonly number[], depth: number): boolean => {
  for (let index = 0; index < least.length; index++) {
    const wanted = coordinates[depth + index] ?? 0
    if (wanted < (least[index] ?? 0) || wanted > (most[index] ?? 0)) return false
  }
  return true
}

const lookUp = (branch: Branch, coordinates: readonly number[], depth: number): number => {
  const { at, next, values } = branch
  const wanted = coordinates[depth] ?? 0
  const isAny = !next.some((one) => covers(one, coordinates, depth + 1))
  let low = -1
  let high = -1
  for (let index = 0; index < at.length; index++) {
    const below = next[index]
    if (!isAny && below !== undefined && !covers(below, coordinates, depth + 1)) continue
    if ((at[index] ?? 0) <= wanted) low = index
    else {
      high = index
      break
    }
  }
  const valueOf = (index: number): number => {
    const below = next[index]
    return below === undefined ? (values[index] ?? 0) : lookUp(below, coordinates, depth + 1)
  }
  if (low < 0) return high < 0 ? 0 : valueOf(high)
  const [from, to] = [at[low] ?? 0, at[high] ?? Number.NaN]
  if (high < 0 || wanted === from) return valueOf(low)
  const share = (wanted - from) / (to - from)
  return (1 - share) * valueOf(low) + share * valueOf(high)
}

/** Measurements as columns of coordinates and a column of values. */
export const makeGrid = (columns: readonly Float64Array[], values: Float64Array): Grid => {
  const root = grow(columns, values, Array.from(values.keys()), 0)
  return {
    last: columns.map((column) => column.reduce((most, value) => Math.max(most, value), 0)),
    at: (coordinates) => lookUp(root, coordinates, 0)
  }
}

/** Linear interpolation in one column, clamped to its ends. */
export const interpolateLine = (at: Float64Array, values: Float64Array, wanted: number): number =>
  lookUp({ at, next: [], values, least: [], most: [] }, [wanted], 0)
