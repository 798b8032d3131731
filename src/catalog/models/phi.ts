/**
 * Phi (Microsoft).
 */
import type { Model } from "../types.ts"
import { genz, litgpt, plain } from "./plain.ts"

const base = {
  ...plain,
  family: "Phi",
  position: "rope",
  tiedEmbeddings: false
} as const

export const phi: readonly Model[] = [
  {
    ...base,
    name: "phi-2",
    title: "Phi-2",
    aliases: ["microsoft/phi-2"],
    layers: 32,
    hidden: 2560,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 80,
    feedForward: 10240,
    gated: false,
    vocabulary: 51200,
    maximumSequence: 2048,
    bias: true,
    queryKeyValueBias: true,
    normalization: "layernorm",
    normalizationBias: true,
    normalizationsPerLayer: 1,
    parallelAttention: true,
    publishedParameters: 2_779_683_840,
    notes: ["rotary position on 40 % of a head; the LM head has a bias"],
    sources: { default: litgpt }
  },
  {
    ...base,
    name: "phi-3-mini-4k",
    title: "Phi-3 mini 4k",
    aliases: ["microsoft/Phi-3-mini-4k", "microsoft/Phi-3-mini-4k-instruct"],
    layers: 32,
    hidden: 3072,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 96,
    feedForward: 8192,
    gated: true,
    vocabulary: 32064,
    maximumSequence: 4096,
    bias: false,
    queryKeyValueBias: false,
    normalization: "rmsnorm",
    normalizationBias: false,
    slidingWindow: { tokens: 2047, layers: 32 },
    publishedParameters: 3_821_079_552,
    sources: { default: litgpt }
  },
  {
    ...base,
    name: "phi-3-medium",
    title: "Phi-3 medium",
    aliases: ["microsoft/Phi-3-medium", "microsoft/Phi-3-medium-4k-instruct"],
    layers: 40,
    hidden: 5120,
    heads: 40,
    keyValueHeads: 10,
    headDimension: 128,
    feedForward: 17920,
    gated: true,
    vocabulary: 32064,
    maximumSequence: 4096,
    bias: false,
    queryKeyValueBias: false,
    normalization: "rmsnorm",
    normalizationBias: false,
    publishedParameters: 13_960_238_080,
    sources: { default: genz }
  },
  {
    ...base,
    name: "phi-4",
    title: "Phi-4",
    aliases: ["microsoft/phi-4"],
    layers: 40,
    hidden: 5120,
    heads: 40,
    keyValueHeads: 10,
    headDimension: 128,
    feedForward: 17920,
    gated: true,
    vocabulary: 100_352,
    maximumSequence: 16384,
    bias: false,
    queryKeyValueBias: false,
    normalization: "rmsnorm",
    normalizationBias: false,
    publishedParameters: 14_659_507_200,
    sources: { default: litgpt }
  }
]
