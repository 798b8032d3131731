/** The shipped servers under a day's, a trace's or agents' traffic: their summaries, and what was published of them. */
import { describe, expect, test } from "vitest"
import { checkServers } from "./check-servers.ts"
import { serveScenario } from "./run-scenario.ts"

const resultOf = checkServers((file) =>
  /^(azure|routing)\/|^(autoscaled-chat|coding-agents|kv-tiers|rollouts-8b)\./.test(file)
)

describe("tiers of the KV cache", () => {
  test("find what an endless cache finds of Mooncake's conversations, and take the load off the servers", async () => {
    const { cache, tiers, latency, attainment, verdict } = resultOf("kv-tiers.yaml")
    // 37.3 % of the trace's prompt tokens are in blocks of 512 that were there before.
    expect(cache.hitShare).toBeGreaterThan(0.35)
    expect(cache.hitShare).toBeLessThan(0.4)
    expect(tiers!.tiers.map((tier) => tier.in)).toEqual(["host", "remote"])
    expect(tiers!.meanSeconds).toBeLessThan(0.05)
    const without = await serveScenario("kv-tiers.yaml", [
      "serving.kvCache.tiers=null",
      "serving.kvCache.write=null",
      "serving.kvCache.fetch=null"
    ])
    expect(without.result!.cache.hitShare).toBeLessThan(0.12)
    expect(without.result!.latency.ttft.mean / latency.ttft.mean).toBeGreaterThan(1.5)
    expect(attainment.all! - without.result!.attainment.all!).toBeGreaterThan(0.1)
    // Requests/s that could be served.
    const more = verdict.estimatedCapacityRequestsPerSecond / without.result!.verdict.estimatedCapacityRequestsPerSecond
    expect(more).toBeGreaterThan(1.2)
  })
})

describe("replicas that come and go", () => {
  test("follow a day of chat, and are paid for while they are there", () => {
    const { scaling, cost, attainment, verdict } = resultOf("autoscaled-chat.yaml")
    const { series, startUp, acceleratorHours, fixedFleetAcceleratorHours } = scaling!
    expect(verdict.kind).toBe("stable")
    expect(attainment.all).toBeGreaterThan(0.999)
    // 90 s of machine, 180 of image, 16 GB at 2 GB/s, 17 s of warm-up.
    expect(startUp!.seconds).toBeCloseTo(90 + 180 + 8.03 + 17.01, 1)
    // Fewest in the small hours, most after the peak at three.
    const at = (hour: number): number => series.up[Math.floor((hour / 24) * series.up.length)]!
    expect(at(4)).toBeLessThan(2.5)
    expect(at(16)).toBeGreaterThan(3.9)
    expect(1 - acceleratorHours / fixedFleetAcceleratorHours).toBeCloseTo(0.42, 1)
    expect(cost.total).toBeCloseTo(0.9 * acceleratorHours, 6)
    expect(series.paid.reduce((sum, paid) => sum + paid, 0) / series.paid.length).toBeCloseTo(scaling!.meanPaid, 6)
  })

  test("and a router that knows the caches computes a sixth of the prompts that one in turn does", () => {
    const [aware, turns] = [resultOf("routing/prefix-aware.yaml"), resultOf("routing/round-robin.yaml")]
    expect(aware.cache.hitShare).toBeGreaterThan(0.94)
    expect(turns.cache.hitShare).toBeLessThan(0.36)
    expect(turns.load.prefillTokens / aware.load.prefillTokens).toBeGreaterThan(6)
    expect(turns.latency.ttft.mean / aware.latency.ttft.mean).toBeGreaterThan(4)
    expect(aware.routing!.busiestOverMean).toBeLessThan(1.2)
  })

  test("Azure's hours fit on 40 H100 either way; eight times as many conversations are better served apart", async () => {
    const [together, apart] = [resultOf("azure/conversation.yaml"), resultOf("azure/conversation-split.yaml")]
    expect(together.attainment.all).toBeGreaterThan(0.99)
    expect(apart.attainment.all).toBeGreaterThan(0.99)
    const eightfold = ["workload.arrivals.poisson.rate=43", "workload.duration=300"]
    const busy = await serveScenario("azure/conversation.yaml", eightfold)
    const busyApart = await serveScenario("azure/conversation-split.yaml", eightfold)
    expect(busyApart.result!.attainment.all).toBeGreaterThan(busy.result!.attainment.all!)
    expect(busy.result!.latency.tpot.p99 / busyApart.result!.latency.tpot.p99).toBeGreaterThan(1.35)
  })
})
