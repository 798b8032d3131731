/**
 * Threads that simulate the points of sweeps and the fleets of plans. A thread that dies takes nothing along but its own batch: the crew says what is
 * left of it and goes on with another.
 */
import { availableParallelism, totalmem } from "node:os"
import { extname } from "node:path"
import { getHeapStatistics } from "node:v8"
import { Worker } from "node:worker_threads"
import type { SweepPoint } from "../planner/index.ts"
import type { DecodedScenario, ReadText } from "../scenario/index.ts"
import type { FinishedPoint } from "./store/sweep-store.ts"

/** What the points of a sweep have in common. */
export interface CrewTask {
  /** Tells one sweep from another. */
  readonly hash: string
  /** What its points are: of a plan they are fleets (plan-fleet.ts). Absent = sweep. */
  readonly kind?: "sweep" | "plan"
  readonly scenario: DecodedScenario
  /** The files that the scenario names, as they were read; absent = they are read where it is simulated. */
  readonly files?: SentFiles
}

/** Files by the path that they were asked for, each with its text or why there is none. */
export type SentFiles = Readonly<Record<string, ReturnType<ReadText>>>

/** What a thread is sent; it keeps the last task. */
export interface CrewBatch {
  readonly task?: CrewTask
  readonly points: readonly SweepPoint[]
}

/** What a thread sends. */
export interface CrewRows {
  readonly rows: readonly FinishedPoint[]
  readonly isDone: boolean
}

/** A thread died; the points without rows were in its hands. */
export interface Death {
  readonly reason: string
  readonly unfinished: readonly SweepPoint[]
}

/** How a batch ended. */
export interface BatchEnd {
  /** Undefined when all its points are done. */
  readonly death: Death | undefined
  /** Time on the thread, without the wait for it. */
  readonly milliseconds: number
}

export interface Crew {
  /** So many at most. */
  readonly threads: number
  /** Starts up to so many of them, so that they are there when points are. */
  readonly start: (count: number) => void
  /**
   * Simulates points one after another on the next thread that is free.
   *
   * @param onRows gets rows as they are done, ten times a second
   */
  readonly simulate: (
    task: CrewTask,
    points: readonly SweepPoint[],
    onRows: (rows: readonly FinishedPoint[]) => void
  ) => Promise<BatchEnd>
  /** Stops the threads; what is being simulated is dropped, and its `simulate` never ends. */
  readonly end: () => Promise<void>
}

interface Thread {
  readonly worker: Worker
  /** The task that it knows. */
  hash: string
}

/**
 * Megabytes of objects that a thread may hold: what V8 gives to any process, or its share of three quarters of the memory that
 * there is, so that a point that takes too much ends its thread rather than the process or the machine.
 */
const megabytesOf = (threads: number): number => {
  const limit = process.constrainedMemory()
  const bytes = limit > 0 && limit < totalmem() ? limit : totalmem()
  return Math.floor(Math.min(getHeapStatistics().heap_size_limit, Math.max(256e6, (0.75 * bytes) / threads)) / 2 ** 20)
}

/** @param megabytes of objects that a thread may hold */
export const pointCrew = (threads = availableParallelism(), megabytes = megabytesOf(threads)): Crew => {
  const idle: Thread[] = []
  const waiting: ((thread: Thread) => void)[] = []
  const all = new Set<Worker>()
  let isEnded = false

  const startThread = (): Thread => {
    const worker = new Worker(new URL(`point-crew-worker${extname(import.meta.url)}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: megabytes }
    })
    worker.setMaxListeners(0)
    all.add(worker)
    const thread = { worker, hash: "" }
    // One that dies without a batch is missed by nobody.
    worker.on("error", () => undefined)
    worker.on("exit", () => {
      all.delete(worker)
      const place = idle.indexOf(thread)
      if (place >= 0) idle.splice(place, 1)
    })
    return thread
  }
  const free = (thread: Thread): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(thread)
    else next(thread)
  }
  const bury = (thread: Thread): void => {
    all.delete(thread.worker)
    void thread.worker.terminate()
    if (!isEnded && waiting.length > 0) free(startThread())
  }
  const nextThread = (): Promise<Thread> => {
    const thread = idle.pop()
    if (thread !== undefined) return Promise.resolve(thread)
    if (all.size < threads) return Promise.resolve(startThread())
    return new Promise((resolve) => waiting.push(resolve))
  }
  return {
    threads,
    start: (count) => {
      while (all.size < Math.min(count, threads)) idle.push(startThread())
    },
    simulate: async (task, points, onRows) => {
      const thread = await nextThread()
      // Nobody waits for the outcome any longer.
      if (isEnded) return new Promise(() => undefined)
      const start = performance.now()
      const death = await batchOn(thread, task, points, onRows)
      const milliseconds = performance.now() - start
      if (isEnded) return new Promise(() => undefined)
      if (death === undefined) free(thread)
      else bury(thread)
      return { death, milliseconds }
    },
    end: async () => {
      isEnded = true
      await Promise.all([...all].map((worker) => worker.terminate()))
    }
  }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") return "it ran out of memory"
  return error.message.split("\n")[0] ?? error.name
}

const batchOn = (
  thread: Thread,
  task: CrewTask,
  points: readonly SweepPoint[],
  onRows: (rows: readonly FinishedPoint[]) => void
): Promise<Death | undefined> =>
  new Promise((resolve) => {
    const { worker } = thread
    let done = 0
    const settle = (reason?: string): void => {
      worker.off("message", onMessage)
      worker.off("error", onError)
      worker.off("exit", onExit)
      // Rows come in the order of the points.
      resolve(reason === undefined ? undefined : { reason, unfinished: points.slice(done) })
    }
    const onMessage = ({ rows, isDone }: CrewRows): void => {
      done += rows.length
      if (rows.length > 0) onRows(rows)
      if (isDone) settle()
    }
    const onError = (error: unknown): void => settle(reasonOf(error))
    const onExit = (status: number): void => settle(`it ended with status ${status}`)
    worker.on("message", onMessage)
    worker.on("error", onError)
    worker.on("exit", onExit)
    const isKnown = thread.hash === task.hash
    thread.hash = task.hash
    const batch: CrewBatch = isKnown ? { points } : { task, points }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    worker.postMessage(batch)
  })
