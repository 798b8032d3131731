/**
 * Which of n numbers is the least, kept up to date in O(log n): a tree of winners. Of equals the one with the lower place
 * wins, as in a search from the front.
 */
export interface LeastOf {
  readonly set: (place: number, value: number) => void
  /** Place of the least. */
  readonly first: () => number
}

/** @param count  at least 1; all values are 0 at first */
export const makeLeastOf = (count: number): LeastOf => {
  let width = 1
  while (width < count) width *= 2
  const values = new Float64Array(width).fill(Infinity)
  values.fill(0, 0, count)
  // Node i has children 2i and 2i + 1; leaves are width ... 2 width - 1.
  const winners = new Int32Array(2 * width)
  for (let place = 0; place < width; place++) winners[width + place] = place
  const play = (node: number): void => {
    const left = winners[2 * node]!
    const right = winners[2 * node + 1]!
    winners[node] = values[right]! < values[left]! ? right : left
  }
  for (let node = width - 1; node >= 1; node--) play(node)
  return {
    set: (place, value) => {
      if (values[place] === value) return
      values[place] = value
      for (let node = (width + place) >> 1; node >= 1; node >>= 1) play(node)
    },
    first: () => winners[1]!
  }
}
