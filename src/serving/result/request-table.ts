/**
 * One line a request as CSV (RFC 4180, with "\n"), in chunks, so that a million lines are never one string. Times are
 * seconds with nine decimals at most; what never came is empty.
 */
import { requestStates, type RequestLog, type ServingJob, type ServingLog } from "../types.ts"
import { e2eOf, queueingOf, tpotOf, ttftOf } from "./request-times.ts"

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
  let chunk = `${requestTableColumns.join(",")}\n`
  for (let request = 0; request < requests.count; request++) {
    chunk += `${line(requests, request, names[requests.classIndex[request]!] ?? "")}\n`
    if ((request + 1) % rowsPerChunk > 0) continue
    yield chunk
    chunk = ""
  }
  if (chunk !== "") yield chunk
}
