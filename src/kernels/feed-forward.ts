/**
 * The feed-forward half of a layer: a dense block, or a mixture of experts.
 */
import { normBytes, tensorReduction } from "./attention-block.ts"
import { elementwise, elementwiseBackward, memoryKernel } from "./elementwise.ts"
import { expertLoad } from "./expert-load.ts"
import type { Communication, Kernel, LayerOperators, LayerGroup } from "./operator.ts"
import { isNarrow, products } from "./product.ts"
import { activationBytes, sequenceShards, tokensOf, type Site } from "./shape.ts"
import type { CollectiveKind } from "../cluster/index.ts"

/** Bytes of the activation function per token and inner element: SwiGLU reads two and writes one. */
const innerBytes = (gated: boolean): number => (gated ? 6 : 4)

/** A dense feed-forward block of a given width. */
const denseBlock = (site: Site, width: number, label: string): LayerOperators => {
  const { model, tensor } = site.shape
  const tokens = tokensOf(site.shape)
  const up = products(site, {
    name: `${label} up`,
    tokens,
    inputs: model.hidden,
    outputs: ((model.gated ? 2 : 1) * width) / tensor
  })
  const down = products(site, { name: `${label} down`, tokens, inputs: width / tensor, outputs: model.hidden })
  const bytes = (innerBytes(model.gated) * tokens * width) / tensor
  return {
    forward: [...up.forward, elementwise(site, `${label} activation`, bytes), ...down.forward],
    backwardInput: [
      ...down.backwardInput,
      elementwise(site, `${label} activation gradient`, bytes * elementwiseBackward),
      ...up.backwardInput
    ],
    backwardWeight: [...down.backwardWeight, ...up.backwardWeight],
    core: []
  }
}

/** The feed-forward half of a dense layer. */
export const denseFeedForward = (site: Site): LayerOperators => {
  const { model } = site.shape
  const norm = (normBytes * tokensOf(site.shape) * model.hidden) / sequenceShards(site.shape)
  const block = denseBlock(site, model.feedForward, "feed-forward")
  return {
    forward: [
      elementwise(site, "norm and residual", norm, 2),
      ...block.forward,
      ...tensorReduction(site, "feed-forward all-reduce")
    ],
    backwardInput: [
      ...block.backwardInput,
      ...tensorReduction(site, "feed-forward gradient all-reduce"),
      elementwise(site, "norm and residual gradient", norm * elementwiseBackward, 2)
    ],
    backwardWeight: block.backwardWeight,
    core: []
  }
}

/**
 * Bytes per element of the experts' output to add each expert's bias times the token's routing weight, forward and
 * backward. Megatron-Core does it expert by expert, in fp32 because routing weights are (`TEGroupedMLP._apply_bias`,
 * NVIDIA/Megatron-LM core/transformer/moe/experts.py): forward the product of bias and weight (writes 4), the sum
 * (2 + 4 + 4), the concatenation (4 + 4) and the cast back (4 + 2); backward the casts (6 + 6), the gradients of bias
 * and weight (a product and a reduction each, 12 + 12) and the concatenation of the split (2 + 2).
 */
const biasBytes = { forward: 28, backward: 40 } as const

const exchange = (name: string, group: LayerGroup, collective: CollectiveKind, bytes: number): Communication => ({
  type: "communication",
  name,
  group,
  collective,
  bytes,
  repeats: 1,
  besideSeconds: 0
})

/**
 * The feed-forward half of a mixture layer: route, dispatch, experts, combine (Fedus et al. 2101.03961; the folding of
 * expert and tensor groups: Liu et al. 2504.14960).
 */
