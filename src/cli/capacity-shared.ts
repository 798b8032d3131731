/**
 * A plan's fleets over any number of machines: each round of its search offered as jobs in a database, simulated by whoever works
 * there, here as well; what came of a fleet stays, so that no plan needs it simulated again.
 */
import { randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import type { FleetOutcome, FleetRequest, SweepPoint } from "../planner/index.ts"
import { formatCount } from "../units/index.ts"
import type { CapacityPool } from "./capacity-pool.ts"
import { requestText } from "./capacity-words.ts"
import { InputWrong } from "./failure.ts"
import { remark } from "./output.ts"
import { fleetPoint, readOutcome } from "./plan-fleet.ts"
import { planTasks } from "./plan-task.ts"
import { isUrl, storeProblem } from "./store/open-store.ts"
import type { NamedTask } from "./store/postgres.ts"
import { openShared, type SharedWork } from "./store/shared-store.ts"
import { shownUrl } from "./store/shown-url.ts"
import { StoreFailure } from "./store/sweep-store.ts"
import { keyOf } from "./sweep-key.ts"
import { endsInTime, keepHouse, openCrew, toldOutages, work } from "./work-crew.ts"

/** Where a plan's fleets are simulated. */
export interface Sharing {
  readonly store: string
  /** Threads here; 0 = others do all. */
  readonly threads: number
  readonly leaseSeconds: number
  /** What names a scenario without a name, and whom a refusal is about. */
  readonly target: string
}

interface Fleet {
  readonly request: FleetRequest
  readonly task: NamedTask
  readonly point: SweepPoint
  readonly key: string
}

/** Seconds that workers wait for the next round of a plan that went silent, and between two signs of its life. */
const [planLasts, signEvery] = [30, 5]

/** Milliseconds between two looks at what a round waits for: a tenth of its time, so that little is lost at its end. */
const [shortestWait, longestWait] = [20, 500]

/** Seconds after which a round that is not done makes sure that its jobs are there. */
const lostAfter = 5

type Failed = StoreFailure | InputWrong

const cannotSimulate = ({ request }: Fleet, reason: string, store: string): InputWrong =>
  new InputWrong({
    text: `${shownUrl(store)}: ${requestText(request)} cannot be simulated: ${reason}\n  expected a worker with more memory or time for it; asked again, the plan tries it again and finds all other fleets in the database`
  })

/** Outcomes of rounds, by what is in the database or comes to be there. */
const rounds = (shared: SharedWork, { store: url, target }: Sharing, arrived: Latch.Latch, onDone: () => void) => {
  const { store, queue, offerFleets } = shared
  const taskOf = planTasks(target)
  let [simulated, found] = [0, 0]

  const offer = (fleets: readonly Fleet[]) =>
    Effect.forEach(
      Map.groupBy(fleets, ({ task }) => task),
      ([task, own]) =>
        offerFleets(
          task,
          own.map(({ key, point }) => ({
            name: `${task.hash}/${key}`,
            job: { sweep: task.hash, points: [point as SharedPoint] }
          }))
        )
    )

  /** What is known of fleets, by their place. */
  const texts = (fleets: readonly Fleet[]) =>
    Effect.gen(function* () {
      const known = new Map<Fleet, FleetOutcome | { readonly kind: "failed"; readonly reason: string }>()
      for (const [{ hash }, own] of Map.groupBy(fleets, ({ task }) => task)) {
        const rows = yield* store.textsOf(hash, [...new Set(own.map(({ key }) => key))])
        for (const fleet of own) {
          const text = rows.get(fleet.key)
          if (text !== undefined) known.set(fleet, readOutcome(text))
        }
      }
      return known
    })

  /** What an earlier plan gave up is tried again. */
  const forgotten = (hashes: ReadonlySet<string>) =>
    Effect.forEach(hashes, (hash) => Effect.andThen(store.forgetErrors(hash), queue.forget(hash)), { discard: true })

  const hashesOf = (fleets: Iterable<Fleet>): ReadonlySet<string> => new Set([...fleets].map(({ task }) => task.hash))

  const outcomesOf = Effect.fn("outcomesOf")(function* (
    requests: readonly FleetRequest[]
  ): Effect.fn.Return<readonly FleetOutcome[], Failed> {
    const task = yield* taskOf(requests)
    const fleets = requests.map((request): Fleet => {
      const point = fleetPoint(request)
      return { request, task: task(request.scenario), point, key: keyOf(point) }
    })
    const done = new Map<Fleet, FleetOutcome>()
    const before = yield* texts(fleets)
    const failedBefore = [...before].flatMap(([fleet, { kind }]) => (kind === "failed" ? [fleet] : []))
    yield* forgotten(hashesOf(failedBefore))
    for (const [fleet, outcome] of before) if (outcome.kind !== "failed") done.set(fleet, outcome)
    let missing = fleets.filter((fleet) => !done.has(fleet))
    found += done.size
    simulated += missing.length
    for (let count = 0; count < done.size; count++) onDone()
    if (missing.length > 0) yield* offer(missing)
    const start = performance.now()
    let looked = start
    while (missing.length > 0) {
      const wait = Math.min(longestWait, Math.max(shortestWait, (performance.now() - start) / 10))
      yield* Effect.raceFirst(Effect.sleep(wait), arrived.await)
      arrived.closeUnsafe()
      for (const [fleet, outcome] of yield* texts(missing)) {
        if (outcome.kind === "failed") return yield* cannotSimulate(fleet, outcome.reason, url)
        done.set(fleet, outcome)
        onDone()
      }
      missing = missing.filter((fleet) => !done.has(fleet))
      if (missing.length === 0 || performance.now() - looked < 1000 * lostAfter) continue
      looked = performance.now()
      yield* offerLost(missing)
    }
    return fleets.map((fleet) => done.get(fleet)!)
  })

  /** Somebody took rows or jobs away: what is missing is offered anew. */
  const offerLost = (missing: readonly Fleet[]) =>
    Effect.gen(function* () {
      for (const hash of hashesOf(missing)) {
        if ((yield* queue.pending(hash)) > 0) continue
        const own = missing.filter(({ task }) => task.hash === hash)
        const known = yield* texts(own)
        if (known.size === own.length) continue
        yield* queue.forget(hash)
        yield* offer(own)
      }
    })

  return { outcomesOf, counts: () => ({ simulated, found }) }
}

type SharedPoint = Parameters<SharedWork["queue"]["offer"]>[0][number]["job"]["points"][number]

/** Workers that end when nothing is left wait for the next round, as long as this is said. */
const signsOfLife = ({ store }: SharedWork): Effect.Effect<never, StoreFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const id = randomUUID()
    yield* Effect.addFinalizer(() => Effect.ignore(store.planning(id, 0)))
    return yield* store.planning(id, planLasts).pipe(Effect.andThen(Effect.sleep(1000 * signEvery)), Effect.forever)
  })

