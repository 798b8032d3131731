/**
 * `windtunnel run` of a training scenario.
 */
import * as Effect from "effect/Effect"
import { changesThatFit, impossibleIssue, resolveTraining, type LoadedScenario } from "../scenario/index.ts"
import { isImpossible, simulateTraining, simulateWholeRun } from "../training/index.ts"
import { doesNotFitText } from "./does-not-fit.ts"
import { CannotRun, InputWrong, inputWrong } from "./failure.ts"
import { nextSteps } from "./next-steps.ts"
import { writeRun } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { resultDocument } from "./result-document.ts"
import type { RunRequest } from "./run-request.ts"
import { summaryText } from "./run-summary.ts"
import { terminal } from "./terminal.ts"
import { readText } from "./text-file.ts"

export const runTraining = Effect.fn("runTraining")(function* (loaded: LoadedScenario, request: RunRequest) {
  const { scenario, set, seed, json, folder, trace } = request
  if (request.requests || request.lanes)
    return yield* new InputWrong({ text: "--requests and --lanes are about serving; this is a scenario of training" })
  const resolved = resolveTraining(loaded, {
    readText,
    trace: trace ?? (folder === undefined ? "off" : "full"),
    ...(seed === undefined ? {} : { seed })
  })
  if (resolved._tag === "Refused") return yield* inputWrong(resolved.issues)

  const outcome = simulateTraining(resolved.job)
  if (isImpossible(outcome)) return yield* inputWrong([impossibleIssue(outcome, loaded)])
  const settings = resolved.job.run?.settings
  // What does not fit does not run, however long.
  const wholeRun =
    settings === undefined || !outcome.memory.fits ? undefined : simulateWholeRun(resolved.job, outcome, settings)
  if (wholeRun !== undefined && "_tag" in wholeRun) return yield* inputWrong([impossibleIssue(wholeRun, loaded)])
  const alternatives = outcome.memory.fits ? [] : changesThatFit(resolved)
  const document = resultDocument(resolved, outcome, alternatives, wholeRun)
  if (folder !== undefined) {
    const files = writeRun(folder, document, document.scenario, outcome.trace)
    if ("failure" in files) return yield* new InputWrong({ text: files.failure })
    if (!json) yield* remark([`wrote ${files.written.join(", ")}`, ...files.remarks].join("\n"))
  }
  const next = nextSteps({
    scenario,
    set,
    ...(seed === undefined ? {} : { seed }),
    folder,
    isTraced: folder !== undefined && outcome.trace !== null,
    loaded,
    job: resolved.job,
    alternatives
  })
  if (json) yield* printJson(document)
  else yield* print(summaryText({ resolved, result: outcome, wholeRun, loaded }, terminal, next))
  return outcome.memory.fits
    ? undefined
    : yield* new CannotRun({ text: json ? "" : `\n${doesNotFitText(resolved, outcome, alternatives)}` })
})
