/**
 * Operators bound by memory: norms, residuals, activations, casts, copies.
 */
import type { ComputeKind, Kernel } from "./operator.ts"
import type { Site } from "./shape.ts"

/** A kernel that moves bytes at the rate elementwise kernels reach. */
export const memoryKernel = (
  { device }: Site,
  name: string,
  bytes: number,
  options: { readonly kind?: ComputeKind; readonly launches?: number } = {}
): Kernel => ({
  type: "kernel",
  name,
  kind: options.kind ?? "elementwise",
  seconds: (options.launches ?? 1) * device.elementwiseLaunchSeconds + bytes / device.elementwiseBytesPerSecond,
  flops: 0,
  bytes
})

/** Elementwise work of a layer; the stack's factor says how much its kernels leave unfused. */
export const elementwise = (site: Site, name: string, bytes: number, launches = 1): Kernel =>
  memoryKernel(site, name, bytes * site.stack.constants.elementwiseFactor.value, { launches })

/** Bytes of the backward pass of elementwise work over those of the forward pass. */
export const elementwiseBackward = 1.6