const isOurs = (error: unknown): error is Failed => error instanceof StoreFailure || error instanceof InputWrong

/** Runs searches whose fleets anybody may simulate who works for the same database. */
export const searchedTogether = <A>(
  sharing: Sharing,
  onDone: () => void,
  search: (pool: CapacityPool) => Promise<A>
): Effect.Effect<A, InputWrong> =>
  Effect.gen(function* () {
    const { store: url, threads, leaseSeconds } = sharing
    if (!isUrl(url))
      return yield* new InputWrong({
        text: `--store ${url}: no URL of a database\n  expected postgres://user:password@host:5432/database; without --store a plan is searched on this machine`
      })
    yield* endsInTime
    const shared = yield* openShared(url, leaseSeconds)
    const context = yield* Effect.context()
    const arrived = yield* Latch.make()
    const { outcomesOf, counts } = rounds(shared, sharing, arrived, onDone)
    const searching = Effect.flatten(
      Effect.promise((signal) =>
        search({ run: (requests) => Effect.runPromiseWith(context)(outcomesOf(requests), { signal }) }).then(
          (answer): Exit.Exit<A, Failed> => Exit.succeed(answer),
          (error: unknown) => (isOurs(error) ? Exit.fail(error) : Exit.die(error))
        )
      )
    )
    const others: Effect.Effect<never, StoreFailure, Scope.Scope>[] = [
      keepHouse(shared, leaseSeconds, toldOutages(url)),
      signsOfLife(shared)
    ]
    // A round is over with its last fleet: none is to wait here that another machine could do.
    const crew = yield* openCrew(threads)
    if (threads > 0) others.push(work(shared, crew, { onRows: () => void arrived.openUnsafe() }, 0))
    const answer = yield* Effect.raceFirst(
      searching,
      Effect.all(others, { concurrency: "unbounded" }).pipe(Effect.andThen(Effect.never))
    )
    const { simulated, found } = counts()
    yield* remark(
      `${formatCount(simulated + found)} ${simulated + found === 1 ? "fleet" : "fleets"}: ${formatCount(simulated)} simulated now, ${formatCount(found)} found in ${shownUrl(url)}`
    )
    return answer
  }).pipe(
    Effect.scoped,
    // The queue tells every failed look at the database to the log; what matters is told by us.
    Effect.provideService(Logger.CurrentLoggers, new Set()),
    Effect.catchTag("StoreFailure", (failure) => Effect.fail(storeProblem(sharing.store, failure)))
  )
