/**
 * The runs of a report: opened, simulated again, studied, written.
 */
import { availableParallelism } from "node:os"
import { basename, extname, join } from "node:path"
import * as Effect from "effect/Effect"
import { comparisonReport, reportDocument, type Contender, type Report } from "../report/index.ts"
import {
  fitsOneRequest,
  impossibleIssue,
  isServing,
  policyIssue,
  resolveServing,
  resolveTraining
} from "../scenario/index.ts"
import { isImpossible, simulateTraining } from "../training/index.ts"
import { CannotRun, InputWrong, inputWrong } from "./failure.ts"
import { openedRun, type OpenedRun } from "./kept-run.ts"
import { commandOf } from "./next-steps.ts"
import { writeFiles } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { readChunks } from "./read-chunks.ts"
import { reportFiles } from "./report-files.ts"
import { servingContender, trainingContender, unfitContender } from "./report-findings.ts"
import type { ReportForm } from "./report-form.ts"
import { shortName } from "./shipped.ts"
import { labelled } from "./summary-parts.ts"
import { readText } from "./text-file.ts"
import { version } from "./version.ts"
import { watchedServing } from "./watched-serving.ts"
import { columns, paragraph } from "./wrapping.ts"

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

/** The report of a run whose files go to a folder; `windtunnel run` itself says what came out, and whether it fits. */
export const reportBesideRun = Effect.fn("reportBesideRun")(function* (
  request: Pick<ReportRequest, "runs" | "set" | "seed" | "out" | "json">
) {
  const { whole } = yield* reportedRuns({ ...request, threads: availableParallelism() })
  const files = writeFiles(request.out ?? ".", reportFiles(whole))
  if ("failure" in files) return yield* new InputWrong({ text: files.failure })
  return request.json ? undefined : yield* remark(`wrote ${files.written.join(", ")}`)
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
  const contenders: Contender[] = []
  for (const one of opened) contenders.push(yield* contenderOf(one, request))
  const [only, ...others] = contenders
  const whole = only !== undefined && others.length === 0 ? only.report : comparisonReport(contenders)
  return { first, contenders, whole }
})

const kindOf = ({ loaded }: OpenedRun): string => (isServing(loaded.scenario) ? "serving" : "training")

const usualFolder = ({ folder, scenario }: OpenedRun, runs: number): string => {
  if (runs > 1) return join("reports", "comparison")
  return folder ?? join("reports", basename(shortName(scenario), extname(scenario)) || "run")
}

const contenderOf = Effect.fn("contenderOf")(function* (
  run: OpenedRun,
  { set, seed, threads }: Pick<ReportRequest, "set" | "seed" | "threads">
) {
  const { loaded, scenario } = run
  const chosen = seed === undefined ? {} : { seed }
  const command = commandOf({ scenario, set, ...chosen }, process.env)({})
  const optionsFor = (hash: string) => ({ threads, command, remarks: remarksOf(run, hash, set) })
  if (isServing(loaded.scenario)) {
    const resolved = resolveServing(loaded, { readText, readChunks, ...chosen })
    if (resolved._tag === "Refused") return yield* inputWrong(resolved.issues)
    const options = optionsFor(resolved.hash)
    if (!fitsOneRequest(resolved.job)) return unfitContender(resolved, options)
    const watched = yield* watchedServing(resolved.job)
    if ("failure" in watched) {
      const issue = policyIssue(watched.failure, loaded)
      return yield* issue === undefined ? Effect.die(watched.failure) : inputWrong([issue])
    }
    if (watched.isInterrupted) return yield* Effect.interrupt
    return yield* servingContender(resolved, watched.log, options)
  }
  const resolved = resolveTraining(loaded, { readText, ...chosen })
  if (resolved._tag === "Refused") return yield* inputWrong(resolved.issues)
  const outcome = simulateTraining(resolved.job)
  if (isImpossible(outcome)) return yield* inputWrong([impossibleIssue(outcome, loaded)])
  return yield* trainingContender(resolved, outcome, optionsFor(resolved.hash))
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

const reportText = ({ title, answer, trust, figures }: Report, written: readonly string[]): string =>
  [
    ...paragraph(title, columns),
    "",
    ...paragraph(answer, columns),
    "",
    ...figures
      .slice(0, 8)
      .map(({ name, shown, note }) =>
        `  ${name.slice(0, 40).padEnd(24)} ${shown.padEnd(17)}${wholeWords(note ?? "", columns - 44)}`.trimEnd()
      ),
    "",
    ...labelled("trust", paragraph(trust, columns - 8)),
    ...labelled("wrote", written)
  ].join("\n")

/** As many whole words as a width takes. */
const wholeWords = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, text.lastIndexOf(" ", width - 3))} ...`
