/** The highest load of so many accelerators: the same as trying every kind; and whether the cheapest fleet beats the second. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import {
  candidatesOf,
  drivenHere,
  fleetExperiment,
  highestLoad,
  searchCapacity,
  searchHighest,
  type CapacityRequest
} from "../../src/planner/index.ts"
import { inFolder, windtunnel } from "../cli/command-line.ts"
import { chatOf } from "./capacity-setup.ts"

const request: CapacityRequest = {
  scenario: chatOf([100, 900]),
  rate: 60,
  goals: [
    { metric: "ttft", statistic: "mean", seconds: 0.3 },
    { metric: "tpot", statistic: "mean", seconds: 0.02 }
  ],
  objective: "cost",
  space: {
    systems: ["dgx-h100", "dgx-a100"],
    tensor: [1, 2],
    pipeline: [1, 2],
    precisions: ["bf16", "fp8"],
    batchSequences: [null],
    batchTokens: [null]
  },
  prices: {},
  priceAt: "middle",
  available: 4,
  requests: 500,
  seed: 1,
  confirmations: 0
}

describe("the highest load of four accelerators", () => {
  const plan = drivenHere(searchHighest(request))

  test("is that of the best of all kinds, each bisected", () => {
    const all = candidatesOf(request.space).map((candidate) => {
      const { scenario, requests, seed, goals } = request
      const replicas = 4 / (candidate.tensor * candidate.pipeline)
      return drivenHere(highestLoad({ scenario, candidate, replicas, requests, seed }, goals, 20)).rate
    })
    const [first] = plan.fleets
    // Bisections that begin elsewhere end within 1 % of each other.
    expect((first?.found.rate ?? 0) / Math.max(...all)).toBeGreaterThan(0.98)
    expect((first?.found.rate ?? 0) / Math.max(...all)).toBeLessThan(1.02)
    expect(plan.layouts).toBe(all.length)
    expect(plan.pruned.length + plan.fleets.length + plan.byBound + plan.bySimulation).toBe(all.length)
    expect(plan.byBound + plan.bySimulation).toBeGreaterThan(0)
    expect(plan.fleets.map(({ found }) => found.rate)).toEqual(
      plan.fleets.map(({ found }) => found.rate).toSorted((a, b) => b - a)
    )
    for (const { rated, replicas } of plan.fleets)
      expect(replicas * rated.candidate.tensor * rated.candidate.pipeline).toBe(4)
  })
})

describe("a load test of one replica of each", () => {
  test("turns where the first's fleet would cost what the other's does", () => {
    const { sized } = drivenHere(searchCapacity({ ...request, available: 64 }))
    const [first, second] = sized
    const other = sized.find(({ value }) => first !== undefined && value > first.value)
    if (first === undefined || second === undefined || other === undefined) throw new Error("two fleets")
    const made = drivenHere(fleetExperiment(request, [first, other]))
    const [one, two] = made?.runs ?? []
    expect([one?.request.replicas, one?.request.rate]).toEqual([1, 60 / first.replicas])
    expect([two?.request.replicas, two?.request.rate]).toEqual([1, 60 / other.replicas])
    expect(one?.highest).toBeGreaterThan(0)
    // At its turn the first's fleet is the largest that still costs less; a replica more would not.
    const most = Math.ceil(other.value / first.rated.worth - 1e-9) - 1
    expect(most * first.rated.worth).toBeLessThan(other.value)
    expect((most + 1) * first.rated.worth).toBeGreaterThanOrEqual(other.value - 1e-9)
    const held = Math.min(60 / first.replicas, one?.highest ?? 0)
    expect(one?.turn).toBeCloseTo((held * first.replicas) / most, 9)
    expect(one?.turn).toBeLessThanOrEqual(one?.highest ?? 0)
  })
})

const quick = ["llama-3-8b", "--systems", "dgx-h100,l40s-8x-pcie", "--tensor", "1,2", "--pipeline", "1"]
const goals = ["--precisions", "fp8", "--set", "workload.requests=600", "--slo", "ttft.p99 < 1 s, tpot.p99 < 40 ms"]

describe("windtunnel plan", () => {
  test("--objective load says what so many accelerators serve at the most", async () => {
    await inFolder(async (folder) => {
      const asked = ["plan", ...quick, ...goals, "--objective", "load", "--accelerators", "4", "--out", folder]
      const { status, stdout } = await windtunnel(...asked)
      expect(status).toBe(0)
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
      const { plans } = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8"))
      const words = stdout.replaceAll(/\s+/g, " ")
      expect(words).toMatch(/^4 x NVIDIA .* serve up to [\d.]+ requests\/s of llama-3-8b within .*: the most of any\./)
      expect(plans[0].highestLoad).toBe(plans[0].candidates[0].highestLoad)
      const { workload } = JSON.parse(readFileSync(join(folder, "scenario.json"), "utf8"))
      expect(workload.arrivals.poisson.rate).toBe(plans[0].highestLoad)
      expect(readFileSync(join(folder, "launch.sh"), "utf8")).toContain("vllm serve")
      const report = readFileSync(join(folder, "report.md"), "utf8")
      expect(report).toMatch(/^# The highest load of 4 accelerators with llama-3-8b/)
      for (const title of ["What ends it", "Kinds of replicas, the highest load first", "What was searched"])
        expect(report).toContain(title)
      expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("the most of any.")
    })
  })

  test.each([
    [["--objective", "load"], "needs capacity.accelerators"],
    [
      ["--objective", "load", "--accelerators", "8", "--load", "20"],
      "capacity.load: the highest load is what is sought"
    ],
    [
      ["--objective", "load", "--accelerators", "8", "--spare-nodes", "1"],
      "capacity.spareNodes: the highest load is what all machines carry together"
    ]
  ])("%j is refused", async (args, message) => {
    const { status, stderr } = await windtunnel("plan", ...quick, ...goals, ...args)
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)])
  })

  test("of a load says how sure the order is, and keeps the load tests that would settle it", async () => {
    await inFolder(async (folder) => {
      const { stdout, stderr } = await windtunnel("plan", ...quick, ...goals, "--load", "40 req/s", "--out", folder)
      expect(stderr).toMatch(/measure-1\.json.*measure-1\.sh.*measure-2\.json.*measure-2\.sh/)
      const { sure } = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")).plans[0]
      expect(sure.comparisons[0].chance).toBeGreaterThan(0)
      expect(sure.comparisons[0].chance).toBeLessThan(1)
      const words = stdout.replaceAll(/\s+/g, " ")
      expect(words).toMatch(/second the (second|next machines), .* measured pairs of \d+ sources/)
      expect(words).toMatch(
        /settle a load test of one replica of each until .* The first stays the cheaper fleet as long as/
      )
      const script = readFileSync(join(folder, "measure-2.sh"), "utf8")
      expect(script).toContain("vllm serve")
      expect(script).toContain(`--request-rate ${sure.settle.runs[1].load}`)
      const report = readFileSync(join(folder, "report.md"), "utf8")
      expect(report).toContain("the first is better")
    })
  })
})
