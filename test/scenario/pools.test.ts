/** Fleets of pools: what is laid over what, and what is refused. */
import { describe, expect, test } from "vitest"
import { formatIssue, loadScenario, resolveServing, type ScenarioIssue } from "../../src/scenario/index.ts"
import { poolsOf } from "../../src/serving/index.ts"

const fleet = `name: fleet
cluster: { system: dgx-h100, nodes: 1 }
model: llama-3.1-8b
serving:
  stack: vllm-v1
  batching: { maxBatchSize: 64 }
  pools:
    - { name: prompts, role: prefill, replicas: 2, batching: { maxBatchTokens: 4096 } }
    - { name: answers, role: decode, parallelism: { tensor: 2 } }
workload:
  arrivals: { poisson: { rate: 5 } }
  prompt: 500
  output: 100
`

const resolved = (text: string) => {
  const readText = () => ({ text })
  const loaded = loadScenario({ file: "fleet.yaml", readText })
  const found = loaded._tag === "Refused" ? loaded : resolveServing(loaded, { readText })
  if (found._tag === "Refused") throw new Error(found.issues.map(formatIssue).join("\n"))
  return found
}

const refused = (text: string): readonly ScenarioIssue[] => {
  const readText = () => ({ text })
  const loaded = loadScenario({ file: "fleet.yaml", readText })
  const found = loaded._tag === "Refused" ? loaded : resolveServing(loaded, { readText })
  if (found._tag !== "Refused") throw new Error("nothing was refused")
  return found.issues
}

describe("pools that stand in for one another", () => {
  const mixing = (more = "") => fleet.replace("  pools:", `  handover: { mixing: {} }${more}\n  pools:`)

  test("prompts go elsewhere beyond so many tokens", () => {
    expect(resolved(mixing()).job.handover?.mixing).toEqual({ promptTokens: 8192 })
    const set = resolved(mixing().replace("mixing: {}", "mixing: { promptTokens: 500 }"))
    expect(set.job.handover?.mixing).toEqual({ promptTokens: 500 })
    expect(resolved(fleet).job.handover?.mixing).toBeUndefined()
  })

  test("have routers that look at caches or conversations, and tiers", () => {
    for (const router of ["prefix-aware", "session", "least-ttft"]) {
      const { job } = resolved(
        mixing(`\n  router: ${router}\n  kvCache: { prefixCaching: true, tiers: [{ in: host, capacity: 1 GB }] }`)
      )
      expect(job.queue.router).toBe(router)
      expect(job.handover?.mixing).toEqual({ promptTokens: 8192 })
      expect(poolsOf(job).map(({ cache }) => cache.tiers?.tiers.length)).toEqual([1, 1])
    }
  })

  test("come and go, fail, hold requests at the door and have adapters, both sides or neither", () => {
    const held = mixing(
      "\n  failures: { meanTime: 1 d }\n  scaling: { on: { requests: 4 } }\n  adapters: { count: 4 }"
    ).replace(
      "  prompt: 500\n  output: 100",
      "  classes: [{ name: one, prompt: 500, output: 100, admission: defer, slo: { ttft: 1 s } }]"
    )
    expect(resolved(held).job.handover?.mixing).toEqual({ promptTokens: 8192 })
    const onlyOne = held.replace("role: decode,", "role: decode, adapters: false,")
    expect(onlyOne).not.toBe(held)
    expect(refused(onlyOne).map(formatIssue).join()).toContain("answers serves no adapters, and would have to")
  })

  test("have pools beside them that serve requests whole", () => {
    const third = mixing().replace("workload:", "    - { name: whole, replicas: 2 }\nworkload:")
    const { job } = resolved(third)
    expect(job.handover?.mixing).toEqual({ promptTokens: 8192 })
    expect(poolsOf(job).map(({ role }) => role)).toEqual(["prefill", "decode", "both"])
  })
})

describe("a pool", () => {
  test("has the server's fields where it says nothing, map by map, and what the cluster leaves", () => {
    const { job, accelerators } = resolved(fleet)
    const [prompts, answers] = poolsOf(job)
    expect(accelerators).toBe(8)
    expect([prompts!.replicas, answers!.replicas]).toEqual([2, 3])
    expect(prompts!.batching).toMatchObject({ maximumSequences: 64, maximumStepTokens: 4096 })
    expect(answers!.batching).toMatchObject({ maximumSequences: 64, maximumStepTokens: 8192 })
    expect(job.handover).toEqual({ overlap: "layer-wise", router: "least-requests" })
    expect(job.isWeighed).toBeUndefined()
    expect([prompts!.machines, answers!.machines]).toEqual([-1, -1])
  })

  test("may have machines of its own, laid over the scenario's", () => {
    const text = fleet.replace("replicas: 2,", "cluster: { system: dgx-a100, nodes: 2 },")
    const { job, accelerators } = resolved(text)
    const [prompts, answers] = poolsOf(job)
    expect(accelerators).toBe(24)
    expect(prompts!.target.accelerator.name).toBe("a100-sxm-80gb")
    expect([prompts!.replicas, answers!.replicas]).toEqual([16, 4])
    expect(prompts!.machines).not.toBe(answers!.machines)
  })

  test("is as fast as its machines where weights come from speed", () => {
    const text = fleet
      .replace("role: prefill, replicas: 2,", "cluster: { system: dgx-a100, nodes: 1 },")
      .replace("role: decode, ", "")
      .replace("  pools:", "  poolWeights: speed\n  pools:")
    const [a100, h100] = poolsOf(resolved(text).job)
    expect(a100!.weight).toBe(1)
    expect(h100!.weight).toBeGreaterThan(2)
    expect(h100!.weight).toBeLessThan(5)
  })

  test("holds its adapters where keys and values would be", () => {
    const plain = poolsOf(resolved(fleet).job)[0]!
    const text = fleet.replace("  pools:", "  adapters: { count: 50, rank: 64, modules: all, resident: 10 }\n  pools:")
    const { job } = resolved(text)
    const pool = poolsOf(job)[0]!
    expect(job.adapterChoice).toEqual({ count: 50, exponent: 1, share: 1 })
    // 32 layers x 64 x (2 x 4096 + 2 x (4096 + 1024) + 4096 + 4096 + 3 x (4096 + 14336)) numbers of 2 bytes.
    const bytes = 32 * 64 * (2 * 8192 + 2 * 5120 + 3 * 18432) * 2
    expect(pool.adapters!.cost.bytes).toBe(bytes)
    const tokens = plain.memory.keyValueTokens - pool.memory.keyValueTokens
    expect(tokens).toBeCloseTo((10 * bytes) / plain.memory.keyValueBytesPerToken, -1)
  })
})

