/**
 * The runs of a report: opened, simulated again, studied, written.
 */
import { availableParallelism } from "node:os"
import { basename, extname, join } from "node:path"
import * as Effect from "effect/Effect"
import { comparisonReport, reportDocument, type Contender } from "../report/index.ts"
import {
  fitsOneRequest,
  impossibleIssue,
  isServing,
  policyIssue,
  resolveServing,
  resolveTraining,
  type ResolvedServing
} from "../scenario/index.ts"
import type { ServingLog } from "../serving/index.ts"
import { isImpossible, simulateTraining } from "../training/index.ts"
import { cannotBeLaidOut } from "./cannot-be-laid-out.ts"
import { CannotRun, InputWrong, inputWrong } from "./failure.ts"
import { openedRun, type OpenedRun } from "./kept-run.ts"
import { commandOf } from "./next-steps.ts"
import { writeFiles } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { readChunks } from "./read-chunks.ts"
import { reportFiles } from "./report-files.ts"
import {
  pooled,
  servingContender,
  trainingContender,
  unfitContender,
  type ReportOptions,
  type RunPoints,
  type Trained
} from "./report-findings.ts"
import type { ReportForm } from "./report-form.ts"
import { reportText } from "./report-text.ts"
import type { RunRequest } from "./run-request.ts"
import { wholeRunOf } from "./whole-run.ts"
import { shortName } from "./shipped.ts"
import { readText } from "./text-file.ts"
import { version } from "./version.ts"
import { watchedServing } from "./watched-serving.ts"

export interface ReportRequest {
  readonly runs: readonly string[]
  readonly set: readonly string[]
  readonly seed: number | undefined
  /** Undefined: the run's own folder, else reports/NAME. */
  readonly out: string | undefined
  readonly forms: readonly ReportForm[]
  readonly threads: number
  /** Print the JSON; files are then written only where `out` names a folder. */
  readonly json: boolean
}

/** A run that was just simulated, and whose files lie in a folder. */
interface Kept extends Pick<RunRequest, "scenario" | "set" | "seed" | "json"> {
  readonly folder: string
}

const optionsOf = ({ scenario, set, seed }: Kept): ReportOptions => ({
  threads: availableParallelism(),
  command: commandOf({ scenario, set, ...(seed === undefined ? {} : { seed }) }, process.env)({}),
  remarks: []
})

const keepBeside = Effect.fn("keepBeside")(function* ({ folder, json }: Kept, { report }: Contender) {
  const files = writeFiles(folder, reportFiles(report))
  if ("failure" in files) return yield* new InputWrong({ text: files.failure })
  return json ? undefined : yield* remark(`wrote ${files.written.join(", ")}`)
})

/** The report of a run as it was simulated; `windtunnel run` itself says what came out, and whether it fits. */
export const reportBesideTraining = Effect.fn("reportBesideTraining")(function* (kept: Kept, trained: Trained) {
  return yield* keepBeside(kept, yield* trainingContender(trained, optionsOf(kept)))
})

/** @param log  undefined where the model does not fit */
export const reportBesideServing = Effect.fn("reportBesideServing")(function* (
  kept: Kept,
  resolved: ResolvedServing,
  log: ServingLog | undefined
) {
  const options = optionsOf(kept)
  return yield* keepBeside(
    kept,
    log === undefined ? unfitContender(resolved, options) : yield* servingContender(resolved, log, options)
  )
})

export const reportOf = Effect.fn("reportOf")(function* (request: ReportRequest) {
  const { runs, out, forms, json } = request
  const { first, contenders, whole } = yield* reportedRuns(request)
  if (json) yield* printJson(reportDocument(whole))
  if (!json || out !== undefined) {
    const files = writeFiles(out ?? usualFolder(first, runs.length), reportFiles(whole, forms))
    if ("failure" in files) return yield* new InputWrong({ text: files.failure })
    yield* json ? remark(`wrote ${files.written.join(", ")}`) : print(reportText(whole, files.written))
  }
  return contenders.every(({ point }) => point !== undefined && (point.kind === "serving" || point.fits))
    ? undefined
    : yield* new CannotRun({ text: "" })
})

