/**
 * Mistral and Mixtral (Mistral AI).
 */
import type { Model } from "../types.ts"
import { aiconfiguratorModels, genz, litgpt, plain } from "./plain.ts"

const mistralBase = {
  ...plain,
  family: "Mistral",
  keyValueHeads: 8,
  headDimension: 128,
  gated: true,
  position: "rope",
  tiedEmbeddings: false,
  bias: false,
  queryKeyValueBias: false,
  normalization: "rmsnorm",
  normalizationBias: false
} as const

const mixtralBase = {
  ...plain,
  family: "Mixtral",
  keyValueHeads: 8,
  headDimension: 128,
  feedForward: 0,
  gated: true,
  vocabulary: 32000,
  position: "rope",
  tiedEmbeddings: false,
  bias: false,
  queryKeyValueBias: false,
  normalization: "rmsnorm",
  normalizationBias: false,
  sources: { default: aiconfiguratorModels }
} as const

export const mistral: readonly Model[] = [
  {
    ...mistralBase,
    name: "mistral-7b-v0.1",
    title: "Mistral 7B v0.1",
    aliases: ["mistralai/Mistral-7B-v0.1", "mistral-7b"],
    layers: 32,
    hidden: 4096,
    heads: 32,
    feedForward: 14336,
    vocabulary: 32000,
    maximumSequence: 32768,
    slidingWindow: { tokens: 4096, layers: 32 },
    publishedParameters: 7_241_732_096,
    sources: { default: litgpt }
  },
  {
    ...mistralBase,
    name: "mistral-7b-v0.3",
    title: "Mistral 7B v0.3",
    aliases: ["mistralai/Mistral-7B-v0.3", "mistralai/Mistral-7B-Instruct-v0.3"],
    layers: 32,
    hidden: 4096,
    heads: 32,
    feedForward: 14336,
    vocabulary: 32768,
    maximumSequence: 32768,
    publishedParameters: 7_248_023_552,
    sources: { default: litgpt }
  },
  {
    ...mistralBase,
    name: "mistral-large-2407",
    title: "Mistral Large 2407",
    aliases: ["mistralai/Mistral-Large-2407", "mistral-large"],
    layers: 88,
    hidden: 12288,
    heads: 96,
    feedForward: 28672,
    vocabulary: 32768,
    maximumSequence: 131_072,
    publishedParameters: 122_610_069_504,
    sources: { default: genz }
  },
  {
    ...mixtralBase,
    name: "mixtral-8x7b",
    title: "Mixtral 8x7B",
    aliases: ["mistralai/Mixtral-8x7B-v0.1", "mistralai/Mixtral-8x7B-Instruct-v0.1"],
    layers: 32,
    hidden: 4096,
    heads: 32,
    maximumSequence: 32768,
    experts: { count: 8, active: 2, feedForward: 14336, sharedFeedForward: 0, denseLayers: 0 },
    publishedParameters: 46_702_792_704,
    publishedActiveParameters: 12.9e9
  },
  {
    ...mixtralBase,
    name: "mixtral-8x22b",
    title: "Mixtral 8x22B",
    aliases: ["mistralai/Mixtral-8x22B-v0.1"],
    layers: 56,
    hidden: 6144,
    heads: 48,
    maximumSequence: 65536,
    experts: { count: 8, active: 2, feedForward: 16384, sharedFeedForward: 0, denseLayers: 0 },
    publishedParameters: 140_620_634_112,
    publishedActiveParameters: 39.1e9,
    notes: ["the Instruct and v0.3 tokenizers have 32,768 tokens"]
  }
]