describe("is refused", () => {
  const rows: readonly (readonly [name: string, text: string, path: string, problem: RegExp])[] = [
    ["two pools of a name", fleet.replace("answers", "prompts"), "serving.pools.1.name", /another pool "prompts"/],
    ["a prefill pool alone", fleet.replace(/ {4}- { name: answers.*\n/, "").replace("replicas: 2, ", ""), "serving.pools.0.role", /no decode pool serves/],
    ["pools that do not fill the cluster", fleet.replace("tensor: 2 }", "tensor: 2 }, replicas: 2"), "serving.pools", /take 6 accelerators, the cluster has 8/],
    ["two pools that take the rest", fleet.replace("replicas: 2, ", ""), "serving.pools.1", /both take what the cluster leaves/],
    ["replicas of the whole", fleet.replace("  pools:", "  replicas: 2\n  pools:"), "serving.replicas", /replicas of their own/],
    ["a fixed batch that hands over", fleet.replace("maxBatchTokens: 4096", "policy: static"), "serving.pools.0.batching.policy", /hands requests over/],
    ["keys and values of two formats", fleet.replace("tensor: 2 }", "tensor: 2 }, kvCache: { precision: fp8 }"), "serving.pools.0.kvCache.precision", /bf16, answers in fp8/],
    ["a size of one pool", fleet.replace("tensor: 2", "tensor: 3"), "serving.pools.1.parallelism.tensor", /^answers: .* does not divide 32 attention heads/],
    ["a shared size", fleet.replace("  pools:", "  precision: fp9\n  pools:"), "serving.precision", /^prompts: there is no precision/],
    ["machines without a network", fleet.replace("system: dgx-h100, nodes: 1", "accelerator: h100-sxm, accelerators: 8").replace("replicas: 2,", "cluster: { accelerators: 2 },"), "serving.pools.0", /no network joins prompts and answers/],
    ["a model that does not fit", fleet.replace("name: answers, ", "name: answers, model: llama-3.1-405b, "), "serving.pools.1", /405B does not fit in answers/],
    ["models without classes", fleet.replace(/role: \w+, /g, "").replace("name: answers, ", "name: answers, model: llama-3.2-1b, "), "workload", /the pools serve llama-3.1-8b and llama-3.2-1b/],
    ["a hand-over without pools", fleet.replace(/ {2}pools:[^]*?workload/, "  handover: {}\nworkload"), "serving.handover", /there are no pools/],
    ["an exchange that is none", fleet.replace("  pools:", "  twoBatchOverlap: true\n  pools:"), "serving.twoBatchOverlap", /no exchange between experts/]
  ] // prettier-ignore

  test.each(rows)("%s", (_name, text, path, problem) => {
    const issues = refused(text)
    expect(issues.map((issue) => issue.path)).toContain(path)
    expect(issues.find((issue) => issue.path === path)!.problem).toMatch(problem)
  })

  test("classes and pools that do not find each other", () => {
    const two = fleet
      .replace(/role: \w+, /g, "")
      .replace("name: answers, ", "name: answers, model: llama-3.2-1b, ")
      .replace("  prompt: 500\n  output: 100\n", "  classes: [{ name: chat, model: MODEL, prompt: 5, output: 5 }]\n")
    const problems = (model: string): readonly string[] =>
      refused(two.replace("MODEL", model)).map((issue) => `${issue.path}: ${issue.problem}`)
    expect(problems("bloom-560m")).toEqual(['workload.classes.0.model: no pool serves "bloom-560m"'])
    expect(problems("llama-3.2-1b")).toEqual(["serving.pools.0: no class asks for llama-3.1-8b, which prompts serves"])
  })

  test.each([
    ["adapters of latent attention", "deepseek-v2-lite", "attention", /latent or linear/],
    ["adapters of experts", "mixtral-8x7b", "all", /adapters of the experts/]
  ])("%s", (_name, model, modules, problem) => {
    const text = fleet
      .replace("llama-3.1-8b", model)
      .replace(
        / {2}pools:[^]*?workload/,
        `  parallelism: { tensor: 8 }\n  adapters: { count: 5, modules: ${modules} }\nworkload`
      )
    expect(refused(text)[0]!.problem).toMatch(problem)
  })
})
