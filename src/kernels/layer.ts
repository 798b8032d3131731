/**
 * A whole transformer layer on one rank: its attention half, then its feed-forward half.
 */
import { attentionBlock } from "./attention-block.ts"
import { denseFeedForward, mixtureFeedForward } from "./feed-forward.ts"
import type { LayerOperators, Operator } from "./operator.ts"
import type { Site } from "./shape.ts"

export type LayerKind = "dense" | "mixture"

/** Operators of a layer, forward in order, backward in reverse order of the halves. */
export const layerOperators = (site: Site, kind: LayerKind): LayerOperators => {
  const attention = attentionBlock(site)
  const feedForward = kind === "mixture" ? mixtureFeedForward(site) : denseFeedForward(site)
  const forward = [...attention.forward, ...feedForward.forward]
  return {
    forward,
    backwardInput: [...feedForward.backwardInput, ...attention.backwardInput],
    backwardWeight: [...feedForward.backwardWeight, ...attention.backwardWeight],
    core:
      site.stack.selectiveRecompute === "operators"
        ? everySecondProduct(forward)
        : [...attention.core, ...feedForward.core]
  }
}

/** What the operator policy runs again: all elementwise work and every second matrix multiplication. */
const everySecondProduct = (operators: readonly Operator[]): readonly Operator[] => {
  let products = 0
  return operators.filter((operator) => {
    if (operator.type === "communication" || operator.kind === "attention") return false
    if (operator.kind === "gemm" || operator.kind === "experts") return products++ % 2 === 0
    return true
  })
}
