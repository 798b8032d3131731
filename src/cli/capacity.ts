/**
 * `windtunnel plan` of a server: the cheapest fleet for a load, or the highest load of the machines that there are.
 */
import * as Effect from "effect/Effect"
import { sheetOf, type Sheet } from "../planner/index.ts"
import { isServing } from "../scenario/index.ts"
import { answered, type CapacityAnswer, type FleetAnswer } from "./capacity-answer.ts"
import { capacityDocument } from "./capacity-document.ts"
import { capacityReport } from "./capacity-report.ts"
import type { CapacityOptions } from "./capacity-options.ts"
import { capacityPool } from "./capacity-pool.ts"
import { capacityAsked, type CapacityAsked } from "./capacity-request.ts"
import { meansModel, openedTarget, unknownTarget } from "./capacity-target.ts"
import { fleetAnswerText, loadAnswerText, noAnswerText } from "./capacity-text.ts"
import { CannotRun, InputWrong } from "./failure.ts"
import { invocation } from "./next-steps.ts"
import { writeFiles } from "./output-folder.ts"
import { print, printJson, remark } from "./output.ts"
import { progressOf } from "./progress.ts"
import { reportFiles } from "./report-files.ts"
import { openedScenario } from "./scenario-file.ts"
import { sheetText } from "./capacity-sheet-text.ts"
import { columns, paragraph } from "./wrapping.ts"

export interface CapacityCommand {
  /** A scenario of serving, or the name of a model. */
  readonly target: string
  readonly set: readonly string[]
  readonly seed: number | undefined
  readonly threads: number
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
  const { target, set, seed, threads, json, options, folder } = command
  const { loaded, assumptions } = yield* openedTarget(target, set, options)
  const asked = yield* capacityAsked(loaded, assumptions, options, seed)
  const answers = yield* answersOf(asked, threads)
  const refused = answers.find((answer) => answer.kind === "refused")
  if (refused !== undefined) return yield* new InputWrong({ text: refused.reason })
  const all = answers.filter((answer): answer is CapacityAnswer => answer.kind !== "refused")
  const fleets = all.filter((answer) => answer.kind === "fleet")
  const sheet = all.length > 1 || asked.budget !== undefined ? sheetFor(fleets, asked.budget) : null
  yield* json ? printJson(capacityDocument(all, asked, sheet)) : print(textOf(all, asked, sheet, fleets))
  if (folder !== undefined) {
    const document = capacityDocument(all, asked, sheet)
    const files = writeFiles(folder, planFiles(document, fleets, asked, commandText(command)))
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
  command: string
): ReadonlyMap<string, string> => {
  const files = new Map([["plan.json", `${JSON.stringify(document, null, 2)}\n`]])
  if (first === undefined) return files
  for (const [name, text] of reportFiles(capacityReport(first, assumptions, command), ["html", "md"]))
    files.set(name, text)
  for (const fleet of [first, ...others]) {
    const suffix = fleet === first ? "" : `-${fleet.task.model.replaceAll(/[^\w.-]/g, "-")}`
    files.set(`scenario${suffix}.json`, `${JSON.stringify(fleet.resolved.scenario, null, 2)}\n`)
    const launch = fleet.launch[0]
    if (launch !== undefined) files.set(`launch${suffix}.sh`, `${launch.text}\n`)
  }
  return files
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
  answer.kind === "fleet" || (answer.kind === "load" && answer.found.point !== null)

const answersOf = Effect.fn("answersOf")(function* (asked: CapacityAsked, threads: number) {
  const progress = progressOf(100 * asked.tasks.length, process.stderr, undefined, "fleets, at most,")
  const pool = capacityPool(threads, progress.step)
  const work = Effect.promise(async () => {
    const answers: Awaited<ReturnType<typeof answered>>[] = []
    for (const task of asked.tasks) answers.push(await answered(task, asked, pool))
    return answers
  })
  return yield* work.pipe(
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
      replicas: redundancy.replicas,
      replicaDollars: best.rated.dollars ?? 0,
      replicaAccelerators: best.rated.candidate.tensor * best.rated.candidate.pipeline
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
      : noAnswerText(answer)
