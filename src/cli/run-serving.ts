/**
 * `windtunnel run` of a serving scenario.
 */
import { basename, dirname } from "node:path"
import * as Effect from "effect/Effect"
import {
  fitsOneRequest,
  policyIssue,
  resolveServing,
  servedOutcome,
  servingChangesThatFit,
  type LoadedScenario,
  type ResolvedServing
} from "../scenario/index.ts"
import { requestTableCsv, routingLogCsv, servingMemory, summariseServing, type ServingLog } from "../serving/index.ts"
import { formatCount, formatSeconds } from "../units/index.ts"
import { cannotBeLaidOut } from "./cannot-be-laid-out.ts"
import { CannotRun, InputWrong, inputWrong } from "./failure.ts"
import { writeFiles, writeRun } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { readChunks } from "./read-chunks.ts"
import type { RunRequest } from "./run-request.ts"
import { asRead } from "./serving-comparison.ts"
import { servingIntervals, servingIntervalsDocument } from "./prediction-intervals.ts"
import { portableServing, servingDocument, unfitDocument } from "./serving-document.ts"
import { servingDoesNotFitText } from "./serving-does-not-fit.ts"
import { servingMemoryCsv, servingMemoryDocument, servingMemoryText } from "./serving-memory-text.ts"
import { servingNextSteps } from "./serving-next-steps.ts"
import { servingSummary } from "./serving-summary.ts"
import { terminal } from "./terminal.ts"
import { readText } from "./text-file.ts"
import { watchedServing } from "./watched-serving.ts"

/** What a router goes by where nobody says. */
const usualRouting = { loadWeight: 1, knows: "index", indexBlocks: 0 } as const

/** Requests beyond which a timeline is only written when it is asked for. */
const mostDrawn = 10_000

export const runServing = Effect.fn("runServing")(function* (loaded: LoadedScenario, request: RunRequest) {
  const { scenario, set, seed, json, folder, trace, memory, requests, lanes, routingLog } = request
  if (memory !== undefined && !/^(?:fullest|\d+)$/.test(memory))
    return yield* new InputWrong({ text: `--memory ${memory}\n  expected fullest, or the number of a replica` })
  if (folder === undefined && (requests || lanes))
    return yield* new InputWrong({ text: `--${requests ? "requests" : "lanes"} writes a file: it needs --out folder` })
  const options = { readText, readChunks, requestLanes: lanes, ...(seed === undefined ? {} : { seed }) }
  const planned = resolveServing(loaded, options)
  if (planned._tag === "Refused")
    return yield* cannotBeLaidOut(loaded, planned.issues, { scenario, set, ...(seed === undefined ? {} : { seed }) })
  if (!fitsOneRequest(planned.job)) return yield* cannotServe(planned, request)

  const isLarge = planned.job.workload.requests > mostDrawn
  const recorded = trace ?? (folder === undefined || isLarge ? "off" : "full")
  const job =
    routingLog === undefined ? planned.job : { ...planned.job, routing: { ...usualRouting, ...planned.job.routing, isLogged: true } } // prettier-ignore
  const resolved: ResolvedServing = { ...planned, job: { ...job, trace: recorded } }
  const watched = yield* watchedServing(resolved.job)
  if ("failure" in watched) return yield* ofPolicy(watched.failure, loaded)
  const { log, isInterrupted } = watched
  if (isInterrupted) yield* remark(interruptedText(log))
  const result = summariseServing(resolved.job, log)
  const intervals = yield* Effect.promise(() => servingIntervals(resolved))
  const held =
    memory === undefined
      ? undefined
      : servingMemory(resolved.job, log, memory === "fullest" ? undefined : Number(memory))
  if (memory !== undefined && held === undefined)
    return yield* new InputWrong({
      text: `--memory ${memory}\n  expected a replica from 0 to ${log.replicas.length - 1}`
    })
  const document = {
    ...servingDocument(resolved, result, servingIntervalsDocument(result, intervals)),
    ...(held === undefined ? {} : { memory: servingMemoryDocument(held) })
  }
  if (routingLog !== undefined) {
    const files = writeFiles(dirname(routingLog), new Map([[basename(routingLog), routingLogCsv(resolved.job, log)]]))
    if ("failure" in files) return yield* new InputWrong({ text: files.failure })
    if (!json) yield* remark(`wrote ${routingLog}`)
  }
  if (folder !== undefined) {
    const portable = portableServing(resolved.scenario)
    const tables = new Map<string, Iterable<string>>([
      ...(requests ? [["requests.csv", requestTableCsv(resolved.job, log)] as const] : []),
      ...(held === undefined ? [] : [["memory.csv", servingMemoryCsv(held)] as const])
    ])
    const files = writeRun(folder, document, portable, result.trace, tables)
    if ("failure" in files) return yield* new InputWrong({ text: files.failure })
    if (!json) {
      yield* remark([`wrote ${files.written.join(", ")}`, ...files.remarks].join("\n"))
      if (portable === undefined)
        yield* remark("no scenario.json: its batching policy is a function; run the script again")
      if (trace === undefined && isLarge)
        yield* remark(`no timeline of more than ${formatCount(mostDrawn)} requests unless --trace asks for it`)
    }
  }
  if (request.report && folder !== undefined && !isInterrupted) {
    const { reportBesideServing } = yield* Effect.promise(() => import("./report-runs.ts"))
    // A study may be ended at any time: the run is kept, its report is not begun.
    yield* Effect.interruptible(reportBesideServing({ scenario, set, seed, json, folder }, resolved, log))
  }
  const next = servingNextSteps({
    scenario,
    set,
    ...(seed === undefined ? {} : { seed }),
    folder,
    resolved,
    result,
    alternatives: []
  })
  yield* json ? printJson(document) : print(servingSummary({ resolved, result, loaded, intervals }, terminal, next))
  if (held !== undefined && !json) yield* print(`\n${servingMemoryText(held)}`)
  return isInterrupted ? yield* Effect.interrupt : undefined
}, Effect.uninterruptible)

