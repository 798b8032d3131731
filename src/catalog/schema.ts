/**
 * The Schemas of catalogue entries, for entries that a scenario gives inline and for the check of the shipped ones.
 *
 * Bounds are wide enough for hardware of the next decade and narrow enough to catch a slip of a unit.
 */
import * as Schema from "effect/Schema"

const name = Schema.String.check(Schema.isNonEmpty()).annotate({ description: "name that a scenario uses" })
const text = Schema.String.check(Schema.isNonEmpty())

/** Numbers that something is divided by: `minimum` is small, not 0, lest a time overflow. */
const positive = (maximum: number, description: string, minimum: number) =>
  Schema.Finite.check(
    Schema.isBetween({ minimum, maximum }, { message: `expected ${description}, from ${minimum} to ${maximum}` })
  ).annotate({ description })

const notNegative = (maximum: number, description: string) =>
  Schema.Finite.check(
    Schema.isBetween({ minimum: 0, maximum }, { message: `expected ${description}, from 0 to ${maximum}` })
  ).annotate({ description })

const count = (maximum: number, description: string) =>
  Schema.Int.check(
    Schema.isBetween({ minimum: 1, maximum }, { message: `expected ${description}, from 1 to ${maximum}` })
  ).annotate({ description })

const countOrNone = (maximum: number, description: string) =>
  Schema.Int.check(
    Schema.isBetween({ minimum: 0, maximum }, { message: `expected ${description}, from 0 to ${maximum}` })
  ).annotate({ description })

const share = (description: string) => positive(1, description, 0.001)

const peak = Schema.optionalKey(positive(1e18, "dense peak in FLOP/s", 1e6))
const bytesPerSecond = positive(1e15, "bytes/s", 1e3)
const dollars = positive(1e7, "US dollars", 1e-6)

const entry = {
  name,
  title: text,
  aliases: Schema.optionalKey(Schema.Array(text))
}

const origin = {
  notes: Schema.Array(text),
  sources: Schema.Record(Schema.String, text).annotate({ description: 'where each field, or "default", was read' })
}

export const AcceleratorSchema = Schema.Struct({
  ...entry,
  vendor: text,
  generation: text,
  efficiencyClass: text,
  inferenceClass: Schema.optionalKey(text),
  peerToPeer: Schema.optionalKey(Schema.Boolean),
  year: Schema.Int.check(Schema.isBetween({ minimum: 2010, maximum: 2040 })),
  multiprocessors: Schema.NullOr(count(100_000, "multiprocessors")),
  peakFlops: Schema.Struct({
    fp32: peak,
    tf32: peak,
    bf16: peak,
    fp16: peak,
    fp8: peak,
    mxfp8: peak,
    nvfp4: peak,
    int8: peak
  }),
  memory: Schema.Struct({ bytes: positive(1e14, "bytes of memory", 1), bytesPerSecond, type: text }),
  powerWatts: positive(1e5, "watts", 0.001),
  scaleUp: name,
  host: name,
  pricePerHour: Schema.optionalKey(Schema.Struct({ low: dollars, high: dollars })),
  purchasePrice: Schema.optionalKey(dollars),
  ...origin
}).annotate({ identifier: "Accelerator" })

export const LinkSchema = Schema.Struct({
  ...entry,
  kind: Schema.Literals(["scale-up", "host", "network"]),
  bytesPerSecond,
  latencySeconds: positive(1, "seconds of latency", 1e-12),
  collectiveShare: share("share of the nominal rate that a large collective reaches"),
  pointToPointShare: share("share of the nominal rate that a large transfer reaches"),
  inNetworkReduction: Schema.Boolean,
  isCoherent: Schema.optionalKey(Schema.Boolean),
  sources: origin.sources
}).annotate({ identifier: "Link" })

const contention = Schema.Finite.check(
  Schema.isBetween({ minimum: 1, maximum: 1000 }, { message: "expected an oversubscription from 1 to 1000" })
)
const equalWays = {
  spread: Schema.optionalKey(Schema.Literals(["balanced", "hashed"])),
  flowsPerConnection: Schema.optionalKey(count(1024, "flows of a connection"))
}

/** Exactly one kind of network; what a scenario writes has finer bounds of its own. */
const topology = Schema.Struct({
  fatTree: Schema.optionalKey(
    Schema.Struct({
      nodesPerLeaf: count(65_536, "nodes on a leaf"),
      leavesPerPod: Schema.optionalKey(count(65_536, "leaves of a pod")),
      spines: Schema.optionalKey(count(65_536, "spines")),
      oversubscription: Schema.optionalKey(Schema.Union([contention, Schema.Tuple([contention, contention])])),
      ...equalWays
    })
  ),
  railOptimised: Schema.optionalKey(
    Schema.Struct({
      nodesPerPod: count(65_536, "nodes of a pod"),
      spines: Schema.optionalKey(count(65_536, "spines")),
      oversubscription: Schema.optionalKey(contention),
      ...equalWays
    })
  ),
  dragonfly: Schema.optionalKey(
    Schema.Struct({
      nodesPerRouter: count(1024, "nodes on a router"),
      routersPerGroup: count(1024, "routers of a group"),
      groups: Schema.optionalKey(count(4096, "groups")),
      localLinks: Schema.optionalKey(count(1024, "links between two routers of a group")),
      globalLinks: count(4096, "links between two groups"),
      routing: Schema.optionalKey(Schema.Literals(["minimal", "valiant"])),
      ...equalWays
    })
  ),
  torus: Schema.optionalKey(
    Schema.Struct({
      dimensions: Schema.Array(count(65_536, "nodes along a dimension")).check(
        Schema.isMinLength(1),
        Schema.isMaxLength(3)
      )
    })
  )
}).check(
  Schema.isBetweenProperties(1, 1, {
    message: "expected exactly one of fatTree, railOptimised, dragonfly, torus"
  })
)

