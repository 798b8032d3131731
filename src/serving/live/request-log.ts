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

const handoverColumns = ["asked", "reserved", "prefilled", "moved"] as const

type HandoverColumns = Record<(typeof handoverColumns)[number], Float64Array> & { replica: Int32Array }

/** Only `appendRequest` changes the count. */
export interface GrowingRequestLog extends Columns {
  count: number
  /** null where nobody is handed over. */
  handovers: HandoverColumns | null
  /** null where there are no conversations. */
  session: Int32Array | null
  /** null where every request is with one replica from its arrival to its end. */
  fates: { left: Float64Array; held: Float64Array; resent: Int32Array } | null
  /** null where the cache has no tiers. */
  fetches: { tokens: Int32Array; seconds: Float64Array } | null
}

const firstCapacity = 1024

/**
 * @param expected       rows to make room for at once; more are possible
 * @param hasHandovers   requests may go from replica to replica
 * @param hasSessions    requests may belong to conversations
 * @param hasFates       requests may be held at the door, or outlive their replica
 * @param hasFetches     requests may fetch blocks from tiers of the cache
 */
export const makeRequestLog = (
  expected: number,
  hasHandovers = false,
  hasSessions = false,
  hasFates = false,
  hasFetches = false
): GrowingRequestLog => {
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
    state: new Uint8Array(capacity),
    session: hasSessions ? integers() : null,
    fates: hasFates ? { left: floats(), held: floats(), resent: integers() } : null,
    fetches: hasFetches ? { tokens: integers(), seconds: floats() } : null,
    handovers: hasHandovers
      ? { replica: integers(), asked: floats(), reserved: floats(), prefilled: floats(), moved: floats() }
      : null
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
  if (log.fates !== null) log.fates.left[row] = NaN
  if (log.handovers === null) return row
  log.handovers.replica[row] = -1
  for (const name of handoverColumns) log.handovers[name][row] = NaN
  return row
}

const grow = (log: GrowingRequestLog): void => {
  // Half as much again: the last growth of a long run wastes less than doubling would.
  const capacity = Math.ceil(log.state.length * 1.5) + 16
  for (const name of floatColumns) log[name] = grownFloats(log[name], capacity)
  for (const name of integerColumns) log[name] = grownIntegers(log[name], capacity)
  log.state = grownBytes(log.state, capacity)
  if (log.session !== null) log.session = grownIntegers(log.session, capacity)
  const { handovers, fates, fetches } = log
  if (fetches !== null) {
    fetches.tokens = grownIntegers(fetches.tokens, capacity)
    fetches.seconds = grownFloats(fetches.seconds, capacity)
  }
  if (fates !== null) {
    fates.left = grownFloats(fates.left, capacity)
    fates.held = grownFloats(fates.held, capacity)
    fates.resent = grownIntegers(fates.resent, capacity)
  }
  if (handovers === null) return
  handovers.replica = grownIntegers(handovers.replica, capacity)
  for (const name of handoverColumns) handovers[name] = grownFloats(handovers[name], capacity)
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
    state: log.state.subarray(0, count),
    ...(log.session === null ? {} : { session: log.session.subarray(0, count) }),
    ...(log.fates === null
      ? {}
      : {
          fates: {
            left: log.fates.left.subarray(0, count),
            held: log.fates.held.subarray(0, count),
            resent: log.fates.resent.subarray(0, count)
          }
        }),
    ...(log.fetches === null
      ? {}
      : {
          fetches: {
            tokens: log.fetches.tokens.subarray(0, count),
            seconds: log.fetches.seconds.subarray(0, count)
          }
        }),
    ...(log.handovers === null
      ? {}
      : {
          handovers: {
            replica: log.handovers.replica.subarray(0, count),
            asked: log.handovers.asked.subarray(0, count),
            reserved: log.handovers.reserved.subarray(0, count),
            prefilled: log.handovers.prefilled.subarray(0, count),
            moved: log.handovers.moved.subarray(0, count)
          }
        })
  }
}
