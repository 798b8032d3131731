/**
 * Falcon (TII, arXiv:2311.16867).
 */
import type { Model } from "../types.ts"
import { litgpt, plain } from "./plain.ts"

const base = {
  ...plain,
  family: "Falcon",
  headDimension: 64,
  gated: false,
  vocabulary: 65024,
  maximumSequence: 2048,
  position: "rope",
  tiedEmbeddings: true,
  bias: false,
  queryKeyValueBias: false,
  normalization: "layernorm",
  normalizationBias: true,
  parallelAttention: true,
  sources: { default: litgpt }
} as const

export const falcon: readonly Model[] = [
  {
    ...base,
    name: "falcon-7b",
    title: "Falcon-7B",
    aliases: ["tiiuae/falcon-7b"],
    layers: 32,
    hidden: 4544,
    heads: 71,
    keyValueHeads: 1,
    feedForward: 18176,
    normalizationsPerLayer: 1,
    publishedParameters: 6_921_720_704
  },
  {
    ...base,
    name: "falcon-40b",
    title: "Falcon-40B",
    aliases: ["tiiuae/falcon-40b"],
    layers: 60,
    hidden: 8192,
    heads: 128,
    keyValueHeads: 8,
    feedForward: 32768,
    publishedParameters: 41_303_293_952
  },
  {
    ...base,
    name: "falcon-180b",
    title: "Falcon-180B",
    aliases: ["tiiuae/falcon-180b"],
    layers: 80,
    hidden: 14848,
    heads: 232,
    keyValueHeads: 8,
    feedForward: 59392,
    publishedParameters: 179_522_565_120,
    notes: ["the published count includes a separate LM head"]
  }
]
