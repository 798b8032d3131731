/**
 * Sweeps in a Postgres database that any number of machines share: results and what is to be done beside each other.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { SqlError } from "effect/sql/SqlError"
import type { SweepRow } from "../../planner/index.ts"
import type { CrewTask, SentFiles } from "../point-crew.ts"
import type { DecodedScenario } from "../../scenario/index.ts"
import { patiently } from "./patience.ts"
import { postgresFailure } from "./postgres-words.ts"
import {
  storeFailure,
  type FinishedPoint,
  type NotedSweep,
  type StoreFailure,
  type Stored,
  type SweepStore
} from "./sweep-store.ts"

/** What a database of another version is told apart by. */
const storeVersion = 1

export interface NamedTask extends CrewTask {
  readonly name: string
}

export interface SharedStore extends SweepStore {
  /** What a worker needs to simulate a sweep's points. */
  readonly taskOf: (hash: string) => Stored<NamedTask>
  /** Those of some keys that are done. */
  readonly doneOf: (hash: string, keys: readonly string[]) => Stored<ReadonlySet<string>>
  /** What came of those of some keys that are done: the texts of their rows. */
  readonly textsOf: (hash: string, keys: readonly string[]) => Stored<ReadonlyMap<string, string>>
  /** Somebody plans, and will have more jobs: to be said again before so many seconds are over; 0 = no longer. */
  readonly planning: (id: string, seconds: number) => Stored<void>
  /** Plans that may have more jobs. */
  readonly planners: Stored<number>
  /** Points that are done, and the largest objective. */
  readonly progress: (hash: string) => Stored<{ readonly done: number; readonly best: number | null }>
}

/** What the server does about a machine that is stopped, or vanishes without a word: what it held is free again soon. */
const sessionSettings = {
  idle_in_transaction_session_timeout: "10s",
  tcp_keepalives_idle: "30",
  tcp_keepalives_interval: "10",
  tcp_keepalives_count: "3"
}

export const pgClient = (url: string): Effect.Effect<PgClient.PgClient, StoreFailure, Scope.Scope> => {
  const password = process.env["PGPASSWORD"]
  const hasOwn = URL.canParse(url) && new URL(url).password !== ""
  return PgClient.make({
    url: Redacted.make(url),
    ...(hasOwn || password === undefined ? {} : { password: Redacted.make(password) }),
    // Servers have a hundred to give away, to all machines together; two are what making the tables takes.
    maxConnections: 2,
    connectTimeout: "10 seconds",
    keepAlive: "10 seconds",
    applicationName: "windtunnel",
    startupParameters: sessionSettings,
    maxMessageSize: 256 * 2 ** 20
  }).pipe(Effect.provide(Reactivity.layer), Effect.mapError(postgresFailure))
}

const tables = [
  `create table if not exists windtunnel_store (version integer not null)`,
  `create table if not exists windtunnel_sweeps (
     hash text primary key, kind text not null, name text not null, points integer not null, scenario text not null,
     files text not null)`,
  `create table if not exists windtunnel_points (
     sweep text not null references windtunnel_sweeps (hash), key text not null, ordinal integer not null,
     outcome text not null, objective double precision, primary key (sweep, key))`,
  // How often a job of one point was begun by itself and not ended since.
  `create table if not exists windtunnel_begun (job text primary key, times integer not null)`,
  // Plans whose next round of fleets may still come.
  `create table if not exists windtunnel_planners (id text primary key, until timestamptz not null)`
]

/** Held while tables are made: two that make them at once would collide. Any number will do, as long as it stays the same. */
const migrationLock = 7_461_931

/** What has to be there before anything else; `also` is done under the same lock. */
export const migrate = <R>(
  sql: PgClient.PgClient,
  also: Effect.Effect<void, SqlError, R>
): Effect.Effect<void, StoreFailure, R> =>
  Effect.gen(function* () {
    const holder = yield* sql.reserve
    // In a transaction, so that the server takes the lock from a machine that is stopped meanwhile.
    yield* holder.executeUnprepared("begin", [], undefined)
    yield* Effect.addFinalizer(() => holder.executeUnprepared("commit", [], undefined).pipe(Effect.ignore))
    yield* holder.execute("select pg_advisory_xact_lock($1)", [migrationLock], undefined)
    for (const table of tables) yield* sql.unsafe(table)
    yield* sql`insert into windtunnel_store (version) select ${storeVersion} where not exists (select from windtunnel_store)`
    const version = yield* versionOf(sql)
    if (version !== storeVersion) return yield* otherVersion(version)
    yield* also
    return undefined
  }).pipe(
    Effect.scoped,
    Effect.catchTag("SqlError", (error) => Effect.fail(postgresFailure(error)))
  )

const versionOf = (sql: PgClient.PgClient): Effect.Effect<number, SqlError> =>
  Effect.map(sql<{ version: number }>`select version from windtunnel_store`, ([row]) => row?.version ?? 0)

const otherVersion = (version: number): StoreFailure =>
  storeFailure(`its tables are of version ${version}, and this windtunnel reads version ${storeVersion}`)

/** A database that has sweeps already, to read from. */
export const readPostgres = Effect.fn("readPostgres")(function* (url: string) {
  const sql = yield* pgClient(url)
  const version = yield* Effect.gen(function* () {
    const [found] = yield* sql<{ known: boolean }>`select to_regclass('windtunnel_store') is not null as known`
    return found?.known === true ? yield* versionOf(sql) : undefined
  }).pipe(Effect.mapError(postgresFailure))
  if (version === undefined)
    return yield* storeFailure(
      "the database holds no store of sweeps\n  expected one that `windtunnel sweep --store` filled"
    )
  if (version !== storeVersion) return yield* otherVersion(version)
  return postgresStore(sql)
})

