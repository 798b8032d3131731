/**
 * `windtunnel plan` of a server: the cheapest fleet for a load, or the highest load of the machines that there are.
 */
import * as Effect from "effect/Effect"
import { acceleratorsOf, sheetOf, type Sheet } from "../planner/index.ts"
import { isServing } from "../scenario/index.ts"
import { answered, type CapacityAnswer, type FleetAnswer } from "./capacity-answer.ts"
import { capacityDocument } from "./capacity-document.ts"
import { capacityReport } from "./capacity-report.ts"
import type { CapacityOptions } from "./capacity-options.ts"
import { capacityPool, type CapacityPool } from "./capacity-pool.ts"
import { capacityAsked, type CapacityAsked } from "./capacity-request.ts"
import type { Sharing } from "./capacity-shared.ts"
import { meansModel, openedTarget, unknownTarget } from "./capacity-target.ts"
import { highestReport, loadReport } from "./capacity-highest-report.ts"
import { highestFiles, highestText } from "./capacity-highest.ts"
import { loadTestFiles } from "./capacity-sure.ts"
import { loadAnswerText } from "./capacity-load-text.ts"
import { noAnswerText } from "./capacity-none-text.ts"
import { fleetAnswerText } from "./capacity-text.ts"
import { CannotRun, InputWrong } from "./failure.ts"
import { plannedAccelerators, plannedDollars, plannedOf } from "./fleet-size.ts"
import { invocation } from "./next-steps.ts"
import { writeFiles } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { progressOf } from "./progress.ts"
import type { SensitivityFindings } from "../report/index.ts"
import { withPool } from "./report-findings.ts"
import { reportFiles } from "./report-files.ts"
import { openedScenario } from "./scenario-file.ts"
import { sensitivityFindings } from "./sensitivity-findings.ts"
import { sheetText } from "./capacity-sheet-text.ts"
import { columns, paragraph } from "./wrapping.ts"

export interface CapacityCommand {
  /** A scenario of serving, or the name of a model. */
  readonly target: string
  readonly set: readonly string[]
  readonly seed: number | undefined
  readonly threads: number
  /** A database through which others take part; undefined = this machine alone. */
  readonly sharing: Pick<Sharing, "store" | "leaseSeconds"> | undefined
  readonly json: boolean
  /** Where plan.json, the report and the launch commands go; undefined = nowhere. */
  readonly folder: string | undefined
  readonly options: CapacityOptions
}

/** Whether a plan is of a server; who gives a server's options to a training is told so. */
export const isCapacity = Effect.fn("isCapacity")(function* (
  target: string,
  set: readonly string[],
  options: CapacityOptions
) {
  if (meansModel(target, options)) return true
  const refused = unknownTarget(target)
  if (refused !== undefined) return yield* refused
  const loaded = yield* openedScenario(target, set)
  if (isServing(loaded.scenario)) return true
  const given = Object.entries(options).find(([name, value]) => name !== "objective" && value !== undefined)
  return given === undefined
    ? false
    : yield* new InputWrong({
        text: `--${flagOf(given[0])}: ${target} is about training\n  expected a scenario of serving, or the name of a model`
      })
})

const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

export const planCapacity = Effect.fn("planCapacity")(function* (command: CapacityCommand) {
  const { target, set, seed, json, options, folder } = command
  const { loaded, assumptions } = yield* openedTarget(target, set, options)
  const asked = yield* capacityAsked(loaded, assumptions, options, seed)
  const answers = yield* answersOf(asked, command)
  const refused = answers.find((answer) => answer.kind === "refused")
  if (refused !== undefined) return yield* new InputWrong({ text: refused.reason })
  const all = answers.filter((answer): answer is CapacityAnswer => answer.kind !== "refused")
  const fleets = all.filter((answer) => answer.kind === "fleet")
  const sheet = all.length > 1 || asked.budget !== undefined ? sheetFor(fleets, asked.budget) : null
  yield* json ? printJson(capacityDocument(all, asked, sheet)) : print(textOf(all, asked, sheet, fleets))
  if (folder !== undefined) {
    const document = capacityDocument(all, asked, sheet)
    const highest = all.flatMap((answer) => (answer.kind === "highest" ? highestFiles(answer) : []))
    const [first] = fleets
    // Fleets whose pools are apart are simulated for long enough as it is.
    const sensitivity =
      first === undefined || first.best.prefill !== undefined
        ? undefined
        : yield* withPool(Math.max(1, command.threads), (run) => sensitivityFindings(first.resolved, run))
    const files = writeFiles(
      folder,
      new Map([
        ...planFiles(document, fleets, asked, { command: commandText(command), sensitivity }),
        ...highest,
        ...highestReports(all, asked, commandText(command))
      ])
    )
    if ("failure" in files) return yield* new InputWrong({ text: files.failure })
    if (!json) yield* remark(`wrote ${files.written.join(", ")}`)
  }
  const isShort = sheet !== null && sheet.share < 1
  return all.every(isAnswered) && !isShort ? undefined : yield* new CannotRun({ text: "" })
})

