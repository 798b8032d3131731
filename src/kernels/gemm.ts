/**
 * Matrix multiplication: the smooth roofline.
 *
 *   t = t0 + ((F / (c P))^q + (B / (e W))^q)^(1/q),   F = 2 m n k,  B = bytes of both inputs and the output
 *
 * with P the peak FLOP/s of the format, W the memory rate, and c, e, t0, q fitted per accelerator. The exponent rounds
 * the roofline's corner; q to infinity is the plain maximum.
 */
import type { Datatype } from "../catalog/index.ts"
import type { Device } from "./device.ts"

export interface Gemm {
  readonly m: number
  readonly n: number
  readonly k: number
  /** Independent products of this shape in one launch (grouped experts); 1 = plain. */
  readonly groups?: number
  readonly datatype: Datatype
}

const bytesPerElement: Readonly<Record<Datatype, number>> = {
  fp32: 4,
  tf32: 4,
  bf16: 2,
  fp16: 2,
  fp8: 1,
  mxfp8: 1.03,
  nvfp4: 0.56,
  int8: 1
}

/** FLOPs of a product, two per multiply-add. */
export const gemmFlops = ({ m, n, k, groups = 1 }: Gemm): number => 2 * m * n * k * groups

/** Bytes of both inputs in the product's format and of the output in at least 16 bits. */
export const gemmBytes = ({ m, n, k, groups = 1, datatype }: Gemm): number =>
  groups * (bytesPerElement[datatype] * (m * k + n * k) + Math.max(2, bytesPerElement[datatype]) * m * n)

/**
 * Seconds of a matrix multiplication by the analytic law alone.
 *
 * @param factor factor of the software stack on the sustained compute share
 */
export const analyticGemmSeconds = (device: Device, gemm: Gemm, factor: number): number => {
  const rate = device.sustained(gemm.datatype)
  if (rate === undefined) return Number.POSITIVE_INFINITY
  const compute = gemmFlops(gemm) / (rate.peak * rate.share * factor)
  const memory = gemmBytes(gemm) / (device.memoryBytesPerSecond * device.gemmMemoryShare)
  return device.gemmLaunchSeconds + smoothMaximum(compute, memory, device.gemmCorner)
}

/** (a^q + b^q)^(1/q) without overflow: at least the larger of the two. */
export const smoothMaximum = (a: number, b: number, exponent: number): number => {
  const larger = Math.max(a, b)
  if (larger === 0) return 0
  return larger * (1 + (Math.min(a, b) / larger) ** exponent) ** (1 / exponent)
}
