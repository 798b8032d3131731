/**
 * Sweeps in an SQLite file: one row a point, keyed by the sweep and by scenario and seed, written as points are done.
 */
import { mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { SweepRow } from "../planner/index.ts"
import { reasonOf } from "./text-file.ts"

/** What a file of another version is told apart by. */
const storeVersion = 1

export interface StoredSweep {
  readonly hash: string
  readonly name: string
  readonly points: number
  readonly done: number
}

export interface FinishedPoint {
  readonly key: string
  readonly ordinal: number
  readonly row: SweepRow
}

export interface SweepStore {
  /** Notes a sweep; one that is known already stays as it is. */
  readonly begin: (sweep: { readonly hash: string; readonly name: string; readonly points: number }) => void
  /** Keys of the points that are done. */
  readonly done: (hash: string) => ReadonlySet<string>
  /** Adds points all at once or not at all; one that is there already stays. */
  readonly add: (hash: string, points: readonly FinishedPoint[]) => void
  readonly sweeps: () => readonly StoredSweep[]
  /** Rows of a sweep in the order of its points. */
  readonly rows: (hash: string) => readonly SweepRow[]
  readonly close: () => void
}

/** Why a store cannot be used, in plain words. */
export interface StoreFailure {
  readonly failure: string
}

const reason = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error)
  if (/not a database/i.test(text)) return "it is no SQLite file"
  if (/malformed|corrupt/i.test(text))
    return "it is damaged; results that are whole can be saved with `sqlite3 FILE .recover`"
  if (/unable to open/i.test(text)) return "it cannot be opened: it is a folder, or there is no permission"
  if (/readonly|read-only/i.test(text)) return "it may only be read"
  if (/full/i.test(text)) return "the disk is full; what was stored before is kept"
  if (/locked|busy/i.test(text)) return "another process is writing to it and does not let go"
  return text
}

/** Does something with a store; a failure of the database is a reason. */
export const withStore = <A>(act: () => A): A | StoreFailure => {
  try {
    return act()
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")
      return { failure: reason(error) }
    throw error
  }
}

export const isStoreFailure = (made: unknown): made is StoreFailure =>
  typeof made === "object" && made !== null && "failure" in made

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
`

const madeFolder = (file: string): StoreFailure | undefined => {
  try {
    mkdirSync(dirname(file), { recursive: true })
    return undefined
  } catch (error) {
    return { failure: reasonOf(error) }
  }
}

/** @param mustExist a store to read from is not made */
export const openStore = (file: string, mustExist = false): SweepStore | StoreFailure =>
  (mustExist ? undefined : madeFolder(file)) ??
  withStore(() => {
    const database = new DatabaseSync(file, mustExist ? { readOnly: true, timeout: 10_000 } : { timeout: 10_000 })
    if (mustExist) {
      const known = database.prepare("select count(*) as n from sqlite_master where name = 'store'").get()
      if (Number(known?.["n"]) === 0) return { failure: "it is an SQLite file, but no store of sweeps" }
    } else {
      // A write-ahead log lets others read while points come in, and survives a kill at any moment.
      database.exec("pragma journal_mode = wal; pragma synchronous = normal;")
      database.exec(tables)
    }
    const found = database.prepare("select version from store").get()
    if (found === undefined) database.prepare("insert into store (version) values (?)").run(storeVersion)
    else if (Number(found["version"]) !== storeVersion)
      return {
        failure: `it is of version ${String(found["version"])}, and this windtunnel reads version ${storeVersion}`
      }
    return storeOf(database)
  })

const storeOf = (database: DatabaseSync): SweepStore => ({
  begin: ({ hash, name, points }) => {
    database
      .prepare("insert into sweeps (hash, name, points) values (?, ?, ?) on conflict do nothing")
      .run(hash, name, points)
  },
  done: (hash) =>
    new Set(
      database
        .prepare("select key from points where sweep = ?")
        .all(hash)
        .map((row) => String(row["key"]))
    ),
  add: (hash, points) => {
    const insert = database.prepare(
      "insert into points (sweep, key, ordinal, row) values (?, ?, ?, ?) on conflict do nothing"
    )
    database.exec("begin immediate")
    try {
      for (const { key, ordinal, row } of points) insert.run(hash, key, ordinal, JSON.stringify(row))
      database.exec("commit")
    } catch (error) {
      // A full disk may have rolled back by itself.
      if (database.isTransaction) database.exec("rollback")
      throw error
    }
  },
  sweeps: () =>
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
      })),
  rows: (hash) =>
    database
      .prepare("select row from points where sweep = ? order by ordinal")
      .all(hash)
      .map((row) => JSON.parse(String(row["row"])) as SweepRow),
  close: () => database.close()
})
