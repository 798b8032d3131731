/**
 * `windtunnel compare`: two scenarios or results side by side, with the difference explained; more of them in a table.
 */
import { existsSync } from "node:fs"
import { extname, join } from "node:path"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { impossibleIssue, resolveScenario } from "../scenario/index.ts"
import { isImpossible, simulateTraining } from "../training/index.ts"
import { comparisonOf, comparisonText, type Side } from "./comparison.ts"
import { InputWrong, inputWrong } from "./failure.ts"
import { print, printJson } from "./output.ts"
import { rankingOf, rankingText } from "./ranking.ts"
import { readResultDocument, resultDocument, type ComparedDocument } from "./result-document.ts"
import { jsonFlag, setFlag } from "./run.ts"
import { openedScenario } from "./scenario-file.ts"
import { shippedNames } from "./shipped.ts"
import { readText } from "./text-file.ts"

export const compare = Command.make(
  "compare",
  {
    scenarios: Argument.String("scenario").pipe(
      Argument.withDescription(
        "Scenarios, folders or result.json of runs, or a folder of shipped scenarios; two or more"
      ),
      Argument.variadic({ min: 1 })
    ),
    set: setFlag,
    json: jsonFlag
  },
  Effect.fn("compare")(function* ({ scenarios, set, json }) {
    const names = scenarios.flatMap(membersOf)
    if (names.length < 2)
      return yield* new InputWrong({
        text: `there is only ${names.join("")} to compare\n  expected two scenarios or more`
      })
    const sides: Side[] = []
    for (const label of names) sides.push({ label, document: yield* documentOf(label, set) })
    const [first, second] = sides
    if (sides.length === 2 && first !== undefined && second !== undefined) {
      const comparison = comparisonOf(first, second)
      return json ? yield* printJson(comparison) : yield* print(comparisonText(comparison))
    }
    const ranking = rankingOf(sides)
    return json ? yield* printJson(ranking) : yield* print(rankingText(ranking))
  })
).pipe(
  Command.withDescription("Compare two scenarios or results, the difference explained; or rank any number of them"),
  Command.withExamples([
    { command: "windtunnel compare a.yaml b.yaml", description: "where the difference comes from" },
    { command: "windtunnel compare runs/a b.yaml", description: "with a run that was kept" },
    { command: "windtunnel compare bloom-study", description: "a table of all shipped scenarios of a folder" }
  ])
)

/** What an argument stands for: itself, the result in the folder of a run, or the shipped scenarios of a folder. */
const membersOf = (argument: string): readonly string[] => {
  const result = join(argument, "result.json")
  if (existsSync(result)) return [result]
  const members = existsSync(argument) ? [] : shippedNames().filter((name) => name.startsWith(`${argument}/`))
  return members.length > 0 ? members : [argument]
}

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
  const loaded = yield* openedScenario(argument, set)
  const resolved = resolveScenario(loaded, { readText })
  if (resolved._tag === "Refused") return yield* inputWrong(resolved.issues)
  const outcome = simulateTraining(resolved.job)
  if (isImpossible(outcome)) return yield* inputWrong([impossibleIssue(outcome, loaded)])
  const { name = resolved.job.name, measured } = resolved.scenario
  const document: ComparedDocument = {
    ...resultDocument(resolved, outcome),
    scenario: { name, ...(measured === undefined ? {} : { measured }) }
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
