/**
 * From files, scripts and `--set` arguments to one decoded scenario, or to the issues that prevent it.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { assign, parseAssignment, type Assignment } from "./assignment.ts"
import { besideFile, tidy } from "./file-path.ts"
import { findingsOf, valueAt } from "./findings.ts"
import { pathText, show, type Finding, type Path, type ScenarioIssue } from "./issue.ts"
import { isFields, mergePatch, type Fields } from "./merge.ts"
import { functionsOf, withoutFunctions } from "./functions.ts"
import { measuredSchema } from "./schema/outcome.ts"
import { findMixed, scenarioSchema, type Scenario } from "./schema.ts"
import { dataSource, deepest, isDeeperThan, parseSource, type Source } from "./source.ts"

/** Reads a text file; browser and Node bring their own. */
export type ReadText = (path: string) => { readonly text: string } | { readonly failure: string }

export interface Refused {
  readonly _tag: "Refused"
  readonly issues: readonly ScenarioIssue[]
}

export interface LoadedScenario {
  readonly _tag: "LoadedScenario"
  readonly scenario: Scenario
  /** What was measured of the scenario before `--set` changed its cluster, model, training, serving or workload. */
  readonly measuredUnchanged?: Measured
  /** What the scenario was merged from, the strongest first. */
  readonly sources: readonly Source[]
}

type Measured = NonNullable<Scenario["measured"]>
const measuredFields = Object.keys(measuredSchema.fields) as readonly (keyof Measured)[]

const refused = (...issues: readonly ScenarioIssue[]): Refused => ({ _tag: "Refused", issues })

export interface FileRequest {
  readonly file: string
  readonly readText: ReadText
  /** `path=value` texts, applied in order on top of the file. */
  readonly set?: readonly string[]
}

/** Loads a YAML or JSON scenario with everything that it extends. */
export const loadScenario = ({ file, readText, set = [] }: FileRequest): LoadedScenario | Refused => {
  const read = readText(file)
  if ("failure" in read) return refused(cannotRead(file, read.failure))
  const source = parseSource(file, read.text)
  return "_tag" in source ? refused(source) : loadSource(source, readText, set)
}

export interface DataRequest {
  /** Shown in refusals in place of a file's name. */
  readonly name: string
  readonly data: unknown
  readonly readText?: ReadText
  readonly set?: readonly string[]
}

const nothingToRead: ReadText = () => ({ failure: "there are no files here" })

/** The same for a value: a script's default export, a row of measurements, a form in a browser. */
export const scenarioFromData = ({
  name,
  data,
  readText = nothingToRead,
  set = []
}: DataRequest): LoadedScenario | Refused =>
  isFields(data)
    ? loadSource(dataSource(name, data), readText, set)
    : refused({
        _tag: "ScenarioIssue",
        source: name,
        path: "",
        problem: `given ${show(data)}`,
        given: show(data),
        expected: "a scenario; a script exports it as its default: export default Scenario.make({ ... })",
        nearest: []
      })

const loadSource = (top: Source, readText: ReadText, set: readonly string[]): LoadedScenario | Refused => {
  const chain = ancestry(top, readText)
  if ("_tag" in chain) return chain
  let data: unknown = chain
    .map(withOwnPaths)
    .reduceRight<unknown>((base, patch) => (base === undefined ? patch : changed(base, patch)), undefined)
  const sources = [...chain]
  const assignments: Assignment[] = []
  for (const argument of set) {
    const source = `--set ${argument}`
    const assignment = parseAssignment(argument)
    if ("problem" in assignment) return refused(...locate([assignment], [dataSource(source, undefined)]))
    data = assign(data, assignment)
    assignments.push(assignment)
    sources.unshift(dataSource(source, assign({}, { ...assignment, value: assignment.value ?? "" })))
  }
  if (isDeeperThan(data, deepest))
    return refused(
      locateOne(
        {
          path: [],
          problem: "the scenario is nested too deeply, or refers to itself",
          given: "deeply nested values",
          expected: "a scenario"
        },
        sources
      )
    )
  const decoded = decodeScenario(data)
  if ("findings" in decoded) return refused(...locate(decoded.findings, sources))
  return { _tag: "LoadedScenario", ...measurementsApart(decoded.scenario, assignments), sources }
}

/** What a measurement depends on. */
const measuredParts: readonly unknown[] = ["cluster", "model", "training", "serving", "workload"]

/** A scenario that changes what was measured of the one that it extends has measurements of its own, or none. */
const changed = (base: unknown, patch: unknown): unknown =>
  isFields(patch) && Object.keys(patch).some((key) => measuredParts.includes(key))
    ? mergePatch(mergePatch(base, { measured: null }), patch)
    : mergePatch(base, patch)

/** After `--set` changed what was measured, only measurements that were set as well are of this scenario. */
const measurementsApart = (
  scenario: Scenario,
  assignments: readonly Assignment[]
): Pick<LoadedScenario, "scenario" | "measuredUnchanged"> => {
  const { measured, ...rest } = scenario
  if (measured === undefined || !assignments.some(({ path }) => measuredParts.includes(path[0]))) return { scenario }
  const steps = assignments.filter(({ path }) => path[0] === "measured").map(({ path }) => path[1])
  if (steps.includes(undefined)) return { scenario }
  const own = fieldsOf(measured, (field) => steps.includes(field))
  return {
    scenario: Object.keys(own).length === 0 ? rest : { ...rest, measured: own },
    measuredUnchanged: fieldsOf(measured, (field) => !steps.includes(field))
  }
}

