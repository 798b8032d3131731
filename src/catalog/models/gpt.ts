/**
 * GPT-2 and GPT-3 (OpenAI; Brown et al. 2020, arXiv:2005.14165, table 2.1).
 */
import type { Model } from "../types.ts"
import { paperFromMemory, plain } from "./plain.ts"

const gpt2Base = {
  ...plain,
  family: "GPT-2",
  headDimension: 64,
  gated: false,
  vocabulary: 50257,
  maximumSequence: 1024,
  position: "learned",
  tiedEmbeddings: true,
  bias: true,
  queryKeyValueBias: true,
  normalization: "layernorm",
  normalizationBias: true,
  sources: { default: paperFromMemory }
} as const

const gpt3Base = {
  ...plain,
  family: "GPT-3",
  gated: false,
  vocabulary: 50257,
  maximumSequence: 2048,
  position: "learned",
  tiedEmbeddings: true,
  bias: true,
  queryKeyValueBias: true,
  normalization: "layernorm",
  normalizationBias: true,
  sources: { default: "Brown et al. 2020, arXiv:2005.14165, table 2.1, from memory" }
} as const

export const gpt: readonly Model[] = [
  {
    ...gpt2Base,
    name: "gpt2",
    title: "GPT-2",
    aliases: ["openai/gpt2", "openai-community/gpt2"],
    layers: 12,
    hidden: 768,
    heads: 12,
    keyValueHeads: 12,
    feedForward: 3072,
    publishedParameters: 124_439_808
  },
  {
    ...gpt2Base,
    name: "gpt2-medium",
    title: "GPT-2 medium",
    aliases: ["openai/gpt2-medium", "openai-community/gpt2-medium"],
    layers: 24,
    hidden: 1024,
    heads: 16,
    keyValueHeads: 16,
    feedForward: 4096,
    publishedParameters: 354_823_168
  },
  {
    ...gpt2Base,
    name: "gpt2-large",
    title: "GPT-2 large",
    aliases: ["openai/gpt2-large", "openai-community/gpt2-large"],
    layers: 36,
    hidden: 1280,
    heads: 20,
    keyValueHeads: 20,
    feedForward: 5120,
    publishedParameters: 774_030_080
  },
  {
    ...gpt2Base,
    name: "gpt2-xl",
    title: "GPT-2 XL",
    aliases: ["openai/gpt2-xl", "openai-community/gpt2-xl"],
    layers: 48,
    hidden: 1600,
    heads: 25,
    keyValueHeads: 25,
    feedForward: 6400,
    publishedParameters: 1_557_611_200
  },
  {
    ...gpt3Base,
    name: "gpt3-125m",
    title: "GPT-3 125M",
    aliases: ["gpt-3-125m"],
    layers: 12,
    hidden: 768,
    heads: 12,
    keyValueHeads: 12,
    headDimension: 64,
    feedForward: 3072,
    publishedParameters: 0.125e9
  },
  {
    ...gpt3Base,
    name: "gpt3-350m",
    title: "GPT-3 350M",
    aliases: ["gpt-3-350m"],
    layers: 24,
    hidden: 1024,
    heads: 16,
    keyValueHeads: 16,
    headDimension: 64,
    feedForward: 4096,
    publishedParameters: 0.356e9
  },
  {
    ...gpt3Base,
    name: "gpt3-760m",
    title: "GPT-3 760M",
    aliases: ["gpt-3-760m"],
    layers: 24,
    hidden: 1536,
    heads: 16,
    keyValueHeads: 16,
    headDimension: 96,
    feedForward: 6144,
    publishedParameters: 0.76e9
  },
  {
    ...gpt3Base,
    name: "gpt3-1.3b",
    title: "GPT-3 1.3B",
    aliases: ["gpt-3-1.3b"],
    layers: 24,
    hidden: 2048,
    heads: 16,
    keyValueHeads: 16,
    headDimension: 128,
    feedForward: 8192,
    publishedParameters: null,
    notes: [
      "16 heads of 128; the paper's table prints 24, which does not multiply to 2048",
      "published as 1.3 billion; the shapes give 1.32"
    ]
  },
  {
    ...gpt3Base,
    name: "gpt3-2.7b",
    title: "GPT-3 2.7B",
    aliases: ["gpt-3-2.7b"],
    layers: 32,
    hidden: 2560,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 80,
    feedForward: 10240,
    publishedParameters: null,
    notes: ["published as 2.7 billion; the shapes give 2.65"]
  },
  {
    ...gpt3Base,
    name: "gpt3-6.7b",
    title: "GPT-3 6.7B",
    aliases: ["gpt-3-6.7b"],
    layers: 32,
    hidden: 4096,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 128,
    feedForward: 16384,
    publishedParameters: 6.7e9
  },
  {
    ...gpt3Base,
    name: "gpt3-13b",
    title: "GPT-3 13B",
    aliases: ["gpt-3-13b"],
    layers: 40,
    hidden: 5120,
    heads: 40,
    keyValueHeads: 40,
    headDimension: 128,
    feedForward: 20480,
    publishedParameters: null,
    notes: [
      "hidden 5120; the paper's table prints 5140, which is not 40 heads of 128",
      "published as 13 billion; the shapes give 12.85"
    ]
  },
  {
    ...gpt3Base,
    name: "gpt3-175b",
    title: "GPT-3 175B",
    aliases: ["gpt-3-175b", "gpt3"],
    layers: 96,
    hidden: 12288,
    heads: 96,
    keyValueHeads: 96,
    headDimension: 128,
    feedForward: 49152,
    publishedParameters: 174.6e9
  }
]
