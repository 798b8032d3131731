/**
 * OPT (Meta; Zhang et al. 2022, arXiv:2205.01068).
 */
import type { Model } from "../types.ts"
import { genz, plain } from "./plain.ts"

const base = {
  ...plain,
  family: "OPT",
  gated: false,
  vocabulary: 50272,
  maximumSequence: 2048,
  position: "learned",
  tiedEmbeddings: true,
  bias: true,
  queryKeyValueBias: true,
  normalization: "layernorm",
  normalizationBias: true,
  sources: { default: genz }
} as const

export const opt: readonly Model[] = [
  {
    ...base,
    name: "opt-125m",
    title: "OPT-125M",
    aliases: ["facebook/opt-125m"],
    layers: 12,
    hidden: 768,
    heads: 12,
    keyValueHeads: 12,
    headDimension: 64,
    feedForward: 3072,
    publishedParameters: 125_239_296
  },
  {
    ...base,
    name: "opt-350m",
    title: "OPT-350M",
    aliases: ["facebook/opt-350m"],
    layers: 24,
    hidden: 1024,
    heads: 16,
    keyValueHeads: 16,
    headDimension: 64,
    feedForward: 4096,
    postNormalization: true,
    embeddingDimension: 512,
    publishedParameters: 331_196_416,
    notes: ["embeddings of width 512 are projected to 1024"]
  },
  {
    ...base,
    name: "opt-1.3b",
    title: "OPT-1.3B",
    aliases: ["facebook/opt-1.3b"],
    layers: 24,
    hidden: 2048,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 64,
    feedForward: 8192,
    publishedParameters: 1_315_758_080
  },
  {
    ...base,
    name: "opt-2.7b",
    title: "OPT-2.7B",
    aliases: ["facebook/opt-2.7b"],
    layers: 32,
    hidden: 2560,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 80,
    feedForward: 10240,
    publishedParameters: 2_651_596_800
  },
  {
    ...base,
    name: "opt-6.7b",
    title: "OPT-6.7B",
    aliases: ["facebook/opt-6.7b"],
    layers: 32,
    hidden: 4096,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 128,
    feedForward: 16384,
    publishedParameters: 6_658_473_984
  },
  {
    ...base,
    name: "opt-13b",
    title: "OPT-13B",
    aliases: ["facebook/opt-13b"],
    layers: 40,
    hidden: 5120,
    heads: 40,
    keyValueHeads: 40,
    headDimension: 128,
    feedForward: 20480,
    publishedParameters: 12_853_473_280
  },
  {
    ...base,
    name: "opt-30b",
    title: "OPT-30B",
    aliases: ["facebook/opt-30b"],
    layers: 48,
    hidden: 7168,
    heads: 56,
    keyValueHeads: 56,
    headDimension: 128,
    feedForward: 28672,
    publishedParameters: 29_974_540_288
  },
  {
    ...base,
    name: "opt-66b",
    title: "OPT-66B",
    aliases: ["facebook/opt-66b"],
    layers: 64,
    hidden: 9216,
    heads: 72,
    keyValueHeads: 72,
    headDimension: 128,
    feedForward: 36864,
    publishedParameters: 65_717_387_264
  },
  {
    ...base,
    name: "opt-175b",
    title: "OPT-175B",
    aliases: ["facebook/opt-175b"],
    layers: 96,
    hidden: 12288,
    heads: 96,
    keyValueHeads: 96,
    headDimension: 128,
    feedForward: 49152,
    publishedParameters: 175e9
  }
]
