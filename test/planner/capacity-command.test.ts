/** `windtunnel plan` of servers: its answer, its files, and what it refuses. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { scenarioFromData } from "../../src/scenario/index.ts"
import { inFolder, windtunnel, write } from "../cli/command-line.ts"

/** A plan that takes a second: a small model, one kind of machine. */
const quick = [
  "llama-3-8b",
  "--systems",
  "dgx-h100,l40s-8x-pcie",
  "--tensor",
  "1,2",
  "--pipeline",
  "1",
  "--precisions",
  "fp8",
  "--set",
  "workload.requests=600"
]
const goals = ["--slo", "ttft.p99 < 1 s, tpot.p99 < 40 ms"]

interface Document {
  readonly plans: readonly {
    readonly answer: string | null
    readonly layouts: number
    readonly best: { readonly replicas: number; readonly accelerators: number; readonly dollarsPerHour: number }
    readonly candidates: readonly { readonly objective: number }[]
    readonly beatenByBound: number
    readonly beatenBySimulation: number
    readonly pruned: readonly { readonly count: number }[]
    readonly highestLoad?: number
    readonly redundancy: { readonly replicas: number; readonly spareReplicas: number }
    readonly day: { readonly hours: readonly { readonly replicas: number }[] } | null
    readonly outOfReach?: { readonly missed: readonly string[]; readonly reachable: readonly string[] }
  }[]
  readonly sheet?: { readonly share: number; readonly dollars: number }
}
const documentOf = (stdout: string): Document => JSON.parse(stdout) as Document

const small = `
cluster: { system: dgx-h100, accelerators: 2 }
model: llama-3-8b
serving: { router: least-requests }
workload: { arrivals: { poisson: { rate: 20 } }, prompt: 500, output: 100, requests: 1000, slo: { tpot: 20 ms } }
`

describe("a plan of a model by its name alone", () => {
  test("says the fleet in a sentence, who loses and why, in 80 columns", async () => {
    const { status, stdout, stderr } = await windtunnel(
      "plan",
      ...quick,
      ...goals,
      "--load",
      "40 req/s",
      "--api-price",
      "0.2/0.4"
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    const rows = stdout.split("\n")
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(80)
    expect(stdout.replaceAll("\n", " ")).toMatch(
      /^\d+ x NVIDIA \S+ .* in \d+ replicas? of TP\d fp8.* serves? 40 requests\/s of llama-3-8b within ttft\.p99 < 1 s, tpot\.p99 < 40 ms for \$[\d.]+ an hour\./
    )
    for (const label of ["searched", "trust", "failures", "paid", "launch"])
      expect(stdout).toMatch(new RegExp(`^${label} `, "m"))
    expect(stdout).toMatch(/vllm serve meta-llama/)
    expect(stdout.replaceAll("\n", " ")).toMatch(/the API is cheaper than renting/)
    expect(stdout).toMatch(/azure-conv-2023/)
  })

  test("says when spares are more than there is", async () => {
    const asked = ["plan", ...quick, ...goals, "--load", "40", "--accelerators", "8", "--spare-nodes", "1"]
    const { status, stdout } = await windtunnel(...asked)
    expect(status).toBe(0)
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/; with them it takes \d+ accelerators, and there are 8 /)
  })

  test("gives everything as JSON, writes a report, and is the same on one thread and two", async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "plan")
      const first = await windtunnel(
        "plan",
        ...quick,
        ...goals,
        "--load",
        "40",
        "--night",
        "8",
        "--spare-nodes",
        "1",
        "--json",
        "--out",
        out
      )
      expect(first.status).toBe(0)
      const [plan] = documentOf(first.stdout).plans
      expect(plan!.layouts).toBe(12)
      const pruned = plan!.pruned.reduce((sum, { count }) => sum + count, 0)
      expect(pruned + plan!.candidates.length + plan!.beatenByBound + plan!.beatenBySimulation).toBe(12)
      const values = plan!.candidates.map(({ objective }) => objective)
      expect(values).toEqual(values.toSorted((one, other) => one - other))
      expect(plan!.redundancy.replicas).toBe(plan!.best.replicas + plan!.redundancy.spareReplicas)
      const hours = plan!.day!.hours.map(({ replicas }) => replicas)
      expect(hours).toHaveLength(24)
      expect(Math.max(...hours)).toBe(plan!.best.replicas)
      expect(hours[0]).toBeLessThan(plan!.best.replicas)
      for (const name of ["plan.json", "report.html", "report.md", "scenario.json", "launch.sh"])
        expect(existsSync(join(out, name)), name).toBe(true)
      expect(readFileSync(join(out, "report.md"), "utf8")).toContain(
        plan!.answer!.slice(0, plan!.answer!.indexOf(" within"))
      )
      // The scenario of the answer, spares and all, is one that runs.
      const run = await windtunnel("run", join(out, "scenario.json"), "--json")
      expect(run.status).toBe(0)
    })
  })

  test("several models share a budget: status 1 and the share that it pays for where it is too small", async () => {
    const enough = await windtunnel("plan", ...quick, ...goals, "--load", "40", "--models", "llama-3.2-3b=10", "--json")
    const { sheet, plans } = documentOf(enough.stdout)
    expect(plans).toHaveLength(2)
    expect(sheet!.share).toBe(1)
    const short = await windtunnel(
      "plan",
      ...quick,
      ...goals,
      "--load",
      "40",
      "--models",
      "llama-3.2-3b=10",
      "--budget",
      String(0.9 * sheet!.dollars)
    )
    expect(short.status).toBe(1)
    expect(short.stdout).toMatch(/^2 models take \d+ accelerators/)
    expect(short.stdout.replaceAll("\n", " ")).toMatch(/the budget of \$[\d.]+ (?:pays for \d|does not pay)/)
  })
})

