/** A pool whose replicas come and go, and how its autoscaler stands. */
import type { Replica, RunPool } from "../../replica/replica.ts"
import type { Observations, Sums } from "./signals.ts"
import type { Starter } from "./start-up.ts"
import type { Lifecycle } from "./types.ts"

/** A pool whose replicas come and go. */
export interface LivingPool {
  readonly pool: RunPool
  readonly lifecycle: Lifecycle
  readonly starter: Starter
  /** Replicas that the load asked for at the latest look. */
  wanted: number
  lastChange: number
  /** Sums at looks within the window, oldest first. */
  readonly looks: { readonly now: number; readonly sums: Sums }[]
  readonly ttft: Observations
  readonly tpot: Observations
  /** Replicas still to be restarted, and the one that is. */
  readonly toRestart: Replica[]
  restarting: Replica | null
}

/** A pool to which no class of requests comes lives for nobody. */
export const lifecycleOf = ({ server, entrance }: RunPool): Lifecycle | undefined =>
  (entrance as RunPool["entrance"] | undefined) === undefined ? undefined : server.lifecycle
