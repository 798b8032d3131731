/**
 * Labels that would lie over each other, moved apart.
 */

/**
 * Places as near as possible to the wanted ones, in their order, at least `gap` apart and between `from` and `to`.
 * Where there is no room for all, they overlap evenly.
 */
export const spread = (wanted: readonly number[], gap: number, from: number, to: number): readonly number[] => {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]! || a - b)
  const distance = Math.min(gap, wanted.length < 2 ? gap : (to - from) / (wanted.length - 1))
  const placed = wanted.map((value) => Math.min(to, Math.max(from, value)))
  order.forEach((index, rank) => {
    const before = order[rank - 1]
    if (before !== undefined) placed[index] = Math.max(placed[index]!, placed[before]! + distance)
  })
  order.toReversed().forEach((index, rank) => {
    const limit = to - rank * distance
    placed[index] = Math.min(placed[index]!, limit)
  })
  return placed
}

/** The first row of each label in which it touches no other; labels are centred at their places. */
export const rowsOf = (
  labels: readonly { readonly at: number; readonly width: number }[],
  gap = 8
): readonly number[] => {
  const ends: number[] = []
  const rows = labels.map(() => 0)
  const order = labels.map((_, index) => index).sort((a, b) => labels[a]!.at - labels[b]!.at)
  for (const index of order) {
    const { at, width } = labels[index]!
    const free = ends.findIndex((end) => end + gap <= at - width / 2)
    const row = free < 0 ? ends.length : free
    ends[row] = at + width / 2
    rows[index] = row
  }
  return rows
}
