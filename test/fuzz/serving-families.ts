/** The same for servers: shipped ones with values changed, and ones drawn by lot over every field. */
import { parse } from "yaml"
import type { LoadedScenario, Refused } from "../../src/scenario/index.ts"
import { fromData, fromText, serverTexts } from "./families.ts"
import {
  assignments,
  junk,
  mutated,
  pick,
  spoiltText,
  whole,
  withOtherNumber,
  yamlOf,
  type Chance
} from "./mutations.ts"

/** A server with more of the fields than the shipped ones use. */
const inline = `
cluster: { accelerator: h100-sxm, accelerators: 8, price: null }
model: { name: mine, layers: 8, hidden: 1024, heads: 8, keyValueHeads: 4, vocabulary: 32000, maximumSequence: 4096, experts: { count: 8, active: 2, feedForward: 2048, sharedFeedForward: 0, denseLayers: 1 } }
serving:
  stack: { extends: sglang, memory: { utilisation: 0.8 }, constants: { hostSecondsPerStep: 2 ms, kernelFactor: 1.1 } }
  parallelism: { tensor: 2, pipeline: 2, expert: 2, dataAttention: 1 }
  replicas: 2
  precision: fp8
  batching: { policy: sarathi, maxBatchSize: 16, maxBatchTokens: 512, chunkTokens: 128, order: priority, batchesInFlight: 2 }
  kvCache: { blockTokens: 16, precision: fp8, memoryUtilisation: 0.5, blocks: 300, prefixCaching: true, preemption: swap, watermark: 0.02, swapSpace: 1 GB, write: selective, writeAfter: 3, fetch: always, overlap: layer-wise, tiers: [{ in: host, capacity: 1 GB, rate: 20 GB/s }, { in: nvme, capacity: 2 GB, latency: 1 ms }, { in: remote, capacity: 3 GB }] }
  maxSequence: 2048
  expertImbalance: 1.3
  router: power-of-two
  queue: { limit: 20, timeout: 5 s, retries: 2, retryAfter: 500 ms }
  scaling: { on: { requests: 3 }, min: 1, initial: 2, spare: 0, window: 5 s, every: 2 s, downCooldown: 3 s }
  startUp: { node: 1 s, image: 1 s, readRate: 5 GB/s, storageRate: 5 GB/s, warmUp: 1 s }
  failures: { meanTime: 20 s, at: [[3, 1]], repair: 2 s, requests: resume, retries: 2 }
  rollingRestart: { at: 8 s }
workload:
  arrivals: { poisson: { rate: { bursts: { rate: 5, burstRate: 50, lasting: 2 s, every: 10 s } } } }
  classes:
    - { name: chat, weight: 3, priority: 0, prompt: { lognormal: { mean: 100, deviation: 100, max: 1000 } }, output: { exponential: { mean: 50 } }, slo: { ttft: 1 s }, admission: defer, sharedPrefix: { tokens: 64, count: 5, exponent: 1 }, patience: 20 s }
    - { name: talk, prompt: { zipf: { exponent: 1.1, min: 5, max: 500 } }, output: { histogram: { min: 1, edges: [10, 100], weights: [3, 1] } }, conversation: { turns: { uniform: [1, 4] }, thinkTime: 2 s } }
  requests: 100
  duration: 5 min
  warmUp: 1 s
  slo: { tpot: 50 ms, e2e: 10 s }
timeLimit: 10 min
leap: off
capacity: { load: 20 req/s, night: 5, slo: "ttft.p99 < 1 s, tpot < 50 ms", objective: cost, systems: [dgx-h100], tensor: [1, 2], pipeline: [1], precisions: [fp8], maxBatchSize: [16], maxBatchTokens: [512], accelerators: 64, prices: { h100-sxm: 2.5 }, priceAt: low, spareNodes: 1, nodeHoursBetweenFailures: 5000, repairHours: 12, models: [{ model: llama-3-8b, load: 3 }], budget: 100, apiPrice: { prompt: 0.5, output: 1 }, depreciationYears: 4, serverShare: 0.5, electricity: 0.1, powerUsageEffectiveness: 1.2, expert: [1, 2], dataAttention: [1], disaggregation: [together, apart], prefill: { systems: [dgx-h100], tensor: [2], pipeline: [1], expert: [2], dataAttention: [1], precisions: [fp8], maxBatchSize: [8], maxBatchTokens: [1024] }, decode: { tensor: [4] }, front: exact }
price: { perAcceleratorHour: 2, perKilowattHour: 0.1, powerUsageEffectiveness: 1.2, gramsPerKilowattHour: 57 }
resources: { flops: 1.1, memoryRate: 0.9, memoryBytes: 1.2, host: 1.3, prompt: 0.8, output: 1.5, load: 2 }
seed: 7
`.replace(", price: null", "")
/** Two kinds of replicas behind a door, of which one computes prompts and one writes answers; and adapters. */
const fleets = [
  `
cluster: { system: dgx-h100, nodes: 2 }
model: llama-3.1-8b
serving:
  pools:
    - { name: prefill, role: prefill, parallelism: { tensor: 2 }, replicas: 4, weight: 2 }
    - { name: decode, role: decode, parallelism: { tensor: 4 }, replicas: 2, perAcceleratorHour: 3, kvCache: { blocks: 4000 } }
  handover: { overlap: layer-wise, router: least-tokens }
  router: least-requests
workload: { arrivals: { poisson: { rate: 5 } }, prompt: { uniform: [10, 500] }, output: 20, requests: 30 }
seed: 3
`,
  `
cluster: { system: dgx-a100 }
model: llama-3.1-8b
serving:
  router: least-queued
  batching: { policy: mixed, maxBatchTokens: 600, maxBatchSize: 64, pauses: 2 }
  measuredSteps: { prompt: [[100, 10 ms], [500, 60 ms]], decode: [[1, 8 ms], [64, 12 ms]], decodeBy: sequences, mixed: 1.1 }
  pools:
    - { name: prompts, role: prefill, replicas: 5, measuredSteps: { mixed: 1.3 } }
    - { name: answers, role: decode, kvCache: { blocks: 200 } }
  handover: { overlap: after-prefill, router: least-tokens, mixing: { promptTokens: 400 } }
workload: { arrivals: { poisson: { rate: 40 } }, prompt: { uniform: [10, 500] }, output: { uniform: [1, 60] }, requests: 80 }
`,
  `
cluster: { system: dgx-a100 }
model: llama-3.1-8b
serving:
  router: prefix-aware
  kvCache: { blocks: 400, prefixCaching: true, tiers: [{ in: host, capacity: 2 GB }, { in: remote, capacity: 8 GB }] }
  pools:
    - { name: prompts, role: prefill, replicas: 3 }
    - { name: whole, replicas: 2 }
    - { name: answers, role: decode, kvCache: { blocks: 200 } }
  handover: { mixing: { promptTokens: 400 } }
workload:
  { arrivals: { poisson: { rate: 40 } }, prompt: { uniform: [10, 500] }, output: { uniform: [1, 60] }, requests: 80, conversation: { turns: 3, thinkTime: 1 s }, sharedPrefix: { tokens: 200, count: 4 } }
`,
  `
cluster: { system: dgx-a100 }
model: llama-3.1-8b
serving:
  pools: [{ name: large, parallelism: { tensor: 4 }, replicas: 1 }, { name: small, parallelism: { tensor: 2 }, replicas: 2, precision: int8 }]
  poolWeights: speed
  router: round-robin
workload: { arrivals: { closedLoop: { users: 8 } }, prompt: 300, output: 30, requests: 40 }
`,
  `
cluster: { system: dgx-a100 }
model: llama-3.1-8b
serving: { adapters: { count: 20, exponent: 1, share: 0.8, rank: 16, modules: all, resident: 4 } }
workload: { arrivals: { poisson: { rate: 4 } }, prompt: 200, output: 20, requests: 40 }
`
]
const bases = [...serverTexts, inline]

