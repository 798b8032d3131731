/** Families of scenarios that nobody would write, each made from the shipped ones and loaded as a user's is. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parse } from "yaml"
import { find, isUnknownName, type Kind } from "../../src/catalog/index.ts"
import {
  loadScenario,
  scenarioFromData,
  type LoadedScenario,
  type ReadText,
  type Refused
} from "../../src/scenario/index.ts"
import {
  assignments,
  binaryText,
  junk,
  mutated,
  pick,
  relaidOut,
  spoiltText,
  withOtherNumber,
  yamlOf,
  type Chance
} from "./mutations.ts"

const folder = fileURLToPath(new URL("../../scenarios/", import.meta.url))
const shippedTexts = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => readFileSync(`${folder}${file}`, "utf8"))
const isServer = (text: string): boolean => /^serving:/m.test(text)
const texts = shippedTexts.filter((text) => !isServer(text))
/** Shipped scenarios of serving. */
export const serverTexts = shippedTexts.filter(isServer)

/** A scenario with all that may be written in line, and more of the fields than the shipped ones use. */
const inline = `
cluster:
  system: { extends: dgx-a100, nodeWatts: 2 kW }
  nodes: 2
  accelerator: { extends: a100-sxm-80gb, memory: 40 GB }
  scaleUp: { link: { extends: nvlink3, bandwidth: 250 GB/s, latency: 3 us }, domain: 8, topology: mesh, peerToPeer: true }
  network: { link: { name: mine, bandwidth: 25 GB/s, latency: 5 us }, nicsPerNode: 4, oversubscription: 2, sumsInNetwork: false }
model: { name: mine, layers: 8, hidden: 1024, heads: 8, vocabulary: 32000, maximumSequence: 2048, experts: { count: 8, active: 2, feedForward: 2048, sharedFeedForward: 0, denseLayers: 1 } }
training:
  parallelism: { tensor: 2, pipeline: 2, data: 4, context: 1, expert: 4, expertTensor: 1, sequenceParallel: true, order: tp-cp-ep-dp-pp }
  schedule: { operations: ["F0 F1 B0 B1", "F0 B0 F1 B1"] }
  microBatch: 1
  globalBatch: 8
  sequenceLength: 1k
  precision: fp16
  zeroStage: 3
  sharding: { group: 2, prefetch: 2 }
  recompute: { blocks: 2 }
  offload: { activations: true, optimizer: true }
  layerSplit: [5, 3]
  expertImbalance: 1.3
  collective: { algorithm: tree, protocol: LL128 }
  stack: { extends: megatron-core, optimizer: { fixedSeconds: 0.01 }, constants: { hostSecondsPerLayer: 1e-5, dataOverlap: 0.5 } }
  tokens: 1B
price: { perAcceleratorHour: 2, perKilowattHour: 0.1, powerUsageEffectiveness: 1.2, gramsPerKilowattHour: 57 }
resources: { flops: 1.1, memoryRate: 0.9, memoryBytes: 1.2, scaleUpRate: 2, networkRate: 0.5, hostRate: 1.5, latency: 1.1, launch: 0.8, host: 1.3 }
plan:
  objective: cost
  constraints: { memoryHeadroom: 5 %, deadline: 30 days, budget: 2.5M, power: 300 kW, accelerators: 64 }
  space: { tensor: [1, 2], pipeline: 2, data: [2, 4], context: 1, expert: 4, virtualPipeline: 1, microBatch: [1, 2], zeroStage: [0, 3], shardGroup: 2, recompute: [full, { blocks: 2 }], schedule: [1f1b, zb-h1], nodes: [1, 2], system: dgx-a100 }
  top: 3
measured: { iterationSeconds: 5 s, memory: 59 GB, source: nowhere }
seed: 7
sweep: { vary: { training.microBatch: [1, 2], training.zeroStage: 0..3 }, where: microBatch < 9, seeds: 2 }
`
const irregular = `
cluster:
  system: jean-zay-a100
  nodes: 2
  irregularities: [{ node: 1, accelerator: 3, speed: 93 % }, { node: 0, scaleUp: 0.5, network: 0.7 }, { node: 1, missingNics: 1 }]
model: mixtral-8x7b
training:
  parallelism: { tensor: 2, pipeline: 2, data: 4, expert: 2 }
  globalBatch: 16
  sequenceLength: 2048
  expertImbalance: [1.3, 0.7]
  jitter: 0.02
  unevenData: { deviation: 0.3 }
  stack: megatron-core
seed: 3
`
const mixed = `
cluster:
  groups:
    - { system: dgx-h100, nodes: 1, perAcceleratorHour: 4 }
    - { system: dgx-a100, accelerators: 8, accelerator: { extends: a100-sxm-80gb, memory: 40 GB }, network: { nicsPerNode: 4 } }
model: gpt3-1.3b
training:
  parallelism: { tensor: 2, pipeline: 2, data: 4, order: tp-cp-ep-pp-dp }
  replicaMicroBatches: balanced
  layerSplit: balanced
  globalBatch: 16
  sequenceLength: 1024
  stack: megatron-core
price: { perKilowattHour: 0.1 }
`
/** A small job on each kind of network. */
const fabrics = [
  "network: { topology: { fatTree: { nodesPerLeaf: 1, leavesPerPod: 2, spines: 3, oversubscription: [2, 3], spread: hashed, flowsPerConnection: 2 } }, degraded: [{ link: leaf 0 -> spine 1, rate: 0 }, { tier: spine-core, index: 1, rate: 0.5 }] }\n  placement: { random: { seed: 3, among: 8 } }",
  "network: { topology: { railOptimised: { nodesPerPod: 2, spines: 4, oversubscription: 2, spread: balanced } }, degraded: [{ link: leaf 0 <-> spine 1, rate: 0.5 }] }\n  placement: { roundRobin: leaves }",
  "network: { topology: { dragonfly: { nodesPerRouter: 1, routersPerGroup: 2, groups: 3, localLinks: 2, globalLinks: 2, routing: valiant, spread: hashed } }, degraded: [{ tier: local, rate: 0.5 }] }\n  placement: { listed: [5, 0, 3, 1] }",
  "network: { topology: { torus: { dimensions: [2, 2] } } }\n  placement: round-robin",
  "network: { topology: system }\n  placement: packed"
].map(
  (cluster) => `
cluster:
  system: dgx-a100
  nodes: 4
  ${cluster}
model: gpt3-1.3b
training: { parallelism: { tensor: 4, pipeline: 2, data: 4 }, globalBatch: 16, sequenceLength: 1k, zeroStage: 1 }
seed: 2
`
)
const bases = [
  ...fabrics,
  ...texts,
  inline,
  mixed,
  mixed.replace("replicaMicroBatches: balanced", "replicaMicroBatches: [5, 3]"),
  irregular,
  irregular.replace("deviation: 0.3", "replicas: [1, 2, 1, 1.5]")
]

