/**
 * MPT (MosaicML, 2023).
 */
import type { Model } from "../types.ts"
import { plain } from "./plain.ts"

const base = {
  ...plain,
  family: "MPT",
  gated: false,
  vocabulary: 50432,
  position: "alibi",
  tiedEmbeddings: true,
  bias: false,
  queryKeyValueBias: false,
  normalization: "layernorm",
  normalizationBias: false,
  sources: { default: "mosaicml/llm-foundry@8c8dd48f, training yamls, and the model card, from memory" }
} as const

export const mpt: readonly Model[] = [
  {
    ...base,
    name: "mpt-7b",
    title: "MPT-7B",
    aliases: ["mosaicml/mpt-7b"],
    layers: 32,
    hidden: 4096,
    heads: 32,
    keyValueHeads: 32,
    headDimension: 128,
    feedForward: 16384,
    maximumSequence: 2048,
    publishedParameters: 6_649_286_656
  },
  {
    ...base,
    name: "mpt-30b",
    title: "MPT-30B",
    aliases: ["mosaicml/mpt-30b"],
    layers: 48,
    hidden: 7168,
    heads: 64,
    keyValueHeads: 64,
    headDimension: 112,
    feedForward: 28672,
    maximumSequence: 8192,
    publishedParameters: 29.95e9,
    notes: [
      "llm-foundry's mpt-30b.yaml and its benchmark use 56 heads of 128, the model card 64 of 112; the parameters are the same"
    ]
  }
]
