/**
 * Fleets simulated on several threads; outcomes come back in the order asked, and each fleet is simulated once.
 */
import { extname } from "node:path"
import { Worker } from "node:worker_threads"
import { simulateFleet, type CapacitySearch, type FleetOutcome, type FleetRequest } from "../planner/index.ts"
import { readChunks } from "./read-chunks.ts"
import { readText } from "./text-file.ts"

/** What simulates the fleets of a search: threads here, or whoever works for a database (capacity-shared.ts). */
export interface CapacityPool {
  readonly run: (requests: readonly FleetRequest[]) => Promise<readonly FleetOutcome[]>
}

export interface ThreadPool extends CapacityPool {
  readonly end: () => Promise<void>
}

const here = (request: FleetRequest): FleetOutcome => simulateFleet(request, { readText, readChunks })

/** A scenario with a policy written as a function stays on this thread: functions don't travel. */
const canTravel = (request: FleetRequest): boolean => {
  try {
    structuredClone(request)
    return true
  } catch {
    return false
  }
}

/** Fleets that take less are not worth the second that a thread takes to start, milliseconds. */
const worthThreads = 250
/** The first ones say nothing: their code is still being compiled. */
const cold = 3

/** @param threads  at most; 1 = all on this thread */
export const capacityPool = (threads: number, onDone: () => void = () => undefined): ThreadPool => {
  const workers: Worker[] = []
  let slowest = 0
  let simulated = 0
  /** One after another on this thread, until one shows that threads are worth it. */
  const alone = async (requests: readonly FleetRequest[], isAlone: boolean): Promise<readonly FleetOutcome[]> => {
    const outcomes: FleetOutcome[] = []
    for (const request of requests) {
      if (!isAlone && slowest > worthThreads) break
      const start = performance.now()
      outcomes.push(here(request))
      if (++simulated > cold) slowest = Math.max(slowest, performance.now() - start)
      onDone()
      // A breath for what else wants to run, such as an interruption.
      await new Promise((resolve) => setImmediate(resolve))
    }
    return outcomes
  }
  const run = async (requests: readonly FleetRequest[]): Promise<readonly FleetOutcome[]> => {
    const done = await alone(requests, threads < 2 || requests.length < 2 || !requests.every(canTravel))
    if (done.length === requests.length) return done
    while (workers.length < Math.min(threads, requests.length)) workers.push(startWorker())
    const outcomes: (FleetOutcome | undefined)[] = requests.map((_, index) => done[index])
    let next = done.length
    await Promise.all(
      workers.map(async (worker) => {
        for (let index = next++; index < requests.length; index = next++) {
          // A thread that died leaves its fleet to this one.
          outcomes[index] = (await answerOf(worker, index, requests[index]!)) ?? here(requests[index]!)
          onDone()
        }
      })
    )
    return outcomes.map((outcome, index) => outcome ?? here(requests[index]!))
  }
  return {
    run,
    end: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  }
}

const startWorker = (): Worker => {
  const worker = new Worker(new URL(`capacity-worker${extname(import.meta.url)}`, import.meta.url))
  worker.setMaxListeners(0)
  return worker
}

/** The outcome, or undefined from a thread that has died. */
const answerOf = (worker: Worker, index: number, request: FleetRequest): Promise<FleetOutcome | undefined> =>
  new Promise((resolve) => {
    if (worker.threadId < 0) return resolve(undefined)
    const settle = (outcome: FleetOutcome | undefined): void => {
      worker.off("message", onMessage)
      worker.off("error", onEnd)
      worker.off("exit", onEnd)
      resolve(outcome)
    }
    const onMessage = (answer: { readonly index: number; readonly outcome: FleetOutcome }): void => {
      if (answer.index === index) settle(answer.outcome)
    }
    const onEnd = (): void => settle(undefined)
    worker.on("message", onMessage)
    worker.on("error", onEnd)
    worker.on("exit", onEnd)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    worker.postMessage({ index, request })
  })

/** Runs a search to its end. */
export const searched = async <T>(search: CapacitySearch<T>, { run }: CapacityPool): Promise<T> => {
  let step = search.next()
  while (step.done !== true) step = search.next(await run(step.value))
  return step.value
}