/** What an inline entry may change of a catalogue entry: all of it but its name. */
const writtenOut = (kind: Kind, name: string): Readonly<Record<string, unknown>> => {
  const entry = find(kind, name)
  if (isUnknownName(entry)) throw new Error(name)
  const {
    name: _name,
    title: _title,
    aliases: _aliases,
    sources: _sources,
    notes: _notes,
    ...fields
  } = {
    aliases: [],
    notes: [],
    ...entry
  }
  if (!("constants" in fields)) return { extends: name, ...fields }
  const constants = Object.fromEntries(Object.entries(fields.constants).map(([key, { value }]) => [key, value]))
  return { extends: name, ...fields, constants }
}

/** Every number of the catalogue that can matter to a simulation, in the scenario itself. */
const entries = (model: string, stack: string) => ({
  cluster: {
    accelerators: 16,
    accelerator: writtenOut("accelerators", "a100-sxm-80gb"),
    scaleUp: { link: writtenOut("links", "nvlink3") },
    network: { link: writtenOut("links", "ib-ndr"), nicsPerNode: 4, oversubscription: 1 }
  },
  model: writtenOut("models", model),
  training: {
    parallelism: { tensor: 2, pipeline: 2, data: 4, expert: model === "mixtral-8x7b" ? 4 : 1 },
    globalBatch: 16,
    sequenceLength: 2048,
    zeroStage: stack === "torchtitan" ? 3 : 1,
    offload: { optimizer: true },
    recompute: "selective",
    stack: writtenOut("stacks", stack)
  },
  price: { perAcceleratorHour: 1, perKilowattHour: 1, powerUsageEffectiveness: 1, gramsPerKilowattHour: 1 }
})
const catalogued = [
  entries("mixtral-8x7b", "megatron-core"),
  entries("llama-3.1-8b", "megatron-deepspeed"),
  entries("deepseek-v3", "torchtitan")
]

export const readText: ReadText = (path) => {
  try {
    return { text: readFileSync(path, "utf8") }
  } catch {
    return { failure: "no such file" }
  }
}

/** Reads one text as the file itself, and whatever it extends from the shipped scenarios. */
const fileOf =
  (text: string): ReadText =>
  (path) =>
    path.endsWith("/fuzzed.yaml") ? { text } : readText(path)

export const fromText = (text: string, set: readonly string[] = []): LoadedScenario | Refused =>
  loadScenario({ file: `${folder}fuzzed.yaml`, readText: fileOf(text), set })

export const fromData = (data: unknown): LoadedScenario | Refused =>
  scenarioFromData({ name: `${folder}fuzzed.ts`, data, readText })

/** The next scenario of each family. */
export const families: Readonly<Record<string, (chance: Chance) => LoadedScenario | Refused>> = {
  "values changed in data": (chance) => fromData(mutated(chance, parse(pick(chance, bases)))),
  "values changed in a file": (chance) => fromText(yamlOf(mutated(chance, parse(pick(chance, bases))))),
  "layouts drawn by lot": (chance) => fromData(relaidOut(chance, parse(pick(chance, bases)))),
  "layouts with values changed": (chance) => fromData(mutated(chance, relaidOut(chance, parse(pick(chance, bases))))),
  "one number of the catalogue changed": (chance) => fromData(withOtherNumber(chance, pick(chance, catalogued))),
  "text spoilt": (chance) => fromText(spoiltText(chance, pick(chance, bases))),
  "text spoilt twice": (chance) => fromText(spoiltText(chance, spoiltText(chance, pick(chance, bases)))),
  bytes: (chance) => fromText(binaryText(chance)),
  "junk in place of a scenario": (chance) => fromData(junk(chance)),
  assignments: (chance) => fromText(pick(chance, bases), assignments(chance))
}
