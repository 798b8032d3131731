/** A run: everything that a simulation of a server consists of. */
import type { Simulation } from "../../engine/index.ts"
import type { GapLog } from "../batch/gap-log.ts"
import type { GrowingRequestLog } from "../live/request-log.ts"
import type { LiveRequests } from "../live/live-requests.ts"
import type { Narrator } from "../narrator.ts"
import type { Policy } from "../policy/scheduler.ts"
import type { Replica } from "../replica/replica.ts"
import type { Arrival, RequestSource, ServingJob } from "../types.ts"
import type { Router } from "./router.ts"

/** Numbers of the event handlers. */
export interface Handlers {
  /** The next arrival is due. */
  arrive: number
  /** A client tries again (slot). */
  retry: number
  /** A client gives up (slot). */
  giveUp: number
  /** A request has waited too long (slot). */
  drop: number
  /** A batch's step ends (replica x batches in flight + batch). */
  stepEnd: number
  /** An idle replica looks again (replica). */
  wake: number
}

export interface Run {
  readonly job: ServingJob
  readonly simulation: Simulation
  readonly handlers: Handlers
  readonly source: RequestSource
  readonly arrival: Arrival
  readonly live: LiveRequests
  readonly log: GrowingRequestLog
  readonly gaps: GapLog
  readonly policy: Policy
  readonly router: Router
  readonly replicas: readonly Replica[]
  readonly narrator: Narrator
  /** Replicas where something changed that an idle one acts on. */
  readonly touched: Set<Replica>
  /** Pending arrival event and its time. */
  arrivalEvent: number
  arrivalAt: number
  rejectedTries: number
  /** Clients that will try again. */
  pendingRetries: number
  /** Requests that have ended, in whatever way. */
  ended: number
  /** Called every few thousand events; null = nobody wants to know. */
  readonly look: (() => void) | null
  /** When something last happened. */
  lastAt: number
}
