/**
 * Tokens sent to their experts one by one, against the published tables of the kernels that do it.
 */
import { describe, expect, test } from "vitest"
import { makeStepModel, planMemory, type InferenceTarget, type StepModel } from "../../src/inference/index.ts"
import { makeCollectives } from "../../src/inference/collectives.ts"
import { exchangeSeconds, reachedPlaces, rowBytes } from "../../src/inference/exchange.ts"
import { h800, wide } from "./h800.ts"
import { decodeOf, promptsOf, targetOf } from "./targets.ts"

const secondsOf = (target: InferenceTarget, perRank: number): number => {
  const ranks = target.layout.tensor * target.layout.dataAttention
  return exchangeSeconds(target, makeCollectives(target, new Map()), perRank * ranks, undefined)
}
const communicationOf = (model: StepModel, load: ReturnType<typeof decodeOf>): number =>
  model
    .parts(0, load)
    .filter(({ kind }) => kind === "communication")
    .reduce((sum, { seconds }) => sum + seconds, 0)

describe("the exchange of tokens", () => {
  test("a row in 8 bits has a 32-bit scale for 128 elements; eight picks of four nodes reach 3.6", () => {
    expect(rowBytes(7168, "fp8")).toBe(7392)
    expect(rowBytes(7168, "bf16")).toBe(14_336)
    expect(reachedPlaces(4, 8)).toBeCloseTo(3.5995, 4)
    expect(reachedPlaces(1, 8)).toBe(1)
  })

  test("128 tokens a rank leave straight: (n - 8) / n of 8 copies over the NIC at 40 GB/s, in 8 bits there and 16 back", () => {
    const remote = (128 * 8 * (7392 + 14_336) * 120) / 128
    const latency = secondsOf(wide(128), 128) - remote / 40e9
    expect(latency).toBeGreaterThan(0)
    expect(latency).toBeLessThan(30e-6)
  })

  // deepseek-ai/DeepEP, docs/legacy.md: low-latency kernels, dispatch and combine together.
  test.each([
    [16, 118 + 195],
    [32, 155 + 273],
    [64, 173 + 314],
    [128, 192 + 369],
    [256, 194 + 360]
  ])("DeepEP's low-latency kernels over %i ranks take %i us: within 12 %", (ranks, microseconds) => {
    const ratio = (secondsOf(wide(ranks), 128) * 1e6) / microseconds
    expect(ratio).toBeGreaterThan(0.88)
    expect(ratio).toBeLessThan(1.12)
  })

  // The same: normal kernels, 4096 tokens a rank to 4 groups at most; GB/s count every token once for each node.
  test.each([
    [32, 58, 57],
    [64, 51, 50]
  ])("DeepEP's normal kernels over %i ranks reach %i and %i GB/s: within 25 %", (ranks, there, back) => {
    const sent = 4096 * reachedPlaces(4, 8)
    const published = (sent * 7392) / (there * 1e9) + (sent * 14_336) / (back * 1e9)
    const ratio = secondsOf(wide(ranks), 4096) / published
    expect(ratio).toBeGreaterThan(0.75)
    expect(ratio).toBeLessThan(1.25)
  })

  test("more tokens never travel faster, fewer nodes never slower, and 8 bits always faster than 16", () => {
    const limited = (nodeLimit: number | null, dispatch: "bf16" | "fp8" = "fp8") =>
      wide(64, { expertExchange: { by: "all-to-all", dispatch, nodeLimit } })
    let before = 0
    for (const tokens of [1, 32, 128, 129, 200, 400, 1000, 4000]) {
      const seconds = secondsOf(limited(4), tokens)
      expect(seconds).toBeGreaterThanOrEqual(before)
      expect(seconds).toBeLessThanOrEqual(secondsOf(limited(null), tokens))
      expect(seconds).toBeLessThan(secondsOf(limited(4, "bf16"), tokens))
      before = seconds
    }
  })

  test("the busiest rank's tokens set the pace", () => {
    const even = secondsOf(wide(32), 128)
    const skewed = secondsOf(wide(32, { expertImbalance: 1.5 }), 128)
    expect(skewed / even).toBeGreaterThan(1.4)
    expect(skewed / even).toBeLessThan(1.5)
  })

  test("inside a box: over PCIe 7/8 of 8 copies through the ring's rate, over NVLink faster", () => {
    const box = (accelerator: string) =>
      targetOf({
        accelerator,
        model: "deepseek-v2-lite",
        stack: "sglang",
        layout: { dataAttention: 8, expert: 8 },
        expertExchange: { by: "all-to-all", dispatch: "bf16", nodeLimit: null }
      })
    const [pcie, nvlink] = [secondsOf(box("l40s"), 1000), secondsOf(box("h100-sxm"), 1000)]
    expect(pcie).toBeGreaterThan(5 * nvlink)
    expect(secondsOf(box("l40s"), 2000) / pcie).toBeGreaterThan(1.9)
  })

  test("where it is said, tokens are gathered even across nodes", () => {
    const layout = { expert: 32, dataAttention: 32 }
    const load = promptsOf(32, 1024)
    const gathered = makeStepModel(
      h800(32, layout, { expertExchange: { by: "gather", dispatch: "bf16", nodeLimit: null } })
    )
    expect(communicationOf(gathered, load)).toBeGreaterThan(2 * communicationOf(makeStepModel(wide(32)), load))
    // Inside a node gathering is what happens anyhow.
    const inside = { expert: 8, dataAttention: 8 }
    const said = makeStepModel(
      h800(8, inside, { expertExchange: { by: "gather", dispatch: "bf16", nodeLimit: null } })
    ).stageSeconds(0, load)
    expect(said).toBe(makeStepModel(h800(8, inside)).stageSeconds(0, load))
  })

  test("every rank holds dense and shared blocks whole: 31/32 of them more than where they are split", () => {
    const layout = { expert: 32, dataAttention: 32 }
    const shared = 58 * 3 * 7168 * 2048
    const dense = 3 * 3 * 7168 * 18_432
    // The router, 16-bit or not, lies on every rank as well.
    const router = 58 * 7168 * 256
    const more = planMemory(wide(32)).weights - planMemory(h800(32, layout)).weights
    expect(more / (((shared + dense + router) * 31) / 32)).toBeCloseTo(1, 2)
  })

  test("of two halves in turns only the longer of computing and travelling shows, and parts add up to the step", () => {
    for (const load of [decodeOf(32 * 128, 4000), promptsOf(256, 2048)]) {
      const model = makeStepModel(wide(32, { overlapsExchange: true }))
      const seconds = model.stageSeconds(0, load)
      const sum = model.parts(0, load).reduce((total, part) => total + part.seconds, 0)
      expect(sum / seconds).toBeCloseTo(1, 6)
      expect(communicationOf(model, load)).toBeLessThan(0.1 * communicationOf(makeStepModel(wide(32)), load))
    }
  })
})
