/**
 * The tiers as one scheduler sees them: what its cache tells them, what its admission asks them, and who waits for blocks.
 *
 * Blocks are written when the cache throws them out (each tier then hands on to the next what it throws out itself), or when
 * they have been used often enough, to all tiers at once. A tier keeps what is fetched from it. A request's last use of its
 * blocks is when it gives them back: they become the most recently used of every tier, its first block the very most.
 */
import type { TierStore } from "./tier-store.ts"

/** A request that waits for blocks from tiers, with device blocks for its whole prompt. */
export interface Fetch {
  readonly id: number
  readonly slot: number
  /** When it started. */
  readonly start: number
  /** Tokens of its prompt that it need not compute when all has arrived. */
  readonly tokens: number
  /** Tokens from each tier. */
  readonly tokensOf: readonly number[]
  /** Part of the bytes that it waits for. */
  readonly share: number
  /** By tier: the flow that has not ended, -1 = none. */
  readonly flows: number[]
  flowsLeft: number
  /** All has arrived. */
  isThere: boolean
}

/** Blocks from those found in the cache to `end` - 1 are fetched, `blocksOf[i]` of them from tier i. */
export interface FetchPlan {
  readonly end: number
  readonly blocksOf: readonly number[]
  /** Part of the bytes that has to be there before the first step. */
  readonly share: number
}

/** What the run does for an admission. */
export interface Fetcher {
  /** What to fetch behind the blocks that the cache has, of so many tokens to compute; null = nothing. */
  readonly plan: (own: SchedulerTiers, slot: number, hits: number, total: number) => FetchPlan | null
  /** Before the request takes blocks: what it will read is not the next to be thrown out for what it displaces. */
  readonly protect: (own: SchedulerTiers, slot: number, hits: number, plan: FetchPlan) => void
  /** The request has its blocks: the bytes set out. */
  readonly start: (own: SchedulerTiers, slot: number, hits: number, plan: FetchPlan, now: number) => void
  /** It is in a step at last: what it fetched counts. */
  readonly taken: (own: SchedulerTiers, slot: number, isFirst: boolean) => void
}

/** What the run does for a scheduler's tiers. */
export interface TierActions {
  /** Starts to write a block of which a tier has made an entry; from the accelerators, or from another tier (its place, -1 = accelerators). */
  readonly carry: (own: SchedulerTiers, from: number, to: number, entry: number, bytes: number) => void
  /** Whose block goes into which tier now: what that throws out is its to hand on. */
  readonly acting: { own: SchedulerTiers | null; tier: number }
}

export interface SchedulerTiers {
  readonly replica: number
  readonly stores: readonly TierStore[]
  /** The tier in host memory, -1 = none: it is lost with the process. */
  readonly hostTier: number
  /** Uses after which a block is written, Infinity = on eviction. */
  readonly writeAfterUses: number
  readonly blockBytes: number
  /** Laid over the keys of blocks, so that equal texts of other models or other blocks are not the same. */
  readonly salt: number
  /** Fetches by slot: on their way, and those in `ready` that wait for a place in a step. */
  readonly fetches: Map<number, Fetch>
  readonly ready: number[]
  /** The process has ended: nothing is written or used until it starts again. */
  isSilent: boolean
  /** A block of shared content is to be in all tiers once the step under way has ended. */
  readonly write: (high: number, low: number) => void
  /** Blocks are to be written when the next step ends. */
  readonly hasToWrite: () => boolean
  /** The step has ended: what it computed can be written. */
  readonly flush: () => void
  /** The cache has taken a block for other content, and has no copy of it. */
  readonly evicted: (high: number, low: number) => void
  /** A request has found its first so many blocks in the cache. */
  readonly claimed: (keys: Int32Array, blocks: number) => void
  /** A request gives back its first so many blocks. */
  readonly released: (keys: Int32Array, blocks: number) => void
  /** The tier with a block, the fastest; -1 = none. */
  readonly tierOf: (high: number, low: number) => number
  /** A block is the most recently used of every tier that has it. */
  readonly touch: (high: number, low: number) => void
  /** The process has ended, and with it what it had in host memory and what it was about to write. */
  readonly lose: () => void
  /** A tier has thrown out a block of so many bytes (its key with the salt). */
  readonly passOn: (tier: number, high: number, low: number, bytes: number) => void
}

export type SchedulerTiersOptions = Pick<
  SchedulerTiers,
  "replica" | "stores" | "hostTier" | "writeAfterUses" | "blockBytes" | "salt"
>

export const makeSchedulerTiers = (options: SchedulerTiersOptions, { carry, acting }: TierActions): SchedulerTiers => {
  const { stores, writeAfterUses, blockBytes, salt } = options
  // Keys of blocks to be written, in pairs, in the order of their text.
  const pending: number[] = []
  /** Puts a block into a tier where it is not, and makes it the most recently used where it is. */
  const put = (from: number, to: number, high: number, low: number, bytes: number): void => {
    const store = stores[to]!
    const there = store.find(high, low)
    if (there >= 0) return store.touch(there)
    const { own: before, tier } = acting
    acting.own = own
    acting.tier = to
    const entry = store.insert(high, low, bytes)
    acting.own = before
    acting.tier = tier
    if (entry >= 0) carry(own, from, to, entry, bytes)
  }
  const own: SchedulerTiers = {
    ...options,
    fetches: new Map(),
    ready: [],
    isSilent: false,
    write: (high, low) => {
      if (!own.isSilent) pending.push(high ^ salt, low)
    },
    hasToWrite: () => pending.length > 0,
    flush: () => {
      if (pending.length === 0 || own.isSilent) return
      for (let tier = 0; tier < stores.length; tier++)
        for (let at = pending.length - 2; at >= 0; at -= 2) put(-1, tier, pending[at]!, pending[at + 1]!, blockBytes)
      pending.length = 0
    },
    evicted: (high, low) => {
      if (writeAfterUses === Infinity && !own.isSilent) put(-1, 0, high ^ salt, low, blockBytes)
    },
    released: (keys, blocks) => {
      own.flush()
      own.claimed(keys, blocks)
    },
    claimed: (keys, blocks) => {
      if (own.isSilent) return
      for (let block = blocks - 1; block >= 0; block--) own.touch(keys[2 * block]!, keys[2 * block + 1]!)
    },
    tierOf: (high, low) => {
      for (let tier = 0; tier < stores.length; tier++) {
        const store = stores[tier]!
        const entry = store.find(high ^ salt, low)
        if (entry >= 0 && store.isReady(entry)) return tier
      }
      return -1
    },
    touch: (high, low) => {
      for (const store of stores) {
        const entry = store.find(high ^ salt, low)
        if (entry >= 0) store.touch(entry)
      }
    },
    lose: () => {
      own.isSilent = true
      pending.length = 0
      stores[options.hostTier]?.clear()
    },
    passOn: (tier, high, low, bytes) => {
      if (writeAfterUses === Infinity && tier + 1 < stores.length) put(tier, tier + 1, high, low, bytes)
    }
  }
  return own
}

/** Requests that wait for blocks or, with them, for a place in a step. */
export const waitingForBlocks = (tiers: SchedulerTiers | null): number => (tiers === null ? 0 : tiers.fetches.size)
