/**
 * What only the first and the last stage do: the embedding, and the LM head with its loss.
 */
import { elementwise, elementwiseBackward, memoryKernel } from "./elementwise.ts"
import { halfFormat } from "./device.ts"
import { tensorReduction } from "./attention-block.ts"
import type { LayerOperators } from "./operator.ts"
import { products } from "./product.ts"
import { sequenceShards, tokensOf, type Site } from "./shape.ts"

/** Token embedding (and its dropout): a gather forward, a scatter backward. */
export const embedding = (site: Site): LayerOperators => {
  const tokens = tokensOf(site.shape)
  const bytes = (6 * tokens * site.shape.model.hidden) / sequenceShards(site.shape)
  return {
    forward: [
      memoryKernel(site, "embedding", bytes, { kind: "head" }),
      ...tensorReduction(site, "embedding all-reduce")
    ],
    backwardInput: [],
    backwardWeight: [memoryKernel(site, "embedding gradient", 2 * bytes, { kind: "head" })],
    core: []
  }
}

/** Bytes per logit of the vocabulary-parallel cross entropy, forward and backward. */
const lossBytesForward = 8
const lossBytesBackward = 12

/** Final norm, LM head in 16 bits (also in 8-bit recipes), and the loss. Never recomputed. */
export const languageModelHead = (site: Site): LayerOperators => {
  const { model, tensor } = site.shape
  const tokens = tokensOf(site.shape)
  const norm = (5 * tokens * model.hidden) / sequenceShards(site.shape)
  const logits = (tokens * model.vocabulary) / tensor
  const head = products(site, {
    name: "LM head",
    tokens,
    inputs: model.hidden,
    outputs: model.vocabulary / tensor,
    kind: "head",
    datatype: halfFormat(site.device.accelerator)
  })
  return {
    forward: [
      elementwise(site, "final norm", norm),
      ...head.forward,
      memoryKernel(site, "cross entropy", lossBytesForward * logits, { kind: "head", launches: 2 })
    ],
    backwardInput: [
      memoryKernel(site, "cross entropy gradient", lossBytesBackward * logits, { kind: "head", launches: 2 }),
      ...head.backwardInput,
      ...tensorReduction(site, "LM head gradient all-reduce"),
      elementwise(site, "final norm gradient", elementwiseBackward * norm)
    ],
    backwardWeight: head.backwardWeight,
    core: []
  }
}
