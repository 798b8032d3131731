/**
 * The model that a measurement of inference served: by name from the catalogue, corrected by the sizes that the source
 * states; an unknown name with its sizes is a decoder like Llama.
 */
import { families, type Family } from "../model-families.ts"
import { shapeOf, type ShapedModel } from "../model-shape.ts"
import type { InferencePoint } from "./point.ts"
import { numberOf, type Refusal } from "./reading.ts"

/** What names mean to servers, where training means another thing by them or does not know them. */
const served: readonly Family[] = [
  // Released models have ALiBi; only llm-foundry's training benchmark does not.
  { match: /^mpt-?7b/, base: "mpt-7b", exact: true },
  { match: /^mpt-?30b/, base: "mpt-30b", exact: true },
  { match: /^bloom-?560m/, base: "bloom-560m", exact: true },
  { match: /^bloom-?1b1/, base: "bloom-1b1", exact: true },
  { match: /^bloom-?1b7/, base: "bloom-1b7", exact: true },
  { match: /^bloom-?3b/, base: "bloom-3b", exact: true },
  { match: /^bloom-?7b1?/, base: "bloom-7b1", exact: true },
  {
    // EleutherAI/gpt-j-6b config.json: parallel blocks, rotary positions, 16 heads of 256, untied embeddings.
    match: /^gpt-?j/,
    base: "gpt-sc21-7.5b",
    exact: true,
    differences: {
      layers: 28,
      hidden: 4096,
      heads: 16,
      keyValueHeads: 16,
      headDimension: 256,
      feedForward: 16384,
      vocabulary: 50_400,
      maximumSequence: 2048,
      position: "rope",
      parallelAttention: true,
      tiedEmbeddings: false
    }
  },
  // "llama-30b" is of the first generation, not a Llama 3.
  { match: /^llama-?(1-)?3[03]b/, base: "llama-30b", exact: true },
  { match: /^llama-?3-?8b/, base: "llama-3-8b", exact: true },
  { match: /^mistral-?7b/, base: "mistral-7b-v0.1", exact: true }
]

/** A decoder of today for a name that nobody knows, whose sizes are all given. */
const plainDecoder: Family = { match: /^/, base: "llama-3.1-8b" }

/** Families whose catalogue name says enough are found by `shapeOf` itself. */
const catalogued = /^(falcon|opt|phi|gemma|qwen2|qwen-?2\.5|starcoder|yi)/

/**
 * @param longest tokens of the longest sequence that the point served
 */
export const servedModelOf = (point: InferencePoint, stages: number, longest: number): ShapedModel | Refusal => {
  const { params_b: billions, topk, top_k: topK, ...said } = point.model
  const hasSizes = [said.layers, said.hidden, said.heads].every((size) => numberOf(size) !== undefined)
  for (const [field, value] of Object.entries(point.model)) {
    if (field === "name" || value === null || value === undefined || value === "") continue
    const number = numberOf(value)
    const isWhole = number !== undefined && Number.isInteger(number) && number >= 0 && number <= 1e9
    if (field === "params_b" ? number === undefined || number <= 0 : !isWhole)
      return { reason: `model.${field} is not a size` }
  }
  const active = numberOf(topk) ?? numberOf(topK)
  const billion = numberOf(billions)
  const shape = {
    id: point.id,
    model: {
      ...said,
      seq_len: longest,
      ...(active === undefined ? {} : { top_k: active }),
      ...(billion === undefined ? {} : { params: billion * 1e9 })
    }
  }
  const name = (said.name ?? "").toLowerCase()
  const known = catalogued.test(name) && !hasSizes ? served : [...served, ...families]
  const found = shapeOf(shape, stages, known)
  if (!("reason" in found) || !hasSizes || !/not in the catalogue/.test(found.reason)) return found
  const plain = shapeOf(shape, stages, [plainDecoder])
  return "reason" in plain ? plain : { ...plain, assumptions: [...plain.assumptions, "a gated decoder like Llama"] }
}
