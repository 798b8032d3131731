/**
 * A worker from its start to its end, and what it tells on the way.
 */
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import { formatCount } from "../units/index.ts"
import { InputWrong } from "./failure.ts"
import { remark } from "./output.ts"
import { isUrl, storeProblem } from "./store/open-store.ts"
import { openShared, type SharedWork } from "./store/shared-store.ts"
import { shownUrl } from "./store/shown-url.ts"
import type { NamedTask } from "./store/postgres.ts"
import type { Stored } from "./store/sweep-store.ts"
import { version } from "./version.ts"
import { endsInTime, keepHouse, openCrew, toldOutages, work } from "./work-crew.ts"

export interface WorkRequest {
  readonly store: string
  readonly threads: number
  readonly leaseSeconds: number
  /** Ends when nothing is left. */
  readonly isEnding: boolean
}

/** Milliseconds between two remarks on how far it has come. */
const tellEvery = 10_000

const counted = (count: number, noun: string): string => `${formatCount(count)} ${count === 1 ? noun : `${noun}s`}`

const pointsText = (count: number): string => counted(count, "point")

/** "3 points", "2 fleets", or both. */
const doneText = (points: number, fleets: number): string =>
  [...(points > 0 || fleets === 0 ? [pointsText(points)] : []), ...(fleets > 0 ? [counted(fleets, "fleet")] : [])].join(
    " and "
  )

const nameOf = ({ kind, hash }: NamedTask): string => `${kind ?? "sweep"} ${hash.slice(0, 8)}`

/** No job is left, and no plan goes on that may have more. */
const isEmpty = ({ queue, store }: SharedWork): Stored<void> =>
  Effect.gen(function* () {
    const plans = yield* store.planners
    return (yield* queue.pending()) === 0 && plans === 0
  }).pipe(Effect.repeat({ until: (isDone) => isDone, schedule: Schedule.spaced("500 millis") }), Effect.asVoid)

export const workOn = Effect.fn("workOn")(
  function* ({ store: url, threads, leaseSeconds, isEnding }: WorkRequest) {
    if (!isUrl(url))
      return yield* new InputWrong({
        text: `--store ${url}: no URL of a database\n  expected postgres://user:password@host:5432/database; a file is for one machine, which sweeps it itself`
      })
    yield* endsInTime
    const shared = yield* openShared(url, leaseSeconds)
    const say = (text: string): void => void process.stderr.write(`${text}\n`)
    let [points, fleets, told] = [0, 0, performance.now()]
    yield* remark(
      `working for ${shownUrl(url)} on ${threads} ${threads === 1 ? "thread" : "threads"}; ${isEnding ? "ends when nothing is left" : "Ctrl-C ends it"}`
    )
    const foreign = yield* shared.queue.foreign
    if (foreign > 0)
      yield* remark(
        `${formatCount(foreign)} ${foreign === 1 ? "job waits" : "jobs wait"} for another version of windtunnel; this is ${version}`
      )
    const working = work(shared, yield* openCrew(threads), {
      onSweep: (task) => say(`${nameOf(task)}: ${task.name}`),
      onRows: ({ kind }, rows) => {
        if (kind === "plan") fleets += rows.length
        else points += rows.length
        if (performance.now() - told < tellEvery) return
        told = performance.now()
        say(`${doneText(points, fleets)} done here`)
      },
      onDeath: (task, { reason, unfinished: { length } }) =>
        say(
          `${nameOf(task)}: a thread died (${reason}); ${task.kind === "plan" ? counted(length, "fleet") : pointsText(length)} to try again`
        )
    })
    const all = Effect.all([working, keepHouse(shared, leaseSeconds, toldOutages(url))], { concurrency: "unbounded" })
    yield* (isEnding ? Effect.raceFirst(isEmpty(shared), all) : all).pipe(
      Effect.ensuring(Effect.sync(() => say(`${doneText(points, fleets)} done here`)))
    )
    return undefined
  },
  (effect, { store }) =>
    effect.pipe(
      Effect.scoped,
      // The queue tells every failed look at the database to the log; what matters is told by us.
      Effect.provideService(Logger.CurrentLoggers, new Set()),
      Effect.catchTag("StoreFailure", (failure) => Effect.fail(storeProblem(store, failure)))
    )
)
