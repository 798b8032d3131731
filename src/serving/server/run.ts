/** A run: everything that a simulation of a server, or of a fleet of them, consists of. */
import type { Simulation } from "../../engine/index.ts"
import type { RunTiers } from "../cache/tiers/run-tiers.ts"
import type { GapLog } from "../batch/gap-log.ts"
import type { GrowingRequestLog } from "../live/request-log.ts"
import type { LiveRequests } from "../live/live-requests.ts"
import type { Narrator } from "../narrator.ts"
import type { Moves } from "../fleet/move.ts"
import type { Life } from "../fleet/scaling/life-view.ts"
import type { DecisionRecorder } from "./routing/decisions.ts"
import type { Door } from "./door.ts"
import type { Entrance, Moment, RunPool, Replica } from "../replica/replica.ts"
import type { Arrival, RequestSource, ServingJob } from "../types.ts"

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
  /** A batch's step ends (first batch of the replica + batch). */
  stepEnd: number
  /** An idle replica looks again (replica). */
  wake: number
  /** Keys and values have arrived (move). */
  moved: number
  /** Blocks have arrived from a tier of the cache (4 x fetch + place of the tier). */
  fetched: number
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
  readonly pools: readonly RunPool[]
  /** By class: where its requests come in. */
  readonly entrances: readonly Entrance[]
  /** Of all pools, by number. */
  readonly replicas: readonly Replica[]
  /** Those of pools with fixed batches. */
  readonly fixed: readonly Replica[]
  /** Batches in flight, at most, of a replica of any pool. */
  readonly batchesInFlight: number
  /** Draws the next request's adapter; null where there are none. */
  readonly drawAdapter: ((arrival: Arrival) => number) | null
  /** Requests on their way from prefill to decode pools; null where there are no such pools. */
  readonly moves: Moves | null
  /** Tiers of the KV cache beyond device memory; null where no pool has any. */
  readonly tiers: RunTiers | null
  /** What happens at this moment; null where replicas share nothing but the router. */
  readonly moment: Moment | null
  /** Replicas that come and go; null where all are there all the time. Made once the handlers are registered. */
  life: Life | null
  /** Holds requests; null where none can be held. */
  readonly door: Door | null
  /** Entrances where a request has left since the deferred were last looked at. */
  readonly eased: Set<Entrance>
  /** null where routing decisions are not logged. */
  readonly decisions: DecisionRecorder | null
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

/** Nobody is here and nobody will come: what is still planned happens after the end. */
export const isOver = ({ live, source }: Run): boolean => live.count === 0 && source.peek() === Infinity
