/**
 * Attention and experts on accelerators of their own.
 */
import { describe, expect, test } from "vitest"
import { acceleratorsOfLayout, makeStepModel, planMemory, type InferenceTarget } from "../../src/inference/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { apart, h800 } from "./h800.ts"
import { decodeOf, modelOf, promptsOf } from "./targets.ts"

const stepOf = (target: InferenceTarget, sequences: number, context: number): number =>
  makeStepModel(target).stageSeconds(0, decodeOf(sequences, context))
/** Decoded tokens/s an accelerator, of the device alone. */
const rateOf = (target: InferenceTarget, perAccelerator: number, context: number): number => {
  const accelerators = acceleratorsOfLayout(target.layout)
  return perAccelerator / stepOf(target, perAccelerator * accelerators, context)
}
const partOf = (target: InferenceTarget, load: ReturnType<typeof decodeOf>, name: string): number =>
  makeStepModel(target)
    .parts(0, load)
    .find((part) => part.name === name)?.seconds ?? 0
const way = "on the way between the sides"

describe("attention and feed-forward blocks apart", () => {
  test("accelerators of a replica are those of both sides; each holds its own weights", () => {
    const target = apart(16, 16, 3)
    expect(acceleratorsOfLayout(target.layout)).toBe(32)
    const memory = planMemory(target)
    // Each of 16 ranks: 256 experts of 58 layers, and the shared expert and the dense blocks whole, a byte a parameter.
    expect(memory.feedForwardWeights).toBe(
      (58 * 256 * 3 * 7168 * 2048) / 16 + 58 * 3 * 7168 * 2048 + 3 * 3 * 7168 * 18_432
    )
    // Attention, router, norms and ends: far less than where a rank holds a share of the experts too.
    const together = planMemory(h800(32, { expert: 32, dataAttention: 32 }))
    expect(memory.weights).toBeLessThan(0.5 * together.weights)
    expect(memory.keyValueTokens / 16).toBeGreaterThan(together.keyValueTokens / 32)
  })

  test("experts that do not fit their side do not fit at all, however roomy the other is", () => {
    const memory = planMemory(apart(24, 8, 3))
    expect(memory.fits).toBe(false)
    expect(memory.keyValueTokens).toBe(0)
    expect(memory.weights).toBe(memory.feedForwardWeights)
    expect(planMemory(apart(16, 16, 3)).fits).toBe(true)
  })

  test("with balanced sides and enough micro-batches the ways are hidden (MegaScale-Infer, section 4.1)", () => {
    const qwen = { model: modelOf("qwen3-235b-a22b") }
    const load = decodeOf(32 * 128, 3000)
    const alone = partOf(apart(16, 16, 1, qwen), load, way)
    expect(alone).toBeGreaterThan(0.2 * stepOf(apart(16, 16, 1, qwen), 32 * 128, 3000))
    expect(partOf(apart(16, 16, 3, qwen), load, way)).toBeLessThan(0.01 * alone)
    expect(stepOf(apart(16, 16, 3, qwen), 32 * 128, 3000)).toBeLessThan(stepOf(apart(16, 16, 2, qwen), 32 * 128, 3000))
  })

  test("at high load it serves more an accelerator than tensor parallelism over nodes, at low load less", () => {
    // MegaScale-Infer, section 7.2: up to 1.90 times the tokens/s/GPU of TensorRT-LLM, which splits over nodes alike.
    const tensor = h800(16, { tensor: 16 })
    expect(rateOf(apart(16, 16, 3), 256, 600)).toBeGreaterThan(1.3 * rateOf(tensor, 256, 600))
    expect(rateOf(apart(16, 16, 3), 16, 600)).toBeLessThan(rateOf(tensor, 16, 600))
    const qwen = { model: modelOf("qwen3-235b-a22b") }
    const node = h800(8, { tensor: 8 }, qwen)
    expect(rateOf(apart(16, 16, 3, qwen), 256, 600)).toBeGreaterThan(rateOf(node, 256, 600))
    expect(rateOf(apart(16, 16, 3, qwen), 16, 600)).toBeLessThan(rateOf(node, 16, 600))
  })

  test("a lone sequence is one micro-batch, and its step one round trip a layer", () => {
    const load = decodeOf(1, 500)
    expect(makeStepModel(apart(16, 16, 3)).stageSeconds(0, load)).toBe(
      makeStepModel(apart(16, 16, 1)).stageSeconds(0, load)
    )
  })

  test("parts add up to the step, more work never takes less, and work is finite: 60 servers by lot", () => {
    const stream = randomStream(11, "apart")
    const pick = <T>(values: readonly T[]): T => values[Math.floor(stream() * values.length)]!
    for (let draw = 0; draw < 60; draw++) {
      const target = apart(pick([4, 8, 16]), pick([8, 16, 32]), pick([1, 2, 3, 5]), {
        model: modelOf(pick(["deepseek-v3", "qwen3-235b-a22b", "mixtral-8x7b", "llama-4-maverick"])),
        precision: pick(["bf16", "fp8"])
      })
      const model = makeStepModel(target)
      const sequences = 1 + Math.floor(stream() * 2000)
      for (const load of [decodeOf(sequences, 1000), promptsOf(1 + (sequences % 40), 700)]) {
        const seconds = model.stageSeconds(0, load)
        const sum = model.parts(0, load).reduce((total, part) => total + part.seconds, 0)
        expect(sum / seconds).toBeCloseTo(1, 6)
        const work = { flops: 0, bytes: 0, communicationSeconds: 0 }
        model.addWork(load, work)
        expect(work.flops).toBeGreaterThan(0)
        expect(work.bytes).toBeGreaterThan(0)
        expect(work.communicationSeconds).toBeGreaterThanOrEqual(0)
        expect(work.communicationSeconds).toBeLessThan(seconds)
      }
      expect(model.stageSeconds(0, decodeOf(sequences, 3000))).toBeGreaterThanOrEqual(
        model.stageSeconds(0, decodeOf(sequences, 1000))
      )
    }
  })
})
