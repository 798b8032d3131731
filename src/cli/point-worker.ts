/**
 * A thread that simulates points of a study, one after another.
 */
import { parentPort } from "node:worker_threads"
import { simulatePoint, type PointRequest } from "../report/index.ts"
import { readChunks } from "./read-chunks.ts"
import { readText } from "./text-file.ts"

interface Asked {
  readonly index: number
  readonly request: PointRequest
}

// oxlint-disable unicorn/require-post-message-target-origin -- threads have no origin
parentPort?.on("message", ({ index, request }: Asked) => {
  parentPort?.postMessage({ index, point: simulatePoint(request, { readText, readChunks }) })
})
