/**
 * GPT models of the Megatron-LM scaling study (Narayanan et al. 2021, arXiv:2104.04473, table 1).
 */
import type { Model } from "../types.ts"
import { plain } from "./plain.ts"

const base = {
  ...plain,
  family: "GPT",
  gated: false,
  vocabulary: 51200,
  maximumSequence: 2048,
  position: "learned",
  tiedEmbeddings: true,
  bias: true,
  queryKeyValueBias: true,
  normalization: "layernorm",
  normalizationBias: true,
  sources: { default: "Narayanan et al. 2021, arXiv:2104.04473, table 1" }
} as const

export const gptSc21: readonly Model[] = [
  {
    ...base,
    name: "gpt-sc21-1.7b",
    title: "GPT 1.7B of SC'21",
    layers: 24,
    hidden: 2304,
    heads: 24,
    keyValueHeads: 24,
    headDimension: 96,
    feedForward: 9216,
    publishedParameters: null,
    notes: ["published as 1.7 billion; the shapes give 1.65"]
  },
  {
    ...base,
    name: "gpt-sc21-3.6b",
    title: "GPT 3.6B of SC'21",
    layers: 30,
    hidden: 3072,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 96,
    feedForward: 12288,
    publishedParameters: null,
    notes: ["published as 3.6 billion; the shapes give 3.56"]
  },
  {
    ...base,
    name: "gpt-sc21-7.5b",
    title: "GPT 7.5B of SC'21",
    layers: 36,
    hidden: 4096,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 128,
    feedForward: 16384,
    publishedParameters: 7.5e9
  },
  {
    ...base,
    name: "gpt-sc21-18.4b",
    title: "GPT 18.4B of SC'21",
    layers: 40,
    hidden: 6144,
    heads: 48,
    keyValueHeads: 48,
    headDimension: 128,
    feedForward: 24576,
    publishedParameters: 18.4e9
  },
  {
    ...base,
    name: "gpt-sc21-39.1b",
    title: "GPT 39.1B of SC'21",
    layers: 48,
    hidden: 8192,
    heads: 64,
    keyValueHeads: 64,
    headDimension: 128,
    feedForward: 32768,
    publishedParameters: 39.1e9
  },
  {
    ...base,
    name: "gpt-sc21-76.1b",
    title: "GPT 76.1B of SC'21",
    layers: 60,
    hidden: 10240,
    heads: 80,
    keyValueHeads: 80,
    headDimension: 128,
    feedForward: 40960,
    publishedParameters: 76.1e9
  },
  {
    ...base,
    name: "gpt-sc21-145.6b",
    title: "GPT 145.6B of SC'21",
    layers: 80,
    hidden: 12288,
    heads: 96,
    keyValueHeads: 96,
    headDimension: 128,
    feedForward: 49152,
    publishedParameters: 145.6e9
  },
  {
    ...base,
    name: "gpt-sc21-310.1b",
    title: "GPT 310.1B of SC'21",
    layers: 96,
    hidden: 16384,
    heads: 128,
    keyValueHeads: 128,
    headDimension: 128,
    feedForward: 65536,
    publishedParameters: 310.1e9
  },
  {
    ...base,
    name: "gpt-sc21-529.6b",
    title: "GPT 529.6B of SC'21",
    layers: 105,
    hidden: 20480,
    heads: 128,
    keyValueHeads: 128,
    headDimension: 160,
    feedForward: 81920,
    publishedParameters: 529.6e9
  },
  {
    ...base,
    name: "gpt-sc21-1008b",
    title: "GPT 1008B of SC'21",
    layers: 128,
    hidden: 25600,
    heads: 160,
    keyValueHeads: 160,
    headDimension: 160,
    feedForward: 102400,
    publishedParameters: 1008e9
  }
]
