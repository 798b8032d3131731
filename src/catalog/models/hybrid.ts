/**
 * Models most of whose layers keep a state of fixed size in place of keys and values.
 */
import type { Model } from "../types.ts"
import { paperFromMemory, plain } from "./plain.ts"

const hybrid = {
  ...plain,
  gated: true,
  bias: false,
  queryKeyValueBias: false,
  normalization: "rmsnorm",
  normalizationBias: false,
  sources: { default: paperFromMemory }
} as const

export const hybrids: readonly Model[] = [
  {
    ...hybrid,
    name: "qwen3-next-80b-a3b",
    title: "Qwen3-Next 80B-A3B",
    aliases: ["Qwen/Qwen3-Next-80B-A3B-Instruct"],
    family: "Qwen3-Next",
    layers: 48,
    hidden: 2048,
    heads: 16,
    keyValueHeads: 2,
    headDimension: 256,
    feedForward: 0,
    vocabulary: 151_936,
    maximumSequence: 262_144,
    position: "rope",
    tiedEmbeddings: false,
    queryKeyNormalization: true,
    attentionGate: true,
    experts: { count: 512, active: 10, feedForward: 512, sharedFeedForward: 512, denseLayers: 0 },
    linearAttention: {
      layers: 36,
      keyHeads: 16,
      keyDimension: 128,
      valueHeads: 32,
      valueDimension: 128,
      convolution: 4,
      gates: 2,
      stateBytes: 2
    },
    publishedParameters: 80e9,
    publishedActiveParameters: null,
    notes: ["gated delta network in three layers of four; the block that predicts a further token is left out"]
  },
  {
    ...hybrid,
    name: "minimax-text-01",
    title: "MiniMax-Text-01 456B",
    aliases: ["MiniMaxAI/MiniMax-Text-01"],
    family: "MiniMax",
    layers: 80,
    hidden: 6144,
    heads: 64,
    keyValueHeads: 8,
    headDimension: 128,
    feedForward: 0,
    vocabulary: 200_064,
    maximumSequence: 1_048_576,
    position: "rope",
    tiedEmbeddings: false,
    experts: { count: 32, active: 2, feedForward: 9216, sharedFeedForward: 0, denseLayers: 0 },
    linearAttention: {
      layers: 70,
      keyHeads: 64,
      keyDimension: 128,
      valueHeads: 64,
      valueDimension: 128,
      convolution: 0,
      gates: 0,
      stateBytes: 4
    },
    publishedParameters: 456e9,
    publishedActiveParameters: 45.9e9,
    notes: ["lightning attention in seven layers of eight (arXiv:2501.08313)"]
  },
  {
    ...hybrid,
    name: "granite-4.0-h-small",
    title: "Granite 4.0 H Small 32B",
    aliases: ["ibm-granite/granite-4.0-h-small"],
    family: "Granite",
    layers: 40,
    hidden: 4096,
    heads: 32,
    keyValueHeads: 8,
    headDimension: 128,
    feedForward: 0,
    vocabulary: 100_352,
    maximumSequence: 131_072,
    position: "none",
    tiedEmbeddings: true,
    experts: { count: 72, active: 10, feedForward: 768, sharedFeedForward: 1536, denseLayers: 0 },
    linearAttention: {
      layers: 36,
      keyHeads: 1,
      keyDimension: 128,
      valueHeads: 128,
      valueDimension: 64,
      convolution: 4,
      gates: 1,
      stateBytes: 2
    },
    publishedParameters: 32.2e9,
    publishedActiveParameters: null,
    notes: ["Mamba-2 in nine layers of ten"]
  }
]
