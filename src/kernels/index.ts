/**
 * Time on a device: operator x accelerator x stack -> seconds.
 */
export { halfFormat, makeDevice, type Device, type KernelTable } from "./device.ts"
export { analyticGemmSeconds, gemmBytes, gemmFlops, smoothMaximum, type Gemm } from "./gemm.ts"
export { gemmSeconds, parseKernelTable, tableRatio } from "./table.ts"
export type { KernelTableError } from "./measured/table-error.ts"
export { isTrace, kernelTableText } from "./measured/profiler-trace.ts"
export { causalFlops, fusedAttentionSeconds, unfusedAttention, type AttentionShape } from "./attention.ts"
export { expertLoad, type ExpertCapacity, type ExpertLoad } from "./expert-load.ts"
export { memoryKernel } from "./elementwise.ts"
export { layerOperators, type LayerKind } from "./layer.ts"
export { embedding, languageModelHead } from "./ends.ts"
export { sequenceShards, tokensOf, type RankShape, type Site } from "./shape.ts"
export type { Communication, ComputeKind, Kernel, LayerGroup, LayerOperators, Operator } from "./operator.ts"
