/**
 * A sweep over any number of machines: noted in a database with its jobs, done by whoever works there, here as well.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import { formatCount, formatFigures } from "../units/index.ts"
import { InputWrong } from "./failure.ts"
import { print } from "./output.ts"
import type { Crew, CrewTask } from "./point-crew.ts"
import { progressOf } from "./progress.ts"
import { storeProblem } from "./store/open-store.ts"
import { openShared, type SharedWork } from "./store/shared-store.ts"
import { shownUrl } from "./store/shown-url.ts"
import type { StoreFailure } from "./store/sweep-store.ts"
import type { SweepPlan } from "./sweep-plan.ts"
import type { SweepRequest } from "./sweep-request.ts"
import type { SweepEnd } from "./sweep-summary.ts"
import { cannotTravel, filesOf } from "./sweep-travel.ts"
import { endsInTime, keepHouse, openCrew, toldOutages, work } from "./work-crew.ts"

const staysHere = (scenario: string, problem: string): InputWrong =>
  new InputWrong({
    text: `${scenario}: ${problem}\n  expected a scenario of plain values and small files, or an SQLite file as --store`
  })

export const sweepShared = Effect.fn("sweepShared")(
  function* (plan: SweepPlan, request: SweepRequest) {
    const problem = cannotTravel(plan.scenario)
    if (problem !== undefined)
      return yield* staysHere(request.scenario, `${problem}, which no other machine can be sent`)
    const files = filesOf(plan)
    if (typeof files === "string") return yield* staysHere(request.scenario, files)
    const task: CrewTask = { hash: plan.hash, scenario: plan.scenario, files }
    yield* endsInTime
    const crew = yield* openCrew(request.threads)
    // They need no database to begin with.
    if (request.isWaiting) crew.start(plan.points.length)
    const shared = yield* openShared(request.store, request.leaseSeconds)
    const start = performance.now()
    if (request.isRetrying) yield* Effect.andThen(shared.store.forgetErrors(plan.hash), shared.queue.forget(plan.hash))
    const left = yield* shared.submit(plan, task)
    if (!request.isWaiting) {
      yield* print(
        `${plan.name}\n${formatCount(left)} of ${formatCount(plan.points.length)} points are to be done\n\nto do them, anywhere: windtunnel work --store ${shownUrl(request.store)}`
      )
      return undefined
    }
    if (left > 0) yield* untilDone(shared, plan, task, left, crew, request)
    const rows = yield* shared.store.rows(plan.hash)
    const seconds = (performance.now() - start) / 1000
    return { name: plan.name, rows, simulated: left, total: plan.points.length, seconds } satisfies SweepEnd
  },
  (effect, _, { store }) =>
    effect.pipe(
      Effect.scoped,
      // The queue tells every failed look at the database to the log; what matters is told by us.
      Effect.provideService(Logger.CurrentLoggers, new Set()),
      Effect.catchTag("StoreFailure", (failure) => Effect.fail(storeProblem(store, failure)))
    )
)

const untilDone = (
  shared: SharedWork,
  plan: SweepPlan,
  task: CrewTask,
  left: number,
  crew: Crew,
  { leaseSeconds, store }: SweepRequest
): Effect.Effect<void, StoreFailure, Scope.Scope> => {
  const line = progressOf(left, process.stderr, undefined, "points")
  const total = plan.points.length
  const allMayBeDone = Latch.makeUnsafe(false)
  let own = 0
  const onRows = (_: unknown, { length }: readonly unknown[]): void => {
    own += length
    if (own >= left) allMayBeDone.openUnsafe()
  }
  const watch = Effect.gen(function* () {
    for (;;) {
      const asked = performance.now()
      allMayBeDone.closeUnsafe()
      const { done, best } = yield* shared.store.progress(plan.hash)
      line.reach(left - (total - done), best === null ? "" : `, best ${formatFigures(best)}`)
      if (done >= total) return
      // So that looking takes a fiftieth of the database's time at most.
      const pause = Effect.sleep(Math.min(5000, Math.max(250, 50 * (performance.now() - asked))))
      yield* Effect.raceFirst(allMayBeDone.await, pause)
    }
  })
  const lost = Effect.gen(function* () {
    yield* Effect.sleep("5 seconds")
    if ((yield* shared.queue.pending(plan.hash)) > 0) return
    if ((yield* shared.store.progress(plan.hash)).done >= total) return
    // Somebody took rows or jobs away: what is missing is offered anew.
    yield* shared.queue.forget(plan.hash)
    yield* shared.submit(plan, task)
  }).pipe(Effect.forever)
  const others: Effect.Effect<never, StoreFailure, Scope.Scope>[] = [
    keepHouse(shared, leaseSeconds, toldOutages(store)),
    lost
  ]
  if (crew.threads > 0) others.push(work(shared, crew, { onRows }))
  return Effect.raceFirst(
    watch,
    Effect.all(others, { concurrency: "unbounded" }).pipe(Effect.andThen(Effect.never))
  ).pipe(Effect.ensuring(Effect.sync(line.end)))
}
