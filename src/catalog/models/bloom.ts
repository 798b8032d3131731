/**
 * BLOOM (BigScience, arXiv:2211.05100).
 */
import type { Model } from "../types.ts"
import { paperFromMemory, plain } from "./plain.ts"

const base = {
  ...plain,
  family: "BLOOM",
  gated: false,
  vocabulary: 250_880,
  maximumSequence: 2048,
  position: "alibi",
  tiedEmbeddings: true,
  bias: true,
  queryKeyValueBias: true,
  normalization: "layernorm",
  normalizationBias: true,
  embeddingNormalization: true
} as const

export const bloom: readonly Model[] = [
  {
    ...base,
    name: "bloom-560m",
    title: "BLOOM-560M",
    aliases: ["bigscience/bloom-560m"],
    layers: 24,
    hidden: 1024,
    heads: 16,
    keyValueHeads: 16,
    headDimension: 64,
    feedForward: 4096,
    publishedParameters: 559_214_592,
    sources: { default: paperFromMemory }
  },
  {
    ...base,
    name: "bloom-1b1",
    title: "BLOOM-1.1B",
    aliases: ["bigscience/bloom-1b1"],
    layers: 24,
    hidden: 1536,
    heads: 16,
    keyValueHeads: 16,
    headDimension: 96,
    feedForward: 6144,
    publishedParameters: 1_065_314_304,
    sources: { default: paperFromMemory }
  },
  {
    ...base,
    name: "bloom-1b7",
    title: "BLOOM-1.7B",
    aliases: ["bigscience/bloom-1b7"],
    layers: 24,
    hidden: 2048,
    heads: 16,
    keyValueHeads: 16,
    headDimension: 128,
    feedForward: 8192,
    publishedParameters: 1_722_408_960,
    sources: { default: paperFromMemory }
  },
  {
    ...base,
    name: "bloom-3b",
    title: "BLOOM-3B",
    aliases: ["bigscience/bloom-3b"],
    layers: 30,
    hidden: 2560,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 80,
    feedForward: 10240,
    publishedParameters: 3_002_557_440,
    sources: { default: paperFromMemory }
  },
  {
    ...base,
    name: "bloom-7b1",
    title: "BLOOM-7.1B",
    aliases: ["bigscience/bloom-7b1"],
    layers: 30,
    hidden: 4096,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 128,
    feedForward: 16384,
    publishedParameters: 7_069_016_064,
    sources: { default: paperFromMemory }
  },
  {
    ...base,
    name: "bloom-176b",
    title: "BLOOM-176B",
    aliases: ["bigscience/bloom", "bloom"],
    layers: 70,
    hidden: 14336,
    heads: 112,
    keyValueHeads: 112,
    headDimension: 128,
    feedForward: 57344,
    publishedParameters: 176_247_271_424,
    sources: { default: "bigscience-workshop/bigscience, train/tr11-176B-ml/README" }
  }
]
