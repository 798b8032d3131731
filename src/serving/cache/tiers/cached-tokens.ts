/** What a router may ask: how much of a request's prompt a replica need not compute. */
import { type Replica, shortestGroup } from "../../replica/replica.ts"

/**
 * Tokens at the start of a request's prompt that are in the memory of the replica's accelerators, of the group that would take
 * the request, or in tiers that it reaches, without a gap. Some look-ups of a hash table a block; changes nothing.
 */
export const cachedTokens = (replica: Replica, slot: number): number => {
  const { cache, tiers, live } = replica.schedulers[shortestGroup(replica)]!
  const hits = cache.lookUp(slot)
  if (tiers === null || live.content[slot] === null) return hits * cache.blockTokens
  const limit = cache.sharedLimit(slot)
  const keys = cache.sharedKeys(slot)
  let end = hits
  while (end < limit && tiers.tierOf(keys[2 * end]!, keys[2 * end + 1]!) >= 0) end++
  return end * cache.blockTokens
}
