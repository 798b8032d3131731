/**
 * `windtunnel run` of a serving scenario.
 */
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
import { requestTableCsv, summariseServing, type ServingLog } from "../serving/index.ts"
import { formatCount, formatSeconds } from "../units/index.ts"
import { CannotRun, InputWrong, inputWrong } from "./failure.ts"
import { writeRun } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { readChunks } from "./read-chunks.ts"
import type { RunRequest } from "./run-request.ts"
import { asRead } from "./serving-comparison.ts"
import { portableServing, servingDocument, unfitDocument } from "./serving-document.ts"
import { servingDoesNotFitText } from "./serving-does-not-fit.ts"
import { servingNextSteps } from "./serving-next-steps.ts"
import { servingSummary } from "./serving-summary.ts"
import { terminal } from "./terminal.ts"
import { readText } from "./text-file.ts"
import { watchedServing } from "./watched-serving.ts"

/** Requests beyond which a timeline is only written when it is asked for. */
const mostDrawn = 10_000

export const runServing = Effect.fn("runServing")(function* (loaded: LoadedScenario, request: RunRequest) {
  const { scenario, set, seed, json, folder, trace, requests, lanes } = request
  if (folder === undefined && (requests || lanes))
    return yield* new InputWrong({ text: `--${requests ? "requests" : "lanes"} writes a file: it needs --out folder` })
  const options = { readText, readChunks, requestLanes: lanes, ...(seed === undefined ? {} : { seed }) }
  const planned = resolveServing(loaded, options)
  if (planned._tag === "Refused") return yield* inputWrong(planned.issues)
  if (!fitsOneRequest(planned.job)) return yield* cannotServe(planned, request)

  const isLarge = planned.job.workload.requests > mostDrawn
  const recorded = trace ?? (folder === undefined || isLarge ? "off" : "full")
  const resolved: ResolvedServing = { ...planned, job: { ...planned.job, trace: recorded } }
  const watched = yield* watchedServing(resolved.job)
  if ("failure" in watched) return yield* ofPolicy(watched.failure, loaded)
  const { log, isInterrupted } = watched
  if (isInterrupted) yield* remark(interruptedText(log))
  const result = summariseServing(resolved.job, log)
  const document = servingDocument(resolved, result)
  if (folder !== undefined) {
    const portable = portableServing(resolved.scenario)
    const tables = requests ? new Map([["requests.csv", requestTableCsv(resolved.job, log)]]) : new Map<string, never>()
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
  const next = servingNextSteps({
    scenario,
    set,
    ...(seed === undefined ? {} : { seed }),
    folder,
    resolved,
    result,
    alternatives: []
  })
  yield* json ? printJson(document) : print(servingSummary({ resolved, result, loaded }, terminal, next))
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
  if (resolved._tag === "Refused") return yield* inputWrong(resolved.issues)
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
  if (json) yield* printJson(document)
  const invoked = { scenario, set, ...(seed === undefined ? {} : { seed }) }
  const [next] = servingNextSteps({ ...invoked, folder, resolved, result: undefined, alternatives })
  const text = servingDoesNotFitText(resolved, alternatives)
  return yield* new CannotRun({
    text: json ? "" : `${resolved.job.name}\n${text}${next === undefined ? "" : `\nnext    ${next}`}`
  })
})