/** Notes a sweep or plan with all that a worker elsewhere needs; one that is known already stays as it is. */
export const noteSweep = (
  sql: PgClient.PgClient,
  { hash, name, points }: NotedSweep,
  { kind = "sweep", scenario, files }: CrewTask
): Effect.Effect<void, SqlError> =>
  Effect.asVoid(sql`
    insert into windtunnel_sweeps (hash, kind, name, points, scenario, files)
    values (${hash}, ${kind}, ${name}, ${points}, ${JSON.stringify(scenario)}, ${JSON.stringify(files ?? {})})
    on conflict do nothing`)

/** Rows in one order, so that two who add the same wait for each other rather than in a circle. */
export const addRows = (
  sql: PgClient.PgClient,
  hash: string,
  points: readonly FinishedPoint[]
): Effect.Effect<void, SqlError> =>
  Effect.asVoid(sql`
    insert into windtunnel_points (sweep, key, ordinal, outcome, objective)
    select ${hash}, key, ordinal, text, objective
    from json_to_recordset(${JSON.stringify(points)}::json)
      as given (key text, ordinal integer, text text, objective double precision)
    order by ordinal
    on conflict (sweep, key) do update set outcome = excluded.outcome, objective = excluded.objective
    where windtunnel_points.outcome::json ->> 'status' = 'error'`)

/** Points pay no heed to it, and it may be long. */
const withoutSweep = ({ sweep: _sweep, ...scenario }: DecodedScenario) => scenario as DecodedScenario

interface Counted {
  readonly hash: string
  readonly name: string
  readonly points: number
  readonly done: number
}

export const postgresStore = (sql: PgClient.PgClient): SharedStore => {
  const stored = <A>(act: Effect.Effect<A, SqlError>): Stored<A> => patiently(Effect.mapError(act, postgresFailure))
  return {
    taskOf: (hash) =>
      stored(
        sql<{
          kind: "sweep" | "plan"
          name: string
          scenario: string
          files: string
        }>`select kind, name, scenario, files from windtunnel_sweeps where hash = ${hash}`
      ).pipe(
        Effect.flatMap(([row]) =>
          row === undefined
            ? Effect.fail(storeFailure(`the sweep ${hash} is no longer in the database`))
            : Effect.succeed({
                hash,
                kind: row.kind,
                name: row.name,
                scenario: withoutSweep(JSON.parse(row.scenario) as DecodedScenario),
                files: JSON.parse(row.files) as SentFiles
              })
        )
      ),
    scenarioOf: (hash) =>
      stored(
        Effect.map(sql<{ scenario: string }>`select scenario from windtunnel_sweeps where hash = ${hash}`, ([row]) =>
          row === undefined ? undefined : (JSON.parse(row.scenario) as DecodedScenario)
        )
      ),
    done: (hash) =>
      stored(
        Effect.map(
          sql<{ key: string }>`select key from windtunnel_points where sweep = ${hash}`,
          (rows) => new Set(rows.map(({ key }) => key))
        )
      ),
    doneOf: (hash, keys) =>
      stored(
        Effect.map(
          sql<{ key: string }>`
            select key from windtunnel_points
            where sweep = ${hash} and key in (select json_array_elements_text(${JSON.stringify(keys)}::json))`,
          (rows) => new Set(rows.map(({ key }) => key))
        )
      ),
    textsOf: (hash, keys) =>
      stored(
        Effect.map(
          sql<{ key: string; outcome: string }>`
            select key, outcome from windtunnel_points
            where sweep = ${hash} and key in (select json_array_elements_text(${JSON.stringify(keys)}::json))`,
          (rows) => new Map(rows.map(({ key, outcome }) => [key, outcome]))
        )
      ),
    planning: (id, seconds) =>
      stored(
        Effect.asVoid(
          seconds === 0
            ? sql`delete from windtunnel_planners where id = ${id} or until < now()`
            : sql`
                insert into windtunnel_planners (id, until) values (${id}, now() + make_interval(secs => ${seconds}))
                on conflict (id) do update set until = excluded.until`
        )
      ),
    planners: stored(
      Effect.map(
        sql<{ plans: number }>`select count(*)::integer as plans from windtunnel_planners where until > now()`,
        ([row]) => row?.plans ?? 0
      )
    ),
    add: (hash, points) => stored(addRows(sql, hash, points)),
    progress: (hash) =>
      stored(
        Effect.map(
          sql<{ done: number; best: number | null }>`
            select count(*)::integer as done, max(objective) as best from windtunnel_points where sweep = ${hash}`,
          ([row]) => ({ done: row?.done ?? 0, best: row?.best ?? null })
        )
      ),
    forgetErrors: (hash) =>
      stored(
        Effect.asVoid(sql`delete from windtunnel_points where sweep = ${hash} and outcome::json ->> 'status' = 'error'`)
      ),
    sweeps: stored(
      sql<Counted>`
        select hash, name, points, (select count(*)::integer from windtunnel_points where sweep = hash) as done
        from windtunnel_sweeps where kind = 'sweep' order by name collate "C", hash`
    ),
    rows: (hash) =>
      stored(
        Effect.map(
          sql<{ outcome: string }>`select outcome from windtunnel_points where sweep = ${hash} order by ordinal`,
          (rows) => rows.map(({ outcome }) => JSON.parse(outcome) as SweepRow)
        )
      )
  }
}
