/** Makes workloads and takes requests from them, for the tests. */
import { makeRequestSource } from "../../../src/serving/workload/index.ts"
import type { Arrival, Arrivals, RequestClass, RequestSource, WorkloadSpec } from "../../../src/serving/types.ts"

export const requestClass = (changes: Partial<RequestClass> = {}): RequestClass => ({
  name: "chat",
  weight: 1,
  priority: 0,
  prompt: { kind: "constant", value: 100 },
  output: { kind: "constant", value: 10 },
  objectives: {},
  sharedPrefix: null,
  conversation: null,
  patienceSeconds: null,
  ...changes
})

export const workload = (arrivals: Arrivals, changes: Partial<WorkloadSpec> = {}): WorkloadSpec => ({
  arrivals,
  classes: [requestClass()],
  requests: 1000,
  seconds: Infinity,
  warmUpSeconds: 0,
  ...changes
})

export const emptyArrival = (): Arrival => ({
  arrivalSeconds: 0,
  promptTokens: 0,
  outputTokens: 0,
  classIndex: 0,
  pieces: null,
  session: -1,
  outputPiece: 0
})

/** All requests that a source knows of, as long as nothing ends. */
export const known = (source: RequestSource): readonly Arrival[] => {
  const requests: Arrival[] = []
  for (let into = emptyArrival(); source.next(into); into = emptyArrival()) requests.push(into)
  return requests
}

/** All requests of a workload that waits for no answers. */
export const requestsOf = (spec: WorkloadSpec, seed = 1): readonly Arrival[] => known(makeRequestSource(spec, seed))

/**
 * Plays a server that answers every request after a time of its own, taking requests when their time has come; the requests in
 * order of arrival, with the most that were in flight.
 */
export const served = (
  spec: WorkloadSpec,
  secondsOf: (request: number) => number,
  seed = 1
): { readonly requests: readonly Arrival[]; readonly mostInFlight: number; readonly isExhausted: boolean } => {
  const source = makeRequestSource(spec, seed)
  const requests: Arrival[] = []
  const inFlight = new Map<number, number>()
  let mostInFlight = 0
  for (;;) {
    const [first, end] = [...inFlight].reduce((least, entry) => (entry[1] < least[1] ? entry : least), [-1, Infinity])
    const arrival = source.peek()
    if (arrival === Infinity && first < 0) return { requests, mostInFlight, isExhausted: source.isExhausted() }
    if (arrival <= end) {
      const into = emptyArrival()
      source.next(into)
      inFlight.set(requests.length, into.arrivalSeconds + secondsOf(requests.length))
      requests.push(into)
      mostInFlight = Math.max(mostInFlight, inFlight.size)
    } else {
      inFlight.delete(first)
      source.ended(first, requests[first]!.classIndex, end)
    }
  }
}
