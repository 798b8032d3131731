/**
 * What a decoder has unless its entry says otherwise, and the sources that several families cite.
 */

export const plain = {
  queryKeyNormalization: false,
  embeddingNormalization: false,
  parallelAttention: false,
  postNormalization: false,
  embeddingDimension: null,
  experts: null,
  latentAttention: null,
  slidingWindow: null,
  publishedActiveParameters: null,
  notes: []
} as const

export const litgpt = "Lightning-AI/litgpt, litgpt/config.py"

export const paperFromMemory = "Hugging Face config or paper, from memory; checked by the parameter count"

export const genz = "abhibambhaniya/GenZ-LLM-Analyzer@091bdd0a, Model_sets; checked by the parameter count"

export const aiconfiguratorModels =
  "Hugging Face config.json as mirrored in ai-dynamo/aiconfigurator@095f58a5, model_configs"
