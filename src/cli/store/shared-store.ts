/**
 * A database that many machines share, opened to work on: results, jobs, and both at once where they must agree.
 */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { SweepPlan } from "../sweep-plan.ts"
import type { CrewTask } from "../point-crew.ts"
import { jobsOf, openQueue, type JobQueue, type NamedJob } from "./job-queue.ts"
import { migrate, noteSweep, pgClient, postgresStore, type NamedTask, type SharedStore } from "./postgres.ts"
import type { StoreFailure, Stored } from "./sweep-store.ts"
import { keyOf } from "../sweep-key.ts"

export interface SharedWork {
  readonly store: SharedStore
  readonly queue: JobQueue
  /** Notes a sweep and offers what is left of it: both or neither. Gives back the number of points that are left. */
  readonly submit: (plan: SweepPlan, task: CrewTask) => Stored<number>
  /** Notes a plan and offers jobs of its fleets: both or neither. */
  readonly offerFleets: (task: NamedTask, jobs: readonly NamedJob[]) => Stored<void>
}

/** Few jobs of many points, as long as there is one for each of many threads: a job that turns out to be long is divided. */
const [manyJobs, mostPoints] = [64, 256]

export const chunkSize = (points: number): number => Math.min(mostPoints, Math.max(1, Math.ceil(points / manyJobs)))

/** @param leaseSeconds after so long without a sign of life a job goes to somebody else */
export const openShared = Effect.fn("openShared")(function* (
  url: string,
  leaseSeconds: number
): Effect.fn.Return<SharedWork, StoreFailure, Scope.Scope> {
  const sql = yield* pgClient(url)
  const scope = yield* Effect.scope
  let opened: JobQueue | undefined
  yield* migrate(
    sql,
    Effect.gen(function* () {
      opened = yield* Effect.provideService(openQueue(sql, leaseSeconds), Scope.Scope, scope)
    })
  )
  if (opened === undefined) return yield* Effect.die("the queue was not opened")
  const [queue, store] = [opened, postgresStore(sql)]
  return {
    store,
    queue,
    submit: Effect.fn("submit")(function* (plan, task) {
      const { hash, name, points } = plan
      const done = yield* store.done(hash)
      const jobs = jobsOf(hash, points, chunkSize(points.length)).flatMap((named) => {
        const own = named.job.points
        const left = done.size === 0 ? own.length : own.filter((point) => !done.has(keyOf(point))).length
        return left === 0 ? [] : [{ ...named, left }]
      })
      // A report of the sweep says how it was asked for.
      const kept = { ...task, scenario: { ...task.scenario, sweep: plan.asked } }
      yield* queue.offer(jobs, noteSweep(sql, { hash, name, points: points.length }, kept))
      return jobs.reduce((sum, { left }) => sum + left, 0)
    }),
    // Nobody knows beforehand how many fleets a search asks for.
    offerFleets: (task, jobs) =>
      queue.offer(jobs, noteSweep(sql, { hash: task.hash, name: task.name, points: 0 }, task))
  }
})
