/** What the rest of a server sees of the life of its replicas. */
import type { Replica } from "../../replica/replica.ts"
import type { States } from "./states.ts"
import type { Lifecycle, LifeLog } from "./types.ts"

export interface Life {
  readonly states: States
  /** The last request of a replica has left it. */
  readonly emptied: (replica: Replica, now: number) => void
  /** A request's first token, or its last one, has left. */
  readonly firstToken: (replica: Replica, now: number, seconds: number) => void
  readonly finished: (replica: Replica, now: number, secondsPerToken: number) => void
  readonly log: (now: number) => LifeLog
  lostRequests: number
  resentRequests: number
  discardedTokens: number
}

/** Whether a job has replicas that come and go. */
export const isLiving = (pools: readonly { readonly lifecycle?: Lifecycle }[]): boolean =>
  pools.some(({ lifecycle }) => lifecycle !== undefined)
