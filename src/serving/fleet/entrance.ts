/**
 * An entrance: replicas that can take the same requests, and the router that picks one of them.
 *
 * A fleet has one for each model that its prefill and general pools serve, and one for the decode pools behind it. A
 * replica belongs to one entrance. Who changes what a router goes by (requests or tokens at a replica, whether it is
 * open) tells `loadChanges` or `opens`.
 */
import type { Entrance, Replica } from "../replica/replica.ts"

export const cachesPrefixes = ({ pools, behind }: Pick<Entrance, "pools" | "behind">): boolean =>
  pools.some(({ server }) => server.cache.prefixCaching) || (behind !== null && cachesPrefixes(behind))

/**
 * A request of so many tokens is no more than every cache on its way could hold if it were alone: its prompt where answers are
 * written elsewhere, all of it where they may be written there.
 */
export const fits = ({ pools, behind }: Entrance, prompt: number, whole: number): boolean => {
  for (const { server, replicas, mixing } of pools) {
    const { cache } = replicas[0]!.schedulers[0]!
    if (cache.blocksFor(server.role === "prefill" && mixing === null ? prompt : whole) > cache.blocks) return false
  }
  return behind === null || fits(behind, prompt, whole)
}

/** A replica takes requests from now on, or none any more. */
export const setUp = (replica: Replica, isUp: boolean): void => {
  replica.isUp = isUp
  showToRouter(replica)
}

/** Opens a replica to the router of its side, or closes it: it is there, and has no work of the other side. */
export const showToRouter = (replica: Replica): void => {
  const isOpen = replica.isUp && replica.foreign === 0
  if (replica.isOpen === isOpen) return
  const { entrance } = replica.pool
  replica.isOpen = isOpen
  entrance.open = entrance.replicas.filter((one) => one.isOpen)
  entrance.router.loadChanges(replica)
}
