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
  kvCache: { blockTokens: 16, precision: fp8, memoryUtilisation: 0.5, blocks: 300, prefixCaching: true, preemption: swap, watermark: 0.02, swapSpace: 1 GB }
  maxSequence: 2048
  expertImbalance: 1.3
  router: power-of-two
  queue: { limit: 20, timeout: 5 s, retries: 2, retryAfter: 500 ms }
workload:
  arrivals: { poisson: { rate: { bursts: { rate: 5, burstRate: 50, lasting: 2 s, every: 10 s } } } }
  classes:
    - { name: chat, weight: 3, priority: 0, prompt: { lognormal: { mean: 100, deviation: 100, max: 1000 } }, output: { exponential: { mean: 50 } }, slo: { ttft: 1 s }, sharedPrefix: { tokens: 64, count: 5, exponent: 1 }, patience: 20 s }
    - { name: talk, prompt: { zipf: { exponent: 1.1, min: 5, max: 500 } }, output: { histogram: { min: 1, edges: [10, 100], weights: [3, 1] } }, conversation: { turns: { uniform: [1, 4] }, thinkTime: 2 s } }
  requests: 100
  duration: 5 min
  warmUp: 1 s
  slo: { tpot: 50 ms, e2e: 10 s }
timeLimit: 10 min
leap: off
price: { perAcceleratorHour: 2, perKilowattHour: 0.1, powerUsageEffectiveness: 1.2, gramsPerKilowattHour: 57 }
seed: 7
`.replace(", price: null", "")
const bases = [...serverTexts, inline]

const policyNames = ["none", "static", "dynamic", "continuous", "continuous-chunked", "sarathi", "orca", "in-flight"]

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
    { poisson: { rate: { daily: { mean: 2, amplitude: 1, peak: "14 h" } } } },
    { poisson: { rate: { steps: [[0, 0], [10, 5]] } } }, // prettier-ignore
    { gamma: { rate: 3, variation: pick(chance, [0.1, 1, 8]) } },
    { deterministic: { rate: 2 } },
    { closedLoop: { users: pick(chance, [1, 7, 64]), thinkTime: { uniform: [0, 3] } } },
    { closedLoop: { users: 3 } },
    { batch: {} }
  ])

/** Servers over every policy, layout and kind of work, most of which can be simulated. */
const drawn = (chance: Chance): unknown => {
  const tensor = pick(chance, [1, 1, 2, 4])
  const pipeline = pick(chance, [1, 1, 2, 4])
  const dataAttention = pick(chance, [1, 1, 1, 2])
  const replicas = pick(chance, [1, 1, 2, 3])
  return {
    cluster: {
      system: pick(chance, ["dgx-h100", "l40s-8x-pcie", "dgx-a100", "mi300x-8x"]),
      accelerators: tensor * pipeline * dataAttention * replicas
    },
    model: pick(chance, ["bloom-560m", "llama-3.1-8b", "mpt-7b", "mixtral-8x7b", "gemma-3-4b", "deepseek-v2-lite"]),
    serving: {
      stack: optional(
        chance,
        pick(chance, ["vllm-v0", "tensorrt-llm", "sglang", "hf-generate", "llama-cpp", "accelerate", "deepspeed-mii"])
      ),
      parallelism: { tensor, pipeline, dataAttention, expert: pick(chance, [1, 1, 1, 2]) },
      precision: optional(chance, pick(chance, ["bf16", "fp8", "int8", "int4-awq", "q4_k_m"])),
      batching: {
        policy: pick(chance, policyNames),
        maxBatchSize: pick(chance, [1, 3, 32, 500]),
        maxBatchTokens: optional(chance, pick(chance, [500, 2048])),
        timeout: pick(chance, [0, 0.1, 10]),
        chunkTokens: optional(chance, pick(chance, [16, 700])),
        chunkedPrefill: chance() < 0.5,
        order: pick(chance, ["arrival", "priority"]),
        batchesInFlight: optional(chance, pick(chance, [1, 2, 5]))
      },
      kvCache: {
        blockTokens: pick(chance, [1, 16, 128]),
        blocks: optional(chance, pick(chance, [10, 100, 5000])),
        prefixCaching: chance() < 0.5,
        preemption: pick(chance, ["recompute", "swap"]),
        watermark: optional(chance, pick(chance, [0, 0.1, 0.9])),
        swapSpace: pick(chance, [0, 1e6, 4e9])
      },
      maxSequence: optional(chance, pick(chance, [64, 2048])),
      offload: chance() < 0.9 ? undefined : { share: 0.3, from: pick(chance, ["cpu", "nvme"]) },
      router: pick(chance, ["round-robin", "random", "least-requests", "least-tokens", "power-of-two"]),
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
      conversation: chance() < 0.8 ? undefined : { turns: { uniform: [1, 3] }, thinkTime: "1 s" },
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
  const scenario = drawn(chance) as { readonly serving: { readonly batching: object } }
  const batching = { ...scenario.serving.batching, policy: pick(chance, policies) }
  return { ...scenario, serving: { ...scenario.serving, batching } }
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
  "policies of users": (chance) => fromData(withPolicy(chance)),
  "values changed in data": (chance) => fromData(mutated(chance, parse(pick(chance, bases)))),
  "one number changed": (chance) => fromData(withOtherNumber(chance, drawn(chance))),
  "values changed in a file": (chance) => fromText(yamlOf(mutated(chance, parse(pick(chance, bases))))),
  "text spoilt": (chance) => fromText(spoiltText(chance, pick(chance, bases))),
  "junk in place of a server": (chance) => fromData({ ...(drawn(chance) as object), serving: junk(chance) }),
  "junk in place of a workload": (chance) => fromData({ ...(drawn(chance) as object), workload: junk(chance) }),
  assignments: (chance) => fromText(pick(chance, bases), assigned(chance))
}