/** The plan, and of the first fleet its scenario, its report and what starts it. */
const planFiles = (
  document: unknown,
  [first, ...others]: readonly FleetAnswer[],
  { assumptions }: CapacityAsked,
  { command, sensitivity }: { readonly command: string; readonly sensitivity: SensitivityFindings | undefined }
): ReadonlyMap<string, string> => {
  const files = new Map([["plan.json", `${JSON.stringify(document, null, 2)}\n`]])
  if (first === undefined) return files
  for (const [name, text] of reportFiles(capacityReport(first, assumptions, command, sensitivity), ["html", "md"]))
    files.set(name, text)
  for (const fleet of [first, ...others]) {
    const suffix = fleet === first ? "" : `-${fleet.task.model.replaceAll(/[^\w.-]/g, "-")}`
    files.set(`scenario${suffix}.json`, `${JSON.stringify(fleet.resolved.scenario, null, 2)}\n`)
    for (const [name, text] of fleet === first ? loadTestFiles(fleet.sure) : []) files.set(name, text)
    const launch = fleet.launch[0]
    // Where no engine starts the fleet, what is left is the benchmark.
    const name = launch?.name === "vllm-bench" ? "measure" : "launch"
    if (launch !== undefined) files.set(`${name}${suffix}.sh`, `${launch.text}\n`)
  }
  return files
}

/** Of the first that asks for a load instead of a fleet. */
const highestReports = (
  answers: readonly CapacityAnswer[],
  { assumptions }: CapacityAsked,
  command: string
): readonly (readonly [string, string])[] => {
  const found = answers.flatMap((answer) => {
    const report =
      answer.kind === "highest"
        ? highestReport(answer, assumptions, command)
        : answer.kind === "load"
          ? loadReport(answer, assumptions, command)
          : undefined
    return report === undefined ? [] : [report]
  })
  return found.slice(0, 1).flatMap((report) => [...reportFiles(report, ["html", "md"])])
}

/** What was typed, as far as it matters. */
const commandText = ({ target, set, options }: CapacityCommand): string =>
  [
    invocation(process.env),
    "plan",
    target,
    ...set.map((one) => `--set '${one}'`),
    ...Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${flagOf(name)} '${String(value)}'`]
    )
  ].join(" ")

const isAnswered = (answer: CapacityAnswer): boolean =>
  answer.kind === "fleet" ||
  (answer.kind === "highest" && answer.best !== undefined) ||
  (answer.kind === "load" && answer.found.point !== null)

const answersOf = Effect.fn("answersOf")(function* (
  asked: CapacityAsked,
  { target, threads, sharing }: Pick<CapacityCommand, "target" | "threads" | "sharing">
) {
  const progress = progressOf(100 * asked.tasks.length, process.stderr, undefined, "fleets, at most,")
  const search = async (pool: CapacityPool) => {
    const answers: Awaited<ReturnType<typeof answered>>[] = []
    for (const task of asked.tasks) answers.push(await answered(task, asked, pool))
    return answers
  }
  if (sharing !== undefined) {
    const { searchedTogether } = yield* Effect.promise(() => import("./capacity-shared.ts"))
    return yield* searchedTogether({ ...sharing, target, threads }, progress.step, search).pipe(
      Effect.ensuring(Effect.sync(progress.end))
    )
  }
  const pool = capacityPool(threads, progress.step)
  return yield* Effect.promise(() => search(pool)).pipe(
    Effect.ensuring(
      Effect.promise(async () => {
        progress.end()
        await pool.end()
      })
    )
  )
})

/** Fleets with their spares. */
const sheetFor = (fleets: readonly FleetAnswer[], budget: number | undefined): Sheet =>
  sheetOf(
    fleets.map(({ task, request, best, redundancy }) => ({
      model: task.model,
      rate: request.rate,
      // Pools that are apart have their sizes from one another: they go into a budget as a whole.
      ...(best.prefill === undefined
        ? {
            replicas: redundancy.replicas,
            replicaDollars: best.rated.dollars ?? 0,
            replicaAccelerators: acceleratorsOf(best.rated.candidate)
          }
        : {
            replicas: 1,
            replicaDollars: plannedDollars(best, redundancy) ?? 0,
            replicaAccelerators: plannedAccelerators(plannedOf(best, redundancy))
          })
    })),
    budget
  )

const textOf = (
  answers: readonly CapacityAnswer[],
  { assumptions }: CapacityAsked,
  sheet: Sheet | null,
  fleets: readonly FleetAnswer[]
): string =>
  [
    ...(sheet === null ? [] : [...sheetText(fleets, sheet), ""]),
    answers.map(textOfOne).join("\n\n"),
    "",
    ...assumptions.flatMap((one) => paragraph(one, columns))
  ].join("\n")

const textOfOne = (answer: CapacityAnswer): string =>
  answer.kind === "fleet"
    ? fleetAnswerText(answer)
    : answer.kind === "load"
      ? loadAnswerText(answer)
      : answer.kind === "highest"
        ? highestText(answer)
        : noAnswerText(answer)
