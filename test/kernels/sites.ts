import { find, isUnknownName, type Accelerator, type Model, type Stack } from "../../src/catalog/index.ts"
import {
  makeDevice,
  type Device,
  type Kernel,
  type Operator,
  type RankShape,
  type Site
} from "../../src/kernels/index.ts"

export const accelerator = (name: string): Accelerator => {
  const found = find("accelerators", name)
  if (isUnknownName(found)) throw new Error(`no accelerator ${name}`)
  return found
}

export const model = (name: string): Model => {
  const found = find("models", name)
  if (isUnknownName(found)) throw new Error(`no model ${name}`)
  return found
}

export const stack = (name: string): Stack => {
  const found = find("stacks", name)
  if (isUnknownName(found)) throw new Error(`no stack ${name}`)
  return found
}

/** Round numbers for hand calculation: 80 TFLOP/s of 100 and 500 GB/s of 1 TB/s reached, 2 us a launch, q = 2. */
export const roundDevice: Device = {
  ...makeDevice(accelerator("a100-sxm-80gb")),
  memoryBytesPerSecond: 1e12,
  gemmMemoryShare: 0.5,
  gemmLaunchSeconds: 2e-6,
  gemmCorner: 2,
  elementwiseBytesPerSecond: 8e11,
  elementwiseLaunchSeconds: 3e-6,
  attentionShare: 0.5,
  attentionSustained: 1,
  attentionNarrow: 0.8,
  attentionWide: 1.25,
  attentionRampTokens: 1024,
  batchedShare: 0.45,
  misalignedShare: 0.045,
  sustained: () => ({ peak: 100e12, share: 0.8 })
}

/** A rank that holds a whole layer of BLOOM-560M (hidden 1024, 16 heads) over one sequence of 2048 tokens. */
export const site = (
  changes: Partial<RankShape> = {},
  stackName = "megatron-deepspeed",
  device = roundDevice
): Site => ({
  device,
  stack: stack(stackName),
  shape: {
    model: model("bloom-560m"),
    microBatch: 1,
    sequence: 2048,
    tensor: 1,
    sequenceParallel: false,
    context: 1,
    expert: 1,
    expertTensor: 1,
    expertImbalance: 1,
    datatype: "bf16",
    ...changes
  }
})

export const kernels = (operators: readonly Operator[]): readonly Kernel[] =>
  operators.filter((operator) => operator.type === "kernel")

/** FLOPs of all kernels, or of those of a kind. */
export const flops = (operators: readonly Operator[], kind?: Kernel["kind"]): number =>
  kernels(operators)
    .filter((kernel) => (kind ?? kernel.kind) === kernel.kind)
    .reduce((sum, kernel) => sum + kernel.flops, 0)

/** Seconds of all kernels, or of those of a kind. */
export const seconds = (operators: readonly Operator[], kind?: Kernel["kind"]): number =>
  kernels(operators)
    .filter((kernel) => (kind ?? kernel.kind) === kernel.kind)
    .reduce((sum, kernel) => sum + kernel.seconds, 0)
