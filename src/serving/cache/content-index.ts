/**
 * Which cached block holds what: a hash table from the key of a block's content to its entry. The same content may be cached
 * twice (two requests computed it side by side); a look-up finds the copy that was cached first.
 *
 * Open addressing with linear probing. A removal shifts the followers back, so nothing is left behind and copies of the same
 * content stay in order.
 */
import { grownIntegers } from "../live/columns.ts"

export interface ContentIndex {
  /** The entry with a key; -1 when there is none. */
  readonly find: (high: number, low: number) => number
  readonly insert: (entry: number, high: number, low: number) => void
  readonly remove: (entry: number) => void
  /** Halves of the key that an entry has, or had last. */
  readonly high: (entry: number) => number
  readonly low: (entry: number) => number
}

export const makeContentIndex = (): ContentIndex => {
  let mask = 1023
  let table = new Int32Array(mask + 1).fill(-1)
  let count = 0
  let highs = new Int32Array(256)
  let lows = new Int32Array(256)

  const home = (high: number, low: number): number => (Math.imul(high ^ (low >>> 15), 0x9e3779b1) ^ low) & mask
  const place = (entry: number): void => {
    let at = home(highs[entry]!, lows[entry]!)
    while (table[at]! >= 0) at = (at + 1) & mask
    table[at] = entry
  }
  const grow = (): void => {
    const old = table
    const oldMask = mask
    mask = 2 * mask + 1
    table = new Int32Array(mask + 1).fill(-1)
    // From behind a gap, so that copies of the same content are placed again in their order.
    let start = 0
    while (old[start]! >= 0) start++
    for (let step = 1; step <= oldMask + 1; step++) {
      const entry = old[(start + step) & oldMask]!
      if (entry >= 0) place(entry)
    }
  }
  return {
    find: (high, low) => {
      for (let at = home(high, low); table[at]! >= 0; at = (at + 1) & mask) {
        const entry = table[at]!
        if (highs[entry] === high && lows[entry] === low) return entry
      }
      return -1
    },
    insert: (entry, high, low) => {
      if (entry >= highs.length) {
        highs = grownIntegers(highs, Math.max(2 * highs.length, entry + 1))
        lows = grownIntegers(lows, highs.length)
      }
      highs[entry] = high
      lows[entry] = low
      if (2 * ++count > mask) grow()
      place(entry)
    },
    remove: (entry) => {
      let hole = home(highs[entry]!, lows[entry]!)
      while (table[hole] !== entry) hole = (hole + 1) & mask
      count--
      for (let at = (hole + 1) & mask; table[at]! >= 0; at = (at + 1) & mask) {
        const follower = table[at]!
        const wanted = home(highs[follower]!, lows[follower]!)
        // The follower may move to the hole unless its home lies cyclically in (hole, at].
        const stays = hole <= at ? wanted > hole && wanted <= at : wanted > hole || wanted <= at
        if (stays) continue
        table[hole] = follower
        hole = at
      }
      table[hole] = -1
    },
    high: (entry) => highs[entry]!,
    low: (entry) => lows[entry]!
  }
}