const policyNames = [
  "none",
  "static",
  "dynamic",
  "continuous",
  "continuous-chunked",
  "sarathi",
  "orca",
  "in-flight",
  "mixed"
]

const optional = <T>(chance: Chance, value: T): T | undefined => (chance() < 0.5 ? undefined : value)

const lengths = (chance: Chance): unknown =>
  pick(chance, [
    1,
    100,
    5000,
    { constant: 20 },
    { uniform: [1, 300] },
    { exponential: { mean: 60 } },
    { lognormal: { mean: 100, deviation: 300 } },
    { lognormal: { mean: 50, deviation: 20, max: 60 } },
    { zipf: { exponent: 1.3, min: 1, max: 1000 } },
    { histogram: { min: 0, edges: [5, 50, 500], weights: [1, 0, 2] } },
    { values: [1, 7, 4096] },
    { published: "azure-conv-2023" }
  ])

const arrivals = (chance: Chance): unknown =>
  pick(chance, [
    { poisson: { rate: pick(chance, [0.1, 5, 500]) } },
    { poisson: { rate: { ramp: { from: 0, to: 20, over: "30 s" } } } },
    { poisson: { rate: { daily: { mean: 2, amplitude: 1, peak: "14 h", period: "1 h" } } } },
    { poisson: { rate: { steps: [[0, 0], [10, 5]] } } }, // prettier-ignore
    { gamma: { rate: 3, variation: pick(chance, [0.1, 1, 8]) } },
    { deterministic: { rate: 2 } },
    { closedLoop: { users: pick(chance, [1, 7, 64]), thinkTime: { uniform: [0, 3] } } },
    { closedLoop: { users: 3 } },
    {
      rounds: { prompts: pick(chance, [1, 5]), samples: pick(chance, [1, 4]), rounds: 2, refresh: pick(chance, [0, 3]) }
    },
    { batch: {} }
  ])

