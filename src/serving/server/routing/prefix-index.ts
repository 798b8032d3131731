/**
 * What a router believes a replica's prefix cache to hold: the blocks of the prompts that it sent there, least recently used first
 * out (the approximate radix tree of SGLang's router; blocks in place of tokens).
 *
 * A chain's blocks are used from the last to the first, so that a beginning is always younger than what follows it, and the
 * longest match can be searched for by halving.
 */
import { makeContentIndex } from "../../cache/content-index.ts"
import { grownIntegers } from "../../live/columns.ts"

export interface PrefixIndex {
  /** Leading blocks of a chain of keys that are here, of at most `blocks`. */
  readonly matched: (keys: Int32Array, blocks: number) => number
  /** The first `blocks` blocks of a chain were sent there. */
  readonly use: (keys: Int32Array, blocks: number) => void
  /** The replica has started anew. */
  readonly clear: () => void
  readonly count: () => number
}

/** @param capacity  blocks, at least 1 */
export const makePrefixIndex = (capacity: number): PrefixIndex => {
  let index = makeContentIndex()
  let [next, previous] = [new Int32Array(64), new Int32Array(64)]
  let [oldest, newest, made] = [-1, -1, 0]
  const append = (entry: number): void => {
    previous[entry] = newest
    next[entry] = -1
    if (newest >= 0) next[newest] = entry
    else oldest = entry
    newest = entry
  }
  const unlink = (entry: number): void => {
    const [before, after] = [previous[entry]!, next[entry]!]
    if (before >= 0) next[before] = after
    else oldest = after
    if (after >= 0) previous[after] = before
    else newest = before
  }
  const enter = (): number => {
    if (made >= capacity) {
      const entry = oldest
      unlink(entry)
      index.remove(entry)
      return entry
    }
    if (made === next.length) {
      next = grownIntegers(next, 2 * made)
      previous = grownIntegers(previous, 2 * made)
    }
    return made++
  }
  const find = (keys: Int32Array, block: number): number => index.find(keys[2 * block]!, keys[2 * block + 1]!)
  return {
    matched: (keys, blocks) => {
      let [low, high] = [0, blocks]
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (find(keys, middle - 1) >= 0) low = middle
        else high = middle - 1
      }
      return low
    },
    use: (keys, blocks) => {
      for (let block = Math.min(blocks, capacity) - 1; block >= 0; block--) {
        const known = find(keys, block)
        if (known >= 0) {
          unlink(known)
          append(known)
          continue
        }
        const entry = enter()
        index.insert(entry, keys[2 * block]!, keys[2 * block + 1]!)
        append(entry)
      }
    },
    clear: () => {
      index = makeContentIndex()
      oldest = -1
      newest = -1
      made = 0
    },
    count: () => made
  }
}
