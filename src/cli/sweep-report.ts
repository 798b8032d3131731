/**
 * `windtunnel report STORE`: a sweep, reported from its rows. Nothing is simulated.
 */
import { basename, join } from "node:path"
import * as Effect from "effect/Effect"
import { columnOf, columnsOf, isSweepProblem, tableOf, unknownColumn, type SweepRow } from "../planner/index.ts"
import {
  bestChanges,
  reportDocument,
  studiedSweep,
  sweepReport,
  variedColumns,
  type StudiedSweep,
  type SweepValue
} from "../report/index.ts"
import { CannotRun, InputWrong } from "./failure.ts"
import { invocation, quoted } from "./next-steps.ts"
import { writeFiles } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { reportFiles } from "./report-files.ts"
import type { ReportForm } from "./report-form.ts"
import { reportText } from "./report-text.ts"
import { isUrl } from "./store/open-store.ts"
import { shownUrl } from "./store/shown-url.ts"
import type { DecodedScenario } from "../scenario/index.ts"
import { intervalsAt, ownValues } from "./sweep-scenario.ts"
import { storedSweep } from "./sweep-stored.ts"
import { problemText } from "./sweep-plan.ts"
import { version } from "./version.ts"

export interface SweepReportRequest {
  readonly store: string
  readonly sweep: string | undefined
  readonly objective: string | undefined
  readonly x: string | undefined
  readonly y: string | undefined
  readonly where: string | undefined
  readonly out: string | undefined
  readonly forms: readonly ReportForm[]
  readonly json: boolean
}

export const reportOfSweep = Effect.fn("reportOfSweep")(function* (request: SweepReportRequest) {
  const { store, out, forms, json, where } = request
  const { sweep, rows: all, scenario } = yield* storedSweep(store, request.sweep)
  const rows = where === undefined ? all : yield* pickedRows(all, where)
  const columns = columnsOf(all)
  const fields = variedColumns(all)
  const x = request.x === undefined ? undefined : yield* columnIn(fields, "--x", request.x)
  const y = request.y === undefined ? undefined : yield* columnIn(fields, "--y", request.y)
  if (x !== undefined && x === y)
    return yield* new InputWrong({
      text: `--y: given ${request.y ?? ""}, which is --x already\n  expected another of ${fields.join(", ")}`
    })
  for (const [flag, path] of [
    ["--x", x],
    ["--y", y]
  ] as const)
    // prettier-ignore
    if (path !== undefined && new Set(rows.map((row) => row[path] ?? null)).size < 2)
      return yield* new InputWrong({ text: `${flag}: ${path} has one value in these points\n  expected a field that differs` })
  const numeric = columns.filter(
    (column) => !fields.includes(column) && column !== "seed" && all.some((row) => typeof row[column] === "number")
  )
  const objective =
    request.objective === undefined ? undefined : yield* columnIn(numeric, "--objective", request.objective)
  const studied = studiedSweep(rows, objective)
  if (
    objective !== undefined &&
    studied.judgement === undefined &&
    studiedSweep(rows, undefined).judgement !== undefined
  )
    return yield* new InputWrong({
      text: `--objective: no point that can run has a number in ${objective}\n  expected a column that one has`
    })
  const best = bestChanges(rows, studied)
  const intervals =
    scenario === undefined || best === undefined ? undefined : yield* Effect.promise(() => intervalsAt(scenario, best))
  const report = sweepReport({
    name: sweep.name,
    total: sweep.points,
    done: sweep.done,
    rows,
    where,
    objective,
    x,
    y,
    intervals,
    baseline: scenario === undefined ? undefined : ownValues(scenario, fields),
    provenance: {
      version,
      hash: sweep.hash,
      seed: Number(rows[0]?.["seed"] ?? 1),
      command: commandsOf(request, studied),
      scenario: { ...(scenario ?? { name: sweep.name }), sweep: scenario?.sweep ?? { vary: askedOf(all) } },
      remarks: best === undefined ? [] : remarksOf(best, all, sweep.points, scenario)
    }
  })
  if (json) yield* printJson(reportDocument(report))
  if (!json || out !== undefined) {
    const files = writeFiles(out ?? usualFolder(request, sweep.hash), reportFiles(report, forms))
    if ("failure" in files) return yield* new InputWrong({ text: files.failure })
    yield* json ? remark(`wrote ${files.written.join(", ")}`) : print(reportText(report, files.written))
  }
  return studied.judgement === undefined ? yield* new CannotRun({ text: "" }) : undefined
})

const pickedRows = Effect.fn("pickedRows")(function* (rows: readonly SweepRow[], where: string) {
  const picked = tableOf(rows, { where })
  if (isSweepProblem(picked)) return yield* problemText(picked)
  if (picked.rows.length === 0)
    return yield* new InputWrong({
      text: `--where: given ${where}\n  expected a condition that one of the ${rows.length} finished points meets`
    })
  return picked.rows
})

/** A column by its name or the end of its path. */
const columnIn = Effect.fn("columnIn")(function* (columns: readonly string[], flag: string, name: string) {
  return columnOf(columns, name) ?? (yield* problemText(unknownColumn(flag, name, columns)))
})

/** The values of every field. */
const askedOf = (rows: readonly SweepRow[]): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(variedColumns(rows).map((path) => [path, [...new Set(rows.map((row) => row[path] ?? null))]]))

/** Commands that make the report again, show every row, and set the best point in its scenario. */
const commandsOf = (
  { store, sweep, objective, x, y, where }: SweepReportRequest,
  { judgement }: StudiedSweep
): string => {
  const program = invocation(process.env)
  const shown = isUrl(store) ? shownUrl(store) : store
  const flags = Object.entries({ sweep, objective, x, y, where }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value]
  )
  const which = sweep === undefined ? [] : ["--sweep", sweep]
  const order = judgement === undefined ? [] : ["--sort", sortOf(judgement.metric)]
  const line = (...words: readonly string[]): string => `${program} ${words.map(quoted).join(" ")}`
  return [line("report", shown, ...flags), line("results", shown, ...which, ...order)].join("\n")
}

/** How the best point is run by itself, and the sweep once more. */
const remarksOf = (
  best: Readonly<Record<string, SweepValue>>,
  rows: readonly SweepRow[],
  total: number,
  scenario: DecodedScenario | undefined
): readonly string[] => {
  const settings = Object.entries(best).map(([path, value]) => `--set ${quoted(`${path}=${String(value)}`)}`)
  const isKept = scenario?.sweep !== undefined
  const asked = askedOf(rows)
  const seeds = new Set(rows.map((row) => row["seed"])).size
  const combinations = Object.values(asked).reduce((product, values) => product * values.length, seeds)
  const program = invocation(process.env)
  return [
    `The best point is the scenario with ${settings.join(" ")}.`,
    ...(scenario !== undefined
      ? [
          `The scenario below with its sweep, saved as sweep.json: ${program} sweep sweep.json${seeds > 1 && !isKept ? ` --seeds ${seeds}` : ""} does ${isKept || combinations === total ? "it again" : "all combinations, of which this one left some out"}, ${program} run sweep.json with these settings the best point.`
        ]
      : [])
  ]
}

const sortOf = ({ column, better }: { readonly column: string; readonly better: "less" | "more" }): string =>
  better === "more" ? `${column}:desc` : column

const usualFolder = ({ store }: SweepReportRequest, hash: string): string =>
  join(
    "reports",
    isUrl(store) ? `sweep-${hash.slice(0, 8)}` : basename(store).replace(/\.(?:sqlite3?|db)$/, "") || "sweep"
  )
