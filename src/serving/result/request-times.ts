/**
 * Times of one request, from the columns of the log. Where a time never came the answer is NaN.
 */
import { requestStates, type RequestLog, type RequestState } from "../types.ts"

/** Numbers of the states in `RequestLog.state`. */
export const stateIndex = Object.fromEntries(requestStates.map((state, index) => [state, index])) as Readonly<
  Record<RequestState, number>
>

/**
 * When the last token left. The API server's share of the first token is off the critical path, so that the first token
 * of a short answer may leave after the engine is through with the request.
 */
export const lastTokenSeconds = ({ finished, firstToken }: RequestLog, request: number): number =>
  firstToken[request]! > finished[request]! ? firstToken[request]! : finished[request]!

export const ttftOf = ({ firstToken, arrival }: RequestLog, request: number): number =>
  firstToken[request]! - arrival[request]!

export const e2eOf = (requests: RequestLog, request: number): number =>
  lastTokenSeconds(requests, request) - requests.arrival[request]!

export const queueingOf = ({ scheduled, arrival }: RequestLog, request: number): number =>
  scheduled[request]! - arrival[request]!

/** NaN for answers of one token. */
export const tpotOf = (requests: RequestLog, request: number): number => {
  const gaps = requests.generated[request]! - 1
  return gaps < 1 ? NaN : (lastTokenSeconds(requests, request) - requests.firstToken[request]!) / gaps
}
