import { beforeAll, describe, expect, test } from "vitest"
import { fitKernelLaws, kernelResiduals, type KernelFit, type KernelResidual } from "../../src/validation/kernel-fit.ts"
import { shippedKernels, type MeasuredKernel } from "../../src/validation/measured-kernel.ts"

let kernels: readonly MeasuredKernel[] = []
let fitted: KernelFit = { constants: [], isolated: [], residuals: [] }
let shipped: readonly KernelResidual[] = []

beforeAll(async () => {
  kernels = await shippedKernels()
  fitted = fitKernelLaws({ kernels })
  // Shares of the peak of kernels alone in place of those of hours of training.
  shipped = kernelResiduals(kernels, Object.fromEntries(fitted.isolated.map(({ key, value }) => [key, value])))
})

const of = (rows: readonly KernelResidual[], efficiencyClass: string, kernel: string): KernelResidual => {
  const found = rows.find((row) => row.efficiencyClass === efficiencyClass && row.kernel === kernel)
  if (found === undefined) throw new Error(`no ${kernel} of ${efficiencyClass}`)
  return found
}

describe.each(["a100", "h100", "b200", "l40s"])("kernels that NVIDIA measured on %s for AIConfigurator", (name) => {
  const most = name === "l40s" ? 0.16 : 0.1

  test("are 390 to 400 products and 198 attentions", () => {
    expect(of(shipped, name, "gemm").points).toBeGreaterThanOrEqual(390)
    expect(of(shipped, name, "gemm").points).toBeLessThanOrEqual(400)
    expect(of(shipped, name, "attention").points).toBe(198)
  })

  test(`the shipped constants miss the median product by at most ${100 * most} %, nine of ten by 45 %`, () => {
    expect(of(shipped, name, "gemm").median).toBeLessThan(most)
    expect(of(shipped, name, "gemm").p90).toBeLessThan(0.45)
  })

  test("the refitted law misses the median product by at most 10 %, without bias", () => {
    expect(of(fitted.residuals, name, "gemm").median).toBeLessThan(0.1)
    expect(Math.abs(of(fitted.residuals, name, "gemm").bias)).toBeLessThan(0.02)
  })

  test("the refitted law misses the median attention by at most 12 %, without bias", () => {
    expect(of(fitted.residuals, name, "attention").median).toBeLessThan(0.12)
    expect(Math.abs(of(fitted.residuals, name, "attention").bias)).toBeLessThan(0.025)
  })

  test("the shipped constants miss the median attention by at most 22 %", () => {
    expect(of(shipped, name, "attention").median).toBeLessThan(0.22)
  })
})
