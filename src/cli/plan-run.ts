/**
 * A plan from its search to its files and its words.
 */
import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import { planTraining, requestOf } from "../planner/index.ts"
import { trainingLaunch } from "../report/index.ts"
import { describeScenario, resolveTraining, scenarioWith, type LoadedScenario } from "../scenario/index.ts"
import { isImpossible, simulateTraining } from "../training/index.ts"
import { CannotRun, InputWrong, inputWrong } from "./failure.ts"
import { invocation, quoted } from "./next-steps.ts"
import { writeFiles } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { noPlanDocument, planDocument } from "./plan-document.ts"
import { noPlanText } from "./plan-refusal.ts"
import { launchFiles } from "./plan-files.ts"
import { planReport } from "./plan-report.ts"
import { planProgress } from "./plan-progress.ts"
import { planSure, settleFiles } from "./plan-sure.ts"
import { planText, type WrittenLayout } from "./plan-text.ts"
import { trainingInterval } from "./prediction-intervals.ts"
import { withPool } from "./report-findings.ts"
import { reportFiles } from "./report-files.ts"
import { sensitivityFindings } from "./sensitivity-findings.ts"
import { shortName } from "./shipped.ts"
import { readText } from "./text-file.ts"

export interface PlanOptions {
  readonly scenario: string
  /** What else was given, to give again. */
  readonly flags: readonly string[]
  readonly json: boolean
  readonly folder: string | undefined
}

/** The scenario's own layout, where it has one that can be simulated. */
const writtenOf = (loaded: LoadedScenario): WrittenLayout | null => {
  const own = scenarioWith(loaded, { plan: null })
  const resolved = own._tag === "Refused" ? own : resolveTraining(own, { readText })
  if (resolved._tag === "Refused") return null
  const result = simulateTraining(resolved.job)
  return isImpossible(result)
    ? null
    : { parts: describeScenario(resolved).parts, accelerators: resolved.accelerators, result }
}

export const planOf = Effect.fn("planOf")(function* (loaded: LoadedScenario, options: PlanOptions) {
  const { scenario, flags, json, folder } = options
  const started = performance.now()
  const progress = planProgress()
  const plan = planTraining(loaded, requestOf(loaded.scenario.plan ?? {}), readText, progress.tell)
  progress.end()
  const seconds = (performance.now() - started) / 1000
  if (plan._tag === "Refused") return yield* inputWrong(plan.issues)
  if (plan._tag === "NoPlan") {
    const text = noPlanText(plan, loaded.scenario.name ?? shortName(scenario))
    // A space without layouts is wrong input; constraints that nothing meets are an answer.
    if (plan.kind === "empty") return yield* new InputWrong({ text })
    if (json) yield* printJson(noPlanDocument(plan, text))
    return yield* new CannotRun({ text: json ? "" : text })
  }
  const resolved = resolveTraining(plan.scenario, { readText })
  if (resolved._tag === "Refused") return yield* inputWrong(resolved.issues)
  const [launch] = trainingLaunch(resolved)
  const written = writtenOf(loaded)
  const sure = yield* Effect.promise(() => planSure(loaded, plan, readText))
  const document = planDocument({ plan, scenario: resolved.scenario, seconds, launch, written, sure })
  const interval = yield* Effect.promise(() => trainingInterval(resolved))
  const commandOf = (...words: readonly string[]): string => [invocation(process.env), ...words.map(quoted)].join(" ")
  const again = ["plan", shortName(scenario), ...flags]
  if (folder !== undefined) {
    const sensitivity = yield* withPool(availableParallelism(), (run) => sensitivityFindings(resolved, run))
    const report = planReport({
      plan,
      resolved,
      interval,
      sure,
      sensitivity,
      launch,
      seconds,
      command: commandOf(...again)
    })
    const files = writeFiles(
      folder,
      new Map([
        ["plan.json", `${JSON.stringify(document, null, 2)}\n`],
        ["scenario.json", `${JSON.stringify(resolved.scenario, null, 2)}\n`],
        ...reportFiles(report, ["html", "md"]),
        ...launchFiles(launch),
        ...settleFiles(sure)
      ])
    )
    if ("failure" in files) return yield* new InputWrong({ text: files.failure })
    if (!json) yield* remark(`wrote ${files.written.join(", ")}`)
  }
  if (json) return yield* printJson(document)
  const next =
    folder === undefined
      ? [commandOf(...again, "--out", "plans/mine")]
      : ["run", "sensitivity"].map((name) => commandOf(name, `${folder}/scenario.json`))
  const text = planText({ plan, title: resolved.job.name, seconds, interval, sure, written, next })
  return yield* print(launch === undefined ? text : `${text}\n\n${launch.title}\n${launch.text}`)
})
