/**
 * `result.json`: what a run was and what came out, versioned. The trace has files of its own.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { DecodedScenario, ResolvedScenario } from "../scenario/index.ts"
import type { ImpossibleLayout, TrainingResult } from "../training/index.ts"
import { version } from "./version.ts"

export interface ResultDocument {
  readonly version: 1
  readonly windtunnel: string
  readonly scenario: DecodedScenario
  readonly hash: string
  readonly seed: number
  readonly result: Omit<TrainingResult, "trace"> | null
  /** Why there is no result. */
  readonly refusal?: ImpossibleLayout
}

export const resultDocument = (
  resolved: ResolvedScenario,
  outcome: TrainingResult | ImpossibleLayout
): ResultDocument => {
  const { scenario, hash, job } = resolved
  const head = { version: 1, windtunnel: version, scenario, hash, seed: job.seed } as const
  if ("_tag" in outcome) return { ...head, result: null, refusal: outcome }
  const { trace: _inFilesOfItsOwn, ...result } = outcome
  return { ...head, result }
}

const Amounts = Schema.Record(Schema.String, Schema.Finite)

/** What `compare` reads of a result document. */
const ComparedDocument = Schema.Struct({
  version: Schema.Literal(1),
  scenario: Schema.Struct({ name: Schema.optionalKey(Schema.String) }),
  hash: Schema.String,
  result: Schema.Struct({
    iterationSeconds: Schema.Finite,
    tokensPerSecond: Schema.Finite,
    tokensPerSecondPerAccelerator: Schema.Finite,
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
  })
})
export type ComparedDocument = typeof ComparedDocument.Type

const decode = Schema.decodeUnknownResult(ComparedDocument)

/** A result document, or why a value is none. */
export const readResultDocument = (value: unknown): ComparedDocument | string => {
  const decoded = decode(value)
  return Result.isSuccess(decoded) ? decoded.success : decoded.failure.message.replaceAll(/\s*\n\s*/g, " ")
}
