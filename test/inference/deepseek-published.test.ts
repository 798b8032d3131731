/**
 * The step model alone against published throughput of DeepSeek-V3 over many nodes of Hopper accelerators: where it stands, mechanism by
 * mechanism. DeepSeek's own figures are means over a day in which load rises and falls (deepseek-ai/open-infra-index, day 6).
 */
import { describe, expect, test } from "vitest"
import { makeStepModel, type InferenceTarget, type StepLoad } from "../../src/inference/index.ts"
import { h800, wide } from "./h800.ts"
import { decodeOf } from "./targets.ts"

/** Tokens/s of a node of eight, the step and the host after it. */
const nodeRate = (target: InferenceTarget, load: StepLoad): number => {
  const model = makeStepModel(target)
  const seconds = model.stageSeconds(0, load) + model.hostSeconds(load)
  return ((load.decodes + load.prefillTokens) * 8) / seconds / target.layout.dataAttention
}
/** Prompts whose first `cached` tokens are found. */
const promptsAfter = (count: number, tokens: number, cached: number): StepLoad => ({
  ...decodeOf(0, 0),
  prefills: count,
  prefillTokens: count * tokens,
  prefillPairs: count * tokens * (cached + (tokens + 1) / 2),
  prefillContext: count * (cached + tokens),
  sampled: count
})

describe("DeepSeek-V3 over many nodes", () => {
  // 14.8k output tokens/s a node of 8 H800 over 144 ranks; 20 to 22 tokens/s a user and 4,989 tokens of context make about 88 sequences a rank.
  const decodes = decodeOf(144 * 88, 4989)

  test("decode, 144 ranks: 14.8k tokens/s a node published, within 15 % with two halves in turns", () => {
    const rate = nodeRate(wide(144, { overlapsExchange: true }), decodes)
    expect(rate / 14_800).toBeGreaterThan(0.85)
    expect(rate / 14_800).toBeLessThan(1.15)
    // 20 to 22 tokens/s a user.
    expect((rate * 18) / (144 * 88)).toBeGreaterThan(18)
    expect((rate * 18) / (144 * 88)).toBeLessThan(24)
  })

  test("each mechanism pays: tokens sent alone, in 8 bits, and behind the other half's computing", () => {
    const stepOf = (target: InferenceTarget): number => makeStepModel(target).stageSeconds(0, decodes)
    const inSixteen = wide(144, { expertExchange: { by: "all-to-all", dispatch: "bf16", nodeLimit: 4 } })
    expect(stepOf(h800(144, { expert: 144, dataAttention: 144 }))).toBeGreaterThan(1.4 * stepOf(inSixteen))
    const sixteen = nodeRate(inSixteen, decodes)
    const eight = nodeRate(wide(144), decodes)
    const overlapped = nodeRate(wide(144, { overlapsExchange: true }), decodes)
    expect(eight / sixteen).toBeGreaterThan(1.05)
    expect(overlapped / eight).toBeGreaterThan(1.1)
  })

  test("prefill, 32 ranks: 73.7k tokens/s a node with 56.3 % found in the cache are a mean; full steps do up to half more", () => {
    const load = promptsAfter(32 * 4, 2048, 2640)
    const found = 1 / (1 - 0.563)
    const rate = found * nodeRate(wide(32, { overlapsExchange: true }), load)
    expect(rate / 73_700).toBeGreaterThan(1)
    expect(rate / 73_700).toBeLessThan(1.6)
    // Without halves in turns a third of the step is the exchange.
    expect((found * nodeRate(wide(32), load)) / rate).toBeLessThan(0.72)
  })

  test("prefill as SGLang measured it: 52.3k input tokens/s a node of prompts of 2,000, within 35 % (faster)", () => {
    // lmsys.org/blog/2025-05-05-large-scale-ep: 4 nodes of 8 H100, 16,384 tokens a rank, experts not perfectly even.
    const rate = nodeRate(wide(32, { overlapsExchange: true }), promptsAfter(32 * 8, 2048, 0))
    expect(rate / 52_300).toBeGreaterThan(0.9)
    expect(rate / 52_300).toBeLessThan(1.35)
  })
})
