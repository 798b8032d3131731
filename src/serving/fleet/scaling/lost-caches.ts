/**
 * What of a replica's cache outlives it, tier by tier: device and host memory are the process's and end with it; drives are the node's, and
 * given back with it; a remote pool has nothing to do with either.
 */
import type { Replica } from "../../replica/replica.ts"
import type { Run } from "../../server/run.ts"
import type { TierStore } from "../../cache/tiers/tier-store.ts"
import type { LifeState } from "./types.ts"

/**
 * A replica has changed its state: with its process ends what it had in host memory and what it was writing, and with the last replica of
 * a node what is on the node's drives. A replica that is repaired or restarts finds its node's drives as it left them.
 */
export const cachesFollow = (run: Run, replica: Replica, stateOf: (replica: number) => LifeState): void => {
  const state = stateOf(replica.index)
  if (run.tiers === null || state === "up" || state === "draining") return
  const [first] = replica.schedulers
  if (first!.tiers === null) return
  for (const { tiers } of replica.schedulers) tiers!.lose()
  run.tiers.abandon(replica.index)
  if (state !== "off") return
  for (const store of drivesOf(run, replica)) {
    const isLast = run.replicas.every(
      (other) => stateOf(other.index) === "off" || !drivesOf(run, other).includes(store)
    )
    if (isLast) store.clear()
  }
}

/** Drives that a replica writes to, those of its node. */
const drivesOf = ({ tiers }: Run, { index, schedulers }: Replica): readonly TierStore[] => {
  const own = schedulers[0]!.tiers
  if (own === null) return []
  const places = tiers!.placesOf(index)
  return own.stores.filter((_, tier) => places[tier] === "nvme")
}