export const mixtureFeedForward = (site: Site): LayerOperators => {
  const { model, tensor, expert, expertTensor, expertImbalance, expertCapacity } = site.shape
  const experts = model.experts
  if (experts === null) return denseFeedForward(site)
  const tokens = tokensOf(site.shape)
  const load = expertLoad(experts.count, expertImbalance, expertCapacity)
  // Dispatch starts from the tokens this rank alone holds: tensor ranks split them before routing.
  const own = tokens / tensor
  const copies = own * experts.active * expertTensor
  const perExpert = (copies * expert * load.busiest) / experts.count
  const local = experts.count / expert
  const bytesFactor = site.stack.constants.expertBytesFactor.value
  const permute = memoryKernel(site, "expert permutation", 8 * copies * load.busiest * model.hidden * bytesFactor, {
    launches: 2
  })
  // In a narrow format the fused kernel also casts and adds biases; 16-bit recipes keep the separate ones.
  const fused = site.stack.fusedExperts && isNarrow(site.shape.datatype)
  const activation = fused
    ? []
    : [
        memoryKernel(
          site,
          "expert activation",
          (innerBytes(model.gated) * copies * load.busiest * experts.feedForward * bytesFactor) / expertTensor
        )
      ]
  const bias = (pass: "forward" | "backward"): readonly Kernel[] =>
    model.bias && !fused
      ? [
          memoryKernel(
            site,
            pass === "forward" ? "expert bias" : "expert bias gradient",
            biasBytes[pass] * copies * load.busiest * model.hidden,
            { launches: 4 * local }
          )
        ]
      : []
  const router = products(site, {
    name: "router",
    tokens: own,
    inputs: model.hidden,
    outputs: experts.count,
    datatype: site.device.sustained("bf16") === undefined ? "fp16" : "bf16"
  })
  const up = products(site, {
    name: "experts up",
    tokens: perExpert,
    inputs: model.hidden,
    outputs: ((model.gated ? 2 : 1) * experts.feedForward) / expertTensor,
    groups: local,
    kind: "experts"
  })
  const down = products(site, {
    name: "experts down",
    tokens: perExpert,
    inputs: experts.feedForward / expertTensor,
    outputs: model.hidden,
    groups: local,
    kind: "experts",
    isCast: fused
  })
  const norm = (normBytes * tokens * model.hidden) / sequenceShards(site.shape)
  const sent = own * experts.active * load.exchanged * model.hidden * activationBytes
  const across = (name: string): readonly Communication[] =>
    expert > 1 ? [exchange(name, "expert", "allToAll", sent)] : []
  const gathered = (name: string, kind: CollectiveKind): readonly Communication[] =>
    expertTensor > 1 ? [exchange(name, "expertTensor", kind, sent * expertTensor)] : []
  const shared =
    experts.sharedFeedForward > 0
      ? denseBlock(site, experts.sharedFeedForward, "shared expert")
      : { forward: [], backwardInput: [], backwardWeight: [] }
  const sharedReduction = (name: string): readonly Communication[] =>
    experts.sharedFeedForward > 0 ? tensorReduction(site, name) : []
  const again = (kernel: Kernel): Kernel => ({
    ...kernel,
    name: `${kernel.name} gradient`,
    seconds: kernel.seconds * elementwiseBackward,
    bytes: kernel.bytes * elementwiseBackward
  })
  return {
    forward: [
      elementwise(site, "norm and residual", norm, 2),
      ...router.forward,
      permute,
      ...across("expert dispatch"),
      ...gathered("expert gather", "allGather"),
      ...up.forward,
      ...activation,
      ...down.forward,
      ...bias("forward"),
      ...gathered("expert scatter", "reduceScatter"),
      ...across("expert combine"),
      ...shared.forward,
      ...sharedReduction("shared expert all-reduce")
    ],
    backwardInput: [
      ...shared.backwardInput,
      ...sharedReduction("shared expert gradient all-reduce"),
      ...across("expert combine gradient"),
      ...gathered("expert gather gradient", "allGather"),
      ...bias("backward"),
      ...down.backwardInput,
      ...activation.map(again),
      ...up.backwardInput,
      ...gathered("expert scatter gradient", "reduceScatter"),
      ...across("expert dispatch gradient"),
      again(permute),
      ...router.backwardInput,
      elementwise(site, "norm and residual gradient", norm * elementwiseBackward, 2)
    ],
    backwardWeight: [...shared.backwardWeight, ...down.backwardWeight, ...up.backwardWeight, ...router.backwardWeight],
    core: []
  }
}
