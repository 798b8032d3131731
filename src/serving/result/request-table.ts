/**
 * One line a request as CSV (RFC 4180, with "\n"), in chunks, so that a million lines are never one string. Times are
 * seconds with nine decimals at most; what never came is empty.
 */
import { requestStates, type RequestLog, type ServingJob, type ServingLog } from "../types.ts"
import { e2eOf, queueingOf, tpotOf, ttftOf } from "./request-times.ts"

/** Columns that only a fleet of pools has, after the others. */
export const handoverColumns = ["pool", "decode_pool", "decode_replica", "transfer_s", "transfer_blocked_s"] as const

/** Columns that only a cache with tiers has, after all others: tokens from tiers, and the wait for them. */
export const fetchColumns = ["fetched_tokens", "fetch_s"] as const

/** Columns that only a run has whose requests may be held at the door or outlive their replica. */
export const fateColumns = ["left_s", "held_s", "times_resent"] as const

const fateCells = ({ fates }: RequestLog, request: number): string =>
  fates === undefined ? "" : `,${time(fates.left[request]!)},${time(fates.held[request]!)},${fates.resent[request]}`

export const requestTableColumns = [
  "request",
  "class",
  "replica",
  "state",
  "arrival_s",
  "scheduled_s",
  "first_token_s",
  "finished_s",
  "prompt_tokens",
  "cached_tokens",
  "output_tokens",
  "generated_tokens",
  "preemptions",
  "queueing_s",
  "ttft_s",
  "tpot_s",
  "e2e_s"
] as const

const rowsPerChunk = 2048

const time = (seconds: number): string => (seconds === seconds ? String(Math.round(seconds * 1e9) / 1e9) : "")

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Where a request was, and the seconds from its prompt's end to the arrival of its last byte, those for blocks within. */
const handoverCells = ({ replica, handovers }: RequestLog, request: number, pools: readonly string[]): string => {
  const behind = handovers?.replica[request] ?? -1
  const prefilled = handovers?.prefilled[request] ?? NaN
  return [
    pools[replica[request]!] ?? "",
    pools[behind] ?? "",
    behind < 0 ? "" : behind,
    time((handovers?.moved[request] ?? NaN) - prefilled),
    time(Math.max(0, (handovers?.reserved[request] ?? NaN) - prefilled))
  ].join(",")
}

const fetchCells = ({ fetches }: RequestLog, request: number): string =>
  fetches === undefined ? "" : `,${fetches.tokens[request]},${time(fetches.seconds[request]!)}`

const line = (requests: RequestLog, request: number, className: string): string => {
  const state = requestStates[requests.state[request]!]!
  const isFinished = state === "finished"
  const replica = requests.replica[request]!
  return [
    request,
    className,
    // Turned away before it had a replica.
    replica < 0 ? "" : replica,
    state,
    time(requests.arrival[request]!),
    time(requests.scheduled[request]!),
    time(requests.firstToken[request]!),
    time(requests.finished[request]!),
    requests.prompt[request],
    requests.cached[request],
    requests.output[request],
    requests.generated[request],
    requests.preemptions[request],
    time(queueingOf(requests, request)),
    time(ttftOf(requests, request)),
    isFinished ? time(tpotOf(requests, request)) : "",
    isFinished ? time(e2eOf(requests, request)) : ""
  ].join(",")
}

export function* requestTableCsv(job: ServingJob, { requests }: ServingLog): Generator<string, void> {
  const names = job.workload.classes.map(({ name }) => quoted(name))
  const pools = job.pools?.flatMap((pool) => Array.from({ length: pool.replicas }, () => quoted(pool.name)))
  const columns = [
    ...requestTableColumns,
    ...(pools === undefined ? [] : handoverColumns),
    ...(requests.fetches === undefined ? [] : fetchColumns),
    ...(requests.fates === undefined ? [] : fateColumns)
  ]
  let chunk = `${columns.join(",")}\n`
  for (let request = 0; request < requests.count; request++) {
    const more = pools === undefined ? "" : `,${handoverCells(requests, request, pools)}`
    chunk += `${line(requests, request, names[requests.classIndex[request]!] ?? "")}${more}${fetchCells(requests, request)}${fateCells(requests, request)}\n`
    if ((request + 1) % rowsPerChunk > 0) continue
    yield chunk
    chunk = ""
  }
  if (chunk !== "") yield chunk
}
