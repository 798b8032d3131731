/**
 * A sweep, simulated: points that are not in the store yet go to the threads, and into the store as they are done.
 */
import * as Effect from "effect/Effect"
import { formatFigures } from "../units/index.ts"
import { print, printJson, remark } from "./output.ts"
import { pointCrew, type CrewTask } from "./point-crew.ts"
import { progressOf } from "./progress.ts"
import { openedScenario } from "./scenario-file.ts"
import { isUrl, storeProblem } from "./store/open-store.ts"
import { shownUrl } from "./store/shown-url.ts"
import type { FinishedPoint, LocalStore, StoreFailure } from "./store/sweep-store.ts"
import { sweepHere, sweepInline } from "./sweep-here.ts"
import { keyOf } from "./sweep-key.ts"
import { sweepPlan, type SweepPlan } from "./sweep-plan.ts"
import type { SweepRequest } from "./sweep-request.ts"
import { sweepSummary, type SweepEnd } from "./sweep-summary.ts"
import { cannotTravel } from "./sweep-travel.ts"

export const sweepOf = Effect.fn("sweepOf")(function* (request: SweepRequest) {
  const loaded = yield* openedScenario(request.scenario, request.set)
  const plan = yield* sweepPlan(loaded, request.scenario, request)
  const end = yield* isUrl(request.store)
    ? Effect.flatMap(
        Effect.promise(() => import("./sweep-shared.ts")),
        ({ sweepShared }) => sweepShared(plan, request)
      )
    : sweepIntoFile(plan, request).pipe(
        Effect.scoped,
        Effect.catchTag("StoreFailure", (failure) => Effect.fail(storeProblem(request.store, failure)))
      )
  if (end === undefined) return undefined
  const store = isUrl(request.store) ? shownUrl(request.store) : request.store
  if (request.json)
    return yield* printJson({
      kind: "sweep",
      name: end.name,
      hash: plan.hash,
      store,
      simulated: end.simulated,
      rows: end.rows
    })
  yield* print(sweepSummary(request.scenario, store, end))
  if (end.simulated === 0) yield* remark("nothing was left to simulate")
  return undefined
})

const sweepIntoFile = Effect.fn("sweepIntoFile")(function* (plan: SweepPlan, request: SweepRequest) {
  const { store: file, threads, isRetrying } = request
  const { openSqlite } = yield* Effect.promise(() => import("./store/sqlite.ts"))
  const store = yield* openSqlite(file)
  const { hash, name, points, scenario, asked } = plan
  // A function cannot be kept; the report then does without the scenario.
  const kept = cannotTravel(scenario) === undefined ? { ...scenario, sweep: asked } : undefined
  yield* store.begin({ hash, name, points: points.length }, kept)
  if (isRetrying) yield* store.forgetErrors(hash)
  const done = yield* store.done(hash)
  const left = done.size === 0 ? points : points.filter((point) => !done.has(keyOf(point)))
  const start = performance.now()
  const line = progressOf(left.length, process.stderr, undefined, "points")
  let [reached, best] = [0, -Infinity]
  const run = yield* simulated({ hash, scenario }, left, threads, store, (rows) => {
    reached += rows.length
    for (const { objective } of rows) best = Math.max(best, objective ?? -Infinity)
    line.reach(reached, best === -Infinity ? "" : `, best ${formatFigures(best)}`)
  }).pipe(Effect.ensuring(Effect.sync(line.end)), Effect.as(left.length))
  const rows = yield* store.rows(hash)
  const seconds = (performance.now() - start) / 1000
  return { name, rows, simulated: run, total: points.length, seconds } satisfies SweepEnd
})

/** Milliseconds between two writes to the store. */
const flushEvery = 200

const simulated = (
  task: CrewTask,
  points: SweepPlan["points"],
  threads: number,
  store: LocalStore,
  onRows: (rows: readonly FinishedPoint[]) => void
): Effect.Effect<void, StoreFailure> =>
  Effect.gen(function* () {
    const crew = yield* Effect.acquireRelease(
      Effect.sync(() => pointCrew(threads)),
      ({ end }) => Effect.promise(end)
    )
    let waiting: FinishedPoint[] = []
    let flushedAt = performance.now()
    let timer: NodeJS.Timeout | undefined
    const flush = Effect.suspend(() => {
      clearTimeout(timer)
      timer = undefined
      const batch = waiting
      waiting = []
      flushedAt = performance.now()
      return batch.length === 0 ? Effect.void : store.add(task.hash, batch)
    })
    // What is done when it is interrupted is kept.
    yield* Effect.addFinalizer(() => Effect.ignore(flush))
    const run = Effect.callback<void, StoreFailure>((resume) => {
      const write = (): void => {
        // What cannot be stored is not worth simulating.
        const stored = Effect.runSyncExit(flush)
        if (stored._tag === "Failure") resume(stored)
      }
      const take = (rows: readonly FinishedPoint[]): void => {
        waiting.push(...rows)
        onRows(rows)
        const left = flushEvery - (performance.now() - flushedAt)
        if (left <= 0) write()
        // The next row may be long in coming.
        else timer ??= setTimeout(write, left)
      }
      const going =
        cannotTravel(task.scenario) === undefined
          ? sweepHere(crew, threads, task, points, take)
          : sweepInline(task, points, take)
      going.then(
        () => resume(Effect.void),
        (error: unknown) => resume(Effect.die(error))
      )
    })
    if (points.length > 0) yield* run
    yield* flush
  }).pipe(Effect.scoped)
