/** What came and went per second. */
import type { RequestClass, RequestLog } from "../types.ts"
import { goodRequest, hasObjectives } from "./objectives.ts"
import { lastTokenSeconds, stateIndex } from "./request-times.ts"
import type { MeasuredWindow, Throughput } from "./types.ts"

/**
 * Tokens of a request that left in the window: the first when it came, the others evenly from then to the last. Only
 * requests under way when the warm-up ends are divided.
 */
export const tokensIn = (requests: RequestLog, request: number, { fromSeconds, toSeconds }: MeasuredWindow): number => {
  const tokens = requests.generated[request]!
  const first = requests.firstToken[request]!
  if (tokens === 0 || !(first <= toSeconds)) return 0
  if (first >= fromSeconds) return tokens
  const last = requests.state[request] === stateIndex.running ? toSeconds : lastTokenSeconds(requests, request)
  return last <= fromSeconds ? 0 : ((tokens - 1) * (last - fromSeconds)) / (last - first)
}

/** Throughput by class and, last, of all classes together. */
export const throughputs = (
  requests: RequestLog,
  classes: readonly RequestClass[],
  window: MeasuredWindow,
  accelerators: number
): readonly Throughput[] => {
  // Per class: arrived, finished, their prompt tokens, output tokens, good.
  const width = 5
  const table = new Float64Array(classes.length * width)
  const isGood = goodRequest(requests, classes)
  for (let request = 0; request < requests.count; request++) {
    const row = requests.classIndex[request]! * width
    const state = requests.state[request]
    if (requests.arrival[request]! >= window.fromSeconds) table[row]! += 1
    const isFinished = state === stateIndex.finished
    if (isFinished || state === stateIndex.running) table[row + 3]! += tokensIn(requests, request, window)
    if (!isFinished || lastTokenSeconds(requests, request) < window.fromSeconds) continue
    table[row + 1]! += 1
    table[row + 2]! += requests.prompt[request]!
    if (isGood(request)) table[row + 4]! += 1
  }
  const of = (rows: readonly number[]): Throughput => {
    const rate = (column: number): number =>
      window.seconds > 0 ? rows.reduce((sum, row) => sum + table[row * width + column]!, 0) / window.seconds : 0
    return {
      arrivalsPerSecond: rate(0),
      requestsPerSecond: rate(1),
      promptTokensPerSecond: rate(2),
      outputTokensPerSecond: rate(3),
      tokensPerSecond: rate(2) + rate(3),
      outputTokensPerSecondPerAccelerator: rate(3) / accelerators,
      goodRequestsPerSecond: rows.some((row) => hasObjectives(classes[row]!)) ? rate(4) : null
    }
  }
  const every = classes.map((_, index) => index)
  return [...every.map((index) => of([index])), of(every)]
}
