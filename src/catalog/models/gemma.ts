/**
 * Gemma 2 and 3 (Google): text towers.
 */
import type { Model } from "../types.ts"
import { litgpt, plain } from "./plain.ts"

const gemma2Base = {
  ...plain,
  family: "Gemma-2",
  gated: true,
  vocabulary: 256_000,
  maximumSequence: 8192,
  position: "rope",
  tiedEmbeddings: true,
  bias: false,
  queryKeyValueBias: false,
  normalization: "rmsnorm",
  normalizationBias: false,
  normalizationsPerLayer: 4,
  sources: { default: litgpt }
} as const

const gemma3Base = {
  ...plain,
  family: "Gemma-3",
  gated: true,
  position: "rope",
  tiedEmbeddings: true,
  bias: false,
  queryKeyValueBias: false,
  normalization: "rmsnorm",
  normalizationBias: false,
  normalizationsPerLayer: 4,
  queryKeyNormalization: true,
  sources: { default: litgpt }
} as const

export const gemma: readonly Model[] = [
  {
    ...gemma2Base,
    name: "gemma-2-2b",
    title: "Gemma 2 2B",
    aliases: ["google/gemma-2-2b"],
    layers: 26,
    hidden: 2304,
    heads: 8,
    keyValueHeads: 4,
    headDimension: 256,
    feedForward: 9216,
    slidingWindow: { tokens: 4096, layers: 13 },
    publishedParameters: 2_614_341_888
  },
  {
    ...gemma2Base,
    name: "gemma-2-9b",
    title: "Gemma 2 9B",
    aliases: ["google/gemma-2-9b"],
    layers: 42,
    hidden: 3584,
    heads: 16,
    keyValueHeads: 8,
    headDimension: 256,
    feedForward: 14336,
    slidingWindow: { tokens: 4096, layers: 21 },
    publishedParameters: 9_241_705_984
  },
  {
    ...gemma2Base,
    name: "gemma-2-27b",
    title: "Gemma 2 27B",
    aliases: ["google/gemma-2-27b"],
    layers: 46,
    hidden: 4608,
    heads: 32,
    keyValueHeads: 16,
    headDimension: 128,
    feedForward: 36864,
    slidingWindow: { tokens: 4096, layers: 23 },
    publishedParameters: 27_227_128_320
  },
  {
    ...gemma3Base,
    name: "gemma-3-1b",
    title: "Gemma 3 1B",
    aliases: ["google/gemma-3-1b"],
    layers: 26,
    hidden: 1152,
    heads: 4,
    keyValueHeads: 1,
    headDimension: 256,
    feedForward: 6912,
    vocabulary: 262_144,
    maximumSequence: 32768,
    slidingWindow: { tokens: 512, layers: 22 },
    publishedParameters: 999_885_952,
    notes: ["the published count is approximate, of the text tower"]
  },
  {
    ...gemma3Base,
    name: "gemma-3-4b",
    title: "Gemma 3 4B",
    aliases: ["google/gemma-3-4b"],
    layers: 34,
    hidden: 2560,
    heads: 8,
    keyValueHeads: 4,
    headDimension: 256,
    feedForward: 10240,
    vocabulary: 262_208,
    maximumSequence: 131_072,
    slidingWindow: { tokens: 1024, layers: 29 },
    publishedParameters: 3.88e9
  },
  {
    ...gemma3Base,
    name: "gemma-3-12b",
    title: "Gemma 3 12B",
    aliases: ["google/gemma-3-12b"],
    layers: 48,
    hidden: 3840,
    heads: 16,
    keyValueHeads: 8,
    headDimension: 256,
    feedForward: 15360,
    vocabulary: 262_208,
    maximumSequence: 131_072,
    slidingWindow: { tokens: 1024, layers: 40 },
    publishedParameters: 11.77e9
  },
  {
    ...gemma3Base,
    name: "gemma-3-27b",
    title: "Gemma 3 27B",
    aliases: ["google/gemma-3-27b"],
    layers: 62,
    hidden: 5376,
    heads: 32,
    keyValueHeads: 16,
    headDimension: 128,
    feedForward: 21504,
    vocabulary: 262_208,
    maximumSequence: 131_072,
    slidingWindow: { tokens: 1024, layers: 52 },
    publishedParameters: 27.01e9
  }
]
