/**
 * A sweep in a store, for who reports it: all that a report has to do with stores.
 */
import { closeSync, openSync, readSync } from "node:fs"
import * as Effect from "effect/Effect"
import { nearestNames } from "../catalog/index.ts"
import type { SweepRow } from "../planner/index.ts"
import type { DecodedScenario } from "../scenario/index.ts"
import { isUrl, openToRead, storeProblem } from "./store/open-store.ts"
import { storeFailure, type StoredSweep, type SweepStore } from "./store/sweep-store.ts"

export interface ReportedSweep {
  readonly sweep: StoredSweep
  /** In the order of its points. */
  readonly rows: readonly SweepRow[]
  /** Undefined where the store does not have it. */
  readonly scenario: DecodedScenario | undefined
}

const beginning = "SQLite format 3\u0000"

/**
 * Whether an argument is a store of sweeps, by its content: a database's URL, or a file that begins as SQLite's do. What is
 * only named like one is told so as a store.
 */
export const isStore = (argument: string): boolean =>
  isUrl(argument) || bytesOf(argument) === beginning || /\.(sqlite3?|db)$/i.test(argument)

const bytesOf = (path: string): string => {
  try {
    const file = openSync(path, "r")
    try {
      const bytes = Buffer.alloc(beginning.length)
      return bytes.toString("latin1", 0, readSync(file, bytes))
    } finally {
      closeSync(file)
    }
  } catch {
    // No such file, or a folder: then it is something else, which says what is wrong with it.
    return ""
  }
}

/** @param wanted the beginning of a hash or of a name; undefined = the only one */
export const storedSweep = (store: string, wanted: string | undefined) =>
  Effect.flatMap(openToRead(store), (opened) => sweepIn(opened, wanted)).pipe(
    Effect.scoped,
    Effect.catchTag("StoreFailure", (failure) => Effect.fail(storeProblem(store, failure)))
  )

const sweepIn = Effect.fn("sweepIn")(function* (store: SweepStore, wanted: string | undefined) {
  const all = yield* store.sweeps
  const exact = all.filter(({ hash, name }) => hash === wanted || name === wanted)
  const matching =
    wanted === undefined
      ? all
      : exact.length > 0
        ? exact
        : all.filter(({ hash, name }) => hash.startsWith(wanted) || name.startsWith(wanted))
  const [only] = matching
  if (all.length === 0) return yield* storeFailure("it holds no sweep")
  if (only === undefined) {
    const near = nearestNames(
      wanted ?? "",
      all.flatMap(({ hash, name }) => [name, hash.slice(0, 8)])
    )
    return yield* storeFailure(
      `it holds no sweep ${JSON.stringify(wanted)}${near.length === 0 ? "" : `; nearest: ${near.join(", ")}`}\n  expected one of\n${listOf(all)}`
    )
  }
  if (matching.length > 1)
    return yield* storeFailure(
      `it holds ${wanted === undefined ? "several sweeps" : `several sweeps ${JSON.stringify(wanted)}`}\n  expected --sweep with one of\n${listOf(matching)}`
    )
  const rows = yield* store.rows(only.hash)
  if (rows.length === 0)
    return yield* storeFailure(
      `none of the ${only.points} points of ${only.name} is finished\n  expected a sweep that has begun: the same \`windtunnel sweep\` goes on with it`
    )
  const found: ReportedSweep = { sweep: only, rows, scenario: yield* store.scenarioOf(only.hash) }
  return found
})

const listOf = (sweeps: readonly StoredSweep[]): string =>
  sweeps
    .slice(0, 20)
    .map(({ hash, name, points, done }) => `    ${hash.slice(0, 8)}  ${name}, ${done} of ${points} points`)
    .join("\n")