export const SystemSchema = Schema.Struct({
  ...entry,
  accelerator: name,
  acceleratorsPerNode: count(1024, "accelerators per node"),
  nodes: Schema.NullOr(count(1_000_000, "nodes")),
  scaleUp: Schema.Struct({
    link: name,
    domain: count(65_536, "accelerators of a scale-up domain"),
    topology: Schema.Literals(["switch", "mesh", "pcie"]),
    peerToPeer: Schema.optionalKey(Schema.Boolean)
  }),
  network: Schema.NullOr(
    Schema.Struct({
      link: name,
      nicsPerNode: count(1024, "network adapters per node"),
      oversubscription: Schema.Finite.check(
        Schema.isBetween({ minimum: 1, maximum: 1000 }, { message: "expected an oversubscription from 1 to 1000" })
      ),
      sumsInNetwork: Schema.optionalKey(Schema.Boolean),
      topology: Schema.optionalKey(topology)
    })
  ),
  nodeWatts: notNegative(1e6, "watts of a node besides its accelerators"),
  hostMemoryBytes: Schema.NullOr(positive(1e15, "bytes of host memory", 1)),
  ...origin
}).annotate({ identifier: "System" })

const width = (description: string) => count(10_000_000, description)
const parameters = Schema.NullOr(positive(1e16, "parameters", 1))

export const ModelSchema = Schema.Struct({
  ...entry,
  family: text,
  layers: count(100_000, "layers"),
  hidden: width("hidden width"),
  heads: count(100_000, "attention heads"),
  keyValueHeads: count(100_000, "key-value heads"),
  headDimension: count(100_000, "dimension of a head"),
  feedForward: countOrNone(10_000_000, "width of the feed-forward block, 0 for none"),
  gated: Schema.Boolean,
  vocabulary: width("tokens in the vocabulary"),
  maximumSequence: count(1_000_000_000, "tokens of the longest sequence"),
  position: Schema.Literals(["alibi", "rope", "learned", "none"]),
  tiedEmbeddings: Schema.Boolean,
  bias: Schema.Boolean,
  queryKeyValueBias: Schema.Boolean,
  normalization: Schema.Literals(["layernorm", "rmsnorm"]),
  normalizationBias: Schema.Boolean,
  queryKeyNormalization: Schema.Boolean,
  embeddingNormalization: Schema.Boolean,
  parallelAttention: Schema.Boolean,
  postNormalization: Schema.Boolean,
  normalizationsPerLayer: Schema.optionalKey(count(8, "normalisations per layer")),
  embeddingDimension: Schema.NullOr(width("width of the embedding")),
  experts: Schema.NullOr(
    Schema.Struct({
      count: count(1_000_000, "experts"),
      active: count(1_000_000, "experts a token is routed to"),
      feedForward: width("width of an expert"),
      sharedFeedForward: countOrNone(10_000_000, "width of the shared experts, 0 for none"),
      denseLayers: countOrNone(100_000, "layers with a dense feed-forward block")
    })
  ),
  latentAttention: Schema.NullOr(
    Schema.Struct({
      queryRank: Schema.NullOr(width("rank of the query compression")),
      keyValueRank: width("rank of the key-value compression"),
      ropeDimension: width("rotary dimension"),
      keyDimension: width("key dimension"),
      valueDimension: width("value dimension")
    })
  ),
  slidingWindow: Schema.NullOr(
    Schema.Struct({
      tokens: count(1_000_000_000, "tokens of the window"),
      layers: count(100_000, "layers with local attention")
    })
  ),
  linearAttention: Schema.optionalKey(
    Schema.Struct({
      layers: count(100_000, "layers with a state in place of keys and values"),
      keyHeads: count(1_000_000, "heads of queries and keys"),
      keyDimension: width("size of a key"),
      valueHeads: count(1_000_000, "heads of values"),
      valueDimension: width("size of a value"),
      convolution: countOrNone(64, "taps of the convolution, 0 for none"),
      gates: countOrNone(8, "numbers a value head that steer its state"),
      stateBytes: count(8, "bytes of an element of the state")
    })
  ),
  sparseAttention: Schema.optionalKey(
    Schema.Struct({
      keys: count(1_000_000_000, "tokens that the indexer picks"),
      indexHeads: count(100_000, "heads of the indexer"),
      indexDimension: width("size of an index key")
    })
  ),
  attentionGate: Schema.optionalKey(Schema.Boolean),
  publishedParameters: parameters,
  publishedActiveParameters: parameters,
  ...origin
}).annotate({ identifier: "Model" })
