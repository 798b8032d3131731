/**
 * Bytes of a model's weights in a quantisation.
 */
import { quantisations, type Model } from "../catalog/index.ts"
import { countParameters } from "../transformer/index.ts"

/** Bytes of all weights; 16 bits where the quantisation is none of the catalogue's. */
export const weightBytes = (model: Model, precision: string): number => {
  const { embedding, lmHead, total } = countParameters(model)
  const bytes = quantisations.find(({ name }) => name === precision)?.weightBytes ?? { body: 2, head: 2, embedding: 2 }
  return (total - embedding - lmHead) * bytes.body + embedding * bytes.embedding + lmHead * bytes.head
}