/** Replicas that come, go and fail; most servers have none. */
const life = (chance: Chance, replicas: number, router: string): object =>
  chance() < 0.82
    ? {}
    : {
        scaling: {
          on: pick(chance, [
            { requests: pick(chance, [1, 20]) },
            { tokens: 500 },
            { busy: 0.5 },
            { queue: 1 },
            { ttft: { goal: "200 ms" } },
            { tpot: { goal: "20 ms", percentile: 0.5 } },
            { schedule: [[0, 1], ["20 s", replicas]] } // prettier-ignore
          ]),
          min: pick(chance, [0, 1]),
          spare: pick(chance, [0, 1]),
          window: "10 s",
          every: "3 s",
          tolerance: pick(chance, [0, 0.2]),
          upCooldown: pick(chance, [0, 3]),
          downCooldown: pick(chance, [0, 30])
        },
        startUp: { node: pick(chance, [0, 20]), image: 5, storageRate: "5 GB/s", readRate: "2 GB/s", warmUp: 3 },
        failures: optional(chance, {
          meanTime: pick(chance, [20, 500]),
          at: [[5, 0]],
          repair: 10,
          requests: pick(chance, ["lost", "retry", "resume"]),
          retries: 2
        }),
        rollingRestart: optional(chance, { at: pick(chance, [0, 12]) }),
        routing: optional(chance, {
          knows: pick(chance, ["index", "cache"]),
          indexBlocks: 50,
          loadWeight: router === "prefix-aware" || chance() < 0.1 ? 0.5 : undefined,
          log: true
        })
      }

const expertOptions = (chance: Chance): readonly object[] => [
  { expertRouting: { zipf: pick(chance, [0, 0.7, 4]) }, redundantExperts: pick(chance, [0, 2, 8]) },
  { expertRouting: { loads: [5, 1, 0, 3, 1, 1, 1, 1] } },
  { redundantExperts: 8 },
  { twoBatchOverlap: true },
  { expertExchange: { by: "all-to-all", dispatch: "fp8", nodeLimit: pick(chance, [1, 2]) } },
  { expertExchange: { by: pick(chance, ["gather", "all-to-all"]) }, twoBatchOverlap: chance() < 0.3 }
]

const routers = [
  "round-robin",
  "random",
  "least-requests",
  "least-tokens",
  "least-queued",
  "power-of-two",
  "prefix-aware",
  "session",
  "least-ttft"
]

