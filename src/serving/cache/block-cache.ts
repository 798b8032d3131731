/**
 * The paged KV cache of a scheduler: blocks of a number of tokens, counted for each request, with vLLM's prefix cache.
 *
 * - A request's blocks are its own but for the leading full blocks of content that others may share (`Arrival.pieces`), which
 *   are counted references.
 * - Content is cached as soon as it is scheduled. Freed blocks go to the end of the free queue, a request's last block first,
 *   and keep their content until they are taken from the front: least recently used first.
 * - A preempted request that comes back finds those of its leading full blocks that nobody has taken since.
 * - A model whose every layer looks back over a sliding window keeps no more than the window of any sequence.
 * - The last token of a prompt is always computed, or there would be nothing to sample from.
 */
import type { Content, LiveRequests } from "../live/live-requests.ts"
import { grownIntegers } from "../live/columns.ts"
import { type BlockQueue, makeBlockQueue, shared } from "./block-queue.ts"
import { makeContentIndex } from "./content-index.ts"
import { contentKeys } from "./content-keys.ts"
import type { SchedulerTiers } from "./tiers/scheduler-tiers.ts"

export interface BlockCache {
  readonly blockTokens: number
  /** All blocks. */
  readonly blocks: number
  readonly queue: BlockQueue
  /** Blocks for so many tokens. */
  readonly blocksFor: (tokens: number) => number
  /**
   * Looks up the longest cached beginning of what a request has to compute. Answers its full blocks; how many of them are
   * in the free queue, and would leave it, is in `hitsInQueue`.
   */
  readonly lookUp: (slot: number) => number
  hitsInQueue: number
  /** The request takes the blocks that the latest look-up found. */
  readonly claim: (slot: number, hits: number) => void
  /** The first `computed` tokens of a request are computed, or will be at the end of the step: caches their shared blocks. */
  readonly keepShared: (slot: number, computed: number) => void
  /**
   * Gives back what a request holds.
   *
   * @param held      all its blocks
   * @param computed  tokens whose keys and values they have
   * @param comesBack it was preempted and will look for its own content
   */
  readonly release: (slot: number, held: number, computed: number, comesBack: boolean) => void
  /** A preempted request will not come back. */
  readonly forget: (slot: number) => void
  /** Keys of the full blocks of a request with content, and how many of its prompt's blocks could be found rather than computed. */
  readonly sharedKeys: (slot: number) => Int32Array
  readonly sharedLimit: (slot: number) => number
  /** Blocks that can be taken without a trace: those before one that a tier would get. */
  readonly freeUnnoticed: () => number
}

export interface BlockCacheOptions {
  readonly blocks: number
  readonly blockTokens: number
  /** Off: nothing freed is ever found again. */
  readonly prefixCaching: boolean
  /** Most tokens that are kept of a sequence; Infinity without a sliding window. */
  readonly keptTokens: number
  /** Where blocks go from here; absent or null = nowhere. */
  readonly tiers?: SchedulerTiers | null
}

