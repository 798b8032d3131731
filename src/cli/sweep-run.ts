/**
 * A sweep, simulated: points that are not in the store yet go to the threads, and into the store as they are done.
 */
import * as Effect from "effect/Effect"
import {
  axisOf,
  gridPoints,
  isSweepProblem,
  parseAxis,
  tableOf,
  type Axis,
  type SweepPoint,
  type SweepProblem,
  type SweepRow
} from "../planner/index.ts"
import { hashScenario, hashText, scenarioWith, type LoadedScenario } from "../scenario/index.ts"
import { formatCount, formatFigures } from "../units/index.ts"
import { InputWrong, inputWrong } from "./failure.ts"
import { print, printJson, remark } from "./output.ts"
import { pointPool } from "./point-pool.ts"
import { openedScenario } from "./scenario-file.ts"
import { progressOf } from "./progress.ts"
import { sweepRow } from "./sweep-row.ts"
import { isStoreFailure, openStore, withStore, type FinishedPoint, type SweepStore } from "./sweep-store.ts"
import { sweepTableText } from "./sweep-table.ts"

export interface SweepRequest {
  readonly scenario: string
  readonly set: readonly string[]
  readonly vary: readonly string[]
  readonly where: string | undefined
  readonly seeds: number | undefined
  readonly threads: number
  readonly store: string
  readonly json: boolean
}

/** A problem as every command says one. */
export const problemText = ({ about, given, expected }: SweepProblem): InputWrong =>
  new InputWrong({ text: `${about}: given ${given === "" ? "nothing" : given}\n  expected ${expected}` })

export const storeProblem = (file: string, failure: string): InputWrong =>
  new InputWrong({ text: `${file}: ${failure}` })

interface Plan {
  readonly points: readonly SweepPoint[]
  readonly axes: readonly Axis[]
  readonly hash: string
}

/** The axes and points of a request; what it leaves out comes from the scenario's own `sweep`. */
const planOf = (
  loaded: LoadedScenario,
  { vary, where, seeds }: Pick<SweepRequest, "vary" | "where" | "seeds">
): Plan | SweepProblem => {
  const { sweep, ...scenario } = loaded.scenario
  const axes: Axis[] = []
  const written =
    vary.length > 0
      ? vary.map(parseAxis)
      : Object.entries(sweep?.vary ?? {}).map(([path, values]) => axisOf(path, values))
  for (const axis of written) {
    if (isSweepProblem(axis)) return axis
    axes.push(axis)
  }
  if (axes.length === 0)
    return {
      _tag: "SweepProblem",
      about: "the sweep",
      given: "nothing to vary",
      expected: "--vary path=value,value, or a `sweep:` block in the scenario"
    }
  const first = loaded.scenario.seed ?? 1
  const count = seeds ?? sweep?.seeds ?? 1
  const condition = where ?? (vary.length > 0 ? undefined : sweep?.where)
  const grid = {
    axes,
    seeds: Array.from({ length: count }, (_, index) => first + index),
    ...(condition === undefined ? {} : { where: condition })
  }
  const points = gridPoints(grid)
  if (isSweepProblem(points)) return points
  return { points, axes, hash: hashScenario({ scenario, ...grid }) }
}

/** A field that no scenario has is told before anything is simulated. */
const checkPaths = Effect.fn("checkPaths")(function* (loaded: LoadedScenario, axes: readonly Axis[]) {
  for (const { path, values } of axes) {
    const changed = scenarioWith(loaded, { [path]: values[0] })
    if (changed._tag !== "Refused") continue
    const unknown = changed.issues.filter(({ expected }) => expected.includes("windtunnel schema"))
    if (unknown.length > 0) return yield* inputWrong(unknown)
  }
  return undefined
})

export const sweepOf = Effect.fn("sweepOf")(function* (request: SweepRequest) {
  const loaded = yield* openedScenario(request.scenario, request.set)
  const plan = planOf(loaded, request)
  if (isSweepProblem(plan)) return yield* problemText(plan)
  yield* checkPaths(loaded, plan.axes)
  const opened = openStore(request.store)
  if (isStoreFailure(opened)) return yield* storeProblem(request.store, opened.failure)
  yield* simulated(request, loaded, plan, opened).pipe(Effect.ensuring(Effect.sync(() => opened.close())))
  return undefined
})

/** Milliseconds between two writes to the store. */
const flushEvery = 200

