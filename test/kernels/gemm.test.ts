import { it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { analyticGemmSeconds, gemmBytes, gemmFlops, makeDevice, smoothMaximum } from "../../src/kernels/index.ts"
import { accelerator, roundDevice } from "./sites.ts"

const relative = (actual: number, wanted: number): number => Math.abs(actual / wanted - 1)

describe("the work of a matrix multiplication", () => {
  test("is two FLOPs a multiply-add", () => {
    expect(gemmFlops({ m: 10, n: 20, k: 30, datatype: "bf16" })).toBe(12_000)
    expect(gemmFlops({ m: 10, n: 20, k: 30, groups: 8, datatype: "bf16" })).toBe(96_000)
  })

  test("reads 300 + 600 and writes 200 elements of two bytes", () => {
    expect(gemmBytes({ m: 10, n: 20, k: 30, datatype: "bf16" })).toBe(2200)
    expect(gemmBytes({ m: 10, n: 20, k: 30, datatype: "fp32" })).toBe(4400)
  })

  test("reads 8-bit inputs and still writes 16 bits", () => {
    expect(gemmBytes({ m: 10, n: 20, k: 30, datatype: "fp8" })).toBe(900 + 400)
  })
})

describe("the rounded corner of the roofline", () => {
  test("is the root of the sum of squares at q = 2", () => {
    expect(smoothMaximum(3, 4, 2)).toBeCloseTo(5, 12)
    expect(smoothMaximum(7, 7, 2)).toBeCloseTo(7 * Math.SQRT2, 12)
  })

  test("is the sum at q = 1 and the maximum at a large q", () => {
    expect(smoothMaximum(3, 4, 1)).toBeCloseTo(7, 12)
    expect(smoothMaximum(3, 4, 200)).toBeCloseTo(4, 12)
  })

  test("neither overflows nor divides by zero", () => {
    expect(smoothMaximum(0, 0, 3)).toBe(0)
    expect(smoothMaximum(0, 5, 3)).toBe(5)
    expect(smoothMaximum(3e200, 4e200, 2) / 5e200).toBeCloseTo(1, 12)
  })
})

describe("the time of a matrix multiplication on 80 TFLOP/s and 500 GB/s", () => {
  test("is FLOPs over the sustained rate when large: 16384 cubed is 8.80 TFLOP, 110 ms", () => {
    const time = analyticGemmSeconds(roundDevice, { m: 16_384, n: 16_384, k: 16_384, datatype: "bf16" }, 1)
    expect(relative(time, 8_796_093_022_208 / 80e12)).toBeLessThan(0.001)
  })

  test("is bytes over the memory rate for one row: 537 MB of weight, 1.074 ms, and 2 us of launch", () => {
    const time = analyticGemmSeconds(roundDevice, { m: 1, n: 16_384, k: 16_384, datatype: "bf16" }, 1)
    expect(relative(time, 2e-6 + 536_936_448 / 500e9)).toBeLessThan(0.0001)
  })

  test("is the launch alone when tiny", () => {
    expect(analyticGemmSeconds(roundDevice, { m: 1, n: 8, k: 8, datatype: "bf16" }, 1)).toBeCloseTo(2e-6, 8)
  })

  test("halves its rate under a stack factor of one half", () => {
    const gemm = { m: 16_384, n: 16_384, k: 16_384, datatype: "bf16" } as const
    const ratio = analyticGemmSeconds(roundDevice, gemm, 0.5) / analyticGemmSeconds(roundDevice, gemm, 1)
    expect(ratio).toBeCloseTo(2, 2)
  })

  test("is endless in a format that the hardware lacks", () => {
    const volta = makeDevice(accelerator("v100-sxm2-32gb"))
    expect(analyticGemmSeconds(volta, { m: 64, n: 64, k: 64, datatype: "fp8" }, 1)).toBe(Infinity)
  })
})

const size = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_536 }))
const devices = ["a100-sxm-80gb", "h100-sxm", "b200-sxm", "l40s", "mi300x", "v100-sxm2-32gb"].map((name) =>
  makeDevice(accelerator(name))
)

it.prop("a longer side never takes less time, on any accelerator", [size, size, size, size], ([m, n, k, more]) =>
  devices.every((device) => {
    const datatype = device.sustained("bf16") === undefined ? "fp16" : "bf16"
    const time = (shape: { readonly m: number; readonly n: number; readonly k: number }): number =>
      analyticGemmSeconds(device, { ...shape, datatype }, 1)
    const base = time({ m, n, k })
    return (
      time({ m: m + more, n, k }) > base && time({ m, n: n + more, k }) > base && time({ m, n, k: k + more }) > base
    )
  })
)

it.prop("no product beats the peak or the memory of the data sheet", [size, size, size], ([m, n, k]) =>
  devices.every((device) => {
    const datatype = device.sustained("bf16") === undefined ? "fp16" : "bf16"
    const gemm = { m, n, k, datatype } as const
    const floor = Math.max(
      gemmFlops(gemm) / (device.sustained(datatype)?.peak ?? 0),
      gemmBytes(gemm) / device.memoryBytesPerSecond
    )
    return analyticGemmSeconds(device, gemm, 1) > floor
  })
)
