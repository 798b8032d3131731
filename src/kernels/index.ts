/**
 * Time on a device: operator x accelerator x stack -> seconds.
 */
export { halfFormat, makeDevice, type Device, type KernelTable } from "./device.ts"
export { analyticGemmSeconds, gemmBytes, gemmFlops, smoothMaximum, type Gemm } from "./gemm.ts"
export { gemmSeconds, parseKernelTable, tableRatio, type KernelTableError } from "./table.ts"
export { causalFlops, fusedAttentionSeconds, unfusedAttention, type AttentionShape } from "./attention.ts"
export { memoryKernel } from "./elementwise.ts"
export { layerOperators, type LayerKind } from "./layer.ts"
export { embedding, languageModelHead } from "./ends.ts"
export { sequenceShards, tokensOf, type RankShape, type Site } from "./shape.ts"
export type { Communication, ComputeKind, Kernel, LayerGroup, LayerOperators, Operator } from "./operator.ts"
