/** The shipped servers: their summaries, and what was published of them. */
import { beforeAll, describe, expect, test } from "vitest"
import { servingSummary } from "../../src/cli/serving-summary.ts"
import { conservationFindings, simulateServing, type ServingResult } from "../../src/serving/index.ts"
import { serveScenario, shippedServers } from "./run-scenario.ts"

type Run = Awaited<ReturnType<typeof serveScenario>>

const runs = new Map<string, Run>()

beforeAll(async () => {
  for (const file of shippedServers) runs.set(file, await serveScenario(file))
}, 60_000)

const resultOf = (file: string): ServingResult => {
  const result = runs.get(file)?.result
  if (result === undefined) throw new Error(`${file} has no result`)
  return result
}

const errorOf = (predicted: number, measured: number): number => Math.abs(predicted / measured - 1)

/** Requests that finish, requests/s, mean seconds to the first token, per token and in all, and the verdict. */
const expected: Readonly<Record<string, readonly [number, number, number, number, number, string]>> = {
  "batching-policy.ts": [1000, 7.06, 0.279, 0.0185, 3.35, "stable"],
  "bloom-server.yaml": [2000, 11.7, 0.841, 0.0704, 2.18, "closed"],
  "bloom-story/0-cpu-offload.yaml": [20, 0.00683, 7.16, 7.16, 143, "closed"],
  "bloom-story/1-naive-pipeline.yaml": [200, 0.312, 3.66, 0.32, 9.74, "closed"],
  "bloom-story/2-pipelined-requests.yaml": [500, 2.44, 0.587, 0.34, 7.05, "closed"],
  "bloom-story/3-fewer-reshapes.yaml": [500, 2.55, 0.537, 0.321, 6.63, "closed"],
  "bloom-story/4-tensor-parallel.yaml": [1000, 10.2, 1.04, 0.09, 2.75, "closed"],
  "bloom-story/5-fused-gelu.yaml": [1000, 10.7, 0.867, 0.0802, 2.39, "closed"],
  "bloom-story/6-custom-kernel.yaml": [1000, 11.1, 0.863, 0.0704, 2.2, "closed"],
  "fleet/a100-and-h100.yaml": [4998, 11.9, 0.173, 0.0249, 5.4, "stable"],
  "fleet/deepseek-v3.yaml": [8536, 107, 15.7, 0.0442, 41.7, "closed"],
  "fleet/distserve-13b.yaml": [2000, 9.87, 0.112, 0.0352, 2.33, "stable"],
  "fleet/two-models-adapters.yaml": [5000, 19.8, 0.0617, 0.0116, 1.43, "stable"],
  "kv-tiers.yaml": [2000, 2.74, 1.95, 0.0307, 9.99, "stable"],
  "llama-3-70b-code-h100.yaml": [5000, 7.76, 0.79, 0.0799, 2.07, "stable"],
  "llama-3-8b-chat-l40s.yaml": [3000, 4.82, 0.057, 0.0315, 7.03, "stable"],
  "mpt-30b-serve-8k.yaml": [1, 0.0738, 7.55, 0.0952, 13.5, "closed"],
  "mpt-30b-serve-a100-40gb.yaml": [4, 0.362, 0.819, 0.162, 11, "closed"],
  "mpt-30b-serve-a100-80gb.yaml": [4, 0.98, 0.675, 0.0541, 4.08, "closed"],
  "mpt-30b-serve-m2-ultra.yaml": [50, 0.0607, 0.881, 0.0404, 6.47, "closed"],
  "coding-agents.yaml": [4000, 3.02, 0.127, 0.0175, 5.4, "closed"],
  "plans/serving-bloom-today.yaml": [4000, 11.5, 0.0855, 0.0381, 3.44, "stable"],
  "plans/serving-chat-200.yaml": [16000, 186, 0.158, 0.0308, 6.51, "stable"],
  "plans/serving-mpt-startup.yaml": [3000, 0.994, 0.286, 0.0347, 5.43, "stable"],
  "rollouts-8b.yaml": [3072, 5.84, 0.471, 0.0106, 25.7, "closed"],
  "speculation/draft-1b.yaml": [320, 7.31, 0.092, 0.0104, 2.16, "closed"],
  "speculation/mtp-deepseek-v3.yaml": [64, 2, 0.106, 0.013, 4, "closed"],
  "speculation/none.yaml": [320, 4.26, 0.564, 0.016, 3.75, "closed"],
  "autoscaled-chat.yaml": [173109, 2, 0.115, 0.0233, 4.76, "stable"],
  "azure/code-split.yaml": [8769, 2.43, 0.154, 0.0159, 0.575, "stable"],
  "azure/code.yaml": [8769, 2.43, 0.154, 0.0154, 0.567, "stable"],
  "azure/conversation-split.yaml": [19224, 5.33, 0.0894, 0.0161, 3.49, "stable"],
  "azure/conversation.yaml": [19224, 5.33, 0.0985, 0.0158, 3.44, "stable"],
  "routing/prefix-aware.yaml": [20000, 17.7, 0.0522, 0.0263, 3.18, "stable"],
  "routing/round-robin.yaml": [20000, 17.7, 0.264, 0.0411, 5.18, "stable"],
  "small-server.yaml": [500, 4.11, 0.0441, 0.00979, 0.571, "stable"]
}