/** Pools, adapters, or most often neither. */
const fleetOptions = (chance: Chance): { readonly pools?: readonly unknown[] } =>
  pick(chance, [
    ...Array.from({ length: 8 }, () => ({})),
    {
      pools: [
        { name: "prompts", role: "prefill", replicas: 1 },
        ...pick(chance, [[], [], [{ name: "whole", replicas: 1 }]]),
        { name: "answers", role: "decode", kvCache: { blocks: pick(chance, [20, 5000]) } }
      ],
      handover: {
        overlap: pick(chance, ["layer-wise", "after-prefill"]),
        router: "power-of-two",
        mixing: chance() < 0.5 ? undefined : { promptTokens: pick(chance, [0, 300]) }
      }
    },
    {
      pools: [
        { name: "one", replicas: 1, weight: 3 },
        { name: "other", precision: "fp8" }
      ],
      poolWeights: pick(chance, ["given", "speed"])
    },
    { adapters: { count: pick(chance, [1, 30]), rank: 16, share: 0.7, modules: "attention", resident: 4 } }
  ])

/** Mostly one that knows the words of the model. */
const draft = (chance: Chance, model: string): object =>
  model.startsWith("llama") || chance() < 0.1 ? { model: { model: "llama-3.2-1b" } } : { ngram: {} }

