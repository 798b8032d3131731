/**
 * The Schemas of serving stacks and quantisations, for the check of the shipped entries and of those given inline.
 */
import * as Schema from "effect/Schema"

const text = Schema.String.check(Schema.isNonEmpty())

const between = (minimum: number, maximum: number, description: string) =>
  Schema.Finite.check(
    Schema.isBetween({ minimum, maximum }, { message: `expected ${description}, from ${minimum} to ${maximum}` })
  ).annotate({ description })

const whole = (minimum: number, maximum: number, description: string) =>
  Schema.Int.check(
    Schema.isBetween({ minimum, maximum }, { message: `expected ${description}, from ${minimum} to ${maximum}` })
  ).annotate({ description })

const origin = {
  notes: Schema.Array(text),
  sources: Schema.Record(Schema.String, text).annotate({ description: 'where each field, or "default", was read' })
}

const named = { name: text, title: text, aliases: Schema.optionalKey(Schema.Array(text)) }

const bytesPerParameter = between(0.01, 16, "bytes a parameter")

export const QuantisationSchema = Schema.Struct({
  ...named,
  weightBytes: Schema.Struct({ body: bytesPerParameter, head: bytesPerParameter, embedding: bytesPerParameter }),
  compute: Schema.Literals(["fp32", "tf32", "bf16", "fp16", "fp8", "mxfp8", "nvfp4", "int8", "half"]),
  activationBytes: between(0.1, 4, "bytes of an element of a product's input"),
  kernels: Schema.Literals(["bf16", "fp8", "nvfp4", "int4", "int8"]),
  isFused: Schema.Boolean,
  ...origin
}).annotate({ identifier: "Quantisation" })

const constant = Schema.Struct({
  value: Schema.Finite,
  origin: Schema.Literals(["measured", "fitted", "published", "data-sheet", "assumed"]),
  source: text,
  interval: Schema.optionalKey(Schema.Tuple([Schema.Finite, Schema.Finite])),
  points: Schema.optionalKey(whole(0, 1e9, "measurements")),
  residual: Schema.optionalKey(Schema.Finite)
})

const launches = between(0, 100, "launches over those of a plain layer")

export const ServingStackSchema = Schema.Struct({
  ...named,
  version: Schema.String,
  versions: Schema.Array(Schema.String),
  era: text,
  batching: Schema.Struct({
    policy: Schema.Literals([
      "none",
      "static",
      "dynamic",
      "continuous",
      "continuous-chunked",
      "sarathi",
      "orca",
      "in-flight"
    ]),
    maximumSequences: whole(1, 1e6, "sequences in a step"),
    maximumStepTokens: whole(1, 1e8, "tokens in a step"),
    timeoutSeconds: between(0, 1e6, "seconds"),
    chunkTokens: whole(0, 1e8, "tokens of a chunk"),
    chunkedPrefill: Schema.Boolean,
    batchesInFlight: Schema.Literals([1, "stages"]),
    watermark: between(0, 0.99, "share of the blocks"),
    prefixCaching: Schema.Boolean,
    blockTokens: whole(1, 1e6, "tokens of a block"),
    onSmaller: Schema.NullOr(
      Schema.Struct({
        belowBytes: between(0, 1e15, "bytes"),
        classes: Schema.Array(Schema.String),
        maximumSequences: whole(1, 1e6, "sequences in a step"),
        maximumStepTokens: whole(1, 1e8, "tokens in a step")
      })
    )
  }),
  precision: Schema.optionalKey(text),
  graphs: Schema.NullOr(Schema.Struct({ sizes: Schema.Array(whole(1, 1e6, "captured batch size")) })),
  promptAttention: Schema.Literals(["fused", "unfused"]),
  sharesQueries: Schema.Literals(["always", "regular", "narrow", "never", "expanded"]),
  mixesAttention: Schema.Boolean,
  groupsHaveHosts: Schema.optionalKey(Schema.Boolean),
  operatorLaunches: Schema.Struct({ rotary: launches, rootMeanSquare: launches, gate: launches, bias: launches }),
  allReduce: Schema.Literals(["nccl", "in-graph"]),
  promptPieceTokens: Schema.NullOr(whole(1, 1e8, "tokens of a piece")),
  splitsByBytes: Schema.Boolean,
  logitsOfEveryToken: Schema.Boolean,
  gathersWeights: Schema.Boolean,
  overlapsOffload: Schema.Boolean,
  weightTraffic: Schema.Record(Schema.String, between(0, 1e3, "bytes a parameter")),
  memory: Schema.Struct({
    utilisation: between(0.01, 1, "share of the visible memory"),
    fixedBytes: between(0, 1e12, "bytes"),
    reservesActivations: Schema.Boolean,
    keyValueFactor: between(0.01, 1e3, "bytes held over bytes needed"),
    embeddingOnHost: Schema.optionalKey(Schema.Boolean),
    loadBytesPerSecond: between(1, 1e15, "bytes/s")
  }),
  constants: Schema.Struct({
    kernelFactor: constant,
    computeFactor: constant,
    launchFactor: constant,
    sequenceSecondsPerLayer: constant,
    keyValueFactor: constant,
    scoreFactor: constant,
    hostSecondsPerLayer: constant,
    hostSecondsPerStep: constant,
    hostSecondsPerSequence: constant,
    collectiveSeconds: constant,
    firstTokenSeconds: constant,
    hopSeconds: constant,
    linearSeconds: constant,
    ungroupedShare: constant,
    gatherShare: constant
  }),
  ...origin
}).annotate({ identifier: "ServingStack" })
