/** How much of a request's prompt a replica's cache holds, as far as the router knows. */
import { cachedTokens } from "../../cache/tiers/cached-tokens.ts"
import { contentKeys } from "../../cache/content-keys.ts"
import type { Content, LiveRequests } from "../../live/live-requests.ts"
import type { Belief, Replica } from "../../replica/replica.ts"
import { makePrefixIndex, type PrefixIndex } from "./prefix-index.ts"
import type { Routing } from "./types.ts"

export const makeBelief = (
  live: LiveRequests,
  { knows, indexBlocks }: Pick<Routing, "knows" | "indexBlocks">
): Belief => (knows === "cache" ? realCaches(live) : ownIndex(live, indexBlocks))

/** Asks the caches themselves. */
const realCaches = (live: LiveRequests): Belief => {
  // Nobody counts what is cached: of replicas that find nothing the one is taken that has waited longest for a prompt.
  const latest = new Map<Replica, number>()
  let sent = 0
  return {
    cachedTokens: (slot, replica) => {
      const content = live.content[slot]!
      if (content === null) return 0
      const hits = cachedTokens(replica, slot)
      // Pools may have blocks of other sizes: keys are those of the cache that a request is in.
      content.keys = null
      return hits
    },
    sent: (_slot, replica) => void latest.set(replica, ++sent),
    cleared: () => undefined,
    filling: (replica) => latest.get(replica) ?? 0
  }
}

const ownIndex = (live: LiveRequests, indexBlocks: number): Belief => {
  const indices = new Map<Replica, PrefixIndex>()
  const indexOf = (replica: Replica): PrefixIndex => {
    const known = indices.get(replica)
    if (known !== undefined) return known
    const { cache, target } = replica.pool.server
    const blocks = indexBlocks > 0 ? indexBlocks : cache.blocks * target.layout.dataAttention
    const made = makePrefixIndex(Math.max(1, blocks))
    indices.set(replica, made)
    return made
  }
  // Of the latest request: a router asks about it for replica after replica.
  let [latest, latestTokens]: [Content | null, number] = [null, 0]
  let keys: Int32Array = new Int32Array(0)
  const keysOf = (content: Content, blockTokens: number): Int32Array => {
    if (content !== latest || blockTokens !== latestTokens) {
      keys = contentKeys(content, blockTokens)
      latest = content
      latestTokens = blockTokens
    }
    return keys
  }
  /** Full blocks of the prompt that others may share. */
  const blocksOf = (slot: number, content: Content, blockTokens: number): number =>
    Math.floor(Math.min(content.tokens, live.prompt[slot]!) / blockTokens)
  return {
    cachedTokens: (slot, replica) => {
      const content = live.content[slot]!
      const { blockTokens, prefixCaching } = replica.pool.server.cache
      if (content === null || !prefixCaching) return 0
      const blocks = blocksOf(slot, content, blockTokens)
      // The last token of a prompt is always computed.
      const most = Math.min(blocks, Math.floor((live.prompt[slot]! - 1) / blockTokens))
      return most <= 0 ? 0 : indexOf(replica).matched(keysOf(content, blockTokens), most) * blockTokens
    },
    sent: (slot, replica) => {
      const content = live.content[slot]!
      const { blockTokens, prefixCaching } = replica.pool.server.cache
      if (content === null || !prefixCaching) return
      const blocks = blocksOf(slot, content, blockTokens)
      if (blocks > 0) indexOf(replica).use(keysOf(content, blockTokens), blocks)
    },
    cleared: (replica) => indices.get(replica)?.clear(),
    filling: (replica) => indices.get(replica)?.count() ?? 0
  }
}