const fieldsOf = (measured: Measured, isWanted: (field: string) => boolean): Measured =>
  measuredFields
    .filter((field) => measured[field] !== undefined && isWanted(field))
    .reduce<Measured>((part, field) => Object.assign(part, { [field]: measured[field] }), {})

/** A source and what it extends, nearest first. */
const ancestry = (top: Source, readText: ReadText): readonly Source[] | Refused => {
  const chain = [top]
  const seen = new Set([tidy(top.name)])
  for (let child = top; ;) {
    const reference = valueAt(child.data, ["extends"])
    if (typeof reference !== "string") return chain
    const refuse = (problem: string): Refused =>
      refused(
        ...locate(
          [
            {
              path: ["extends"],
              problem,
              given: show(reference),
              expected: "the path of another scenario, relative to this one"
            }
          ],
          [child]
        )
      )
    const file = besideFile(child.name, reference)
    if (seen.has(file)) return refuse(`${show(reference)} extends this scenario again, a circle`)
    seen.add(file)
    const read = readText(file)
    if ("failure" in read) return refuse(`cannot read ${show(reference)}: ${read.failure}`)
    const parent = parseSource(file, read.text)
    if ("_tag" in parent) return refused(parent)
    chain.push(parent)
    child = parent
  }
}

/** The fields of a source, with the files that it refers to named from where it stands, and without `extends` once followed. */
const withOwnPaths = (source: Source): unknown => {
  if (!isFields(source.data)) return source.data
  const data: Fields =
    typeof source.data["extends"] === "string"
      ? Object.fromEntries(Object.entries(source.data).filter(([key]) => key !== "extends"))
      : source.data
  return filePaths.reduce<unknown>((whole, path) => {
    const written = valueAt(whole, path)
    const beside = (file: unknown): unknown => (typeof file === "string" ? besideFile(source.name, file) : file)
    if (typeof written === "string") return assign(whole, { path, value: beside(written) })
    return Array.isArray(written) ? assign(whole, { path, value: written.map(beside) }) : whole
  }, data)
}

/** Fields that hold the path of a file, or a list of them. */
const filePaths: readonly Path[] = [
  ["calibration"],
  ["cluster", "measuredCollectives"],
  ["training", "kernels"],
  ["serving", "kernels"],
  ["workload", "arrivals", "trace", "file"]
]

const decode = Schema.decodeUnknownResult(scenarioSchema, { errors: "all", onExcessProperty: "error" })

/** Checks a merged value against the Schema. Functions pass by the Schema, which knows data only. */
const decodeScenario = (data: unknown): { readonly scenario: Scenario } | { readonly findings: readonly Finding[] } => {
  const result = decode(withoutUndefined(withoutFunctions(data)))
  const mixed = findMixed(data)
  if (Result.isFailure(result)) return { findings: [...mixed, ...findingsOf(result.failure.issue, data)] }
  if (mixed.length > 0) return { findings: mixed }
  return { scenario: functionsOf(data).reduce<unknown>(assign, result.success) as Scenario }
}

/** Scripts may write `field: undefined` for a field left out. */
const withoutUndefined = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, withoutUndefined(inner)])
  )
}

/** A finding with the file, line and column of what is at fault: the strongest source that contains it. */
export const locateOne = (finding: Finding, sources: readonly Source[]): ScenarioIssue => {
  const { source, place } = placeOf(finding, sources)
  return {
    _tag: "ScenarioIssue",
    source,
    ...(place === "somewhere" ? {} : { place }),
    path: pathText(finding.path),
    problem: finding.problem,
    given: finding.given,
    expected: finding.expected,
    nearest: finding.nearest ?? []
  }
}

export const locate = (findings: readonly Finding[], sources: readonly Source[]): readonly ScenarioIssue[] =>
  findings.map((finding) => locateOne(finding, sources))

const placeOf = (finding: Finding, sources: readonly Source[]) => {
  for (let length = finding.path.length; length > 0; length--) {
    const path = finding.path.slice(0, length)
    const isWhole = length === finding.path.length
    const at = isWhole ? (finding.at ?? "value") : "key"
    const found = sources.flatMap((source) => {
      const place = source.locate(path, at)
      return place === undefined ? [] : [{ source: source.name, place }]
    })
    // What holds the value at fault is a line of a file, rather than a `--set` of something beside it.
    const best = (isWhole ? undefined : found.find(({ place }) => place !== "somewhere")) ?? found[0]
    if (best !== undefined) return best
  }
  // Nothing of the path was written anywhere: the document as a whole, which is the weakest of the named files.
  const document = sources.find((source) => source.locate([], "value") !== "somewhere") ?? sources[0]
  return { source: document?.name ?? "", place: document?.locate([], "value") ?? "somewhere" } as const
}

const cannotRead = (file: string, failure: string): ScenarioIssue => ({
  _tag: "ScenarioIssue",
  source: file,
  path: "",
  problem: `cannot read the scenario: ${failure}`,
  given: show(file),
  expected: "a .yaml, .yml, .json, .ts, .js or .mjs file, or the name of a shipped scenario",
  nearest: []
})
