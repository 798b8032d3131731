/**
 * The jobs of sweeps in a Postgres database: Effect's PersistedQueue, with a lease for what is being done.
 *
 * A job is a chunk of points of one sweep. Whoever takes it holds it while its lease is refreshed; when a worker dies the next
 * takes it over, as another attempt. What nobody could do in all its attempts is a dead job.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as PersistedQueue from "effect/persistence/PersistedQueue"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import type { SweepPoint } from "../../planner/index.ts"
import { deadReason, mostAttempts, unknownDeath } from "../sweep-attempts.ts"
import { givenUp } from "../sweep-row.ts"
import { version } from "../version.ts"
import { patiently } from "./patience.ts"
import { addRows } from "./postgres.ts"
import { postgresFailure } from "./postgres-words.ts"
import { StoreFailure, storeFailure, type Stored } from "./sweep-store.ts"

const jobSchema = Schema.Struct({
  /** Hash of the sweep. */
  sweep: Schema.String,
  points: Schema.Array(
    Schema.Struct({
      ordinal: Schema.Int,
      seed: Schema.Finite,
      changes: Schema.Record(Schema.String, Schema.Json)
    })
  )
})

export type Job = typeof jobSchema.Type

const queueTable = "windtunnel_queue"

/** Another version may give other numbers, so every version does its own jobs. */
const queueName = `points ${version}`

export interface JobQueue {
  /** Adds jobs, all or none, together with `first`; one with the same name is there once. */
  readonly offer: (jobs: readonly NamedJob[], first?: Effect.Effect<void, SqlError>) => Stored<void>
  /** Waits for a job and does it; a failure is another attempt, an interruption hands the job back. */
  readonly take: <E, R>(
    act: (job: Job, held: Held) => Effect.Effect<void, E, R>
  ) => Effect.Effect<void, E | PersistedQueue.PersistedQueueError, R>
  /** Notes that a job of one point is begun with nothing beside it; gives back how often it was begun before and did not end. */
  readonly begin: (name: string) => Stored<number>
  /** It ended without harm to its worker; `times` is what counts from now on. */
  readonly end: (name: string, times: number) => Stored<void>
  /**
   * Buries jobs that nobody could do: of one point the row says why, of several each becomes a job. Gives back how many. It is
   * tried once, whatever happens.
   */
  readonly bury: Stored<number>
  /** Jobs that are waiting or being done, of one sweep or of all. */
  readonly pending: (sweep?: string) => Stored<number>
  /** Jobs that wait for workers of another version. */
  readonly foreign: Stored<number>
  /** Forgets what became of jobs of a sweep, so that they can be offered again. */
  readonly forget: (sweep: string) => Stored<void>
}

/** A job in somebody's hands. */
export interface Held {
  readonly name: string
  /** The first is 1; those before it were cut short: by the job itself, or by what went on beside it. */
  readonly attempt: number
}

export interface NamedJob {
  readonly name: string
  readonly job: Job
}

/** Points of a sweep in jobs of up to so many. */
export const jobsOf = (sweep: string, points: readonly SweepPoint[], size: number): readonly NamedJob[] =>
  Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const own = points.slice(index * size, (index + 1) * size)
    const [first, last] = [own[0]?.ordinal ?? 0, own.at(-1)?.ordinal ?? 0]
    return {
      name: first === last ? `${sweep}/${first}` : `${sweep}/${first}-${last}`,
      job: { sweep, points: own as Job["points"] }
    }
  })

/** Seconds between two signs of life: so often that workers with leases of any length do not take each other's jobs. */
const refreshSeconds = (lease: number): number => Math.min(lease / 3, 1)

/**
 * How many may take up a job. It counts whoever held one when its worker died, of whatever; a point is given up by how often it
 * was alone when its worker died.
 */
const mostHands = 1000

/** What the queue says of a job whose holder went silent at the last attempt. */
const silence = "Lock expired after final attempt"

const reasonOf = (failure: string | null): string => {
  const first = failure?.split("\n")[0] ?? silence
  return first === silence
    ? deadReason("its worker", unknownDeath)
    : `given up after ${mostAttempts} attempts: ${first}`
}

interface DeadJob {
  readonly element: string
  readonly failure: string | null
}

/** A failure of the database among what went wrong. */
const failureIn = (cause: Cause.Cause<SqlError | StoreFailure>): StoreFailure | undefined => {
  for (const reason of cause.reasons) {
    const error: unknown = Cause.isFailReason(reason)
      ? reason.error
      : Cause.isDieReason(reason)
        ? reason.defect
        : undefined
    if (error instanceof StoreFailure) return error
    if (isSqlError(error)) return postgresFailure(error)
  }
  return undefined
}

