/**
 * `windtunnel compare RUN bench.json`: the prediction of a server beside the result of vLLM's benchmark.
 */
import { extname } from "node:path"
import * as Effect from "effect/Effect"
import { isServing } from "../scenario/index.ts"
import { benchmarkNumbers, besideBenchmark, besideBenchmarkText, type BenchmarkNumbers } from "./bench-result.ts"
import { InputWrong } from "./failure.ts"
import { print, printJson } from "./output.ts"
import { openedScenario } from "./scenario-file.ts"
import { readText } from "./text-file.ts"

/** The numbers of a benchmark, where a file holds some; with several results appended, the last. */
export const benchmarkFile = (argument: string): BenchmarkNumbers | undefined => {
  if (![".json", ".jsonl"].includes(extname(argument))) return undefined
  const read = readText(argument)
  if ("failure" in read) return undefined
  const whole = parsed(read.text)
  return benchmarkNumbers(whole) ?? benchmarkNumbers(parsed(read.text.trimEnd().split("\n").at(-1) ?? ""))
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export interface BenchmarkRequest {
  /** A scenario, or the result.json of a run. */
  readonly run: string
  readonly set: readonly string[]
  readonly benchmark: string
  readonly numbers: BenchmarkNumbers
  readonly json: boolean
}

export const compareWithBenchmark = Effect.fn("compareWithBenchmark")(function* (request: BenchmarkRequest) {
  const { run, set, benchmark, numbers, json } = request
  const document = yield* predictionOf(run, set)
  const fields = typeof document === "object" && document !== null ? document : {}
  const predicted = "benchmark" in fields ? benchmarkNumbers(fields.benchmark) : undefined
  if (predicted === undefined)
    return yield* new InputWrong({
      text: `${run}\n  it has no prediction of a server to lay beside ${benchmark}\n  expected a scenario of serving, or the result of its run`
    })
  const scenario =
    "scenario" in fields && typeof fields.scenario === "object" && fields.scenario !== null ? fields.scenario : {}
  const name = "name" in scenario && typeof scenario.name === "string" ? scenario.name : run
  const hash = "hash" in fields && typeof fields.hash === "string" ? fields.hash : ""
  const comparison = besideBenchmark({ label: run, name, hash }, predicted, benchmark, numbers)
  return yield* json ? printJson(comparison) : print(besideBenchmarkText(comparison))
})

const predictionOf = Effect.fn("predictionOf")(function* (run: string, set: readonly string[]) {
  const kept = extname(run) === ".json" ? readText(run) : { failure: "" }
  const value = "failure" in kept ? undefined : parsed(kept.text)
  if (typeof value === "object" && value !== null && "windtunnel" in value) return value
  const loaded = yield* openedScenario(run, set)
  if (!isServing(loaded.scenario)) return undefined
  const { simulatedServing } = yield* Effect.promise(() => import("./run-serving.ts"))
  return yield* simulatedServing(loaded)
})
