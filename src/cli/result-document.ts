/**
 * `result.json`: what a run was and what came out, versioned. The trace has files of its own.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Alternative, Changes, DecodedScenario, ResolvedTraining, ScenarioIssue } from "../scenario/index.ts"
import type { TrainingResult, WholeRun } from "../training/index.ts"
import type { ChangeThatRuns } from "./change-that-runs.ts"
import type { trainingIntervalsDocument } from "./prediction-intervals.ts"
import { version } from "./version.ts"

export interface ResultDocument {
  readonly version: 1
  readonly windtunnel: string
  readonly scenario: DecodedScenario
  readonly hash: string
  readonly seed: number
  readonly result: Omit<TrainingResult, "trace">
  /** Where the scenario says what happens in it (training.run). */
  readonly wholeRun?: WholeRun
  /** Between what the measured values lie, at 50, 80 and 90 %. */
  readonly intervals?: ReturnType<typeof trainingIntervalsDocument>
  /** Where the work does not fit: the smallest changes after which it does, with what they cost. */
  readonly changesThatFit?: readonly {
    readonly changes: Changes
    readonly peakBytes: number
    readonly iterationSeconds: number
  }[]
}

export const resultDocument = (
  { scenario, hash, job }: ResolvedTraining,
  outcome: TrainingResult,
  alternatives: readonly Alternative[] = [],
  wholeRun?: WholeRun,
  intervals?: ResultDocument["intervals"]
): ResultDocument => {
  const { trace: _inFilesOfItsOwn, ...result } = outcome
  const whole = wholeRun === undefined ? {} : { wholeRun }
  const sure = intervals === undefined ? {} : { intervals }
  const head = { version: 1, windtunnel: version, scenario, hash, seed: job.seed, result, ...whole, ...sure } as const
  if (result.memory.fits) return head
  return {
    ...head,
    changesThatFit: alternatives.map(({ changes, result: { memory, iterationSeconds } }) => ({
      changes,
      peakBytes: memory.fullest.peakBytes,
      iterationSeconds
    }))
  }
}

/** What `--json` prints in place of a result when the input is wrong: the message, and the issues one by one. */
export const refusalDocument = (
  message: string,
  issues: readonly ScenarioIssue[],
  changesThatRun: readonly ChangeThatRuns[] = []
) => ({
  version: 1,
  windtunnel: version,
  error: {
    kind: "wrong input",
    message,
    issues: issues.map(({ source, place, path, problem, given, expected, nearest }) => ({
      source,
      line: place?.line ?? null,
      column: place?.column ?? null,
      path,
      problem,
      given,
      expected,
      nearest
    })),
    ...(changesThatRun.length === 0 ? {} : { changesThatRun })
  }
})

const Amounts = Schema.Record(Schema.String, Schema.Finite)

const Spread = Schema.Struct({ mean: Schema.Finite })

/** What `compare` reads of a whole run. */
const ComparedRun = Schema.Struct({
  seconds: Spread,
  goodput: Spread,
  acceleratorHours: Spread,
  kilowattHours: Spread,
  gramsCarbon: Schema.NullOr(Spread),
  cost: Schema.NullOr(Spread),
  lostSeconds: Spread,
  interruptions: Schema.Struct({ total: Spread }),
  breakdown: Amounts
})
export type ComparedRun = typeof ComparedRun.Type

/** What `compare` reads of a result document. */
const ComparedDocument = Schema.Struct({
  version: Schema.Literal(1),
  scenario: Schema.Struct({
    name: Schema.optionalKey(Schema.String),
    measured: Schema.optionalKey(
      Schema.Struct({
        iterationSeconds: Schema.optionalKey(Schema.Finite),
        tflopsPerAccelerator: Schema.optionalKey(Schema.Finite)
      })
    )
  }),
  hash: Schema.String,
  result: Schema.Struct({
    iterationSeconds: Schema.Finite,
    tokensPerSecond: Schema.Finite,
    tokensPerSecondPerAccelerator: Schema.Finite,
    loggedFlopsPerAccelerator: Schema.Finite,
    modelFlopsUtilisation: Schema.Finite,
    hardwareFlopsUtilisation: Schema.Finite,
    breakdown: Schema.Struct({
      compute: Amounts,
      exposed: Amounts,
      bubble: Schema.Finite,
      host: Schema.Finite,
      optimizer: Schema.Finite
    }),
    memory: Schema.Struct({
      capacityBytes: Schema.Finite,
      fits: Schema.Boolean,
      fullest: Schema.Struct({ peakBytes: Schema.Finite })
    }),
    energy: Schema.Struct({ joulesPerIteration: Schema.Finite, averageWattsPerAccelerator: Schema.Finite }),
    cost: Schema.Struct({ perIteration: Schema.NullOr(Schema.Finite) })
  }),
  wholeRun: Schema.optionalKey(ComparedRun)
})
export type ComparedDocument = typeof ComparedDocument.Type

const decode = Schema.decodeUnknownResult(ComparedDocument)

/** A result document, or why a value is none. */
export const readResultDocument = (value: unknown): ComparedDocument | string => {
  const decoded = decode(value)
  return Result.isSuccess(decoded) ? decoded.success : decoded.failure.message.replaceAll(/\s*\n\s*/g, " ")
}
