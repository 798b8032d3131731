/**
 * `windtunnel compare`: two scenarios or results side by side, and where the difference comes from.
 */
import { extname } from "node:path"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { formatIssue, impossibleIssue, resolveScenario } from "../scenario/index.ts"
import { isImpossible, simulateTraining } from "../training/index.ts"
import { comparisonOf, comparisonText } from "./comparison.ts"
import { CannotRun, InputWrong, inputWrong } from "./failure.ts"
import { print, printJson } from "./output.ts"
import { readResultDocument, resultDocument, type ComparedDocument } from "./result-document.ts"
import { jsonFlag, setFlag } from "./run.ts"
import { openScenario } from "./scenario-file.ts"
import { readText } from "./text-file.ts"

const side = (name: string) =>
  Argument.String(name).pipe(Argument.withDescription("A scenario, or the result.json of a run"))

export const compare = Command.make(
  "compare",
  { first: side("a"), second: side("b"), set: setFlag, json: jsonFlag },
  Effect.fn("compare")(function* ({ first, second, set, json }) {
    const a = yield* documentOf(first, set)
    const b = yield* documentOf(second, set)
    const comparison = comparisonOf({ label: first, document: a }, { label: second, document: b })
    return json ? yield* printJson(comparison) : yield* print(comparisonText(comparison))
  })
).pipe(
  Command.withDescription("Compare two scenarios or results, with the differences of the breakdown explained"),
  Command.withExamples([
    { command: "windtunnel compare a.yaml b.yaml", description: "simulate both" },
    { command: "windtunnel compare runs/a/result.json b.yaml", description: "with a run that was kept" }
  ])
)

/** What a result file holds, or what comes out of simulating a scenario. */
const documentOf = Effect.fn("documentOf")(function* (argument: string, set: readonly string[]) {
  const kept = resultFile(argument)
  if (kept !== undefined) {
    const document = readResultDocument(kept)
    if (typeof document !== "string") return document
    return yield* new InputWrong({
      text: `${argument}\n  not a result that can be compared: ${document}\n  expected the result.json of \`windtunnel run --out\`, version 1`
    })
  }
  const loaded = yield* Effect.promise(() => openScenario(argument, set))
  if (loaded._tag === "Refused") return yield* inputWrong(loaded.issues)
  const resolved = resolveScenario(loaded, { readText })
  if (resolved._tag === "Refused") return yield* inputWrong(resolved.issues)
  const outcome = simulateTraining(resolved.job)
  if (isImpossible(outcome)) return yield* new CannotRun({ text: formatIssue(impossibleIssue(outcome, loaded)) })
  const { trace: _notCompared, ...result } = outcome
  const document: ComparedDocument = {
    ...resultDocument(resolved, outcome),
    version: 1,
    scenario: { name: resolved.job.name },
    result
  }
  return document
})

/** The JSON of a file that looks like a result rather than like a scenario. */
const resultFile = (argument: string): unknown => {
  if (extname(argument) !== ".json") return undefined
  const read = readText(argument)
  if ("failure" in read) return undefined
  try {
    const value: unknown = JSON.parse(read.text)
    return typeof value === "object" && value !== null && "windtunnel" in value ? value : undefined
  } catch {
    return undefined
  }
}
