/**
 * A thread that simulates fleets of a plan, one after another.
 */
import { parentPort } from "node:worker_threads"
import { simulateFleet, type FleetRequest } from "../planner/index.ts"
import { readChunks } from "./read-chunks.ts"
import { readText } from "./text-file.ts"

interface Asked {
  readonly index: number
  readonly request: FleetRequest
}

// oxlint-disable unicorn/require-post-message-target-origin -- threads have no origin
parentPort?.on("message", ({ index, request }: Asked) => {
  parentPort?.postMessage({ index, outcome: simulateFleet(request, { readText, readChunks }) })
})
