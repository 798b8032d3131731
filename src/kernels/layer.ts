/**
 * A whole transformer layer on one rank: its attention half, then its feed-forward half.
 */
import { attentionBlock } from "./attention-block.ts"
import { denseFeedForward, mixtureFeedForward } from "./feed-forward.ts"
import type { LayerOperators } from "./operator.ts"
import type { Site } from "./shape.ts"

export type LayerKind = "dense" | "mixture"

/** Operators of a layer, forward in order, backward in reverse order of the halves. */
export const layerOperators = (site: Site, kind: LayerKind): LayerOperators => {
  const attention = attentionBlock(site)
  const feedForward = kind === "mixture" ? mixtureFeedForward(site) : denseFeedForward(site)
  return {
    forward: [...attention.forward, ...feedForward.forward],
    backwardInput: [...feedForward.backwardInput, ...attention.backwardInput],
    backwardWeight: [...feedForward.backwardWeight, ...attention.backwardWeight],
    core: [...attention.core, ...feedForward.core]
  }
}
