/**
 * A serving simulation that a person may watch and end: progress on a terminal, and on Ctrl-C what is complete by then.
 *
 * The simulation is synchronous code; it is run in slices, between which signals arrive.
 */
import { setImmediate } from "node:timers/promises"
import * as Effect from "effect/Effect"
import { beginServing, type ServingJob, type ServingLog } from "../serving/index.ts"
import { progressOf } from "./progress.ts"

export interface Watched {
  readonly log: ServingLog
  /** Someone ended it before its time. */
  readonly isInterrupted: boolean
}

/** Milliseconds of a slice: short enough for a hand on Ctrl-C, long enough to cost nothing. */
const slice = 50

const signals = ["SIGINT", "SIGTERM"] as const

/** Exit status of a program that Ctrl-C ended (128 + SIGINT). */
const interruptedStatus = 130

/** Not interruptible: it ends by itself soon after it was asked to, with a log. */
export const watchedServing = (job: ServingJob): Effect.Effect<Watched | { readonly failure: unknown }> =>
  Effect.uninterruptible(Effect.promise(() => simulated(job)))

const simulated = async (job: ServingJob): Promise<Watched | { readonly failure: unknown }> => {
  let isInterrupted = false
  const interrupt = (): void => {
    // Who asks twice does not want to wait for what is complete.
    if (isInterrupted) process.exit(interruptedStatus)
    isInterrupted = true
  }
  const { requests, seconds } = job.workload
  const isTimed = seconds < Infinity && requests === unbounded
  const progress = isTimed
    ? progressOf(seconds, process.stderr, undefined, "simulated seconds")
    : progressOf(requests, process.stderr, undefined, "requests")
  let paused = performance.now()
  const run = beginServing(job, {
    progress: (now, ended) => progress.reach(isTimed ? Math.min(now, seconds) : ended),
    stop: () => isInterrupted,
    pause: () => performance.now() - paused >= slice
  })
  for (const signal of signals) process.on(signal, interrupt)
  try {
    while (!run.advance()) {
      await setImmediate()
      paused = performance.now()
    }
    return { log: run.finish(), isInterrupted }
  } catch (failure) {
    return { failure }
  } finally {
    progress.end()
    for (const signal of signals) process.off(signal, interrupt)
  }
}

/** What a workload without a number of requests has in its place. */
const unbounded = 2e7