/** Servers over every policy, layout and kind of work, most of which can be simulated. */
const drawn = (chance: Chance): unknown => {
  const tensor = pick(chance, [1, 1, 2, 4])
  const pipeline = pick(chance, [1, 1, 2, 4])
  const dataAttention = pick(chance, [1, 1, 1, 2])
  const kind = fleetOptions(chance)
  // Each pool takes one at least, mostly.
  const replicas =
    kind.pools === undefined || chance() < 0.1
      ? pick(chance, [1, 1, 2, 3])
      : Math.max(kind.pools.length, pick(chance, [2, 3]))
  const policy = pick(chance, policyNames)
  // Fixed batches look for no prefixes, and hand nothing over.
  const isFixed = policy === "static" || policy === "dynamic"
  const router = pick(chance, routers)
  const model = pick(chance, ["bloom-560m", "llama-3.1-8b", "mpt-7b", "mixtral-8x7b", "gemma-3-4b", "deepseek-v2-lite"])
  // What only a mixture has is given to others now and then.
  const hasExperts = ["mixtral-8x7b", "deepseek-v2-lite"].includes(model) || chance() < 0.05
  const isApart = hasExperts && chance() < 0.2
  const feedForward = isApart
    ? { ranks: pick(chance, [1, 2, 4]), microBatches: pick(chance, [1, 2, 3, 16]) }
    : undefined
  return {
    cluster: {
      system: pick(chance, ["dgx-h100", "l40s-8x-pcie", "dgx-a100", "mi300x-8x"]),
      accelerators: ((isApart ? 1 : pipeline) * tensor * dataAttention + (feedForward?.ranks ?? 0)) * replicas
    },
    model,
    serving: {
      stack: optional(
        chance,
        pick(chance, ["vllm-v0", "tensorrt-llm", "sglang", "hf-generate", "llama-cpp", "accelerate", "deepspeed-mii"])
      ),
      parallelism: isApart
        ? { tensor, dataAttention, feedForward }
        : {
            tensor,
            pipeline,
            dataAttention,
            expert: hasExperts ? pick(chance, [1, 1, (tensor * dataAttention) % 2 === 0 || chance() < 0.1 ? 2 : 1]) : 1
          },
      precision: optional(chance, pick(chance, ["bf16", "fp8", "int8", "int4-awq", "q4_k_m"])),
      batching: {
        policy: isFixed && kind.pools !== undefined && chance() < 0.8 ? "orca" : policy,
        maxBatchSize: pick(chance, [1, 3, 32, 500]),
        maxBatchTokens: optional(chance, pick(chance, [500, 2048])),
        timeout: pick(chance, [0, 0.1, 10]),
        chunkTokens: optional(chance, pick(chance, [16, 700])),
        chunkedPrefill: chance() < 0.5,
        pauses: optional(chance, pick(chance, [0, 1, 4])),
        promptWait: optional(chance, { steps: pick(chance, [0, 3, 20]), tokens: pick(chance, [0, 0.5, 1]) }),
        order: pick(chance, ["arrival", "priority", "fair"]),
        batchesInFlight: optional(chance, pick(chance, [1, 2, 5]))
      },
      kvCache: {
        blockTokens: pick(chance, [1, 16, 128]),
        blocks: optional(chance, pick(chance, [10, 100, 5000])),
        prefixCaching: chance() < (router === "prefix-aware" ? 0.9 : 0.5),
        preemption: pick(chance, ["recompute", "swap"]),
        watermark: optional(chance, pick(chance, [0, 0.1, 0.9])),
        swapSpace: pick(chance, [0, 1e6, 4e9]),
        ...pick(chance, [
          ...Array.from({ length: isFixed && chance() < 0.8 ? 400 : 12 }, () => ({})),
          {
            prefixCaching: true,
            tiers: [{ in: "host", capacity: pick(chance, [1, 1e8, 1e9, 1e10, 1e11]), rate: pick(chance, [1e6, 1e10]) }]
          },
          {
            prefixCaching: true,
            write: pick(chance, ["eviction", "always"]),
            fetch: pick(chance, ["cost", "always"]),
            overlap: pick(chance, ["none", "layer-wise"]),
            tiers: [
              { in: "host", capacity: 1e8 },
              {
                in: pick(chance, ["nvme", "remote", "nvme", "remote", "host"]),
                capacity: 1e10,
                latency: pick(chance, [0, 0.01])
              }
            ]
          },
          {
            prefixCaching: chance() < 0.9,
            write: "selective",
            writeAfter: pick(chance, [1, 3]),
            tiers: [{ in: "remote", capacity: 1e9 }]
          }
        ])
      },
      maxSequence: optional(chance, pick(chance, [64, 2048])),
      ...pick(chance, [
        ...Array.from({ length: 12 }, () => ({})),
        { speculation: { tokens: 2, acceptance: 0.5, draft: { ngram: {} } } },
        ...(hasExperts ? expertOptions(chance) : [])
      ]),
      ...pick(chance, [
        ...Array.from({ length: 12 }, () => ({})),
        {
          speculation: { tokens: pick(chance, [1, 4, 64]), acceptance: pick(chance, [0, 0.7, 1]), draft: { ngram: {} } }
        },
        { speculation: { tokens: 3, acceptedLength: pick(chance, [1, 2.5, 9]), draft: { head: { layers: 2 } } } },
        { speculation: { tokens: 2, acceptance: 0.5, draft: draft(chance, model) } }
      ]),
      ...kind,
      measuredSteps:
        pipeline * dataAttention > 1 || chance() < 0.8
          ? undefined
          : {
              prompt: [[1, 0.01], [pick(chance, [2, 512]), "174 ms"]], // prettier-ignore
              decode: [[1, "20 ms"], [64, pick(chance, [0.01, 0.03])], [4096, "97 ms"]], // prettier-ignore
              decodeBy: optional(chance, pick(chance, ["sequences", "context"])),
              mixed: optional(chance, pick(chance, [0.5, 1.1]))
            },
      offload: chance() < 0.9 ? undefined : { share: 0.3, from: pick(chance, ["cpu", "nvme"]), storageRate: "3 GB/s" },
      router,
      ...life(chance, replicas, router),
      queue: {
        limit: optional(chance, pick(chance, [0, 3])),
        timeout: optional(chance, pick(chance, [0.001, 2])),
        retries: pick(chance, [0, 2]),
        retryAfter: 0.5
      }
    },
    workload: {
      arrivals: arrivals(chance),
      prompt: lengths(chance),
      output: lengths(chance),
      sharedPrefix: optional(chance, { tokens: pick(chance, [5, 200]), count: 3 }),
      conversation:
        chance() < 0.8
          ? undefined
          : {
              turns: { uniform: [1, 3] },
              thinkTime: "1 s",
              followUp: optional(chance, lengths(chance)),
              compact: optional(chance, { at: pick(chance, [50, 500]), to: pick(chance, [20, 50]) })
            },
      requests: 1 + whole(chance, 100),
      warmUp: optional(chance, 1),
      slo: optional(chance, { ttft: "1 s", tpot: "50 ms" }),
      patience: optional(chance, pick(chance, [0.01, 5]))
    },
    timeLimit: optional(chance, pick(chance, [0.5, 100])),
    leap: pick(chance, ["on", "off"])
  }
}

