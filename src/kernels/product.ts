/**
 * A weight's three products: forward Y = X W, input gradient dX = dY W^T, weight gradient dW = X^T dY.
 */
import type { Datatype } from "../catalog/index.ts"
import { memoryKernel } from "./elementwise.ts"
import { gemmBytes, gemmFlops, type Gemm } from "./gemm.ts"
import type { ComputeKind, Kernel } from "./operator.ts"
import type { Site } from "./shape.ts"
import { gemmSeconds } from "./table.ts"

export interface Weight {
  readonly name: string
  readonly tokens: number
  readonly inputs: number
  readonly outputs: number
  /** Experts computed in one launch, each with `tokens` tokens. */
  readonly groups?: number
  readonly kind?: ComputeKind
  readonly datatype?: Datatype
  /** Whether the kernel before it hands its input over in the narrow format; default no. */
  readonly isCast?: boolean
}

export interface Products {
  readonly forward: readonly Kernel[]
  readonly backwardInput: readonly Kernel[]
  readonly backwardWeight: readonly Kernel[]
}

const product = (site: Site, name: string, kind: ComputeKind, gemm: Gemm): Kernel => ({
  type: "kernel",
  name,
  kind,
  seconds: gemmSeconds(site.device, gemm, site.stack.constants.gemmFactor.value),
  flops: gemmFlops(gemm),
  bytes: gemmBytes(gemm)
})

export const isNarrow = (datatype: Datatype): boolean =>
  datatype === "fp8" || datatype === "mxfp8" || datatype === "nvfp4" || datatype === "int8"

/** Bytes moved to scale and cast one 16-bit element to 8 bits and to transpose the copy for the weight gradient. */
const castBytesPerElement = 8

/** The three products of a weight, with the casts that narrow formats need. */
export const products = (site: Site, weight: Weight): Products => {
  const { name, tokens: m, inputs: k, outputs: n, groups = 1, kind = "gemm", isCast = false } = weight
  const datatype = weight.datatype ?? site.shape.datatype
  const cast = (elements: number): readonly Kernel[] =>
    isNarrow(datatype) && !isCast ? [memoryKernel(site, `${name} cast`, castBytesPerElement * elements * groups)] : []
  return {
    forward: [...cast(m * k), product(site, name, kind, { m, n, k, groups, datatype })],
    backwardInput: [product(site, `${name} input gradient`, kind, { m, n: k, k: n, groups, datatype })],
    backwardWeight: [product(site, `${name} weight gradient`, kind, { m: k, n, k: m, groups, datatype })]
  }
}
