/**
 * A worker: takes jobs of sweeps and plans from a database, simulates their points on its threads, and writes what came of them.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { pointCrew, type Crew } from "./point-crew.ts"
import { patience, patiently, type Outages } from "./store/patience.ts"
import type { NamedTask } from "./store/postgres.ts"
import type { SharedWork } from "./store/shared-store.ts"
import { shownUrl } from "./store/shown-url.ts"
import type { StoreFailure, Stored } from "./store/sweep-store.ts"
import { doJob, type JobPlace } from "./work-job.ts"

/** What others may want to hear of a worker. */
export interface WorkerNews extends Partial<Pick<JobPlace, "onRows" | "onDeath">> {
  /** It begins with a sweep or plan. */
  readonly onSweep?: (task: NamedTask) => void
}

/** Jobs that are taken beside those on the threads, so that none waits for the way to the database and back. */
const spareJobs = 1

/** Sweeps whose scenario is kept at hand. */
const mostTasks = 4

/** Scenarios of sweeps, each read once. */
const taskLibrary = ({ store }: Pick<SharedWork, "store">, onSweep: (task: NamedTask) => void) => {
  const tasks = new Map<string, NamedTask>()
  const loading = Semaphore.makeUnsafe(1)
  return (hash: string): Stored<NamedTask> =>
    Effect.gen(function* () {
      const known = tasks.get(hash)
      if (known !== undefined) return known
      const task = yield* store.taskOf(hash)
      for (const old of [...tasks.keys()].slice(0, tasks.size - mostTasks + 1)) tasks.delete(old)
      tasks.set(hash, task)
      onSweep(task)
      return task
    }).pipe(loading.withPermits(1))
}

const silent = (): void => undefined

/** Threads that end with their scope. */
export const openCrew = (threads: number): Effect.Effect<Crew, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => pointCrew(threads)),
    ({ end }) => Effect.promise(end)
  )

/**
 * Works until it is interrupted; then what it holds goes back.
 *
 * @param spare jobs that wait for its threads, at most
 */
export const work = (
  shared: SharedWork,
  crew: Crew,
  news: WorkerNews = {},
  spare = spareJobs
): Effect.Effect<never, StoreFailure> =>
  Effect.gen(function* () {
    const { store, queue } = shared
    const { onSweep = silent, onRows = silent, onDeath = silent } = news
    const { threads } = crew
    const taskOf = taskLibrary(shared, onSweep)
    const permits = yield* Semaphore.make(threads)
    const place: JobPlace = { store, queue, crew, threads: permits, threadCount: threads, onRows, onDeath }
    const next = queue
      .take((job, held) => Effect.flatMap(taskOf(job.sweep), (task) => doJob(place, task, job, held)))
      .pipe(
        // What failed is the next one's attempt; a database that stays away is noticed by who keeps house.
        Effect.catchCause((cause) => (Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.sleep("200 millis")))
      )
    const takers = Array.from({ length: threads + spare }, () => Effect.forever(next))
    return yield* Effect.all(takers, { concurrency: "unbounded" }).pipe(Effect.andThen(Effect.never))
  })

/** Buries, once a while, what nobody could do; fails when the database stays away, and tells when it does for a while. */
export const keepHouse = (
  { queue }: Pick<SharedWork, "queue">,
  leaseSeconds: number,
  outages: Outages
): Effect.Effect<never, StoreFailure> =>
  patiently(queue.bury, outages).pipe(
    Effect.andThen(Effect.sleep(1000 * Math.min(5, Math.max(0.5, leaseSeconds / 3)))),
    Effect.forever
  )

/** Outages as they are told on standard error. */
export const toldOutages = (url: string): Outages => ({
  onAway: ({ text }) =>
    void process.stderr.write(`${shownUrl(url)}: ${text}; waiting up to ${Duration.toSeconds(patience)} s for it\n`),
  onBack: () => void process.stderr.write(`${shownUrl(url)}: it is back\n`)
})

/** Milliseconds that a database which does not answer may keep an interrupted process from its end. */
const lastWait = 10_000

/** What a worker holds is handed back when it is interrupted, unless that takes too long. */
export const endsInTime: Effect.Effect<void, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const onSignal = (): void => void setTimeout(() => process.exit(130), lastWait).unref()
    process.once("SIGINT", onSignal)
    process.once("SIGTERM", onSignal)
    return onSignal
  }),
  (onSignal) =>
    Effect.sync(() => {
      process.off("SIGINT", onSignal)
      process.off("SIGTERM", onSignal)
    })
).pipe(Effect.asVoid)
