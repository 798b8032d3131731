/**
 * Points of a study simulated on several threads; the outcomes come back in the order asked, whichever thread is first.
 */
import { extname } from "node:path"
import { Worker } from "node:worker_threads"
import { simulatePoint, type Point, type PointRequest, type Study } from "../report/index.ts"
import { readChunks } from "./read-chunks.ts"
import { readText } from "./text-file.ts"

export interface PointPool {
  readonly run: (
    requests: readonly PointRequest[],
    onDone: (index: number, point: Point) => void
  ) => Promise<readonly Point[]>
  /** Threads that have answered so far; 0 = everything was done here. */
  readonly working: () => number
  /** Stops the threads; what is still being simulated is dropped, and its `run` fails. */
  readonly end: () => Promise<void>
}

/** Why a study that somebody ended has no outcome. */
const ended = (): Error => new Error("the study was ended")

const here = (request: PointRequest): Point => simulatePoint(request, { readText, readChunks })

/** One after another on this thread, with a pause between for what else wants to run, such as an interruption. */
const serial = async (
  requests: readonly PointRequest[],
  onDone: (index: number, point: Point) => void,
  hasEnded: () => boolean
): Promise<readonly Point[]> => {
  const points: Point[] = []
  for (const request of requests) {
    if (hasEnded()) throw ended()
    const point = here(request)
    points.push(point)
    onDone(points.length - 1, point)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return points
}

/** A scenario with a policy written as a function stays on this thread: functions don't travel. */
const canTravel = (request: PointRequest): boolean => {
  try {
    structuredClone(request)
    return true
  } catch {
    return false
  }
}

interface Answer {
  readonly index: number
  readonly point: Point
}

/** @param threads  at most; 1 = all on this thread */
export const pointPool = (threads: number): PointPool => {
  const workers: Worker[] = []
  const answered = new Set<Worker>()
  let isEnded = false
  // Several may ask at once, so that an answer is known by its number in all.
  let asked = 0
  return {
    run: async (requests, onDone) => {
      if (threads < 2 || requests.length < 2 || !requests.every(canTravel))
        return serial(requests, onDone, () => isEnded)
      while (workers.length < Math.min(threads, requests.length)) workers.push(startWorker())
      const points: (Point | undefined)[] = requests.map(() => undefined)
      let next = 0
      await Promise.all(
        workers.map(async (worker) => {
          for (let index = next++; index < requests.length; index = next++) {
            const request = requests[index]!
            // A thread that died leaves its point to this one.
            const answer = await answerOf(worker, asked++, request)
            if (isEnded) throw ended()
            if (answer !== undefined) answered.add(worker)
            const point = answer ?? here(request)
            points[index] = point
            onDone(index, point)
          }
        })
      )
      return points.map((point, index) => point ?? here(requests[index]!))
    },
    working: () => answered.size,
    end: async () => {
      isEnded = true
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  }
}

const startWorker = (): Worker => {
  const worker = new Worker(new URL(`point-worker${extname(import.meta.url)}`, import.meta.url))
  worker.setMaxListeners(0)
  return worker
}

/** The outcome, or undefined from a thread that has died. */
const answerOf = (worker: Worker, index: number, request: PointRequest): Promise<Point | undefined> =>
  new Promise((resolve) => {
    if (worker.threadId < 0) return resolve(undefined)
    const settle = (point: Point | undefined): void => {
      worker.off("message", onMessage)
      worker.off("error", onEnd)
      worker.off("exit", onEnd)
      resolve(point)
    }
    const onMessage = (answer: Answer): void => {
      if (answer.index === index) settle(answer.point)
    }
    const onEnd = (): void => settle(undefined)
    worker.on("message", onMessage)
    worker.on("error", onEnd)
    worker.on("exit", onEnd)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    worker.postMessage({ index, request })
  })

/** Runs a study's rounds to its end. */
export const driven = async <S>(
  study: Study<S>,
  run: (requests: readonly PointRequest[]) => Promise<readonly Point[]>
): Promise<S> => {
  let step = study.next()
  while (step.done !== true) step = study.next(await run(step.value))
  return step.value
}