test("a scenario without a load is asked for the highest that its machines serve", async () => {
  await inFolder(async (folder) => {
    const file = write(folder, "small.yaml", small)
    const { status, stdout } = await windtunnel("plan", file, "--json")
    expect(status).toBe(0)
    const { highestLoad } = documentOf(stdout).plans[0]!
    // At a tenth less than that the goal holds, at a tenth more it does not.
    const tokenAt = async (times: number): Promise<number> => {
      const rate = times * highestLoad!
      const set = [`workload.arrivals.poisson.rate=${rate}`, `workload.warmUp=${250 / rate} s`]
      const run = await windtunnel("run", file, "--json", ...set.flatMap((one) => ["--set", one]))
      return (JSON.parse(run.stdout) as { readonly benchmark: { readonly p99_tpot_ms: number } }).benchmark.p99_tpot_ms
    }
    expect(await tokenAt(0.9)).toBeLessThan(20)
    expect(await tokenAt(1.1)).toBeGreaterThan(20)
  })
})

test("a recorded workload comes faster: its highest load, and the fewest accelerators for one", async () => {
  await inFolder(async (folder) => {
    // 800 requests, two a second.
    const rows = Array.from(
      { length: 800 },
      (_, row) => `${row / 2},${200 + ((row * 37) % 400)},${20 + ((row * 13) % 100)}`
    )
    write(folder, "trace.csv", ["arrived_at,num_prefill_tokens,num_decode_tokens", ...rows].join("\n"))
    const file = write(
      folder,
      "traced.yaml",
      small.replace(/^workload.*$/m, "workload: { arrivals: { trace: { file: trace.csv } }, slo: { tpot: 20 ms } }")
    )
    const { status, stdout, stderr } = await windtunnel("plan", file, "--json")
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    const { highestLoad } = documentOf(stdout).plans[0]!
    expect(highestLoad).toBeGreaterThan(4)
    const twice = await windtunnel(
      "plan",
      file,
      "--json",
      "--load",
      String(2 * highestLoad!),
      "--objective",
      "gpus",
      "--systems",
      "dgx-h100",
      "--tensor",
      "1",
      "--pipeline",
      "1",
      "--precisions",
      "bf16"
    )
    expect(twice.status).toBe(0)
    // Twice the load of two takes about four.
    expect(documentOf(twice.stdout).plans[0]!.best.replicas).toBeGreaterThanOrEqual(3)
    expect(documentOf(twice.stdout).plans[0]!.best.replicas).toBeLessThanOrEqual(5)
  })
})

test("the capacity block of docs/planning.md is one that a scenario may have", () => {
  const guide = readFileSync(new URL("../../docs/planning.md", import.meta.url), "utf8")
  const block = [...guide.matchAll(/^```yaml\n(capacity:[\s\S]*?)^```$/gm)].map(
    ([, body]) => parse(body ?? "") as object
  )
  expect(block).toHaveLength(1)
  const loaded = scenarioFromData({ name: "guide", data: { ...(parse(small) as object), ...block[0] } })
  expect(loaded._tag === "Refused" ? loaded.issues : loaded.scenario).toMatchObject({
    capacity: { load: "200 req/s", prices: { "h100-sxm": 2.5 }, budget: 400, spareNodes: 1 }
  })
})

