/**
 * DeepSeek-V2, V3 and R1, and Kimi K2, which shares their architecture.
 */
import type { Model } from "../types.ts"
import { aiconfiguratorModels, paperFromMemory, plain } from "./plain.ts"

/** The indexer's sizes and its 8-bit keys with a 32-bit scale, read in the released code. */
const sparseSource =
  "deepseek-ai/DeepSeek-V3.2-Exp, inference/model.py at 6d8cb70 (index_n_heads 64, index_head_dim 128, index_topk 2048); DeepSeek-V3.2, arXiv:2512.02556"

const deepseekBase = {
  ...plain,
  family: "DeepSeek",
  headDimension: 192,
  gated: true,
  maximumSequence: 163_840,
  position: "rope",
  tiedEmbeddings: false,
  bias: false,
  queryKeyValueBias: false,
  normalization: "rmsnorm",
  normalizationBias: false
} as const

export const deepseek: readonly Model[] = [
  {
    ...deepseekBase,
    name: "deepseek-v2-lite",
    title: "DeepSeek-V2-Lite",
    aliases: ["deepseek-ai/DeepSeek-V2-Lite"],
    layers: 27,
    hidden: 2048,
    heads: 16,
    keyValueHeads: 16,
    feedForward: 10944,
    vocabulary: 102_400,
    experts: { count: 64, active: 6, feedForward: 1408, sharedFeedForward: 2816, denseLayers: 1 },
    latentAttention: { queryRank: null, keyValueRank: 512, ropeDimension: 64, keyDimension: 128, valueDimension: 128 },
    publishedParameters: 15_706_484_224,
    publishedActiveParameters: 2.4e9,
    sources: { default: paperFromMemory }
  },
  {
    ...deepseekBase,
    name: "deepseek-v2",
    title: "DeepSeek-V2",
    aliases: ["deepseek-ai/DeepSeek-V2"],
    layers: 60,
    hidden: 5120,
    heads: 128,
    keyValueHeads: 128,
    feedForward: 12288,
    vocabulary: 102_400,
    experts: { count: 160, active: 6, feedForward: 1536, sharedFeedForward: 3072, denseLayers: 1 },
    latentAttention: { queryRank: 1536, keyValueRank: 512, ropeDimension: 64, keyDimension: 128, valueDimension: 128 },
    publishedParameters: 235_741_434_880,
    publishedActiveParameters: 21e9,
    sources: { default: paperFromMemory }
  },
  {
    ...deepseekBase,
    name: "deepseek-v3",
    title: "DeepSeek-V3",
    aliases: ["deepseek-ai/DeepSeek-V3"],
    layers: 61,
    hidden: 7168,
    heads: 128,
    keyValueHeads: 128,
    feedForward: 18432,
    vocabulary: 129_280,
    experts: { count: 256, active: 8, feedForward: 2048, sharedFeedForward: 2048, denseLayers: 3 },
    latentAttention: { queryRank: 1536, keyValueRank: 512, ropeDimension: 64, keyDimension: 128, valueDimension: 128 },
    publishedParameters: 671_026_419_200,
    publishedActiveParameters: 37e9,
    notes: ["without the multi-token prediction module, about 14 billion more", "the released weights are FP8"],
    sources: { default: aiconfiguratorModels }
  },
  {
    ...deepseekBase,
    name: "deepseek-v3.2",
    title: "DeepSeek-V3.2",
    aliases: ["deepseek-ai/DeepSeek-V3.2", "deepseek-ai/DeepSeek-V3.2-Exp"],
    layers: 61,
    hidden: 7168,
    heads: 128,
    keyValueHeads: 128,
    feedForward: 18432,
    vocabulary: 129_280,
    experts: { count: 256, active: 8, feedForward: 2048, sharedFeedForward: 2048, denseLayers: 3 },
    latentAttention: { queryRank: 1536, keyValueRank: 512, ropeDimension: 64, keyDimension: 128, valueDimension: 128 },
    sparseAttention: { keys: 2048, indexHeads: 64, indexDimension: 128 },
    publishedParameters: null,
    publishedActiveParameters: null,
    notes: [
      "DeepSeek-V3 with an indexer of 14 million parameters a layer; published as 685 billion with the multi-token prediction module, which is left out"
    ],
    sources: { default: aiconfiguratorModels, sparseAttention: sparseSource }
  },
  {
    ...deepseekBase,
    name: "deepseek-r1",
    title: "DeepSeek-R1",
    aliases: ["deepseek-ai/DeepSeek-R1"],
    layers: 61,
    hidden: 7168,
    heads: 128,
    keyValueHeads: 128,
    feedForward: 18432,
    vocabulary: 129_280,
    experts: { count: 256, active: 8, feedForward: 2048, sharedFeedForward: 2048, denseLayers: 3 },
    latentAttention: { queryRank: 1536, keyValueRank: 512, ropeDimension: 64, keyDimension: 128, valueDimension: 128 },
    publishedParameters: 671_026_419_200,
    publishedActiveParameters: 37e9,
    sources: { default: aiconfiguratorModels }
  },
  {
    ...plain,
    name: "kimi-k2",
    title: "Kimi K2",
    aliases: ["moonshotai/Kimi-K2-Instruct"],
    family: "Kimi",
    layers: 61,
    hidden: 7168,
    heads: 64,
    keyValueHeads: 64,
    headDimension: 192,
    feedForward: 18432,
    gated: true,
    vocabulary: 163_840,
    maximumSequence: 131_072,
    position: "rope",
    tiedEmbeddings: false,
    bias: false,
    queryKeyValueBias: false,
    normalization: "rmsnorm",
    normalizationBias: false,
    experts: { count: 384, active: 8, feedForward: 2048, sharedFeedForward: 2048, denseLayers: 1 },
    latentAttention: { queryRank: 1536, keyValueRank: 512, ropeDimension: 64, keyDimension: 128, valueDimension: 128 },
    publishedParameters: 1026e9,
    publishedActiveParameters: 32e9,
    sources: { default: aiconfiguratorModels }
  }
]
