/**
 * One job of a sweep, or of a plan, done: its points simulated and their rows written, or what is left of it offered as other jobs.
 *
 * A job that takes long is divided, so that the end of a sweep does not wait for one worker. Nobody knows beforehand how long a
 * point takes, so jobs begin large and become as many points as can be done in a few seconds.
 */
import * as Effect from "effect/Effect"
import type * as Semaphore from "effect/Semaphore"
import type { Crew, Death } from "./point-crew.ts"
import { jobsOf, type Held, type Job, type JobQueue } from "./store/job-queue.ts"
import type { NamedTask, SharedStore } from "./store/postgres.ts"
import { storeFailure, StoreFailure, type FinishedPoint, type Stored } from "./store/sweep-store.ts"
import { deadReason, mostAttempts, unknownDeath } from "./sweep-attempts.ts"
import { keyOf } from "./sweep-key.ts"
import { givenUp } from "./sweep-row.ts"

export interface JobPlace {
  readonly store: Pick<SharedStore, "add" | "doneOf">
  readonly queue: Pick<JobQueue, "offer" | "begin" | "end">
  readonly crew: Pick<Crew, "simulate">
  /** As many permits as threads: whoever has all of them is alone in this process. */
  readonly threads: Semaphore.Semaphore
  readonly threadCount: number
  /** Rows are in the store. */
  readonly onRows: (task: NamedTask, rows: readonly FinishedPoint[]) => void
  readonly onDeath: (task: NamedTask, death: Death) => void
}

/** Milliseconds that a job may take before what is left of it is offered to others. */
const longJob = 3000

/** Milliseconds that points are sent to a thread for at once, and that rows wait for others to be written with. */
const longBatch = 500

type Points = Job["points"]

interface Left {
  readonly death: Death | undefined
  /** Points that nobody has begun. */
  readonly rest: Points
  /** How many of them can be done in the time of a job. */
  readonly size: number
}

/**
 * Simulates points as long as time allows.
 *
 * @param permits of the threads that it has to wait for
 */
const simulated = (
  { store, crew, threads, onRows }: JobPlace,
  task: NamedTask,
  points: Points,
  permits: number
): Stored<Left> =>
  Effect.gen(function* () {
    const context = yield* Effect.context()
    const writes: Promise<void>[] = []
    let [rows, writtenAt]: [FinishedPoint[], number] = [[], performance.now()]
    const write = (): void => {
      if (rows.length === 0) return
      const ready = rows
      ;[rows, writtenAt] = [[], performance.now()]
      const written = Effect.runPromiseWith(context)(store.add(task.hash, ready)).then(() => onRows(task, ready))
      // Its failure is told by who waits for all of them.
      written.catch(() => undefined)
      writes.push(written)
    }
    const keep = (more: readonly FinishedPoint[]): void => {
      rows.push(...more)
      if (performance.now() - writtenAt >= longBatch) write()
    }
    const work = async (): Promise<Left> => {
      let rest = points
      let death: Death | undefined
      let [spent, perBatch, perJob] = [0, 1, 1]
      while (rest.length > 0 && death === undefined && spent < longJob) {
        const batch = rest.slice(0, perBatch)
        rest = rest.slice(perBatch)
        const end = await crew.simulate(task, batch, keep)
        death = end.death
        spent += end.milliseconds
        perBatch = Math.max(1, Math.floor((longBatch * batch.length) / end.milliseconds))
        perJob = Math.max(1, Math.floor((longJob * batch.length) / end.milliseconds))
      }
      write()
      return { death, rest, size: perJob }
    }
    const left = yield* threads.withPermits(permits)(Effect.promise(work))
    // Others simulate while this one's rows are on their way.
    yield* Effect.tryPromise({
      try: () => Promise.all(writes),
      catch: (error) => (error instanceof StoreFailure ? error : storeFailure(String(error)))
    })
    return left
  })

const giveUp = ({ store, onRows }: JobPlace, task: NamedTask, point: Points[number], who: string, reason: string) =>
  Effect.gen(function* () {
    const row = givenUp(point, deadReason(who, reason))
    yield* store.add(task.hash, [row])
    onRows(task, [row])
  })

/**
 * A point that was in the hands of a worker that died. It may have been the reason or have been beside it, so it is simulated
 * with nothing beside it: if the process dies now, it was this point.
 */
const doSuspect = (place: JobPlace, task: NamedTask, point: Points[number], name: string): Stored<void> =>
  Effect.gen(function* () {
    const { queue } = place
    const deaths = yield* queue.begin(name)
    if (deaths >= mostAttempts) return yield* giveUp(place, task, point, "its worker", unknownDeath)
    const { death } = yield* simulated(place, task, [point], 0).pipe(
      Effect.onError(() => Effect.ignore(queue.end(name, deaths)))
    )
    if (death === undefined) return yield* queue.end(name, 0)
    place.onDeath(task, death)
    if (deaths + 1 < mostAttempts) return yield* storeFailure(`its thread died: ${death.reason}`)
    return yield* giveUp(place, task, point, "its thread", death.reason)
  }).pipe(place.threads.withPermits(place.threadCount))

/** What is left of a job comes back under other names; of a single point the failure is another attempt. */
export const doJob = Effect.fn("doJob")(function* (place: JobPlace, task: NamedTask, { points }: Job, held: Held) {
  const { store, queue, onDeath } = place
  const sweep = task.hash
  const done = yield* store.doneOf(sweep, points.map(keyOf))
  const left = done.size === 0 ? points : points.filter((point) => !done.has(keyOf(point)))
  const [only] = left
  if (only === undefined) return undefined
  const isAlone = points.length === 1
  const isSuspect = held.attempt > 1
  // Whoever had it first may have died of one of its points: each by itself, the others are not to die with it.
  if (isSuspect) return yield* isAlone ? doSuspect(place, task, only, held.name) : queue.offer(jobsOf(sweep, left, 1))
  const { death, rest, size } = yield* simulated(place, task, left, 1)
  if (death !== undefined) onDeath(task, death)
  if (!isAlone) {
    const suspects = death === undefined ? [] : jobsOf(sweep, death.unfinished, 1)
    const jobs = [...suspects, ...jobsOf(sweep, rest, size)]
    return jobs.length === 0 ? undefined : yield* queue.offer(jobs)
  }
  if (death === undefined) return undefined
  // Its thread was its own, so this counts.
  yield* queue.begin(held.name)
  return yield* storeFailure(`its thread died: ${death.reason}`)
})
