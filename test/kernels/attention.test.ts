import { describe, expect, test } from "vitest"
import {
  causalFlops,
  fusedAttentionSeconds,
  layerOperators,
  unfusedAttention,
  type AttentionShape
} from "../../src/kernels/index.ts"
import { flops, model, roundDevice, seconds, site } from "./sites.ts"

const shape: AttentionShape = {
  batch: 2,
  heads: 32,
  headDimension: 128,
  sequence: 1024,
  context: 1,
  causalShare: 1
}

describe("causal attention", () => {
  test("is two products of half a square: 2 x 32 x 1024^2 x 128 x 2 FLOPs", () => {
    expect(causalFlops(shape)).toBe(17_179_869_184)
  })

  test("is shared out over context-parallel ranks", () => {
    expect(causalFlops({ ...shape, context: 4 })).toBe(17_179_869_184 / 4)
  })

  test("quadruples with twice the sequence", () => {
    expect(causalFlops({ ...shape, sequence: 2048 })).toBe(4 * 17_179_869_184)
  })
})

describe("fused attention at half of 100 TFLOP/s and a ramp of 1024 tokens", () => {
  const time = (changes: Partial<AttentionShape>, pass: "forward" | "backward" = "forward"): number =>
    fusedAttentionSeconds(roundDevice, { ...shape, ...changes }, pass, 1) - roundDevice.gemmLaunchSeconds

  test("runs at half of its rate at 1024 tokens: 17.18 GFLOP at 25 TFLOP/s", () => {
    expect(time({}) / (17_179_869_184 / 25e12)).toBeCloseTo(1, 9)
  })

  test("nears its rate on long sequences: 1024 + 64 x 1024 tokens lose 1 part in 64", () => {
    expect(time({ sequence: 65_536 }) / ((4096 * 17_179_869_184) / 50e12)).toBeCloseTo(65 / 64, 9)
  })

  test("takes 2.5 / 0.8 of the forward time backward", () => {
    expect(time({}, "backward") / time({})).toBeCloseTo(3.125, 9)
  })

  test("takes heads of 64 at 0.8 and heads of 256 at 1.25 of the rate of 128, and goes no further", () => {
    // Heads of 64 do half of the work of heads of 128.
    expect(time({ headDimension: 64 }) / time({})).toBeCloseTo(0.5 / 0.8, 9)
    expect(time({ headDimension: 256 }) / time({})).toBeCloseTo(2 / 1.25, 9)
    expect(time({ headDimension: 32 }) / time({})).toBeCloseTo(0.25 / 0.8, 9)
    expect(time({ headDimension: 512 }) / time({})).toBeCloseTo(4 / 1.25, 9)
  })

  test("is twice as fast under a stack factor of 2, and pays its launch once", () => {
    const doubled = fusedAttentionSeconds(roundDevice, shape, "forward", 2)
    expect((doubled - 2e-6) / time({})).toBeCloseTo(0.5, 9)
  })
})

describe("unfused attention", () => {
  const work = (changes: Partial<AttentionShape>, pass: "forward" | "backward" = "forward", dropout = false) =>
    unfusedAttention(roundDevice, { ...shape, ...changes }, pass, { dropout, softmaxFactor: 1 })

  test("computes the whole square forward, and twice that backward", () => {
    expect(work({}).flops).toBe(2 * 17_179_869_184)
    expect(work({}, "backward").flops).toBe(4 * 17_179_869_184)
  })

  test("moves 8 bytes a score forward, 14 backward, and 5 more with dropout", () => {
    const scores = 2 * 32 * 1024 * 1024
    expect(work({}).bytes).toBe(8 * scores)
    expect(work({}, "backward").bytes).toBe(14 * scores)
    expect(work({}, "forward", true).bytes).toBe(13 * scores)
  })

  test("loses nine tenths of its rate where the head dimension is no multiple of 8", () => {
    const aligned = work({ headDimension: 104 }).products - 4e-6
    const misaligned = work({ headDimension: 108 }).products - 4e-6
    expect(misaligned / aligned).toBeCloseTo((10 * 108) / 104, 6)
  })

  test("BLOOM's width of 13824 suffers with 128 heads of 108 and not with 64 heads of 216", () => {
    const bloom = model("bloom-176b")
    const layer = (heads: number, headDimension: number) =>
      layerOperators(
        site({
          tensor: 4,
          model: { ...bloom, hidden: 13_824, feedForward: 55_296, heads, keyValueHeads: heads, headDimension }
        }),
        "dense"
      ).forward
    expect(flops(layer(128, 108))).toBe(flops(layer(64, 216)))
    expect(seconds(layer(128, 108), "attention") / seconds(layer(64, 216), "attention")).toBeGreaterThan(4)
    expect(seconds(layer(128, 108)) / seconds(layer(64, 216))).toBeGreaterThan(1.2)
  })
})

describe("a sliding window of 4096 tokens at 8192", () => {
  const attention = (name: string, sequence = 8192): number =>
    flops(layerOperators(site({ model: model(name), sequence }, "nemo-24"), "dense").forward, "attention")

  test("on every layer leaves three quarters of the triangle (Mistral 7B: 32 heads of 128)", () => {
    expect(attention("mistral-7b-v0.1")).toBe(0.75 * 2 * 4096 * 8192 * 8192)
  })

  test("on every second layer leaves seven eighths (Gemma 2 9B: 16 heads of 256, 21 of 42 layers)", () => {
    expect(attention("gemma-2-9b")).toBe(0.875 * 2 * 4096 * 8192 * 8192)
  })

  test("leaves a sequence of 4096 tokens whole", () => {
    expect(attention("mistral-7b-v0.1", 4096)).toBe(2 * 4096 * 4096 * 4096)
  })
})

describe("latent attention", () => {
  test("multiplies heads of 192 by values of 128 (DeepSeek-V3: 128 heads)", () => {
    const layer = layerOperators(site({ model: model("deepseek-v3"), sequence: 4096 }, "megatron-bridge"), "dense")
    // Half a square of 4096, two FLOPs a multiply-add: (192 + 128) x 128 heads.
    expect(flops(layer.forward, "attention")).toBe(4096 * 4096 * 128 * (192 + 128))
  })
})