const interruptedText = ({ seconds, requests }: ServingLog): string =>
  `interrupted after ${formatSeconds(seconds)} of simulated time and ${formatCount(requests.count)} requests; what follows is of these`

/** An error of the simulation: the scenario's policy is wrong, or we are. */
const ofPolicy = (error: unknown, loaded: LoadedScenario) => {
  const issue = policyIssue(error, loaded)
  return issue === undefined ? Effect.die(error) : Effect.fail(inputWrong([issue]))
}

/** The document of a scenario that is only compared; fails where the model does not fit. */
export const simulatedServing = Effect.fn("simulatedServing")(function* (loaded: LoadedScenario) {
  const resolved = resolveServing(loaded, { readText, readChunks })
  if (resolved._tag === "Refused") return yield* cannotBeLaidOut(loaded, resolved.issues)
  if (!fitsOneRequest(resolved.job))
    return yield* new CannotRun({
      text: `${resolved.job.name}\n${servingDoesNotFitText(resolved, servingChangesThatFit(resolved))}`
    })
  const { job } = resolved
  const outcome = servedOutcome(resolved, loaded)
  if ("_tag" in outcome) return yield* inputWrong(outcome.issues)
  const document = servingDocument(resolved, outcome)
  // As its result.json would be read again, under the name that the simulation gave it.
  return asRead({ ...document, scenario: { name: job.name, measured: resolved.scenario.measured } })
})

/** The model does not fit: why, and what would. */
const cannotServe = Effect.fn("cannotServe")(function* (resolved: ResolvedServing, request: RunRequest) {
  const { scenario, set, seed, json, folder } = request
  const alternatives = servingChangesThatFit(resolved)
  const document = unfitDocument(resolved, alternatives)
  if (folder !== undefined) {
    const files = writeRun(folder, document, portableServing(resolved.scenario), null)
    if ("failure" in files) return yield* new InputWrong({ text: files.failure })
    if (!json) yield* remark([`wrote ${files.written.join(", ")}`, ...files.remarks].join("\n"))
  }
  if (request.report && folder !== undefined) {
    const { reportBesideServing } = yield* Effect.promise(() => import("./report-runs.ts"))
    yield* reportBesideServing({ scenario, set, seed, json, folder }, resolved, undefined)
  }
  if (json) yield* printJson(document)
  const invoked = { scenario, set, ...(seed === undefined ? {} : { seed }) }
  const [next] = servingNextSteps({ ...invoked, folder, resolved, result: undefined, alternatives })
  const text = servingDoesNotFitText(resolved, alternatives)
  return yield* new CannotRun({
    text: json ? "" : `${resolved.job.name}\n${text}${next === undefined ? "" : `\nnext    ${next}`}`
  })
})
