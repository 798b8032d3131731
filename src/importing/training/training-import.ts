/**
 * A training script or configuration as a scenario that runs: what was understood, what was ignored, what was assumed.
 */
import { resolveTraining, scenarioFromData, show, type ReadText, type ScenarioIssue } from "../../scenario/index.ts"
import { issueOf, isRefused, refuse, type RefusedImport } from "../refusal.ts"
import { readFoundry } from "./foundry.ts"
import { trainingMachines } from "./machines.ts"
import { readMegatron } from "./megatron.ts"
import { readNemo } from "./nemo.ts"
import type { Options } from "./options.ts"
import type { TrainingRemark } from "./remarks.ts"
import type { SaidTraining } from "./said.ts"
import { configurationOf } from "./configuration.ts"
import { readTitan } from "./titan.ts"
import {
  findTraining,
  frameworkTitles,
  knownTraining,
  trainingOfWords,
  type Framework,
  type TrainingCommand
} from "./training-command.ts"

export interface TrainingRequest {
  /** The file's name, or "command line", for refusals. */
  readonly source: string
  /** A script, a configuration, or the words that a shell made of a command. */
  readonly text: string | readonly string[]
  readonly system?: string
  readonly nodes?: number
  /** An unknown flag refuses the import. */
  readonly isStrict?: boolean
  /** Reads the configuration that a command names. */
  readonly readText?: ReadText
}

export interface ImportedTraining {
  readonly _tag: "ImportedTraining"
  readonly framework: Framework
  readonly source: string
  /** A scenario as a file would write it. */
  readonly scenario: Readonly<Record<string, unknown>>
  readonly remarks: readonly TrainingRemark[]
}

const largestText = 1e6
const noFiles: ReadText = () => ({ failure: "there are no files here" })

const readers: Readonly<
  Record<Framework, (source: string, command: TrainingCommand, readText: ReadText) => SaidTraining | RefusedImport>
> = {
  "megatron-lm": readMegatron,
  "megatron-deepspeed": readMegatron,
  nemo: readNemo,
  torchtitan: readTitan,
  "llm-foundry": readFoundry
}

/** Years of each software decide the machines where the script does not. */
const usualSystems: Readonly<Record<string, string>> = {
  "megatron-lm-2021": "selene",
  "megatron-deepspeed": "dgx-a100",
  "zero-bubble": "dgx-a100",
  "llm-foundry": "dgx-a100"
}

/** The training that a text starts or configures; undefined where it is about something else. */
export const trainingIn = ({ source, text }: TrainingRequest): TrainingCommand | RefusedImport | undefined => {
  if (typeof text !== "string") return trainingOfWords(text)
  if (text.includes("\0") || text.includes("\uFFFD") || text.length > largestText) return undefined
  return configurationOf(source, text) ?? findTraining(source, text)
}

export const importTraining = (request: TrainingRequest): ImportedTraining | RefusedImport => {
  const { source } = request
  const command = trainingIn(request)
  if (command === undefined)
    return refuse({ source, problem: "nothing is trained", given: show(request.text), expected: knownTraining })
  if (isRefused(command)) return command
  const readText: ReadText = (path) => {
    const written = command.files.get(path) ?? command.files.get(path.replace(/^\.\//, ""))
    return written === undefined ? (request.readText ?? noFiles)(path) : { text: written }
  }
  const { system, nodes } = request
  const wanted = { ...(system === undefined ? {} : { system }), ...(nodes === undefined ? {} : { nodes }) }
  const said = readers[command.framework](source, { ...command, wanted }, readText)
  if (isRefused(said)) return said
  if (request.isStrict === true && said.options.unknown.length > 0)
    return { _tag: "RefusedImport", issues: unknownIssues(source, said.options) }
  return onMachines(request, command, said)
}

const unknownIssues = (source: string, { unknown }: Options): readonly ScenarioIssue[] =>
  unknown.map(({ option, nearest }) =>
    issueOf({
      source: option.file === "" ? source : option.file,
      ...(option.line === undefined ? {} : { place: { line: option.line, column: 1 } }),
      path: option.key,
      problem: "nobody knows it",
      given: show(option.written),
      expected: "",
      nearest
    })
  )

const onMachines = (
  request: TrainingRequest,
  command: TrainingCommand,
  said: SaidTraining
): ImportedTraining | RefusedImport => {
  const { source } = request
  const stack = typeof said.stack === "string" ? said.stack : said.stack.extends
  const machines = trainingMachines(
    said.machines,
    { source, system: request.system },
    usualSystems[stack] ?? "dgx-h100",
    leastAccelerators(said)
  )
  if (isRefused(machines)) return machines
  const scenario = {
    name: `${said.model.model.title} on ${machines.system.title}`,
    cluster: machines.cluster,
    model: said.model.written,
    training: {
      ...(Object.keys(said.parallelism).length === 0 ? {} : { parallelism: said.parallelism }),
      ...said.training,
      stack: said.stack
    }
  }
  const issues = issuesOf(source, scenario, said)
  if (issues.length > 0) return { _tag: "RefusedImport", issues }
  return {
    _tag: "ImportedTraining",
    framework: command.framework,
    source,
    scenario,
    remarks: [
      ...machines.remarks,
      ...said.remarks,
      ...command.undecided.map(({ text, line, holds }): TrainingRemark => ({
        kind: "assumed",
        written: text,
        text: holds ? "is taken to hold" : "is taken not to hold",
        line
      })),
      ...optionRemarks(said.options, source)
    ]
  }
}

/** Accelerators of one replica, and of as many as the script names. */
const leastAccelerators = ({ parallelism }: SaidTraining): number =>
  ["tensor", "pipeline", "context", "data"].reduce((product, key) => product * Number(parallelism[key] ?? 1), 1)

/** What is wrong with the scenario, at the line of the option that said it. */
const issuesOf = (source: string, scenario: unknown, { fields, options }: SaidTraining): readonly ScenarioIssue[] => {
  const loaded = scenarioFromData({ name: source, data: scenario })
  const outcome = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
  if (outcome._tag !== "Refused") return []
  return outcome.issues.map((issue) => {
    const option = options.given.get(fields[issue.path] ?? "")
    return option?.line === undefined
      ? issue
      : { ...issue, source: option.file, place: { line: option.line, column: 1 } }
  })
}

const optionRemarks = ({ given, ruleOf, unknown }: Options, source: string): readonly TrainingRemark[] => {
  const remarks = [...given.values()].flatMap(({ key, written, line, file, isOn }): readonly TrainingRemark[] => {
    const said = ruleOf(key)
    // What is switched off needs no model.
    const rule = said?.kind === "not modelled" && !isOn ? ({ kind: "ignored" } as const) : said
    const place = { ...(line === undefined ? {} : { line }), ...(file === source ? {} : { file }) }
    if (rule === undefined) return []
    return [{ kind: rule.kind, written, text: rule.kind === "ignored" ? "" : rule.text, ...place }]
  })
  const strange = unknown.map(({ option: { written, line, file }, nearest }): TrainingRemark => ({
    kind: "unknown",
    written,
    text: nearest.length === 0 ? "nobody knows it" : `nobody knows it; did you mean ${nearest.join(" or ")}?`,
    ...(line === undefined ? {} : { line }),
    ...(file === source || file === "" ? {} : { file })
  }))
  return [...remarks, ...strange]
}

export const trainingTitle = ({ framework }: ImportedTraining): string => frameworkTitles[framework]
