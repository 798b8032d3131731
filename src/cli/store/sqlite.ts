/**
 * Sweeps in an SQLite file, written as points are done.
 */
import { existsSync, mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { SweepRow } from "../../planner/index.ts"
import type { DecodedScenario } from "../../scenario/index.ts"
import { reasonOf } from "../text-file.ts"
import { storeFailure, type LocalStore, type StoreFailure, type Stored } from "./sweep-store.ts"

/** What a file of another version is told apart by. */
const storeVersion = 1

const wordsOf = (text: string): string => {
  if (/not a database/i.test(text)) return "it is no SQLite file"
  if (/malformed|corrupt/i.test(text))
    return "it is damaged; results that are whole can be saved with `sqlite3 FILE .recover`"
  if (/unable to open/i.test(text)) return "it cannot be opened: it is a folder, or there is no permission"
  if (/readonly|read-only/i.test(text)) return "it may only be read"
  if (/full/i.test(text)) return "the disk is full; what was stored before is kept"
  // What a quota, a limit on the size of files or a failing disk say.
  if (/disk I\/O/i.test(text)) return "the disk is full, over a quota, or failing; what was stored before is kept"
  if (/locked|busy/i.test(text)) return "another process is writing to it and does not let go"
  return text
}

const isOfDatabase = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR"

/** Does something with the database; what it refuses is a failure, anything else a fault of ours. */
const stored = <A>(act: () => A): Stored<A> =>
  Effect.try({ try: act, catch: (error) => error }).pipe(
    Effect.catch((error) =>
      isOfDatabase(error) ? Effect.fail(storeFailure(wordsOf(error.message))) : Effect.die(error)
    )
  )

const tables = `
create table if not exists store (version integer not null);
create table if not exists sweeps (hash text primary key, name text not null, points integer not null) without rowid;
create table if not exists points (
  sweep text not null references sweeps (hash),
  key text not null,
  ordinal integer not null,
  row text not null,
  primary key (sweep, key)
) without rowid;
create index if not exists points_in_order on points (sweep, ordinal);
create table if not exists scenarios (sweep text primary key references sweeps (hash), scenario text not null) without rowid;
`

const makeFolder = (file: string): Stored<void> =>
  Effect.try({
    try: () => void mkdirSync(dirname(file), { recursive: true }),
    catch: (error) => storeFailure(reasonOf(error))
  })

/** What is wrong with a database that opens, where something is. */
const refusal = (database: DatabaseSync, mustExist: boolean): string | undefined => {
  if (mustExist) {
    const known = database.prepare("select count(*) as n from sqlite_master where name = 'store'").get()
    if (Number(known?.["n"]) === 0) return "it is an SQLite file, but no store of sweeps"
  } else {
    // A write-ahead log lets others read while points come in, and survives a kill at any moment.
    database.exec("pragma journal_mode = wal; pragma synchronous = normal;")
    database.exec(tables)
  }
  const found = database.prepare("select version from store").get()
  if (found === undefined) database.prepare("insert into store (version) values (?)").run(storeVersion)
  else if (Number(found["version"]) !== storeVersion)
    return `it is of version ${String(found["version"])}, and this windtunnel reads version ${storeVersion}`
  return undefined
}

/** One file without a write-ahead log can be read from anywhere, also where nothing may be written; not while others use it. */
const putAtRest = (database: DatabaseSync): void => {
  try {
    database.exec("pragma busy_timeout = 0; pragma journal_mode = delete;")
  } catch (error) {
    if (!isOfDatabase(error)) throw error
  }
}

/** @param mustExist a store to read from is not made */
export const openSqlite = Effect.fn("openSqlite")(function* (
  file: string,
  mustExist = false
): Effect.fn.Return<LocalStore, StoreFailure, Scope.Scope> {
  if (mustExist && !existsSync(file))
    return yield* storeFailure("no such file\n  expected the store of a `windtunnel sweep`")
  if (!mustExist) yield* makeFolder(file)
  const database = yield* Effect.acquireRelease(
    stored(() => {
      const opened = new DatabaseSync(file, { timeout: 10_000 })
      // Nothing is written, yet the last to close it may take its write-ahead log away; where that may not be, it is only read.
      if (mustExist) opened.exec("pragma query_only = on")
      return opened
    }),
    (opened) =>
      Effect.sync(() => {
        if (!mustExist) putAtRest(opened)
        opened.close()
      })
  )
  const refused = yield* stored(() => refusal(database, mustExist))
  return refused === undefined ? storeOf(database) : yield* storeFailure(refused)
})

const storeOf = (database: DatabaseSync): LocalStore => ({
  begin: ({ hash, name, points }, scenario) =>
    stored(() => {
      database
        .prepare("insert into sweeps (hash, name, points) values (?, ?, ?) on conflict do nothing")
        .run(hash, name, points)
      if (scenario !== undefined)
        database
          .prepare("insert into scenarios (sweep, scenario) values (?, ?) on conflict do nothing")
          .run(hash, JSON.stringify(scenario))
    }),
  done: (hash) =>
    stored(
      () =>
        new Set(
          database
            .prepare("select key from points where sweep = ?")
            .all(hash)
            .map((row) => String(row["key"]))
        )
    ),
  add: (hash, points) =>
    stored(() => {
      const insert = database.prepare(
        `insert into points (sweep, key, ordinal, row) values (?, ?, ?, ?) on conflict (sweep, key)
         do update set row = excluded.row where json_extract(points.row, '$.status') = 'error'`
      )
      database.exec("begin immediate")
      try {
        for (const { key, ordinal, text } of points) insert.run(hash, key, ordinal, text)
        database.exec("commit")
      } catch (error) {
        // A full disk may have rolled back by itself.
        if (database.isTransaction) database.exec("rollback")
        throw error
      }
    }),
  forgetErrors: (hash) =>
    stored(
      () =>
        void database
          .prepare("delete from points where sweep = ? and json_extract(row, '$.status') = 'error'")
          .run(hash)
    ),
  sweeps: stored(() =>
    database
      .prepare(
        "select hash, name, points, (select count(*) from points where sweep = hash) as done from sweeps order by name, hash"
      )
      .all()
      .map((row) => ({
        hash: String(row["hash"]),
        name: String(row["name"]),
        points: Number(row["points"]),
        done: Number(row["done"])
      }))
  ),
  rows: (hash) =>
    stored(() =>
      database
        .prepare("select row from points where sweep = ? order by ordinal")
        .all(hash)
        .map((row) => JSON.parse(String(row["row"])) as SweepRow)
    ),
  scenarioOf: (hash) =>
    stored(() => {
      // Files of before had no scenarios.
      const known = database.prepare("select count(*) as n from sqlite_master where name = 'scenarios'").get()
      if (Number(known?.["n"]) === 0) return undefined
      const row = database.prepare("select scenario from scenarios where sweep = ?").get(hash)
      return row === undefined ? undefined : (JSON.parse(String(row["scenario"])) as DecodedScenario)
    })
})