export const makeBlockCache = (
  live: LiveRequests,
  { blocks, blockTokens, prefixCaching, keptTokens, tiers = null }: BlockCacheOptions
): BlockCache => {
  const index = makeContentIndex()
  const queue = makeBlockQueue(blocks, (owner, entry) => {
    if (owner !== shared) live.keptRun[owner] = -1
    else {
      index.remove(entry)
      if (tiers === null) return
      const [high, low] = [index.high(entry), index.low(entry)]
      if (index.find(high, low) < 0) tiers.evicted(high, low)
    }
  })
  // Requests that computed or found each shared block; with tiers only.
  let uses = new Int32Array(0)
  const isWrittenByUse = tiers !== null && tiers.writeAfterUses < Infinity
  const noteUse = (entry: number, count: number): void => {
    if (entry >= uses.length) uses = grownIntegers(uses, Math.max(2 * uses.length, entry + 1))
    uses[entry] = count
    if (count === tiers!.writeAfterUses) tiers!.write(index.high(entry), index.low(entry))
  }
  // References to shared blocks, by entry, and the lists of who refers to what: cells of (entry, next cell).
  let references = new Int32Array(256)
  let cellEntry = new Int32Array(256)
  let cellNext = new Int32Array(256)
  let cellCount = 0
  let freeCell = -1
  // Entries that the latest look-up found.
  let found = new Int32Array(256)

  // Requests that share a text often share its very array: its keys are computed once.
  const known = new WeakMap<Content["pieces"], Content>()
  const keysOf = (content: Content): Int32Array => {
    if (content.keys !== null) return content.keys
    const same = known.get(content.pieces)
    const isSame = same !== undefined && same.tokens === content.tokens && same.outputPiece === content.outputPiece
    const keys = (isSame ? same.keys : null) ?? contentKeys(content, blockTokens)
    content.keys = keys
    if (!isSame) known.set(content.pieces, content)
    return keys
  }
  const sharedBlocksUpTo = (content: Content | null, tokens: number): number =>
    content === null || !prefixCaching ? 0 : Math.floor(Math.min(content.tokens, tokens, keptTokens) / blockTokens)

  const hold = (slot: number, entry: number): void => {
    let cell = freeCell
    if (cell >= 0) freeCell = cellNext[cell]!
    else {
      cell = cellCount++
      if (cell === cellEntry.length) {
        cellEntry = grownIntegers(cellEntry, 2 * cell)
        cellNext = grownIntegers(cellNext, 2 * cell)
      }
    }
    cellEntry[cell] = entry
    cellNext[cell] = live.sharedList[slot]!
    live.sharedList[slot] = cell
    live.sharedBlocks[slot] = live.sharedBlocks[slot]! + 1
  }

  const keepShared = (slot: number, content: Content, upTo: number): void => {
    const keys = keysOf(content)
    for (let block = live.sharedBlocks[slot]!; block < upTo; block++) {
      const entry = queue.makeShared()
      if (entry >= references.length) references = grownIntegers(references, Math.max(2 * references.length, entry + 1))
      references[entry] = 1
      index.insert(entry, keys[2 * block]!, keys[2 * block + 1]!)
      hold(slot, entry)
      if (isWrittenByUse) noteUse(entry, 1)
    }
  }

  const cache: BlockCache = {
    blockTokens,
    blocks,
    queue,
    hitsInQueue: 0,
    blocksFor: (tokens) => Math.ceil(Math.min(tokens, keptTokens) / blockTokens),

    lookUp: (slot) => {
      cache.hitsInQueue = 0
      if (!prefixCaching) return 0
      const content = live.content[slot]!
      const kept = live.keptRun[slot]!
      if (content === null && kept < 0) return 0
      const tokens = live.prompt[slot]! + live.generated[slot]!
      const most = Math.floor((tokens - 1) / blockTokens)
      const described = sharedBlocksUpTo(content, tokens)
      let hits = 0
      if (content !== null && described > 0) {
        const keys = keysOf(content)
        if (found.length < described) found = new Int32Array(2 * described)
        for (const end = Math.min(described, most); hits < end; hits++) {
          const entry = index.find(keys[2 * hits]!, keys[2 * hits + 1]!)
          if (entry < 0) break
          found[hits] = entry
          if (references[entry] === 0) cache.hitsInQueue++
        }
      }
      if (kept < 0 || hits < described) return hits
      const own = Math.min(queue.size(kept), most - hits)
      cache.hitsInQueue += own
      return hits + own
    },

    claim: (slot, hits) => {
      const described = sharedBlocksUpTo(live.content[slot]!, live.prompt[slot]! + live.generated[slot]!)
      const fromShared = Math.min(hits, described)
      if (tiers !== null && fromShared > 0) tiers.claimed(keysOf(live.content[slot]!), fromShared)
      for (let block = 0; block < fromShared; block++) {
        const entry = found[block]!
        if (references[entry] === 0) queue.leaveShared(entry)
        references[entry] = references[entry]! + 1
        hold(slot, entry)
        if (isWrittenByUse) noteUse(entry, uses[entry]! + 1)
      }
      const kept = live.keptRun[slot]!
      if (kept < 0) return
      queue.takeFromRun(kept, hits - fromShared)
      live.keptRun[slot] = -1
    },

    keepShared: (slot, computed) => {
      const content = live.content[slot]!
      if (content === null) return
      const upTo = sharedBlocksUpTo(content, Math.min(computed, live.prompt[slot]!))
      if (upTo > live.sharedBlocks[slot]!) keepShared(slot, content, upTo)
    },

    release: (slot, held, computed, comesBack) => {
      const content = live.content[slot]!
      if (content !== null) {
        // Generated tokens are described only now: nobody could ask for them before.
        const upTo = sharedBlocksUpTo(content, computed)
        if (upTo > live.sharedBlocks[slot]!) keepShared(slot, content, upTo)
      }
      if (tiers !== null && content !== null && live.sharedBlocks[slot]! > 0)
        tiers.released(keysOf(content), live.sharedBlocks[slot]!)
      const own = held - live.sharedBlocks[slot]!
      const kept =
        comesBack && prefixCaching
          ? Math.floor(Math.min(computed, keptTokens) / blockTokens) - live.sharedBlocks[slot]!
          : 0
      queue.give(own - kept)
      live.keptRun[slot] = kept > 0 ? queue.giveRun(slot, kept) : -1
      for (let cell = live.sharedList[slot]!; cell >= 0;) {
        const entry = cellEntry[cell]!
        references[entry] = references[entry]! - 1
        if (references[entry] === 0) queue.joinShared(entry)
        const following = cellNext[cell]!
        cellNext[cell] = freeCell
        freeCell = cell
        cell = following
      }
      live.sharedList[slot] = -1
      live.sharedBlocks[slot] = 0
    },

    forget: (slot) => {
      const kept = live.keptRun[slot]!
      if (kept < 0) return
      queue.takeFromRun(kept, 0)
      live.keptRun[slot] = -1
    },

    sharedKeys: (slot) => keysOf(live.content[slot]!),
    sharedLimit: (slot) => {
      const [content, prompt] = [live.content[slot]!, live.prompt[slot]!]
      return Math.min(sharedBlocksUpTo(content, prompt), Math.floor((prompt + live.generated[slot]! - 1) / blockTokens))
    },
    freeUnnoticed: tiers !== null && !isWrittenByUse ? queue.beforeShared : () => queue.free
  }
  return cache
}