/** Policies of users, sound and unsound. */
const policies: readonly ((view: unknown) => unknown)[] = [
  () => ({}),
  () => undefined,
  () => ({ prefill: "all" }),
  () => ({ prefill: [{ id: 0, tokens: 10 }] }),
  () => ({ prefill: [{ id: 1e9, tokens: -5 }], decode: [0, 0, 7] }),
  () => ({ waitUntil: Number.NaN }),
  () => ({ preempt: [1, 2, 3] }),
  () => {
    throw new Error("no")
  },
  (view) => {
    const { waiting = [] } = view as {
      readonly waiting?: readonly { readonly id: number; readonly prefillLeft: number }[]
    }
    return { prefill: waiting.slice(0, 1).map(({ id, prefillLeft }) => ({ id, tokens: Math.min(16, prefillLeft) })) }
  }
]

const withPolicy = (chance: Chance): unknown => {
  const scenario = drawn(chance) as { readonly serving: { readonly batching: object; readonly kvCache: object } }
  const { serving } = scenario
  const batching = { ...serving.batching, policy: pick(chance, policies) }
  // Mostly without what such a policy is refused with.
  const plain =
    chance() < 0.3
      ? {}
      : { adapters: undefined, failures: undefined, kvCache: { ...serving.kvCache, tiers: undefined, write: undefined, writeAfter: undefined, fetch: undefined, overlap: undefined } } // prettier-ignore
  return { ...scenario, serving: { ...serving, ...plain, batching } }
}

const paths = [
  "serving.batching.maxBatchSize",
  "serving.parallelism.tensor",
  "serving.stack.constants.kernelFactor",
  "serving.kvCache.blocks",
  "workload.arrivals.poisson.rate",
  "workload.arrivals.closedLoop.users",
  "workload.prompt.uniform",
  "workload.classes.0.prompt",
  "workload.arrivals.trace.file",
  "workload.arrivals.trace.speedUp",
  "workload.arrivals.trace.onBadRow",
  "serving.kernels"
]

const assigned = (chance: Chance): readonly string[] => [
  ...(chance() < 0.2 ? assignments(chance).slice(0, 1) : []),
  `${pick(chance, paths)}=${pick(chance, ["0", "1", "4", "-1", "1e9", "null", "[1, 2]", "[2, 1]", "x", "{}", ".nan"])}`
]

/** The next server of each family. */
export const servingFamilies: Readonly<Record<string, (chance: Chance) => LoadedScenario | Refused>> = {
  "drawn by lot": (chance) => fromData(drawn(chance)),
  "drawn by lot, values changed": (chance) => fromData(mutated(chance, drawn(chance))),
  "fleets and adapters": (chance) => fromData(mutated(chance, parse(pick(chance, fleets)))),
  "one number of a fleet changed": (chance) => fromData(withOtherNumber(chance, parse(pick(chance, fleets)))),
  "policies of users": (chance) => fromData(withPolicy(chance)),
  "values changed in data": (chance) => fromData(mutated(chance, parse(pick(chance, bases)))),
  "one number changed": (chance) => fromData(withOtherNumber(chance, drawn(chance))),
  "values changed in a file": (chance) => fromText(yamlOf(mutated(chance, parse(pick(chance, bases))))),
  "text spoilt": (chance) => fromText(spoiltText(chance, pick(chance, bases))),
  "junk in place of a server": (chance) => fromData({ ...(drawn(chance) as object), serving: junk(chance) }),
  "junk in place of a workload": (chance) => fromData({ ...(drawn(chance) as object), workload: junk(chance) }),
  assignments: (chance) => fromText(pick(chance, bases), assigned(chance))
}
