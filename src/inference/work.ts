/**
 * FLOPs and bytes of a step, over all accelerators of a replica.
 */
import { layerCounts, layerParameters } from "../transformer/index.ts"
import { decodeFlops, promptFlops } from "./attention.ts"
import type { InferenceDevice } from "./device.ts"
import { reachedExperts } from "./layer.ts"
import type { LayerTable } from "./layer-table.ts"
import { layerKeyValueBytes, type Stage } from "./shard.ts"
import type { InferenceTarget, StepLoad, StepWork } from "./types.ts"

export const makeWork = (
  target: InferenceTarget,
  device: InferenceDevice,
  stages: readonly Stage[],
  table: LayerTable
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
  const windowed = model.slidingWindow?.layers ?? 0
  const full = model.layers - windowed
  // Attention and dense weights lie on every data-attention group; routed experts on one rank each.
  const expertWeights = experts === null ? 0 : (model.gated ? 3 : 2) * model.hidden * experts.feedForward
  const fixedBytes =
    device.bodyBytes *
      layout.dataAttention *
      (counts.dense * (dense?.matrix ?? 0) +
        counts.mixture * ((mixture?.matrix ?? 0) - (experts?.active ?? 0) * expertWeights)) +
    device.headBytes * head
  const activations = 2 * (8 * model.hidden) * model.layers
  return (load, into) => {
    const tokens = load.decodes + load.prefillTokens
    into.flops +=
      tokens * perToken +
      load.sampled * perHeadRow +
      pairFlops * model.layers * load.prefillPairs +
      contextFlops * (full * load.decodeContext + windowed * load.decodeWindow)
    into.bytes +=
      fixedBytes +
      (experts === null ? 0 : counts.mixture * reachedExperts(experts, tokens) * expertWeights * device.bodyBytes) +
      tokens * activations +
      keyValueBytes * (full * load.decodeContext + windowed * load.decodeWindow + model.layers * load.prefillContext)
    for (const stage of stages) into.communicationSeconds += table.communication(stage, tokens)
  }
}