const reportedRuns = Effect.fn("reportedRuns")(function* (
  request: Pick<ReportRequest, "runs" | "set" | "seed" | "threads">
) {
  const { runs, set } = request
  const opened: OpenedRun[] = []
  for (const run of runs) opened.push(yield* openedRun(run, set))
  const [first, other] = [
    opened[0],
    opened.find((one) => kindOf(one) !== (opened[0] === undefined ? "" : kindOf(opened[0])))
  ]
  if (first === undefined || other !== undefined)
    return yield* new InputWrong({
      text: `${first?.scenario ?? ""} is about ${first === undefined ? "nothing" : kindOf(first)}, ${other?.scenario ?? ""} about ${other === undefined ? "nothing" : kindOf(other)}\n  expected runs of one kind: they have nothing to compare`
    })
  // All of them as they are first, so that what is wrong with the last is said before the first is studied.
  const studies: Study[] = []
  for (const one of opened) studies.push(yield* studyOf(one, request))
  const contenders =
    studies.length === 1
      ? yield* Effect.all(studies.map((study) => study(undefined)))
      : yield* pooled(request.threads, (together) =>
          Effect.all(
            studies.map((study) => study(together)),
            { concurrency: "unbounded" }
          )
        )
  const [only, ...others] = contenders
  const whole = only !== undefined && others.length === 0 ? only.report : comparisonReport(contenders)
  return { first, contenders, whole }
})

const kindOf = ({ loaded }: OpenedRun): string => (isServing(loaded.scenario) ? "serving" : "training")

const usualFolder = ({ folder, scenario }: OpenedRun, runs: number): string => {
  if (runs > 1) return join("reports", "comparison")
  return folder ?? join("reports", basename(shortName(scenario), extname(scenario)) || "run")
}

/** What is left to do of a run that was simulated as it is; several share their threads. */
type Study = (together: RunPoints | undefined) => Effect.Effect<Contender>

const studyOf = Effect.fn("studyOf")(function* (
  run: OpenedRun,
  { set, seed, threads }: Pick<ReportRequest, "set" | "seed" | "threads">
) {
  const { loaded, scenario } = run
  const chosen = seed === undefined ? {} : { seed }
  const command = commandOf({ scenario, set, ...chosen }, process.env)({})
  const optionsFor = (hash: string): ReportOptions => ({ threads, command, remarks: remarksOf(run, hash, set) })
  const sharing = (options: ReportOptions, together: RunPoints | undefined): ReportOptions =>
    together === undefined ? options : { ...options, together }
  if (isServing(loaded.scenario)) {
    const resolved = resolveServing(loaded, { readText, readChunks, ...chosen })
    if (resolved._tag === "Refused") return yield* cannotBeLaidOut(loaded, resolved.issues)
    const options = optionsFor(resolved.hash)
    if (!fitsOneRequest(resolved.job)) {
      const unfit: Study = () => Effect.sync(() => unfitContender(resolved, options))
      return unfit
    }
    const watched = yield* watchedServing(resolved.job)
    if ("failure" in watched) {
      const issue = policyIssue(watched.failure, loaded)
      return yield* issue === undefined ? Effect.die(watched.failure) : inputWrong([issue])
    }
    if (watched.isInterrupted) return yield* Effect.interrupt
    const { log } = watched
    const served: Study = (together) => servingContender(resolved, log, sharing(options, together))
    return served
  }
  const resolved = resolveTraining(loaded, { readText, ...chosen })
  if (resolved._tag === "Refused") return yield* cannotBeLaidOut(loaded, resolved.issues)
  const outcome = simulateTraining(resolved.job)
  if (isImpossible(outcome)) return yield* cannotBeLaidOut(loaded, [impossibleIssue(outcome, loaded)])
  const wholeRun = wholeRunOf(resolved, outcome)
  if (wholeRun !== undefined && "_tag" in wholeRun)
    return yield* cannotBeLaidOut(loaded, [impossibleIssue(wholeRun, loaded)])
  const trained: Study = (together) =>
    trainingContender({ resolved, result: outcome, wholeRun }, sharing(optionsFor(resolved.hash), together))
  return trained
})

/** Where the numbers are not those that were kept. */
const remarksOf = ({ kept }: OpenedRun, hash: string, set: readonly string[]): readonly string[] => {
  if (kept === undefined) return []
  return [
    ...(kept.windtunnel === version
      ? []
      : [
          `The run was kept by windtunnel ${String(kept.windtunnel).slice(0, 40)}; the numbers here are of windtunnel ${version}.`
        ]),
    ...(kept.hash === hash || set.length > 0
      ? []
      : [
          "The scenario beside the result is not the one that the result was made from; the numbers here are of the scenario."
        ])
  ]
}
