/** The shipped fleets of several pools: their summaries, and what was published of them. */
import { describe, expect, test } from "vitest"
import { checkServers, errorOf } from "./check-servers.ts"
import { serveScenario } from "./run-scenario.ts"

const resultOf = checkServers((file) => /^(fleet|plans)\//.test(file))

describe("fleets", () => {
  test("two A100 for prompts and one for answers keep DistServe's goals at the published 10 requests/s, 90 % of the time", () => {
    const { attainment, pools } = resultOf("fleet/distserve-13b.yaml")
    expect(attainment.all).toBeGreaterThan(0.9)
    expect(pools!.map(({ role, replicas }) => [role, replicas])).toEqual([
      ["prefill", 2],
      ["decode", 1]
    ])
    // 512 x 819,200 bytes over NVLink, of which only the last of 40 layers is left when the prompt is done.
    expect(pools![1]!.handovers!.count).toBe(2000)
    expect(pools![1]!.handovers!.medianSeconds).toBeCloseTo(41e-6, 5)
    expect(pools![0]!.decodeTokensPerSecond).toBe(0)
    expect(pools![1]!.prefillTokensPerSecond).toBe(0)
  })

  test("a pool that is faster gets more, and each node is paid for at its own price", () => {
    const { pools, cost } = resultOf("fleet/a100-and-h100.yaml")
    const [a100, h100] = pools!
    expect(h100!.weight / a100!.weight).toBeGreaterThan(2)
    // Loads are divided by weights, and who is faster is done with its own sooner as well.
    expect(h100!.requests / a100!.requests).toBeGreaterThan(h100!.weight / a100!.weight)
    // 16 x 1.8 + 8 x 3 dollars an hour, and some kilowatt-hours.
    expect(cost.perHour!).toBeGreaterThan(52.8)
    expect(cost.perHour!).toBeLessThan(55)
  })

  test("DeepSeek-V3 over 32 and 144 ranks: 73.7k input and 14.8k output tokens/s a node were published", () => {
    const [prefill, decode] = resultOf("fleet/deepseek-v3.yaml").pools!
    expect(errorOf(prefill!.promptTokensPerSecondPerNode, 73_700)).toBeLessThan(0.05)
    expect(errorOf(decode!.decodeTokensPerSecondPerNode, 14_800)).toBeLessThan(0.08)
    // After the warm-up a user has 19.6 tokens/s; 20 to 22 were published.
    expect(1 / resultOf("fleet/deepseek-v3.yaml").latency.tpot.mean).toBeGreaterThan(19)
  })

  test("DeepSeek-V3's planned pools keep the plan's goals, and with one for prompts fewer they don't", async () => {
    const { latency, pools, accelerators } = resultOf("plans/serving-deepseek-v3.yaml")
    expect(pools!.map(({ role, replicas }) => [role, replicas])).toEqual([
      ["prefill", 3],
      ["decode", 1]
    ])
    expect(accelerators).toBe(3 * 32 + 144)
    expect(latency.ttft.p99).toBeLessThan(2)
    expect(latency.tpot.p99).toBeLessThan(0.05)
    const fewer = await serveScenario("plans/serving-deepseek-v3.yaml", ["serving.pools.0.cluster.accelerators=64"])
    expect(fewer.result!.latency.ttft.p99).toBeGreaterThan(4)
  })

  test("classes go to the pools of their models, and only one of those has adapters", () => {
    const { pools, classes, adapters } = resultOf("fleet/two-models-adapters.yaml")
    expect(pools!.map(({ requests }) => requests)).toEqual(classes.map(({ requests }) => requests.arrived))
    expect(adapters!.uses).toBe(pools![0]!.requests)
    expect(adapters!.loads).toBeLessThan(adapters!.uses)
  })
})
