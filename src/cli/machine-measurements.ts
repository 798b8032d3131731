/**
 * A table of measurements of one machine, with the scenarios and the files that it names opened.
 */
import { existsSync } from "node:fs"
import { dirname, isAbsolute, join } from "node:path"
import * as Effect from "effect/Effect"
import { parseNcclTests } from "../cluster/index.ts"
import { parseKernelTable } from "../kernels/index.ts"
import { resolveScenario, subjectOf, type ProfileSubject, type ResolvedScenario } from "../scenario/index.ts"
import {
  benchPoints,
  collectivePoint,
  kernelPoints,
  logPoints,
  parseRows,
  readRequestLog,
  trainingPoint,
  type LocalPoint,
  type MeasurementRow
} from "../validation/index.ts"
import { benchmarkNumbers } from "./bench-result.ts"
import { InputWrong, inputWrong } from "./failure.ts"
import { readChunks } from "./read-chunks.ts"
import { openedScenario } from "./scenario-file.ts"
import { readText } from "./text-file.ts"

/** A number that was measured, and the scenario that it was measured of. */
export interface OpenedPoint {
  readonly point: LocalPoint
  readonly metric: MeasurementRow["metric"]
  readonly resolved: ResolvedScenario
}

export interface MachineMeasurements {
  readonly of: ProfileSubject
  readonly points: readonly OpenedPoint[]
}

const wrong = (file: string, line: number, given: string, expected: string): InputWrong =>
  new InputWrong({ text: `${file}:${line}\n  given ${given}\n  expected ${expected}` })

/** A name in the table: a file beside it, else what it is from here. */
const beside = (table: string, name: string): string => {
  const path = join(dirname(table), name)
  return !isAbsolute(name) && existsSync(path) ? path : name
}

const subjectOfScenario = (resolved: ResolvedScenario): ProfileSubject =>
  resolved._tag === "ResolvedTraining"
    ? subjectOf({ ...resolved.job, kind: "training" })
    : subjectOf({ ...resolved.job.target, kind: "serving" })

export const machineMeasurements = Effect.fn("machineMeasurements")(function* (tables: readonly string[]) {
  const points: OpenedPoint[] = []
  let of: ProfileSubject | undefined
  for (const table of tables) {
    const read = readText(table)
    if ("failure" in read) return yield* new InputWrong({ text: `--measurements ${table}\n  ${read.failure}` })
    const rows = parseRows(read.text)
    if ("_tag" in rows) return yield* wrong(table, rows.line, JSON.stringify(rows.given), rows.expected)
    for (const row of rows) {
      const opened = yield* openedPoints(table, row)
      const own = opened[0] === undefined ? undefined : subjectOfScenario(opened[0].resolved)
      of ??= own
      const other = own === undefined || of === undefined ? undefined : firstDifference(of, own)
      if (other !== undefined)
        return yield* wrong(
          table,
          row.line,
          `${other}: ${String(own?.[other])}`,
          `measurements of one kind, machine and stack: ${String(of?.[other])}; calibrate each by itself`
        )
      points.push(...opened)
    }
  }
  const found: MachineMeasurements = { of: of as ProfileSubject, points }
  return found
})

const firstDifference = (one: ProfileSubject, other: ProfileSubject): keyof ProfileSubject | undefined =>
  (Object.keys(one) as (keyof ProfileSubject)[]).find((field) => one[field] !== other[field])

const openedPoints = Effect.fn("openedPoints")(function* (table: string, row: MeasurementRow) {
  const { line, scenario, set, metric, value } = row
  const loaded = yield* openedScenario(beside(table, scenario), set).pipe(
    Effect.mapError(({ text, issues = [] }) => new InputWrong({ text: `${table}:${line}\n${text}`, issues }))
  )
  const options = { readText, readChunks }
  // As the shipped constants have it, whatever profile the scenario names.
  const resolved = resolveScenario(loaded, { ...options, attained: {} })
  if (resolved._tag === "Refused") return yield* inputWrong(resolved.issues)
  const name = set.length === 0 ? scenario : `${scenario} (${set.join(", ")})`
  const opened = (points: readonly LocalPoint[]): readonly OpenedPoint[] =>
    points.map((point) => ({ point, metric, resolved }))
  if (typeof value === "number") {
    if (metric === "bench" || metric === "log" || metric === "collectives" || metric === "kernels") return []
    return opened([trainingPoint(name, loaded, options, metric, value)])
  }
  const file = beside(table, value)
  const read = readText(file)
  if ("failure" in read) return yield* wrong(table, line, value, `a file: ${read.failure}`)
  if (metric === "bench") {
    const numbers = benchmarkNumbers(dataOf(read.text))
    if (numbers === undefined)
      return yield* wrong(file, 1, read.text.slice(0, 40).trim(), "the JSON of vllm bench serve --save-result")
    return opened(benchPoints(name, loaded, options, numbers))
  }
  if (metric === "log") {
    // The scenario says what the server was.
    const log = readRequestLog(read.text, file, { model: "", hardware: { device_name: "" } })
    if ("_tag" in log) return yield* new InputWrong({ text: `${file}:${log.line}\n  ${log.problem}` })
    const points = logPoints(name, loaded, options, log)
    return typeof points === "string" ? yield* wrong(table, line, scenario, points) : opened(points)
  }
  if (metric === "collectives") {
    const sweep = parseNcclTests(value, read.text)
    if ("_tag" in sweep) return yield* wrong(file, sweep.line, sweep.given, sweep.expected)
    return opened([collectivePoint(name, loaded, options, sweep)])
  }
  const kernels = parseKernelTable(value, read.text)
  if ("_tag" in kernels) return yield* wrong(file, kernels.line, kernels.given, kernels.expected)
  return opened(kernels.flatMap((one) => kernelPoints(name, loaded, options, one)))
})

const dataOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
