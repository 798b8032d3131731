/**
 * The attention half of a layer: norm, projections, core, output, and the collectives around them.
 */
import { causalFlops, fusedAttentionSeconds, unfusedAttention, type AttentionShape } from "./attention.ts"
import { elementwise, elementwiseBackward } from "./elementwise.ts"
import type { Communication, Kernel, LayerOperators, Operator } from "./operator.ts"
import { products, type Products } from "./product.ts"
import { activationBytes, localKeyValueHeads, sequenceShards, tokensOf, type Site } from "./shape.ts"

/** Bytes of norm, residual and dropout around one half of a layer, per token and hidden element. */
export const normBytes = 11

/** Mean causal share of a layer: sliding windows see w s - w^2 / 2 of the s^2 / 2 scores. */
const causalShare = ({ shape }: Site): number => {
  const { slidingWindow, layers } = shape.model
  if (slidingWindow === null || slidingWindow.tokens >= shape.sequence) return 1
  const share = slidingWindow.tokens / shape.sequence
  const windowed = slidingWindow.layers / layers
  return 1 - windowed + windowed * (2 * share - share * share)
}

const coreShape = (site: Site): AttentionShape => {
  const { model, microBatch, tensor, sequence, context } = site.shape
  const latent = model.latentAttention
  return {
    batch: microBatch,
    heads: Math.max(1, model.heads / tensor),
    headDimension:
      latent === null ? model.headDimension : (latent.keyDimension + latent.ropeDimension + latent.valueDimension) / 2,
    sequence,
    context,
    causalShare: causalShare(site)
  }
}

/** The projections into and out of the attention core. */
const projections = (site: Site): { readonly into: readonly Products[]; readonly out: Products } => {
  const { model, tensor } = site.shape
  const tokens = tokensOf(site.shape)
  const latent = model.latentAttention
  const heads = Math.max(1, model.heads / tensor)
  if (latent === null) {
    const queryKeyValue = (heads + 2 * localKeyValueHeads(site.shape)) * model.headDimension
    return {
      into: [products(site, { name: "QKV projection", tokens, inputs: model.hidden, outputs: queryKeyValue })],
      out: products(site, {
        name: "attention output projection",
        tokens,
        inputs: heads * model.headDimension,
        outputs: model.hidden
      })
    }
  }
  const queryWidth = heads * (latent.keyDimension + latent.ropeDimension)
  const queries =
    latent.queryRank === null
      ? [products(site, { name: "query projection", tokens, inputs: model.hidden, outputs: queryWidth })]
      : [
          products(site, { name: "query compression", tokens, inputs: model.hidden, outputs: latent.queryRank }),
          products(site, { name: "query expansion", tokens, inputs: latent.queryRank, outputs: queryWidth })
        ]
  return {
    into: [
      ...queries,
      products(site, {
        name: "key/value compression",
        tokens,
        inputs: model.hidden,
        outputs: latent.keyValueRank + latent.ropeDimension
      }),
      products(site, {
        name: "key/value expansion",
        tokens,
        inputs: latent.keyValueRank,
        outputs: heads * (latent.keyDimension + latent.valueDimension)
      })
    ],
    out: products(site, {
      name: "attention output projection",
      tokens,
      inputs: heads * latent.valueDimension,
      outputs: model.hidden
    })
  }
}

/** The attention core of one pass. */
const core = (site: Site, pass: "forward" | "backward"): readonly Kernel[] => {
  const { device, stack } = site
  const attention = coreShape(site)
  const name = pass === "forward" ? "attention" : "attention gradient"
  if (stack.attention === "fused") {
    return [
      {
        type: "kernel",
        name: `flash ${name}`,
        kind: "attention",
        seconds: fusedAttentionSeconds(device, attention, pass, stack.constants.attentionFactor.value),
        flops: causalFlops(attention) * (pass === "forward" ? 1 : 2.5),
        bytes: 0
      }
    ]
  }
  const work = unfusedAttention(device, attention, pass, {
    dropout: stack.attentionDropout,
    softmaxFactor: stack.constants.softmaxFactor.value
  })
  return [
    {
      type: "kernel",
      name: `${name} products`,
      kind: "attention",
      seconds: work.products,
      flops: work.flops,
      bytes: 0
    },
    { type: "kernel", name: `${name} softmax`, kind: "attention", seconds: work.softmax, flops: 0, bytes: work.bytes }
  ]
}

/** Ring attention passes keys and values on while each block computes (Liu et al. 2310.01889, section 3). */
const ring = (site: Site, kernels: readonly Kernel[], pass: "forward" | "backward"): readonly Communication[] => {
  const { context } = site.shape
  if (context === 1) return []
  const { model } = site.shape
  const block = 2 * localKeyValueHeads(site.shape) * model.headDimension * tokensOf(site.shape) * activationBytes
  const seconds = kernels.reduce((sum, kernel) => sum + kernel.seconds, 0)
  return [
    {
      type: "communication",
      name: `key/value ring ${pass}`,
      group: "context",
      collective: "sendReceive",
      // Backward passes the gradients of keys and values on as well.
      bytes: pass === "forward" ? block : 2 * block,
      repeats: context - 1,
      besideSeconds: seconds / context
    }
  ]
}

/** The sum over tensor-parallel ranks after a row-parallel projection (Shoeybi et al. 1909.08053, section 3). */
export const tensorReduction = (site: Site, name: string): readonly Communication[] =>
  site.shape.tensor === 1
    ? []
    : [
        {
          type: "communication",
          name,
          group: "tensor",
          // With sequence parallelism a reduce-scatter and an all-gather move the same bytes (Korthikanti 2205.05198).
          collective: "allReduce",
          bytes: tokensOf(site.shape) * site.shape.model.hidden * activationBytes,
          repeats: 1,
          besideSeconds: 0
        }
      ]

/** The attention half of a layer. */
export const attentionBlock = (site: Site): LayerOperators => {
  const { model } = site.shape
  const tokens = tokensOf(site.shape)
  const { into, out } = projections(site)
  const norm = (normBytes * tokens * model.hidden) / sequenceShards(site.shape)
  const heads = Math.max(1, model.heads / site.shape.tensor) + 2 * localKeyValueHeads(site.shape)
  const positions = 4 * tokens * heads * model.headDimension
  const forwardCore = core(site, "forward")
  const backwardCore = core(site, "backward")
  // Falcon's and GPT-J's parallel block sums attention and feed-forward in one collective, charged to the other half.
  const reduction = model.parallelAttention ? [] : tensorReduction(site, "attention all-reduce")
  const gradientReduction = model.parallelAttention ? [] : tensorReduction(site, "attention gradient all-reduce")
  const coreAndRing: readonly Operator[] = [...forwardCore, ...ring(site, forwardCore, "forward")]
  return {
    forward: [
      elementwise(site, "norm and residual", norm, 2),
      ...into.flatMap((product) => product.forward),
      elementwise(site, "heads, bias, positions", positions),
      ...coreAndRing,
      ...out.forward,
      ...reduction
    ],
    backwardInput: [
      ...out.backwardInput,
      ...backwardCore,
      ...ring(site, backwardCore, "backward"),
      elementwise(site, "heads, bias, positions gradient", positions * elementwiseBackward),
      ...into.toReversed().flatMap((product) => product.backwardInput),
      ...gradientReduction,
      elementwise(site, "norm and residual gradient", norm * elementwiseBackward, 2)
    ],
    backwardWeight: [...out.backwardWeight, ...into.flatMap((product) => product.backwardWeight)],
    core: site.stack.attention === "fused" ? [] : forwardCore
  }
}
