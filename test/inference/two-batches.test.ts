/** A step as two halves in turns, one computing while the tokens of the other travel between experts. */
import { describe, expect, test } from "vitest"
import type { StepLoad, StepModel } from "../../src/inference/index.ts"
import { resolveServing, scenarioFromData } from "../../src/scenario/index.ts"

const stepsOf = (twoBatchOverlap: boolean): StepModel => {
  const loaded = scenarioFromData({
    name: "two batches",
    data: {
      cluster: { system: "hgx-h800", nodes: 4 },
      model: "deepseek-v3",
      serving: {
        stack: "sglang",
        precision: "fp8",
        parallelism: { expert: 32, dataAttention: 32 },
        ...(twoBatchOverlap ? { twoBatchOverlap } : {})
      },
      workload: { arrivals: { batch: {} }, prompt: 100, output: 10 }
    }
  })
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded)
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  return resolved.job.steps
}

const decodes = (count: number, context: number): StepLoad => ({
  decodes: count,
  decodeContext: count * context,
  decodeWindow: count * context,
  prefills: 0,
  prefillTokens: 0,
  prefillPairs: 0,
  prefillContext: 0,
  sampled: count
})

const prompt = (tokens: number): StepLoad => ({
  ...decodes(0, 0),
  prefills: 32,
  prefillTokens: tokens,
  prefillPairs: (tokens * tokens) / 64,
  prefillContext: tokens,
  sampled: 32
})

describe("two halves in turns", () => {
  const plain = stepsOf(false)
  const overlapped = stepsOf(true)
  const exchange = (steps: StepModel, load: StepLoad): number =>
    steps.parts(0, load).reduce((sum, { kind, seconds }) => (kind === "communication" ? sum + seconds : sum), 0)

  test("save no more than the exchange, and most of a large prompt's", () => {
    const load = prompt(32 * 4096)
    const [alone, together] = [plain.stageSeconds(0, load), overlapped.stageSeconds(0, load)]
    expect(together).toBeLessThan(0.85 * alone)
    expect(together).toBeGreaterThan(alone - exchange(plain, load))
  })

  test("cost a little for a batch that is too small to share", () => {
    const load = decodes(32, 100)
    expect(overlapped.stageSeconds(0, load)).toBeGreaterThan(0.8 * plain.stageSeconds(0, load))
  })

  test("have parts and a line in the context that say the same as the step", () => {
    for (const context of [10, 1000, 20_000]) {
      const load = decodes(32 * 60, context)
      const seconds = overlapped.stageSeconds(0, load)
      const { floor, base, slope } = overlapped.decodeLine(0, 32 * 60)!
      expect(Math.max(floor, base + slope * load.decodeContext)).toBeCloseTo(seconds, 9)
      expect(overlapped.parts(0, load).reduce((sum, part) => sum + part.seconds, 0)).toBeCloseTo(seconds, 9)
    }
  })

  test("count as communication only what nothing is computed beside", () => {
    const load = prompt(32 * 4096)
    const spent = (steps: StepModel): number => {
      const work = { flops: 0, bytes: 0, communicationSeconds: 0 }
      steps.addWork(load, work)
      return work.communicationSeconds
    }
    expect(spent(overlapped)).toBeCloseTo(exchange(overlapped, load), 9)
    expect(spent(overlapped)).toBeLessThan(spent(plain))
  })
})