describe("what is refused", () => {
  test.each([
    ["an unknown model, with near names", ["llama-3.1-70", "--load", "5"], 2, /did you mean .*llama-3\.1-70b/],
    ["a model without a load", ["llama-3-8b", ...goals], 2, /--load/],
    ["a load without goals", ["llama-3-8b", "--load", "5"], 2, /--slo/],
    [
      "a metric that there is not",
      ["llama-3-8b", "--load", "5", "--slo", "latency.p99 < 1 s"],
      2,
      /given latency\n.*one of ttft, tpot, e2e/
    ],
    [
      "a metric that is misspelt",
      ["llama-3-8b", "--load", "5", "--slo", "ttfft.p99 < 1 s"],
      2,
      /; did you mean ttft\?/
    ],
    ["a load that is none", ["llama-3-8b", "--load", "many", ...goals], 2, /given many/],
    [
      "a night that is busier",
      ["llama-3-8b", "--load", "5", "--night", "6", ...goals],
      2,
      /at most the load of the busiest hour/
    ],
    ["an unknown system", ["llama-3-8b", "--load", "5", "--systems", "dgx-h10", ...goals], 2, /did you mean dgx-h100/],
    [
      "an unknown precision",
      ["llama-3-8b", "--load", "5", "--precisions", "fp9", ...goals],
      2,
      /no quantisation "fp9"/
    ],
    [
      "an unknown model among several",
      ["llama-3-8b", "--load", "5", "--models", "mixtral=3", ...goals],
      2,
      /did you mean .*mixtral/
    ],
    ["a load for a training", ["bloom-176b-slow-node", "--night", "5"], 2, /--night: .*about training/],
    [
      "an option of training",
      [...quick, ...goals, "--load", "5", "--space", "tensor=1"],
      2,
      /--space is of plans of training/
    ],
    ["users who wait", ["bloom-server", "--slo", "e2e.p99 < 4 s"], 2, /arrivals: closedLoop has no rate/],
    ["pools of several kinds", ["fleet/distserve-13b", "--load", "5", "--slo", "e2e.p99 < 9 s"], 2, /serving\.pools: /],
    ["an empty list", ["llama-3-8b", "--load", "5", "--tensor", "", ...goals], 2, /capacity\.tensor/]
  ] as const)("%s", async (_what, args, expected, words) => {
    const { status, stdout, stderr } = await windtunnel("plan", ...args)
    expect({ status, stdout }).toEqual({ status: expected, stdout: "" })
    expect(stderr).toMatch(words)
  })

  test("a capacity block in a scenario of training", async () => {
    const { status, stderr } = await windtunnel("run", "small", "--set", "capacity.load=5")
    expect(status).toBe(2)
    expect(stderr).toMatch(/capacity: only serving has it/)
  })

  test("goals that contradict the machines: which, and the nearest that can be met", async () => {
    const { status, stdout } = await windtunnel(
      "plan",
      ...quick,
      "--load",
      "4",
      "--slo",
      "ttft.p99 < 2 s, tpot.p99 < 0.5 ms"
    )
    expect(status).toBe(1)
    const text = stdout.replaceAll("\n", " ")
    expect(text).toMatch(/^No fleet serves 4 requests\/s/)
    expect(text).toMatch(/cannot be met: tpot\.p99 < 500 us together with ttft\.p99 < 2 s/)
    expect(text).toMatch(/the nearest that can: tpot\.p99 < [\d.]+ ms/)
  })

  test("fewer accelerators than any kind could do with: how many it would take, and what to ask instead", async () => {
    const few = [
      "--slo",
      "ttft.p99 < 2 s, tpot.p99 < 100 ms",
      "--load",
      "4000",
      "--accelerators",
      "8",
      "--systems",
      "dgx-h100"
    ]
    const { status, stdout } = await windtunnel("plan", "llama-3-8b", ...few)
    expect(status).toBe(1)
    const text = stdout.replaceAll(/\s+/g, " ")
    const [, needed] = /could do by any bound are ([\d,]+) accelerators of dgx-h100/.exec(text) ?? []
    expect(Number(needed?.replace(",", ""))).toBeGreaterThan(8)
    expect(text).toContain("and there are 8; --objective load in place of --load")
  })

  test("machines that are too small for the model", async () => {
    const { status, stdout } = await windtunnel(
      "plan",
      "llama-3-405b",
      "--systems",
      "l40s-8x-pcie",
      "--tensor",
      "1",
      "--pipeline",
      "1",
      "--load",
      "4",
      ...goals
    )
    expect(status).toBe(1)
    expect(stdout).toMatch(/too large for the memory/)
  })
})
