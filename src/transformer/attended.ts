/**
 * Which tokens a query attends to: all before it, those in a window, or those that an indexer picks.
 */
import type { Model } from "../catalog/index.ts"

/** Tokens that a query attends to at most in layers that do not attend to all; Infinity where there are none. */
export const attendedTokens = ({
  slidingWindow,
  sparseAttention
}: Pick<Model, "slidingWindow" | "sparseAttention">): number =>
  slidingWindow?.tokens ?? sparseAttention?.keys ?? Number.POSITIVE_INFINITY

/** Layers in which a query attends to so many tokens at most. */
export const nearLayers = ({ layers, slidingWindow, sparseAttention, linearAttention }: Model): number =>
  slidingWindow?.layers ?? (sparseAttention === undefined ? 0 : layers - (linearAttention?.layers ?? 0))