/** When the connection is lost in the middle, nothing is left to be rolled back: that rolling back fails is no fault of ours. */
const inTransaction = <A>(sql: PgClient.PgClient, act: Effect.Effect<A, SqlError | StoreFailure>): Stored<A> =>
  sql.withTransaction(act).pipe(
    Effect.catchCause((cause) => {
      const failure = Cause.hasInterrupts(cause) ? undefined : failureIn(cause)
      return failure === undefined ? Effect.failCause(cause as Cause.Cause<never>) : Effect.fail(failure)
    })
  )

/** The tables are made as it is opened: under the lock of `migrate`. */
export const openQueue = (
  sql: PgClient.PgClient,
  leaseSeconds: number
): Effect.Effect<JobQueue, SqlError, Scope.Scope> =>
  Effect.gen(function* () {
    const store = yield* PersistedQueue.makeStoreSql({
      tableName: queueTable,
      pollInterval: "500 millis",
      lockExpiration: Duration.seconds(leaseSeconds),
      lockRefreshInterval: Duration.seconds(refreshSeconds(leaseSeconds))
    }).pipe(Effect.provideService(SqlClient.SqlClient, sql))
    yield* sql.unsafe(
      `create index if not exists windtunnel_queue_failed on ${queueTable} (queue_name) where state = 'failed'`
    )
    const factory = yield* PersistedQueue.makeFactory.pipe(
      Effect.provideService(PersistedQueue.PersistedQueueStore, store)
    )
    const queue = yield* factory.make({
      name: queueName,
      schema: jobSchema,
      maxAttempts: mostHands,
      retrySchedule: Schedule.spaced("1 second")
    })
    const stored = <A>(act: Effect.Effect<A, SqlError>): Stored<A> => patiently(Effect.mapError(act, postgresFailure))
    const offerAll = (jobs: readonly NamedJob[]) =>
      Effect.forEach(jobs, ({ name, job }) => queue.offer(job, { id: name }), { discard: true }).pipe(
        Effect.mapError(() => storeFailure("jobs cannot be written", true))
      )
    const buried = Effect.gen(function* () {
      const dead = yield* sql<DeadJob>`
        delete from windtunnel_queue
        where queue_name = ${queueName}
        and (state = 'failed' or (state = 'pending' and acquired_at < now() - make_interval(secs => ${leaseSeconds})
          and id in (select job from windtunnel_begun where times >= ${mostAttempts})))
        returning element, last_failure as failure`
      for (const { element, failure } of dead) {
        const { sweep, points } = JSON.parse(element) as Job
        const [only] = points
        if (only !== undefined && points.length === 1) yield* addRows(sql, sweep, [givenUp(only, reasonOf(failure))])
        else yield* offerAll(jobsOf(sweep, points, 1))
      }
      return dead.length
    })
    return {
      offer: (jobs, first = Effect.void) => patiently(inTransaction(sql, Effect.andThen(first, offerAll(jobs)))),
      take: (act) => queue.take((job, { id, attempts }) => act(job, { name: id, attempt: attempts })),
      begin: (name) =>
        stored(
          Effect.map(
            sql<{ times: number }>`
              insert into windtunnel_begun (job, times) values (${name}, 1)
              on conflict (job) do update set times = windtunnel_begun.times + 1 returning times`,
            ([row]) => (row?.times ?? 1) - 1
          )
        ),
      end: (name, times) =>
        stored(Effect.asVoid(sql`update windtunnel_begun set times = ${times} where job = ${name}`)),
      bury: inTransaction(sql, buried),
      pending: (sweep) =>
        stored(
          Effect.map(
            sql<{ jobs: number }>`
              select count(*)::integer as jobs from windtunnel_queue
              where queue_name = ${queueName} and state = 'pending' and starts_with(id, ${sweep === undefined ? "" : `${sweep}/`})`,
            ([row]) => row?.jobs ?? 0
          )
        ),
      foreign: stored(
        Effect.map(
          sql<{ jobs: number }>`
            select count(*)::integer as jobs from windtunnel_queue where queue_name <> ${queueName} and state = 'pending'`,
          ([row]) => row?.jobs ?? 0
        )
      ),
      forget: (sweep) =>
        stored(
          sql`
            delete from windtunnel_queue
            where queue_name = ${queueName} and state = 'completed' and starts_with(id, ${`${sweep}/`})`.pipe(
            Effect.andThen(sql`delete from windtunnel_begun where starts_with(job, ${`${sweep}/`})`),
            Effect.asVoid
          )
        )
    }
  })
