/**
 * `windtunnel compare`: two scenarios or results side by side, with the difference explained; more of them in a table.
 */
import { existsSync } from "node:fs"
import { extname, join } from "node:path"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { impossibleIssue, isServing, resolveTraining, type LoadedScenario } from "../scenario/index.ts"
import { isImpossible, simulateTraining } from "../training/index.ts"
import { cannotBeLaidOut } from "./cannot-be-laid-out.ts"
import { benchmarkFile, compareWithBenchmark } from "./compare-benchmark.ts"
import { comparisonOf, comparisonText, type Side } from "./comparison.ts"
import { InputWrong } from "./failure.ts"
import { print, printJson } from "./output.ts"
import { rankingOf, rankingText } from "./ranking.ts"
import { readResultDocument, resultDocument, type ComparedDocument } from "./result-document.ts"
import { jsonFlag, setFlag } from "./run.ts"
import { wholeRunOf } from "./whole-run.ts"
import { openedScenario } from "./scenario-file.ts"
import {
  readServingDocument,
  servingComparisonOf,
  servingComparisonText,
  type ServingSide
} from "./serving-comparison.ts"
import { servingRankingOf, servingRankingText } from "./serving-ranking.ts"
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
    const benchmarks = names.map(benchmarkFile)
    const at = benchmarks.findIndex((numbers) => numbers !== undefined)
    const [numbers, benchmark, run] = [benchmarks[at], names[at], names.find((_, index) => index !== at)]
    if (numbers !== undefined && benchmark !== undefined && run !== undefined) {
      if (names.length > 2)
        return yield* new InputWrong({
          text: `${benchmark} is a benchmark's result
  expected it beside one scenario or run`
        })
      return yield* compareWithBenchmark({ run, set, benchmark, numbers, json })
    }
    const read: Read[] = []
    for (const label of names) read.push(yield* documentOf(label, set))
    const trained = read.flatMap((one) => (one.kind === "training" ? [one] : []))
    const served = read.flatMap((one) => (one.kind === "serving" ? [one] : []))
    const [oneTrained, oneServed] = [trained[0], served[0]]
    if (oneTrained !== undefined && oneServed !== undefined)
      return yield* new InputWrong({
        text: `${oneTrained.label} is about training, ${oneServed.label} about serving\n  expected scenarios of one kind: they have nothing to compare`
      })
    if (served.length > 0) {
      const [first, second] = served
      if (served.length === 2 && first !== undefined && second !== undefined) {
        const comparison = servingComparisonOf(first, second)
        return json ? yield* printJson(comparison) : yield* print(servingComparisonText(comparison))
      }
      const ranking = servingRankingOf(served)
      return json
        ? yield* printJson({ kind: "serving", scenarios: ranking })
        : yield* print(servingRankingText(ranking))
    }
    const [first, second] = trained
    if (trained.length === 2 && first !== undefined && second !== undefined) {
      const comparison = comparisonOf(first, second)
      return json ? yield* printJson(comparison) : yield* print(comparisonText(comparison))
    }
    const ranking = rankingOf(trained)
    return json ? yield* printJson(ranking) : yield* print(rankingText(ranking))
  })
).pipe(
  Command.withDescription("Compare two scenarios or results, the difference explained; or rank any number of them"),
  Command.withExamples([
    { command: "windtunnel compare a.yaml b.yaml", description: "where the difference comes from" },
    { command: "windtunnel compare runs/a b.yaml", description: "with a run that was kept" },
    { command: "windtunnel compare runs/a bench.json", description: "with what `vllm bench serve` measured" },
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

type Read = (Side & { readonly kind: "training" }) | (ServingSide & { readonly kind: "serving" })

/** What a result file holds, or what comes out of simulating a scenario. */
const documentOf = Effect.fn("documentOf")(function* (label: string, set: readonly string[]) {
  const kept = resultFile(label)
  if (kept !== undefined) return yield* keptResult(label, kept)
  const loaded = yield* openedScenario(label, set)
  return isServing(loaded.scenario) ? yield* served(label, loaded) : yield* trained(label, loaded)
})

const keptResult = Effect.fn("keptResult")(function* (label: string, kept: object) {
  const kind = "kind" in kept && kept.kind === "serving" ? "serving" : "training"
  const document = kind === "serving" ? readServingDocument(kept) : readResultDocument(kept)
  if (typeof document === "string")
    return yield* new InputWrong({
      text: `${label}\n  not a result that can be compared: ${document}\n  expected the result.json of \`windtunnel run --out\`, version 1`
    })
  const read: Read = "kind" in document ? { kind: "serving", label, document } : { kind: "training", label, document }
  return read
})

const trained = Effect.fn("trained")(function* (label: string, loaded: LoadedScenario) {
  const resolved = resolveTraining(loaded, { readText })
  if (resolved._tag === "Refused") return yield* cannotBeLaidOut(loaded, resolved.issues)
  const outcome = simulateTraining(resolved.job)
  if (isImpossible(outcome)) return yield* cannotBeLaidOut(loaded, [impossibleIssue(outcome, loaded)])
  const wholeRun = wholeRunOf(resolved, outcome)
  if (wholeRun !== undefined && "_tag" in wholeRun)
    return yield* cannotBeLaidOut(loaded, [impossibleIssue(wholeRun, loaded)])
  const { name = resolved.job.name, measured } = resolved.scenario
  const document: ComparedDocument = {
    ...resultDocument(resolved, outcome, [], wholeRun),
    scenario: { name, ...(measured === undefined ? {} : { measured }) }
  }
  const read: Read = { kind: "training", label, document }
  return read
})

const served = Effect.fn("served")(function* (label: string, loaded: LoadedScenario) {
  const { simulatedServing } = yield* Effect.promise(() => import("./run-serving.ts"))
  const document = readServingDocument(yield* simulatedServing(loaded))
  if (typeof document === "string") return yield* Effect.die(new Error(document))
  const read: Read = { kind: "serving", label, document }
  return read
})

/** The JSON of a file that looks like a result rather than like a scenario. */
const resultFile = (argument: string): object | undefined => {
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
