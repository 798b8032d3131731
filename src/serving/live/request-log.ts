/**
 * The table of all requests that ever arrived, one row each, 69 bytes a row. Rows are written as things happen and never read
 * by the scheduler; what it works with is in `live-requests.ts`.
 */
import type { RequestLog, RequestState } from "../types.ts"
import { requestStates } from "../types.ts"
import { grownBytes, grownFloats, grownIntegers } from "./columns.ts"

/** Number of a state in `requestStates`. */
export const stateNumber = Object.fromEntries(requestStates.map((state, index) => [state, index])) as Readonly<
  Record<RequestState, number>
>

const floatColumns = ["arrival", "scheduled", "firstToken", "finished", "preemptedSeconds"] as const
const integerColumns = ["prompt", "output", "generated", "cached", "preemptions", "classIndex", "replica"] as const

type Columns = Record<(typeof floatColumns)[number], Float64Array> &
  Record<(typeof integerColumns)[number], Int32Array> & { state: Uint8Array }

/** Only `appendRequest` changes the count. */
export interface GrowingRequestLog extends Columns {
  count: number
}

const firstCapacity = 1024

/** @param expected  rows to make room for at once; more are possible */
export const makeRequestLog = (expected: number): GrowingRequestLog => {
  const capacity = Number.isFinite(expected) ? Math.min(Math.max(1, expected), 2 ** 20) : firstCapacity
  const floats = (): Float64Array => new Float64Array(capacity)
  const integers = (): Int32Array => new Int32Array(capacity)
  return {
    count: 0,
    arrival: floats(),
    scheduled: floats(),
    firstToken: floats(),
    finished: floats(),
    preemptedSeconds: floats(),
    prompt: integers(),
    output: integers(),
    generated: integers(),
    cached: integers(),
    preemptions: integers(),
    classIndex: integers(),
    replica: integers(),
    state: new Uint8Array(capacity)
  }
}

/** Adds the row of a request that arrives now; answers its number. */
export const appendRequest = (
  log: GrowingRequestLog,
  arrivalSeconds: number,
  prompt: number,
  output: number,
  classIndex: number
): number => {
  const row = log.count++
  if (row === log.state.length) grow(log)
  log.arrival[row] = arrivalSeconds
  log.scheduled[row] = NaN
  log.firstToken[row] = NaN
  log.finished[row] = NaN
  log.prompt[row] = prompt
  log.output[row] = output
  log.classIndex[row] = classIndex
  log.replica[row] = -1
  log.state[row] = stateNumber.waiting
  return row
}

const grow = (log: GrowingRequestLog): void => {
  // Half as much again: the last growth of a long run wastes less than doubling would.
  const capacity = Math.ceil(log.state.length * 1.5) + 16
  for (const name of floatColumns) log[name] = grownFloats(log[name], capacity)
  for (const name of integerColumns) log[name] = grownIntegers(log[name], capacity)
  log.state = grownBytes(log.state, capacity)
}

/** The rows so far; shares memory with the log. */
export const finishedRequestLog = (log: GrowingRequestLog): RequestLog => {
  const { count } = log
  return {
    count,
    arrival: log.arrival.subarray(0, count),
    scheduled: log.scheduled.subarray(0, count),
    firstToken: log.firstToken.subarray(0, count),
    finished: log.finished.subarray(0, count),
    preemptedSeconds: log.preemptedSeconds.subarray(0, count),
    prompt: log.prompt.subarray(0, count),
    output: log.output.subarray(0, count),
    generated: log.generated.subarray(0, count),
    cached: log.cached.subarray(0, count),
    preemptions: log.preemptions.subarray(0, count),
    classIndex: log.classIndex.subarray(0, count),
    replica: log.replica.subarray(0, count),
    state: log.state.subarray(0, count)
  }
}
