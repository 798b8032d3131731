/**
 * A thread of a crew: simulates batches of points of a sweep and sends their rows.
 */
import { enableCompileCache } from "node:module"
import { parentPort } from "node:worker_threads"
import type { CrewBatch, CrewRows, CrewTask } from "./point-crew.ts"
import type { FinishedPoint } from "./store/sweep-store.ts"

// It halves the time until the first point; it must be on before the modules of the simulator are loaded.
enableCompileCache()
const { finishedPoint } = await import("./sweep-row.ts")

/** Milliseconds between two messages with rows. */
const sendEvery = 100

let task: CrewTask | undefined

// oxlint-disable unicorn/require-post-message-target-origin -- threads have no origin
parentPort?.on("message", ({ task: given = task, points }: CrewBatch) => {
  task = given
  if (task === undefined) throw new Error("points without a scenario")
  let rows: FinishedPoint[] = []
  let sent = performance.now()
  for (const point of points) {
    rows.push(finishedPoint(task, point))
    if (performance.now() - sent < sendEvery) continue
    parentPort?.postMessage({ rows, isDone: false } satisfies CrewRows)
    rows = []
    sent = performance.now()
  }
  parentPort?.postMessage({ rows, isDone: true } satisfies CrewRows)
})