describe("shipped servers", () => {
  test("every file is here, and every line has its file", () => {
    expect(shippedServers).toEqual(Object.keys(expected).sort())
  })

  describe.each(Object.entries(expected))("%s", (file, [finished, rate, first, token, whole, verdict]) => {
    test(`finishes ${finished} requests at ${rate} a second (within 4 %), ${verdict}`, () => {
      const { requests, throughput, verdict: found } = resultOf(file)
      expect(requests.finished).toBe(finished)
      expect(errorOf(throughput.requestsPerSecond, rate)).toBeLessThan(0.04)
      expect(found.kind).toBe(verdict)
    })

    test(`takes ${first} s to the first token, ${token} s a token and ${whole} s in all, within 5 % (10 % for the first, which queues amplify)`, () => {
      const { ttft, tpot, e2e } = resultOf(file).latency
      expect(errorOf(ttft.mean, first)).toBeLessThan(0.1)
      expect(errorOf(tpot.mean, token)).toBeLessThan(0.05)
      expect(errorOf(e2e.mean, whole)).toBeLessThan(0.05)
    })

    test("has a summary of one screen, 80 columns wide, that starts with its name", () => {
      const run = runs.get(file)
      const unmarked = (text: string): string => text
      const summary = servingSummary(
        { resolved: run!.resolved, result: resultOf(file) },
        { good: unmarked, bad: unmarked, faint: unmarked },
        []
      )
      const lines = summary.split("\n")
      expect(lines[0]).toBe(run!.resolved.job.name)
      expect(lines.filter((line) => line.length > 80)).toEqual([])
      const { pools, tiers } = resultOf(file)
      // Goals, sessions and tiers in one scenario have a line each.
      expect(lines.length).toBeLessThanOrEqual(pools === undefined ? (tiers === undefined ? 44 : 46) : 50)
      // The pools of a fleet have their memory in lines of their own.
      const room = resultOf(file).pools === undefined ? ["memory", "KV cache"] : ["pool \\S+:"]
      for (const label of ["verdict", "throughput", "first token", "per token", "end to end", ...room])
        expect(summary).toMatch(new RegExp(`^  ${label} `, "m"))
      expect(summary).not.toMatch(/NaN|Infinity|undefined/)
    })

    test("loses no request, no token and no block", () => {
      const { job } = runs.get(file)!.resolved
      expect(conservationFindings(job, simulateServing(job))).toEqual([])
    })
  })
})

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
    expect(aware.routing!.busiestOverMean).toBeLessThan(1.15)
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

  test("classes go to the pools of their models, and only one of those has adapters", () => {
    const { pools, classes, adapters } = resultOf("fleet/two-models-adapters.yaml")
    expect(pools!.map(({ requests }) => requests)).toEqual(classes.map(({ requests }) => requests.arrived))
    expect(adapters!.uses).toBe(pools![0]!.requests)
    expect(adapters!.loads).toBeLessThan(adapters!.uses)
  })
})

