/** Which requests met the objectives of their class. */
import type { Objectives, RequestClass, RequestLog } from "../types.ts"
import { e2eOf, stateIndex, tpotOf, ttftOf } from "./request-times.ts"
import type { Attainment } from "./types.ts"

const names = ["ttft", "tpot", "e2e"] as const

const limitsOf = ({ ttftSeconds, tpotSeconds, e2eSeconds }: Objectives): Float64Array =>
  Float64Array.of(ttftSeconds ?? Infinity, tpotSeconds ?? Infinity, e2eSeconds ?? Infinity)

export const hasObjectives = ({ objectives }: RequestClass): boolean =>
  limitsOf(objectives).some((limit) => limit < Infinity)

/**
 * A function that says whether a request that finished met all its objectives. As in vLLM's benchmark an answer of one
 * token has met any time per output token, and an objective is met on the dot.
 */
export const goodRequest = (requests: RequestLog, classes: readonly RequestClass[]): ((request: number) => boolean) => {
  const limits = classes.map(({ objectives }) => limitsOf(objectives))
  return (request) => {
    const [ttft, tpot, e2e] = limits[requests.classIndex[request]!]!
    return (
      ttftOf(requests, request) <= ttft! && !(tpotOf(requests, request) > tpot!) && e2eOf(requests, request) <= e2e!
    )
  }
}

/** Attainment by class and, last, of all classes together, of requests that arrived at or after a time and have ended. */
export const attainments = (
  requests: RequestLog,
  classes: readonly RequestClass[],
  fromSeconds: number
): readonly Attainment[] => {
  const limits = classes.map(({ objectives }) => limitsOf(objectives))
  // Per class: ended, met all, met each of the three.
  const width = 2 + names.length
  const table = new Float64Array(classes.length * width)
  for (let request = 0; request < requests.count; request++) {
    const state = requests.state[request]
    if (requests.arrival[request]! < fromSeconds || state === stateIndex.running || state === stateIndex.waiting)
      continue
    const row = requests.classIndex[request]! * width
    table[row]! += 1
    if (state !== stateIndex.finished) continue
    const [ttft, tpot, e2e] = limits[requests.classIndex[request]!]!
    const isFirst = ttftOf(requests, request) <= ttft!
    const isSteady = !(tpotOf(requests, request) > tpot!)
    const isWhole = e2eOf(requests, request) <= e2e!
    if (isFirst && isSteady && isWhole) table[row + 1]! += 1
    if (isFirst) table[row + 2]! += 1
    if (isSteady) table[row + 3]! += 1
    if (isWhole) table[row + 4]! += 1
  }
  const attainment = (rows: readonly number[]): Attainment => {
    const sum = (column: number): number => rows.reduce((total, row) => total + table[row * width + column]!, 0)
    const ended = sum(0)
    const share = (column: number, isWanted: (limits: Float64Array) => boolean): number | null =>
      ended > 0 && rows.some((row) => isWanted(limits[row]!)) ? sum(column) / ended : null
    return {
      all: share(1, (of) => of.some((limit) => limit < Infinity)),
      ttft: share(2, (of) => of[0]! < Infinity),
      tpot: share(3, (of) => of[1]! < Infinity),
      e2e: share(4, (of) => of[2]! < Infinity)
    }
  }
  const every = classes.map((_, index) => index)
  return [...every.map((index) => attainment([index])), attainment(every)]
}
