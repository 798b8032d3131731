/**
 * What follows from a model's shapes: parameters and FLOPs.
 */
export { megatronHardwareFlops, modelFlopsPerToken, type FlopConvention } from "./flops.ts"
export {
  countParameters,
  layerCounts,
  layerKinds,
  layerParameters,
  matrixParameters,
  type LayerKind,
  type LayerParameters,
  type ParameterCount
} from "./parameters.ts"
export { attendedTokens, nearLayers } from "./attended.ts"