describe("the story of BLOOM's server", () => {
  const perToken = (step: string): number => resultOf(`bloom-story/${step}.yaml`).latency.tpot.mean * 1000
  const perSecond = (step: string): number => resultOf(`bloom-story/${step}.yaml`).throughput.requestsPerSecond

  test.each([
    ["1-naive-pipeline", 350],
    ["2-pipelined-requests", 350],
    ["3-fewer-reshapes", 300],
    ["4-tensor-parallel", 91],
    ["5-fused-gelu", 81],
    ["6-custom-kernel", 71]
  ])("%s took %d ms a token (within 12 %)", (step, milliseconds) => {
    expect(errorOf(perToken(step), milliseconds)).toBeLessThan(0.12)
  })

  test.each([
    ["1-naive-pipeline", 0.3],
    ["2-pipelined-requests", 2.5],
    ["4-tensor-parallel", 10]
  ])("%s served %d requests/s (within 12 %)", (step, rate) => {
    expect(errorOf(perSecond(step), rate)).toBeLessThan(0.12)
  })

  test("each step after the pipelines is faster than the one before", () => {
    const steps = ["3-fewer-reshapes", "4-tensor-parallel", "5-fused-gelu", "6-custom-kernel"].map(perToken)
    expect(steps).toEqual(steps.toSorted((one, other) => other - one))
  })

  test("pipelined requests raise the throughput and leave the latency", () => {
    expect(perSecond("2-pipelined-requests") / perSecond("1-naive-pipeline")).toBeGreaterThan(7)
    expect(errorOf(perToken("2-pipelined-requests"), perToken("1-naive-pipeline"))).toBeLessThan(0.12)
  })

  test("the naive pipeline leaves fifteen of sixteen GPUs waiting", () => {
    expect(resultOf("bloom-story/1-naive-pipeline.yaml").breakdown.replica.bubble).toBeGreaterThan(0.9)
  })

  test("weights from the host are more than an order of magnitude slower", () => {
    expect(perToken("0-cpu-offload") / perToken("1-naive-pipeline")).toBeGreaterThan(10)
  })

  test("its weights took 45 s to load (within 12 %)", () => {
    expect(errorOf(resultOf("bloom-story/6-custom-kernel.yaml").memory.loadSeconds, 45)).toBeLessThan(0.12)
  })

  test("a full house turns visitors away, and those inside still get their answer within seconds", async () => {
    const { result } = await serveScenario("bloom-server.yaml", ["workload.arrivals.closedLoop.users=200"])
    expect(result?.requests.rejected).toBeGreaterThan(100)
    expect(result?.latency.e2e.p99).toBeLessThan(6)
  })
})

describe("MPT-30B", () => {
  test("in 16 bits on one A100 80 GB generated 62.2 tokens/s for four prompts in 4.115 s (within 15 %)", () => {
    const { throughput, latency } = resultOf("mpt-30b-serve-a100-80gb.yaml")
    expect(errorOf(throughput.outputTokensPerSecond, 62.21)).toBeLessThan(0.15)
    expect(errorOf(latency.e2e.mean, 4.115)).toBeLessThan(0.15)
  })

  test("needs 8 bits on 40 GB, and Falcon-40B fits neither", async () => {
    const fits = async (...set: readonly string[]) =>
      (await serveScenario("mpt-30b-serve-a100-40gb.yaml", set)).result !== undefined
    expect(await fits()).toBe(true)
    expect(await fits("serving.precision=bf16")).toBe(false)
    expect(await fits("model=falcon-40b")).toBe(false)
    expect(await fits("model=falcon-40b", "serving.precision=bf16", "cluster.accelerator=a100-sxm-80gb")).toBe(false)
  })

  test("at 8k context a token costs what its keys and values weigh: 1.376 MB each at 16 bits", async () => {
    const set = ["workload.prompt=8000", "workload.requests=1"]
    const [short, long] = [
      (await serveScenario("mpt-30b-serve-a100-80gb.yaml", ["workload.requests=1"])).result,
      (await serveScenario("mpt-30b-serve-a100-80gb.yaml", set)).result
    ]
    expect(short?.memory.keyValueBytesPerToken).toBe(2 * 2 * 48 * 7168)
    expect(long!.latency.tpot.mean / short!.latency.tpot.mean).toBeGreaterThan(1.2)
  })
})

describe("servers to learn from", () => {
  test("conversations find most of their prompts in the cache; without one they take longer to begin", async () => {
    const cached = resultOf("llama-3-8b-chat-l40s.yaml")
    const { result } = await serveScenario("llama-3-8b-chat-l40s.yaml", ["serving.kvCache.prefixCaching=false"])
    expect(cached.cache.hitShare).toBeGreaterThan(0.8)
    expect(result!.latency.ttft.mean).toBeGreaterThan(1.5 * cached.latency.ttft.mean)
  })

  test("code traffic finds the popular repositories", () => {
    expect(resultOf("llama-3-70b-code-h100.yaml").cache.hitShare).toBeGreaterThan(0.3)
  })

  test("shortest prompt first answers sooner than first come first served, on average", async () => {
    const own = resultOf("batching-policy.ts")
    const { result } = await serveScenario("batching-policy.ts", ["serving.batching.policy=continuous-chunked"])
    expect(own.latency.ttft.mean).toBeLessThan(0.85 * result!.latency.ttft.mean)
    expect(own.throughput.goodRequestsPerSecond).toBeGreaterThan(result!.throughput.goodRequestsPerSecond!)
  })
})
