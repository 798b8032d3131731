/** Small machines and models of every kind that plans are tested on. */
import { scenarioFromData, type LoadedScenario } from "../../src/scenario/index.ts"

const dense = {
  name: "dense",
  layers: 12,
  hidden: 2048,
  heads: 16,
  vocabulary: 32_000,
  maximumSequence: 2048
}

const base = { globalBatch: 32, sequenceLength: 2048, tokens: 1e10 }

/** Cluster, model and training by name. */
export const cases = {
  "a dense model on two nodes": { cluster: { system: "dgx-h100", nodes: 2 }, model: dense, training: base },
  "layers that do not divide, old software": {
    cluster: { system: "jean-zay-a100", nodes: 2 },
    model: { ...dense, layers: 14, tiedEmbeddings: true },
    training: { ...base, stack: "megatron-deepspeed" }
  },
  "full shards": {
    cluster: { system: "dgx-a100", nodes: 2 },
    model: dense,
    training: { ...base, stack: "torchtitan" }
  },
  "experts behind a dense layer": {
    cluster: { system: "dgx-h100", nodes: 2 },
    model: { ...dense, experts: { count: 8, active: 2, feedForward: 2048, sharedFeedForward: 1024, denseLayers: 1 } },
    training: base
  },
  "steps that do not wait": {
    cluster: { system: "dgx-h100", nodes: 2 },
    model: dense,
    training: { ...base, stack: "zero-bubble" }
  },
  "cards on PCIe": { cluster: { system: "l40s-8x-pcie", nodes: 1 }, model: dense, training: base },
  "offload and 8 bits": {
    cluster: { system: "dgx-h100", nodes: 1 },
    model: dense,
    training: { ...base, precision: "fp8", offload: { activations: true, optimizer: true } }
  },
  "a network with a core": {
    cluster: {
      system: "dgx-h100",
      nodes: 4,
      network: { topology: { fatTree: { nodesPerLeaf: 2, oversubscription: 4 } } }
    },
    model: dense,
    training: base
  },
  "ranks numbered otherwise": {
    cluster: { system: "dgx-h100", nodes: 2 },
    model: dense,
    training: { ...base, parallelism: { order: "tp-pp-dp" } }
  }
} as const

export const loadedCase = (written: object, plan: object = {}): LoadedScenario => {
  const loaded = scenarioFromData({
    name: "case",
    data: { price: { perAcceleratorHour: 2, perKilowattHour: 0.1 }, ...written, plan }
  })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  return loaded
}

export const noFiles = () => ({ failure: "there are no files here" })
