/**
 * Kernels measured alone on an accelerator, each beside the law that should foretell it.
 */
import { find, isUnknownName, type Accelerator, type Datatype } from "../catalog/index.ts"
import {
  analyticGemmSeconds,
  fusedAttentionSeconds,
  halfFormat,
  makeDevice,
  type Device,
  type KernelTable
} from "../kernels/index.ts"
import { shippedKernelFiles } from "./data/kernels/index.ts"

export interface MeasuredKernel {
  readonly kernel: "gemm" | "attention"
  readonly accelerator: Accelerator
  readonly datatype: Datatype
  /** Kernels over the same weight (n x k) or the same heads: an interval is drawn by these. */
  readonly group: string
  readonly seconds: number
  /** Seconds by the product's law, without any factor of a stack. */
  readonly predict: (device: Device) => number
}

const acceleratorOf = (name: string): Accelerator => {
  const found = find("accelerators", name)
  if (isUnknownName(found)) throw new Error(`shipped kernels name an unknown accelerator: ${name}`)
  return found
}

const measuredGemm = (
  accelerator: Accelerator,
  datatype: Datatype,
  { m, n, k, seconds }: { readonly m: number; readonly n: number; readonly k: number; readonly seconds: number }
): MeasuredKernel => ({
  kernel: "gemm",
  accelerator,
  datatype,
  group: `${n} x ${k}`,
  seconds,
  predict: (device) => analyticGemmSeconds(device, { m, n, k, datatype }, 1)
})

const measuredAttention = (accelerator: Accelerator, row: readonly number[]): MeasuredKernel => {
  const [batch = 0, sequence = 0, heads = 0, _keyValueHeads, headDimension = 0, microseconds = 0] = row
  const shape = { batch, heads, headDimension, sequence, context: 1, causalShare: 1 }
  return {
    kernel: "attention",
    accelerator,
    datatype: halfFormat(accelerator),
    group: `${batch} x ${heads}`,
    seconds: microseconds * 1e-6,
    predict: (device) => fusedAttentionSeconds(device, shape, "forward", 1)
  }
}

/** The kernels that ship with the product: A100, H100, B200 and L40S, bf16. */
export const shippedKernels = async (): Promise<readonly MeasuredKernel[]> => {
  const { gemm, attention } = await shippedKernelFiles()
  return [
    ...gemm.flatMap((file) => {
      const accelerator = acceleratorOf(file.accelerator)
      return file.rows.map(([m = 0, n = 0, k = 0, microseconds = 0]) =>
        measuredGemm(accelerator, "bf16", { m, n, k, seconds: microseconds * 1e-6 })
      )
    }),
    ...attention.flatMap((file) => {
      const accelerator = acceleratorOf(file.accelerator)
      return file.rows.map((row) => measuredAttention(accelerator, row))
    })
  ]
}

/** The rows of a table that the user measured (`parseKernelTable`); none where the hardware lacks its format. */
export const kernelsOfTable = (accelerator: Accelerator, table: KernelTable): readonly MeasuredKernel[] =>
  makeDevice(accelerator).sustained(table.datatype) === undefined
    ? []
    : Array.from(table.m, (m, row) =>
        measuredGemm(accelerator, table.datatype, {
          m,
          n: table.n[row] ?? 0,
          k: table.k[row] ?? 0,
          seconds: table.seconds[row] ?? 0
        })
      )
