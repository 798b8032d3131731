/**
 * `windtunnel run` of a training scenario.
 */
import * as Effect from "effect/Effect"
import { changesThatFit, impossibleIssue, resolveTraining, type LoadedScenario } from "../scenario/index.ts"
import { fabricCosts, isImpossible, simulateTraining } from "../training/index.ts"
import { cannotBeLaidOut } from "./cannot-be-laid-out.ts"
import { doesNotFitText } from "./does-not-fit.ts"
import { fabricDocument } from "./fabric-summary.ts"
import { CannotRun, InputWrong, inputWrong } from "./failure.ts"
import { memoryCsv, memoryDocument, memoryText } from "./memory-text.ts"
import { snapshotOf } from "./memory-wanted.ts"
import { nextSteps } from "./next-steps.ts"
import { writeRun } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { trainingInterval, trainingIntervalsDocument } from "./prediction-intervals.ts"
import { resultDocument } from "./result-document.ts"
import type { RunRequest } from "./run-request.ts"
import { summaryText } from "./run-summary.ts"
import { terminal } from "./terminal.ts"
import { readText } from "./text-file.ts"
import { wholeRunOf } from "./whole-run.ts"

export const runTraining = Effect.fn("runTraining")(function* (loaded: LoadedScenario, request: RunRequest) {
  const { scenario, set, seed, json, folder, trace, memory } = request
  if (request.routingLog !== undefined)
    return yield* new InputWrong({ text: "--routing-log is about serving; this is a scenario of training" })
  if (request.requests || request.lanes)
    return yield* new InputWrong({ text: "--requests and --lanes are about serving; this is a scenario of training" })
  const resolved = resolveTraining(loaded, {
    readText,
    trace: trace ?? (folder === undefined ? "off" : "full"),
    ...(seed === undefined ? {} : { seed })
  })
  const invoked = { scenario, set, ...(seed === undefined ? {} : { seed }) }
  if (resolved._tag === "Refused") return yield* cannotBeLaidOut(loaded, resolved.issues, invoked)

  const outcome = simulateTraining(resolved.job)
  if (isImpossible(outcome)) return yield* cannotBeLaidOut(loaded, [impossibleIssue(outcome, loaded)], invoked)
  const snapshot = memory === undefined ? undefined : snapshotOf(resolved.job, outcome, memory)
  if (typeof snapshot === "string") return yield* new InputWrong({ text: snapshot })
  const wholeRun = wholeRunOf(resolved, outcome)
  if (wholeRun !== undefined && "_tag" in wholeRun) return yield* inputWrong([impossibleIssue(wholeRun, loaded)])
  const alternatives = outcome.memory.fits ? [] : changesThatFit(resolved)
  const interval = yield* Effect.promise(() => trainingInterval(resolved))
  const fabric = fabricCosts(resolved.job, outcome.iterationSeconds)
  const document = {
    ...resultDocument(resolved, outcome, alternatives, wholeRun, trainingIntervalsDocument(outcome, interval)),
    ...fabricDocument(resolved, fabric),
    ...(snapshot === undefined ? {} : { memorySnapshot: memoryDocument(snapshot) })
  }
  if (folder !== undefined) {
    const tables = snapshot === undefined ? [] : [["memory.csv", memoryCsv(snapshot)] as const]
    const files = writeRun(
      folder,
      document,
      document.scenario,
      outcome.trace,
      new Map<string, Iterable<string>>(tables)
    )
    if ("failure" in files) return yield* new InputWrong({ text: files.failure })
    if (!json) yield* remark([`wrote ${files.written.join(", ")}`, ...files.remarks].join("\n"))
  }
  if (request.report && folder !== undefined) {
    const { reportBesideTraining } = yield* Effect.promise(() => import("./report-runs.ts"))
    yield* reportBesideTraining(
      { scenario, set, seed, json, folder },
      { resolved, result: outcome, wholeRun, alternatives }
    )
  }
  const next = nextSteps({
    ...invoked,
    folder,
    isTraced: folder !== undefined && outcome.trace !== null,
    loaded,
    job: resolved.job,
    alternatives
  })
  if (json) yield* printJson(document)
  else yield* print(summaryText({ resolved, result: outcome, wholeRun, loaded, interval, fabric }, terminal, next))
  if (snapshot !== undefined && !json) yield* print(`\n${memoryText(snapshot)}`)
  return outcome.memory.fits
    ? undefined
    : yield* new CannotRun({ text: json ? "" : `\n${doesNotFitText(resolved, outcome, alternatives)}` })
})
