/**
 * What a tier holds: blocks by the key of their content, least recently used first out. A content is there once at most.
 *
 * A block has its place from the moment at which its bytes set out, and is found when they have arrived.
 */
import { grownBytes, grownFloats, grownIntegers } from "../../live/columns.ts"
import { makeContentIndex } from "../content-index.ts"

export interface TierStore {
  readonly capacityBytes: number
  usedBytes: number
  blocks: number
  /** Blocks that were thrown out for others. */
  evictions: number
  /** The entry with a key, whether its bytes are there or not; -1 = none. */
  readonly find: (high: number, low: number) => number
  readonly isReady: (entry: number) => boolean
  /** The most recently used from now on. */
  readonly touch: (entry: number) => void
  /** Puts a block in that is not there, as the most recently used; answers its entry, -1 where it is larger than the tier. */
  readonly insert: (high: number, low: number, bytes: number) => number
  /** Tells one use of an entry from the next. */
  readonly generation: (entry: number) => number
  /** The bytes of an entry have arrived, unless the block has been thrown out since. */
  readonly arrive: (entry: number, generation: number) => void
  /** The bytes of an entry will not arrive: its place is free, unless the block has been thrown out since. */
  readonly abandon: (entry: number, generation: number) => void
  readonly clear: () => void
  /** Keys of all blocks, least recently used first. For tests. */
  readonly keys: () => readonly (readonly [number, number])[]
}

/** @param onEvict  a block is thrown out for another, whether its bytes have arrived or not: they go on to where it goes */
export const makeTierStore = (
  capacityBytes: number,
  onEvict: (high: number, low: number, bytes: number) => void
): TierStore => {
  let capacity = 256
  let next = new Int32Array(capacity)
  let previous = new Int32Array(capacity)
  let highs = new Int32Array(capacity)
  let lows = new Int32Array(capacity)
  let generations = new Int32Array(capacity)
  let bytesOf = new Float64Array(capacity)
  let ready = new Uint8Array(capacity)
  let index = makeContentIndex()
  const freeEntries: number[] = []
  let entryCount = 0
  let oldest = -1
  let newest = -1

  const newEntry = (): number => {
    const free = freeEntries.pop()
    if (free !== undefined) return free
    if (entryCount === capacity) {
      capacity *= 2
      next = grownIntegers(next, capacity)
      previous = grownIntegers(previous, capacity)
      highs = grownIntegers(highs, capacity)
      lows = grownIntegers(lows, capacity)
      generations = grownIntegers(generations, capacity)
      bytesOf = grownFloats(bytesOf, capacity)
      ready = grownBytes(ready, capacity)
    }
    return entryCount++
  }
  const unlink = (entry: number): void => {
    const before = previous[entry]!
    const after = next[entry]!
    if (before >= 0) next[before] = after
    else oldest = after
    if (after >= 0) previous[after] = before
    else newest = before
  }
  const append = (entry: number): void => {
    previous[entry] = newest
    next[entry] = -1
    if (newest >= 0) next[newest] = entry
    else oldest = entry
    newest = entry
  }
  const remove = (entry: number): void => {
    unlink(entry)
    index.remove(entry)
    store.usedBytes -= bytesOf[entry]!
    store.blocks--
    generations[entry] = generations[entry]! + 1
    freeEntries.push(entry)
  }
  const evict = (entry: number): void => {
    remove(entry)
    store.evictions++
    onEvict(highs[entry]!, lows[entry]!, bytesOf[entry]!)
  }

  const store: TierStore = {
    capacityBytes,
    usedBytes: 0,
    blocks: 0,
    evictions: 0,
    find: (high, low) => index.find(high, low),
    isReady: (entry) => ready[entry] === 1,
    touch: (entry) => {
      if (entry === newest) return
      unlink(entry)
      append(entry)
    },
    insert: (high, low, bytes) => {
      if (bytes > capacityBytes) return -1
      while (store.usedBytes + bytes > capacityBytes) evict(oldest)
      const entry = newEntry()
      highs[entry] = high
      lows[entry] = low
      bytesOf[entry] = bytes
      ready[entry] = 0
      append(entry)
      index.insert(entry, high, low)
      store.usedBytes += bytes
      store.blocks++
      return entry
    },
    generation: (entry) => generations[entry]!,
    arrive: (entry, generation) => {
      if (generations[entry] === generation) ready[entry] = 1
    },
    abandon: (entry, generation) => {
      if (generations[entry] === generation) remove(entry)
    },
    clear: () => {
      for (let entry = oldest; entry >= 0; entry = next[entry]!) {
        generations[entry] = generations[entry]! + 1
        freeEntries.push(entry)
      }
      index = makeContentIndex()
      oldest = newest = -1
      store.usedBytes = 0
      store.blocks = 0
    },
    keys: () => {
      const all: (readonly [number, number])[] = []
      for (let entry = oldest; entry >= 0; entry = next[entry]!) all.push([highs[entry]!, lows[entry]!])
      return all
    }
  }
  return store
}
