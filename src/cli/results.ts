/**
 * `windtunnel results`: what a store of sweeps holds, filtered, sorted, as a table, CSV or JSON.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { csvOf, isSweepProblem, tableOf } from "../planner/index.ts"
import { formatCount } from "../units/index.ts"
import { print, printJson } from "./output.ts"
import { jsonFlag } from "./run.ts"
import { openToRead, storeProblem } from "./store/open-store.ts"
import { storeFailure, type StoredSweep, type SweepStore } from "./store/sweep-store.ts"
import { problemText } from "./sweep-plan.ts"
import { sweepTableText } from "./sweep-table.ts"

const listed = (text: Option.Option<string>): readonly string[] | undefined =>
  Option.isNone(text)
    ? undefined
    : text.value
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "")

export const results = Command.make(
  "results",
  {
    store: Argument.String("store").pipe(
      Argument.withDescription("The SQLite file of `windtunnel sweep`, or the URL of its database")
    ),
    sweep: Flag.String("sweep").pipe(
      Flag.withDescription("Which sweep, by the beginning of its hash or name, where the store holds several"),
      Flag.optional
    ),
    columns: Flag.String("columns").pipe(
      Flag.withMetavar("a,b"),
      Flag.withDescription("Columns to show; default all"),
      Flag.optional
    ),
    where: Flag.String("where").pipe(
      Flag.withDescription("Only rows of which this holds, such as \"status == 'ok' && memoryBytes < 60e9\""),
      Flag.optional
    ),
    sort: Flag.String("sort").pipe(
      Flag.withMetavar("a,b:desc"),
      Flag.withDescription("Columns to sort by; with :desc the largest first"),
      Flag.optional
    ),
    csv: Flag.Boolean("csv").pipe(Flag.withDescription("Print comma-separated values"), Flag.withDefault(false)),
    json: jsonFlag
  },
  Effect.fn("results")(function* ({ store, sweep, columns, where, sort, csv, json }) {
    const read = yield* Effect.flatMap(openToRead(store), (opened) =>
      rowsOf(opened, Option.getOrUndefined(sweep))
    ).pipe(
      Effect.scoped,
      Effect.catchTag("StoreFailure", (failure) => Effect.fail(storeProblem(store, failure)))
    )
    const shown = listed(columns)
    const order = listed(sort)
    const condition = Option.getOrUndefined(where)
    const table = tableOf(read.rows, {
      ...(shown === undefined ? {} : { columns: shown }),
      ...(condition === undefined ? {} : { where: condition }),
      ...(order === undefined ? {} : { sort: order })
    })
    if (isSweepProblem(table)) return yield* problemText(table)
    if (json)
      return yield* printJson(
        table.rows.map((row) => Object.fromEntries(table.columns.map((one) => [one, row[one] ?? null])))
      )
    if (csv) return yield* print(csvOf(table))
    return yield* print(
      `${sweepTableText(table)}\n\n${formatCount(table.rows.length)} of ${formatCount(read.rows.length)} rows · ${read.sweep.name}: ${formatCount(read.sweep.done)} of ${formatCount(read.sweep.points)} points done`
    )
  })
).pipe(
  Command.withDescription("Show what a store of sweeps holds"),
  Command.withExamples([
    {
      command: "windtunnel results bloom-176b.sweep.sqlite --where \"status == 'ok'\" --sort iterationSeconds",
      description: "the fastest first"
    },
    { command: "windtunnel results bloom-176b.sweep.sqlite --csv", description: "everything, for a spreadsheet" }
  ])
)

const rowsOf = Effect.fn("rowsOf")(function* (store: SweepStore, wanted: string | undefined) {
  const all = yield* store.sweeps
  const matching =
    wanted === undefined ? all : all.filter(({ hash, name }) => hash.startsWith(wanted) || name.startsWith(wanted))
  const [only] = matching
  const list = (sweeps: readonly StoredSweep[]): string =>
    sweeps
      .map(({ hash, name, points, done }) => `    ${hash.slice(0, 8)}  ${name}, ${done} of ${points} points`)
      .join("\n")
  if (only === undefined)
    return yield* storeFailure(
      wanted === undefined ? "it holds no sweep" : `it holds no sweep ${JSON.stringify(wanted)}, but\n${list(all)}`
    )
  if (matching.length > 1)
    return yield* storeFailure(`it holds several sweeps\n  expected --sweep with one of\n${list(matching)}`)
  return { sweep: only, rows: yield* store.rows(only.hash) }
})
