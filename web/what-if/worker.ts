/**
 * The simulator in a web worker: the same core as on the command line. It answers one message at a time; whoever wants
 * no answer any more ends the worker.
 */
import { isMap, parse, parseDocument, stringify } from "yaml"
import { namesOf } from "../../src/catalog/index.ts"
import {
  fitsOneRequest,
  formatIssue,
  impossibleIssue,
  loadScenario,
  resolveScenario,
  scenarioJsonSchema,
  type ReadText,
  type ScenarioIssue
} from "../../src/scenario/index.ts"
import { simulateServing, summariseServing } from "../../src/serving/index.ts"
import { encodeTrace } from "../../src/trace/index.ts"
import { isImpossible, simulateTraining, simulateWholeRun } from "../../src/training/index.ts"
import { shippedText } from "./shipped-text.ts"
import type { Edit, Refusal, Request, RequestName, ScenarioText, Sensitivities, Simulated } from "./protocol.ts"
import { sensitivities } from "./sensitivities.ts"

const shipped: Readonly<Record<string, string>> = import.meta.glob<string>("../../scenarios/**/*.yaml", {
  query: "?raw",
  import: "default",
  eager: true
})

const shippedName = (path: string): string => path.replace(/^(?:.*\/)?scenarios\//, "").replace(/\.yaml$/, "")
const texts = new Map(Object.entries(shipped).map(([path, text]) => [`scenarios/${shippedName(path)}.yaml`, text]))

const readText: ReadText = (path) => {
  const text = texts.get(path.replace(/^\.\//, ""))
  return text === undefined ? { failure: "a browser has no files beside the page" } : { text }
}

const refused = (issues: readonly ScenarioIssue[]): Refusal => ({
  _tag: "Refusal",
  problems: issues.slice(0, 20).map((issue) => ({
    path: issue.path,
    message: formatIssue({ ...issue, source: "scenario" })
      .split("\n")
      .slice(1)
      .join("\n")
      .trim(),
    line: issue.place?.line
  }))
})

/** A text as a scenario among the shipped ones, which it may extend. */
const opened = (text: string, trace: "full" | "off") => {
  const file = "scenarios/what-if.yaml"
  const read: ReadText = (path) => (path === file ? { text } : readText(path))
  const loaded = loadScenario({ file, readText: read })
  if (loaded._tag === "Refused") return refused(loaded.issues)
  const resolved = resolveScenario(loaded, { readText: read, trace })
  return resolved._tag === "Refused" ? refused(resolved.issues) : { loaded, resolved }
}

const simulate = (text: string): Simulated | Refusal => {
  const made = opened(text, "full")
  if ("_tag" in made) return made
  const { loaded, resolved } = made
  const { scenario, hash } = resolved
  if (resolved._tag === "ResolvedTraining") {
    const outcome = simulateTraining(resolved.job)
    if (isImpossible(outcome)) return refused([impossibleIssue(outcome, loaded)])
    const settings = resolved.job.run?.settings
    const wholeRun =
      settings === undefined || !outcome.memory.fits ? undefined : simulateWholeRun(resolved.job, outcome, settings)
    if (wholeRun !== undefined && "_tag" in wholeRun) return refused([impossibleIssue(wholeRun, loaded)])
    const { trace, ...result } = outcome
    return {
      _tag: "Simulated",
      document: { windtunnel: "", scenario, hash, result, ...(wholeRun === undefined ? {} : { wholeRun }) },
      trace: fileOf(trace)
    }
  }
  if (!fitsOneRequest(resolved.job))
    return {
      _tag: "Refusal",
      problems: [{ path: "model", message: "the model does not fit in the memory of a replica", line: undefined }]
    }
  const requestLanes = resolved.job.workload.requests <= mostLanes
  const job = { ...resolved.job, trace: "full", requestLanes } as const
  const { trace, ...result } = summariseServing(job, simulateServing(job))
  return { _tag: "Simulated", document: { windtunnel: "", scenario, hash, result }, trace: fileOf(trace) }
}

/** Requests beyond which the picture has no lanes for them, as in the command line's. */
const mostLanes = 10_000

const fileOf = (trace: Parameters<typeof encodeTrace>[0] | null): Uint8Array<ArrayBuffer> =>
  trace === null ? new Uint8Array(0) : encodeTrace(trace)

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const read = (text: string): ScenarioText | Refusal => {
  try {
    // JSON, as `run --out` writes it, becomes YAML, which people edit.
    const written = text.trimStart().startsWith("{") ? stringify(JSON.parse(text)) : text
    const data: unknown = parse(written, { maxAliasCount: 100 })
    return isFields(data) ? { _tag: "ScenarioText", text: written, data } : notFields
  } catch (error) {
    return badText(error)
  }
}

const notFields: Refusal = {
  _tag: "Refusal",
  problems: [{ path: "", message: "the scenario is not a map of fields", line: 1 }]
}

const badText = (error: unknown): Refusal => {
  const [first = "not valid YAML"] = (error instanceof Error ? error.message : String(error)).split("\n")
  const line = /line (\d+)/.exec(first)?.[1]
  return {
    _tag: "Refusal",
    problems: [{ path: "", message: first, line: line === undefined ? undefined : Number(line) }]
  }
}

const edit = ({ text, path, value }: Edit): ScenarioText | Refusal => {
  try {
    const document = parseDocument(text)
    if (value === undefined) {
      document.deleteIn(path)
      // Factors that are all taken back leave nothing, as before.
      const resources: unknown = document.get("resources")
      if (path[0] === "resources" && isMap(resources) && resources.items.length === 0) document.delete("resources")
    } else document.setIn(path, value)
    return read(document.toString({ lineWidth: 0 }))
  } catch (error) {
    return badText(error)
  }
}

const sensitivity = (text: string, onPart: (part: Sensitivities) => void): Sensitivities | Refusal => {
  const made = opened(text, "off")
  return "_tag" in made ? made : sensitivities(made.resolved, { readText }, onPart)
}

const answers: {
  readonly [Name in RequestName]: (
    ask: Request[Name]["ask"],
    onPart: (part: Request[Name]["answer"]) => void
  ) => Request[Name]["answer"]
} = {
  describe: () => ({
    schema: scenarioJsonSchema(),
    names: Object.fromEntries(
      (["systems", "models", "stacks", "accelerators", "links", "serving-stacks"] as const).map((kind) => [
        kind,
        namesOf(kind)
      ])
    )
  }),
  shipped: (name) => shippedText(texts, name),
  read,
  edit,
  simulate,
  sensitivity
}

interface Asked {
  readonly id: number
  readonly name: RequestName
  readonly ask: unknown
}

const reply = (message: unknown, transfer: Transferable[] = []): void =>
  // A worker's own window has no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  self.postMessage(message, { transfer })

self.addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  const { id, name, ask } = data
  try {
    const run = answers[name] as (ask: unknown, onPart: (part: unknown) => void) => unknown
    const answer = run(ask, (part) => reply({ id, answer: part, isPart: true }))
    const transfer = isFields(answer) && answer["trace"] instanceof Uint8Array ? [answer["trace"].buffer] : []
    reply({ id, answer }, transfer)
  } catch (error) {
    reply({ id, failure: error instanceof Error ? error.message : String(error) })
  }
})
