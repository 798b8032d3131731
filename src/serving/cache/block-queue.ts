/**
 * The free blocks of a KV cache, in the order in which they will be taken: least recently used first, as vLLM's
 * `FreeKVCacheBlockQueue`. Blocks keep their content until they are taken.
 *
 * Which block it is does not matter to anyone, only what it holds, so neighbours are kept as runs. A run is either blank (its
 * content will never be asked for again), or what is left of one preempted request (its last blocks are taken first, so what
 * is left is always the beginning), or a single block of shared content. Giving and taking costs O(1) a run, not a block.
 */
import { grownIntegers } from "../live/columns.ts"

/** Owner of a run that is nobody's, and of a block of shared content. */
export const blank = -1
export const shared = -2

export interface BlockQueue {
  /** Free blocks. */
  free: number
  /** Blocks of an entry. */
  readonly size: (entry: number) => number
  /** Takes blocks from the front; the caller has made sure that so many are free. */
  readonly take: (blocks: number) => void
  /** Adds blank blocks at the end. */
  readonly give: (blocks: number) => void
  /** Adds blocks with content at the end; answers their entry. Owner: the slot of a preempted request. */
  readonly giveRun: (owner: number, blocks: number) => number
  /** Takes the first blocks of a request's run out of the queue; the rest becomes blank. */
  readonly takeFromRun: (entry: number, blocks: number) => void
  /** Makes an entry of one block of shared content that is in use. */
  readonly makeShared: () => number
  /** A block of shared content joins the end of the queue, or leaves it from wherever it is. */
  readonly joinShared: (entry: number) => void
  readonly leaveShared: (entry: number) => void
  /** Blocks that can be taken before one of shared content is. */
  readonly beforeShared: () => number
}

/**
 * A queue of blank blocks.
 *
 * @param onEvict  called when a run of a preempted request is used up (its owner's slot) or a shared block is taken (`shared`, its entry)
 */
export const makeBlockQueue = (blocks: number, onEvict: (owner: number, entry: number) => void): BlockQueue => {
  let capacity = 64
  let next = new Int32Array(capacity)
  let previous = new Int32Array(capacity)
  let sizes = new Int32Array(capacity)
  let owners = new Int32Array(capacity)
  let freeEntries = new Int32Array(capacity)
  let freeEntryCount = 0
  let entryCount = 0
  let head = -1
  let tail = -1

  const newEntry = (owner: number, size: number): number => {
    if (freeEntryCount === 0 && entryCount === capacity) {
      capacity *= 2
      next = grownIntegers(next, capacity)
      previous = grownIntegers(previous, capacity)
      sizes = grownIntegers(sizes, capacity)
      owners = grownIntegers(owners, capacity)
      freeEntries = grownIntegers(freeEntries, capacity)
    }
    const entry = freeEntryCount > 0 ? freeEntries[--freeEntryCount]! : entryCount++
    owners[entry] = owner
    sizes[entry] = size
    return entry
  }
  const append = (entry: number): void => {
    previous[entry] = tail
    next[entry] = -1
    if (tail >= 0) next[tail] = entry
    else head = entry
    tail = entry
  }
  const unlink = (entry: number): void => {
    const before = previous[entry]!
    const after = next[entry]!
    if (before >= 0) next[before] = after
    else head = after
    if (after >= 0) previous[after] = before
    else tail = before
  }
  const recycle = (entry: number): void => {
    freeEntries[freeEntryCount++] = entry
  }

  const queue: BlockQueue = {
    free: 0,
    size: (entry) => sizes[entry]!,
    take: (wanted) => {
      queue.free -= wanted
      for (let left = wanted; left > 0;) {
        const entry = head
        const size = sizes[entry]!
        if (size > left) {
          sizes[entry] = size - left
          return
        }
        left -= size
        unlink(entry)
        const owner = owners[entry]!
        if (owner !== blank) onEvict(owner, entry)
        recycle(entry)
      }
    },
    give: (given) => {
      if (given === 0) return
      queue.free += given
      if (tail >= 0 && owners[tail] === blank) sizes[tail] = sizes[tail]! + given
      else append(newEntry(blank, given))
    },
    giveRun: (owner, given) => {
      queue.free += given
      const entry = newEntry(owner, given)
      append(entry)
      return entry
    },
    takeFromRun: (entry, wanted) => {
      queue.free -= wanted
      const left = sizes[entry]! - wanted
      sizes[entry] = left
      owners[entry] = blank
      if (left > 0) return
      unlink(entry)
      recycle(entry)
    },
    makeShared: () => newEntry(shared, 1),
    joinShared: (entry) => {
      queue.free++
      append(entry)
    },
    leaveShared: (entry) => {
      queue.free--
      unlink(entry)
    },
    beforeShared: () => {
      let count = 0
      for (let entry = head; entry >= 0 && owners[entry] !== shared; entry = next[entry]!) count += sizes[entry]!
      return count
    }
  }
  queue.give(blocks)
  return queue
}