const simulated = Effect.fn("simulated")(function* (
  request: SweepRequest,
  loaded: LoadedScenario,
  { points, hash }: Plan,
  store: SweepStore
) {
  const { sweep: _block, ...scenario } = loaded.scenario
  const name = loaded.scenario.name ?? request.scenario
  const began = withStore(() => {
    store.begin({ hash, name, points: points.length })
    return store.done(hash)
  })
  if (isStoreFailure(began)) return yield* storeProblem(request.store, began.failure)
  const keyOf = ({ changes, seed }: SweepPoint): string =>
    hashText(JSON.stringify([Object.entries(changes).toSorted(([one], [other]) => (one < other ? -1 : 1)), seed]))
  const left = points.filter((point) => !began.has(keyOf(point)))
  const start = performance.now()
  let waiting: FinishedPoint[] = []
  let flushedAt = start
  let best: number | undefined
  const flush = (): void => {
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    store.add(hash, batch)
    flushedAt = performance.now()
  }
  const line = progressOf(left.length, process.stderr, undefined, "points")
  let failure: string | undefined
  const pool = pointPool(request.threads)
  const simulate = async (): Promise<void> => {
    let done = 0
    await pool.run(
      left.map(({ changes, seed }) => ({ scenario, changes, seed })),
      (index, outcome) => {
        const point = left[index]!
        const row = sweepRow(point, outcome)
        waiting.push({ key: keyOf(point), ordinal: point.ordinal, row })
        const value = objectiveOf(row)
        if (value !== undefined && (best === undefined || value > best)) best = value
        line.reach(++done, best === undefined ? "" : `, best ${formatFigures(best)}`)
        if (performance.now() - flushedAt < flushEvery) return
        const stored = withStore(flush)
        // What cannot be stored is not worth simulating.
        if (isStoreFailure(stored)) {
          failure = stored.failure
          void pool.end()
        }
      }
    )
  }
  yield* Effect.promise(() =>
    simulate().catch((error: unknown) => {
      if (failure === undefined) throw error
    })
  ).pipe(
    Effect.ensuring(
      Effect.promise(async () => {
        line.end()
        await pool.end()
        const stored = failure === undefined ? withStore(flush) : { failure }
        if (isStoreFailure(stored)) failure = stored.failure
      })
    )
  )
  if (failure !== undefined) return yield* storeProblem(request.store, failure)
  const rows = withStore(() => store.rows(hash))
  if (isStoreFailure(rows)) return yield* storeProblem(request.store, rows.failure)
  const seconds = (performance.now() - start) / 1000
  if (request.json)
    return yield* printJson({ kind: "sweep", name, hash, store: request.store, simulated: left.length, rows })
  yield* print(summaryOf(request, { name, rows, simulated: left.length, total: points.length, seconds }))
  if (left.length === 0) yield* remark("nothing was left to simulate")
  return undefined
})

/** More is better: what a run gets through. */
const objectiveOf = (row: SweepRow): number | undefined => {
  if (row["status"] !== "ok") return undefined
  const value = row["tokensPerSecondPerAccelerator"] ?? row["requestsPerSecond"]
  return typeof value === "number" ? value : undefined
}

const mostShown = 10

const summaryOf = (
  { store, scenario }: SweepRequest,
  done: {
    readonly name: string
    readonly rows: readonly SweepRow[]
    readonly simulated: number
    readonly total: number
    readonly seconds: number
  }
): string => {
  const counts = new Map<string, number>()
  for (const row of done.rows) counts.set(String(row["status"]), (counts.get(String(row["status"])) ?? 0) + 1)
  const isServing = done.rows.some((row) => row["verdict"] !== undefined)
  const objective = isServing ? "requestsPerSecond" : "tokensPerSecondPerAccelerator"
  const varied = Object.keys(done.rows[0] ?? {}).filter((column) => column.includes("."))
  const shown = isServing
    ? ["requestsPerSecond", "ttftP99", "tpotP99", "verdict"]
    : ["iterationSeconds", "tokensPerSecondPerAccelerator", "modelFlopsUtilisation", "memoryBytes"]
  const hasBest = done.rows.some((row) => objectiveOf(row) !== undefined)
  const table = hasBest
    ? tableOf(done.rows, { columns: [...varied, ...shown], where: "status == 'ok'", sort: [`${objective}:desc`] })
    : undefined
  const kinds = [...counts].map(([status, count]) => `${formatCount(count)} ${status}`).join(", ")
  return [
    done.name,
    `${formatCount(done.rows.length)} of ${formatCount(done.total)} points: ${kinds}`,
    `${formatCount(done.simulated)} simulated now${done.simulated > 0 ? ` in ${done.seconds.toFixed(1)} s, ${formatFigures(done.simulated / done.seconds)} a second` : ""}`,
    "",
    ...(table === undefined || isSweepProblem(table)
      ? ["no point can run; the reasons: windtunnel results --columns status,reason"]
      : [sweepTableText({ ...table, rows: table.rows.slice(0, mostShown) })]),
    "",
    `all rows: windtunnel results ${store} --sort ${objective}:desc`,
    `again: windtunnel sweep ${scenario} ... does only what is missing`
  ].join("\n")
}
