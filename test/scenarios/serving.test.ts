/** The shipped servers that stand alone: their summaries, and what was published of them. */
import { describe, expect, test } from "vitest"
import { checkServers, errorOf, expected } from "./check-servers.ts"
import { serveScenario, shippedServers } from "./run-scenario.ts"

/** Families with files of tests of their own: fleets, and traffic of days and traces. */
const elsewhere = /^(fleet|plans|azure|routing)\/|^(autoscaled-chat|coding-agents|kv-tiers|rollouts-8b)\./

test("every shipped server has its line, and every line its file", () => {
  expect(shippedServers).toEqual(Object.keys(expected).sort())
})

const resultOf = checkServers((file) => !elsewhere.test(file))

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
