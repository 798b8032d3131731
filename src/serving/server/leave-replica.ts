/** What the router is told of requests that leave. */
import { endForeign } from "../fleet/mixing/mixing.ts"
import { noteDeparture } from "./routing/estimate.ts"
import type { Run } from "./run.ts"

/** A request is its replica's no more, as far as the router is concerned. */
export const leaveReplica = ({ live, replicas, simulation, door, eased, life }: Run, slot: number): void => {
  const replica = replicas[live.replica[slot]!]
  if (replica === undefined) return
  if (live.isForeign[slot] === 1) endForeign(replica.pool.mixing!, live, replica, slot, simulation.now)
  replica.queuedTokens -= live.queuedTokens[slot]!
  live.queuedTokens[slot] = 0
  replica.requests--
  replica.tokens -= live.prompt[slot]! + live.target[slot]!
  replica.pool.entrance.router.loadChanges(replica)
  noteDeparture(replica, simulation.now)
  if (door !== null) eased.add(replica.pool.mixing?.front ?? replica.pool.entrance)
  if (replica.requests === 0) life?.emptied(replica, simulation.now)
}
