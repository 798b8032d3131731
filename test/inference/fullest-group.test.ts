/** Data-attention groups that are not alike: what waits for the fullest, and what all share. */
import { describe, expect, test } from "vitest"
import { makeStepModel, type InferenceTarget, type StepLoad } from "../../src/inference/index.ts"
import { apart, h800, wide } from "./h800.ts"
import { decodeOf, stackOf } from "./targets.ts"

/** Prompts of 1,000 tokens, so many of them in the fullest group. */
const prompts = (count: number, most: number): StepLoad => ({
  ...decodeOf(0, 0),
  prefills: count,
  prefillTokens: count * 1000,
  prefillPairs: count * 500_500,
  prefillContext: count * 1000,
  sampled: count,
  fullestTokens: most * 1000,
  fullestSequences: most
})
const decodes = (count: number, most: number): StepLoad => ({
  ...decodeOf(count, 2000),
  fullestDecodes: most,
  fullestTokens: most,
  fullestSequences: most
})
const secondsOf = (target: InferenceTarget, load: StepLoad): number => makeStepModel(target).stageSeconds(0, load)
const kindOf = (target: InferenceTarget, load: StepLoad, kind: string): number =>
  makeStepModel(target)
    .parts(0, load)
    .filter((part) => part.kind === kind)
    .reduce((sum, { seconds }) => sum + seconds, 0)

const gathered = h800(8, { expert: 8, dataAttention: 8 })
const targets = { gathered, sent: wide(32), apart: apart(16, 16, 2) }

describe.each(Object.entries(targets))("experts %s", (_name, target) => {
  const groups = target.layout.dataAttention

  test("groups of equal tokens are as if nothing was said of the fullest", () => {
    const { fullestDecodes: _d, fullestTokens: _t, fullestSequences: _s, ...plain } = decodes(groups * 24, 24)
    expect(secondsOf(target, decodes(groups * 24, 24))).toBe(secondsOf(target, plain))
    const { fullestDecodes: _a, fullestTokens: _b, fullestSequences: _c, ...plainPrompts } = prompts(groups * 2, 2)
    expect(secondsOf(target, prompts(groups * 2, 2))).toBe(secondsOf(target, plainPrompts))
  })

  test("uneven groups take longer than even ones, and no longer than if all were as full", () => {
    for (const [even, uneven, full] of [
      [prompts(groups, 1), prompts(groups, 4), prompts(4 * groups, 4)],
      [decodes(groups * 16, 16), decodes(groups * 16, 64), decodes(groups * 64, 64)]
    ] as const) {
      expect(secondsOf(target, uneven)).toBeGreaterThan(secondsOf(target, even))
      expect(secondsOf(target, uneven)).toBeLessThan(secondsOf(target, full))
    }
  })
})

test("a rank's own products are those of the fullest group, the experts' those of all tokens", () => {
  const uneven = prompts(32, 4)
  expect(kindOf(targets.sent, uneven, "gemm")).toBe(kindOf(targets.sent, prompts(128, 4), "gemm"))
  expect(kindOf(targets.sent, uneven, "experts")).toBe(kindOf(targets.sent, prompts(32, 1), "experts"))
  // What travels is what the fullest sends.
  expect(kindOf(targets.sent, uneven, "communication")).toBe(kindOf(targets.sent, prompts(128, 4), "communication"))
})

test("every group replays the graph of the fullest, and its padding reaches no expert where tokens are sent", () => {
  // 9 of 8 + 1: the graph of 16 sequences, though the others have 2 each.
  const uneven = decodes(31 * 2 + 9, 9)
  expect(kindOf(targets.sent, uneven, "gemm")).toBe(kindOf(targets.sent, decodes(32 * 16, 16), "gemm"))
  const { fullestDecodes: _d, fullestTokens: _t, ...plain } = uneven
  expect(kindOf(targets.sent, uneven, "experts")).toBe(kindOf(targets.sent, plain, "experts"))
})

describe("the host waits for", () => {
  const perSequence = (target: InferenceTarget): number => {
    const model = makeStepModel(target)
    const { hostSecondsPerStep, hostSecondsPerSequence } = target.stack.constants
    return (model.hostSeconds(decodes(100, 40)) - hostSecondsPerStep.value) / hostSecondsPerSequence.value
  }
  test("the scheduler of the fullest group under SGLang, however tokens get to their experts", () => {
    expect(perSequence(gathered)).toBeCloseTo(40, 9)
    expect(perSequence(targets.sent)).toBeCloseTo(40, 9)
    expect(perSequence(targets.apart)).toBeCloseTo(40, 9)
  })
  test("all sequences under TensorRT-LLM, whose first rank gathers the answers of all", () => {
    expect(perSequence({ ...gathered, stack: stackOf("tensorrt-llm") })).toBeCloseTo(100, 6)
  })
})
