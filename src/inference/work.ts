/**
 * FLOPs and bytes of a step, over all accelerators of a replica.
 */
import { attendedTokens, layerCounts, layerParameters, nearLayers } from "../transformer/index.ts"
import { decodeFlops, indexFlops, promptFlops, stateFlops, stateStepFlops } from "./attention.ts"
import type { InferenceDevice } from "./device.ts"
import type { Experts } from "../catalog/index.ts"
import { placeExperts, reachedOn } from "./expert-placement.ts"
import { reachedExperts } from "./layer.ts"
import type { LayerTable } from "./layer-table.ts"
import { sendsDirectly } from "./exchange.ts"
import { layerIndexBytes, layerKeyValueBytes, layerStateBytes, sharedParameters, type Stage } from "./shard.ts"
import { queriesOf } from "./speculation.ts"
import { lockedRows } from "./step-shape.ts"
import type { InferenceTarget, StepLoad, StepWork } from "./types.ts"

/** Ranks that each read dense and shared blocks whole. */
const blockCopiesOf = (target: InferenceTarget): number => {
  const { tensor, dataAttention, feedForward } = target.layout
  if (feedForward !== undefined) return feedForward.ranks
  return sendsDirectly(target) ? tensor * dataAttention : dataAttention
}

/** @param table seconds of communication of a stage for so many tokens */
export const makeWork = (
  target: InferenceTarget,
  device: InferenceDevice,
  stages: readonly Stage[],
  table: Pick<LayerTable, "communication">
): ((load: StepLoad, into: StepWork) => void) => {
  const { model, layout } = target
  const counts = layerCounts(model)
  const dense = layerParameters(model, "dense")
  const mixture = layerParameters(model, "mixture")
  const { experts } = model
  const head = model.vocabulary * (model.embeddingDimension ?? model.hidden)
  const perToken = 2 * (counts.dense * (dense?.matrix ?? 0) + counts.mixture * (mixture?.matrix ?? 0))
  const perHeadRow = 2 * head
  const pairFlops = promptFlops(target) * layout.tensor
  const contextFlops = decodeFlops(target) * layout.tensor
  // Every rank reads what it holds: keys and values of fewer heads than ranks are read more than once.
  const keyValueBytes = layerKeyValueBytes(target) * layout.tensor * target.stack.constants.keyValueFactor.value
  const windowed = nearLayers(model)
  const recurrent = model.linearAttention?.layers ?? 0
  const attending = model.layers - recurrent
  const full = attending - windowed
  const stateBytes = recurrent * layerStateBytes(target) * layout.tensor
  const perStateToken = recurrent * stateFlops(target) * layout.tensor
  const perStateStep = recurrent * stateStepFlops(target) * layout.tensor
  // Attention and dense weights lie on every data-attention group; routed experts on one rank each.
  const expertWeights = experts === null ? 0 : (model.gated ? 3 : 2) * model.hidden * experts.feedForward
  const blocks = counts.dense * (dense?.feedForward ?? 0) + counts.mixture * sharedParameters(target)
  const fixedBytes =
    device.bodyBytes *
      layout.dataAttention *
      (counts.dense * (dense?.matrix ?? 0) +
        counts.mixture * ((mixture?.matrix ?? 0) - (experts?.active ?? 0) * expertWeights)) +
    device.bodyBytes * (blockCopiesOf(target) - layout.dataAttention) * blocks +
    device.headBytes * head
  const queries = queriesOf(target)
  const activations = 2 * (8 * model.hidden) * model.layers
  const placed =
    target.expertRouting === undefined ? undefined : placeExperts(target.expertRouting, target.layout.expert)
  const reached = (of: Experts, tokens: number): number =>
    placed === undefined
      ? reachedExperts(of, tokens)
      : placed.reduce((sum, rank) => sum + reachedOn(rank, of, tokens), 0)
  const isSparse = model.sparseAttention !== undefined
  const indexPair = windowed * indexFlops(target) * layout.tensor
  const indexBytes = windowed * layerIndexBytes(target) * layout.tensor
  /** Query-key pairs of prompts in each layer; an indexer leaves so many keys of each. */
  const pairsOf = (load: StepLoad): number =>
    isSparse ? Math.min(load.prefillPairs, load.prefillTokens * attendedTokens(model)) : load.prefillPairs
  return (load, into) => {
    const verified = load.decodes * queries
    const tokens = verified + load.prefillTokens
    into.flops +=
      tokens * perToken +
      (load.sampled + verified - load.decodes) * perHeadRow +
      pairFlops * attending * pairsOf(load) +
      perStateToken * load.prefillTokens +
      perStateStep * verified +
      queries * contextFlops * (full * load.decodeContext + windowed * load.decodeWindow)
    if (isSparse) {
      into.flops += indexPair * (load.prefillPairs + queries * load.decodeContext)
      into.bytes += indexBytes * (load.prefillContext + load.decodeContext)
    }
    into.bytes +=
      fixedBytes +
      (experts === null ? 0 : counts.mixture * reached(experts, tokens) * expertWeights * device.bodyBytes) +
      tokens * activations +
      keyValueBytes * (full * load.decodeContext + windowed * load.decodeWindow + attending * load.prefillContext) +
      2 * stateBytes * (load.decodes + load.prefills)
    const locked = lockedRows(load, layout.dataAttention, queries)
    for (const stage of stages) into.communicationSeconds += table.communication(stage, tokens, locked)
  }
}
