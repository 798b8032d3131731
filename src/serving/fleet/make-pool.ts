/** The replicas of a pool, before anything has happened. */
import { randomStream } from "../../random/index.ts"
import { makeAcceptance } from "../batch/acceptance.ts"
import { makeScheduler } from "../policy/make-scheduler.ts"
import { policyOf } from "../policy/policy-of.ts"
import type { Scheduler } from "../policy/scheduler.ts"
import { makeDecodeLines } from "../replica/decode-lines.ts"
import { type Entrance, type Moment, type RunPool, makeReplica } from "../replica/replica.ts"
import { makeTotals } from "../replica/totals.ts"
import type { Fetcher } from "../cache/tiers/scheduler-tiers.ts"
import type { RunTiers } from "../cache/tiers/run-tiers.ts"
import type { Pool } from "../types.ts"
import { decodeSide } from "./decode-side.ts"

export interface PoolPlace {
  readonly index: number
  /** Number of its first replica. */
  readonly firstReplica: number
  /** Batches in flight, at most, of a replica of any pool: what the numbers of batches are apart. */
  readonly batchesInFlight: number
  /** A request that was prefilled elsewhere has its blocks here; so many of its tokens were there already. */
  readonly onReserved: (slot: number, hits: number, now: number) => void
  readonly seed: number
  /** Of the classes of requests, for a fair order. */
  readonly shares: readonly number[]
  readonly shared: Pick<Scheduler, "live" | "log" | "onFirstStep" | "onResume" | "onPreempt">
  /** Replicas of prefill and decode pools stand in for one another. */
  readonly isMixing: boolean
  /** null where no pool has tiers of the cache. */
  readonly tiers: RunTiers | null
  readonly fetcher: Fetcher
  readonly moment: Moment | null
}

const nobody = { onLastToken: () => undefined, onPromptDone: () => undefined, onSettled: () => undefined }

export const makeRunPool = (
  server: Pool,
  {
    index,
    firstReplica,
    batchesInFlight,
    seed,
    shared,
    shares,
    onReserved,
    isMixing,
    tiers,
    fetcher,
    moment
  }: PoolPlace
): RunPool => {
  const { policy, rules } = policyOf(server)
  const pool: RunPool = {
    index,
    server,
    lines: makeDecodeLines(server.steps),
    policy:
      server.role === "decode" || (isMixing && server.role === "prefill") ? decodeSide(policy, onReserved) : policy,
    rules,
    outcomes: nobody,
    replicas: [],
    entrance: undefined as unknown as Entrance,
    mixing: null,
    moment
  }
  for (let place = 0; place < server.replicas; place++) {
    const totals = makeTotals()
    const number = firstReplica + place
    const { speculation } = server.target
    const acceptance =
      speculation === undefined
        ? null
        : makeAcceptance(speculation.tokens, speculation.acceptance, randomStream(seed, `speculation ${number}`))
    const schedulers = Array.from({ length: server.target.layout.dataAttention }, () =>
      makeScheduler(
        server,
        {
          ...shared,
          isAlone: server.role === "both" && tiers === null,
          rules,
          totals,
          acceptance,
          tiers: tiers?.schedulerOf(number) ?? null,
          fetcher: tiers === null ? null : fetcher
        },
        shares
      )
    )
    pool.replicas.push(makeReplica({ index: number, pool, firstBatch: number * batchesInFlight, totals, schedulers }))
  }
  return pool
}
