/**
 * Nemotron 4 (NVIDIA).
 */
import type { Model } from "../types.ts"
import { genz, paperFromMemory, plain } from "./plain.ts"

const base = {
  ...plain,
  family: "Nemotron",
  keyValueHeads: 8,
  gated: false,
  vocabulary: 256_000,
  maximumSequence: 4096,
  position: "rope",
  tiedEmbeddings: false,
  bias: false,
  queryKeyValueBias: false,
  normalization: "layernorm",
  normalizationBias: true,
  notes: ["squared ReLU"]
} as const

export const nemotron: readonly Model[] = [
  {
    ...base,
    name: "nemotron-4-15b",
    title: "Nemotron-4 15B",
    aliases: ["nvidia/Nemotron-4-15B"],
    layers: 32,
    hidden: 6144,
    heads: 48,
    headDimension: 128,
    feedForward: 24576,
    publishedParameters: 15.6e9,
    sources: { default: paperFromMemory }
  },
  {
    ...base,
    name: "nemotron-4-340b",
    title: "Nemotron-4 340B",
    aliases: ["nvidia/Nemotron-4-340B"],
    layers: 96,
    hidden: 18432,
    heads: 96,
    headDimension: 192,
    feedForward: 73728,
    publishedParameters: 341e9,
    sources: { default: genz }
  }
]
