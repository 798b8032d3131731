/**
 * gpt-oss (OpenAI, 2025).
 */
import type { Model } from "../types.ts"
import { aiconfiguratorModels, plain } from "./plain.ts"

const base = {
  ...plain,
  family: "gpt-oss",
  hidden: 2880,
  heads: 64,
  keyValueHeads: 8,
  headDimension: 64,
  feedForward: 0,
  gated: true,
  vocabulary: 201_088,
  maximumSequence: 131_072,
  position: "rope",
  tiedEmbeddings: false,
  bias: true,
  queryKeyValueBias: true,
  normalization: "rmsnorm",
  normalizationBias: false,
  notes: [
    "released with MXFP4 expert weights of 4.25 bits",
    "attention sinks; local and full layers alternate",
    "the published active count leaves out one embedding"
  ],
  sources: { default: aiconfiguratorModels }
} as const

export const gptOss: readonly Model[] = [
  {
    ...base,
    name: "gpt-oss-20b",
    title: "gpt-oss-20B",
    aliases: ["openai/gpt-oss-20b"],
    layers: 24,
    experts: { count: 32, active: 4, feedForward: 2880, sharedFeedForward: 0, denseLayers: 0 },
    slidingWindow: { tokens: 128, layers: 12 },
    publishedParameters: 20_914_757_184,
    publishedActiveParameters: 3.6e9
  },
  {
    ...base,
    name: "gpt-oss-120b",
    title: "gpt-oss-120B",
    aliases: ["openai/gpt-oss-120b"],
    layers: 36,
    experts: { count: 128, active: 4, feedForward: 2880, sharedFeedForward: 0, denseLayers: 0 },
    slidingWindow: { tokens: 128, layers: 18 },
    publishedParameters: 116_829_156_672,
    publishedActiveParameters: 5.1e9
  }
]
