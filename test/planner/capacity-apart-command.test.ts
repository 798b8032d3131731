/** `windtunnel plan` with prompts and answers apart: its answer, its files, and what it refuses. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { scenarioFromData } from "../../src/scenario/index.ts"
import { inFolder, windtunnel } from "../cli/command-line.ts"

/** A plan that takes a second: a small model, one kind of machine. */
const quick = [
  "llama-3-8b",
  "--systems",
  "dgx-h100",
  "--tensor",
  "1,2",
  "--pipeline",
  "1",
  "--precisions",
  "fp8",
  "--set",
  "workload.requests=300",
  "--set",
  "capacity.maxBatchTokens=[2048]"
]
const goals = ["--slo", "ttft.p99 < 500 ms, tpot.p99 < 8 ms"]
const apart = ["--disaggregation", "together,apart"]

interface Kind {
  readonly replica: { readonly tensor: number; readonly accelerators: number }
  readonly replicas: number
  readonly accelerators: number
  readonly prefill?: { readonly replica: { readonly accelerators: number }; readonly replicas: number }
}
interface Document {
  readonly plans: readonly {
    readonly answer: string
    readonly layouts: number
    readonly candidates: readonly Kind[]
    readonly best: Kind
    readonly apart: Readonly<Record<"pairs" | "impossible" | "beatenByBound" | "simulated", number>>
    readonly sure: { readonly comparisons: readonly { readonly chance: number | null; readonly prefill?: object }[] }
  }[]
}

interface Counted {
  readonly replicas: number
  readonly spareReplicas: number
}
interface Planned {
  readonly plans: readonly {
    readonly best: Kind
    readonly redundancy: Counted & { readonly prefill: Counted }
    readonly throughFailure: { readonly holds: boolean }
    readonly day: { readonly hours: readonly { readonly replicas: number; readonly prefill: number }[] }
  }[]
}
interface Loaded {
  readonly plans: readonly {
    readonly highestLoad: number
    readonly apart: object
    readonly candidates: readonly (Kind & { readonly highestLoad: number })[]
  }[]
}

describe("a plan with prompts and answers apart", () => {
  test("says both pools in a sentence, and which size failed, in 80 columns", async () => {
    const { status, stdout, stderr } = await windtunnel("plan", ...quick, ...goals, "--load", "40", "--disaggregation", "apart") // prettier-ignore
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    expect(Math.max(...stdout.split("\n").map((row) => row.length))).toBeLessThanOrEqual(80)
    expect(stdout.replaceAll("\n", " ")).toMatch(
      /^\d+ x NVIDIA H100 \S+ .*, \d+ replicas? of TP\d fp8 2048 tok for prompts and \d+ of TP\d fp8 2048 tok for answers, serve 40 requests\/s of llama-3-8b within .* for \$[\d.]+ an hour\./
    )
    expect(stdout).toMatch(/^ {2}1 dgx-h100 TP\d\+TP\d fp8 2048 tok +\d\+\d/m)
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/4 pairs of kinds for prompts and answers apart: .*simulated/)
  })

  test("compares both ways, accounts for every pair, and leaves a scenario that runs", async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "plan")
      const { status, stdout } = await windtunnel("plan", ...quick, ...goals, ...apart, "--load", "40", "--json", "--out", out) // prettier-ignore
      expect(status).toBe(0)
      const [plan] = (JSON.parse(stdout) as Document).plans
      expect(plan!.layouts).toBe(2)
      const counts = plan!.apart
      expect(counts.pairs).toBe(4)
      expect(counts.impossible + counts.beatenByBound + counts.simulated).toBe(4)
      expect(plan!.candidates.some(({ prefill }) => prefill !== undefined)).toBe(true)
      expect(plan!.candidates.some(({ prefill }) => prefill === undefined)).toBe(true)
      for (const { replica, replicas, prefill, accelerators } of plan!.candidates)
        expect(accelerators).toBe(
          replicas * replica.accelerators +
            (prefill === undefined ? 0 : prefill.replicas * prefill.replica.accelerators)
        )
      const report = readFileSync(join(out, "report.md"), "utf8")
      expect(report).toContain("for prompts alone")
      // Every other fleet is laid beside the first, whichever way it serves.
      const { comparisons } = plan!.sure
      expect(comparisons.map(({ prefill }) => prefill === undefined)).toEqual(
        plan!.candidates.slice(1).map(({ prefill }) => prefill === undefined)
      )
      for (const { chance } of comparisons) expect(Math.abs((chance ?? 2) - 0.5)).toBeLessThanOrEqual(0.5)
      expect(report.replaceAll(/\s+/g, " ")).toMatch(
        /[Tt]he (second|first that does both on every replica), dgx-h100 TP\d fp8 2048 tok \(\+[^)]*\): pairs that differ like these two .* measured are servers that do all of a request/
      )
      const run = await windtunnel("run", join(out, "scenario.json"), "--json")
      expect(run.status).toBe(0)
    })
  })

  test.each([
    [
      "a way that there is not",
      [...quick, ...goals, "--load", "5", "--disaggregation", "split"],
      /disaggregation.*\n.*"?split"?[\s\S]*together, apart/
    ],
    [
      "an unknown system of one pool",
      [...quick, ...goals, ...apart, "--load", "5", "--set", "capacity.prefill.systems=[dgx-h10]"],
      /capacity\.prefill\.systems: there is no system "dgx-h10"[\s\S]*did you mean dgx-h100/
    ],
    [
      "pools of other roles",
      ["fleet/a100-and-h100", ...apart, "--load", "5", "--slo", "e2e.p99 < 9 s"],
      /serving\.pools: .*one kind of replica/
    ]
  ] as const)("refuses %s", async (_what, args, words) => {
    const { status, stdout, stderr } = await windtunnel("plan", ...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" })
    expect(stderr).toMatch(words)
  })

  test("the guide's block is one that a scenario may have", () => {
    const guide = readFileSync(new URL("../../docs/planning.md", import.meta.url), "utf8")
    const [, block = ""] = /^```yaml\n# beside the other fields[^\n]*\n(capacity:[\s\S]*?)^```$/m.exec(guide) ?? []
    const loaded = scenarioFromData({
      name: "guide",
      data: {
        cluster: { system: "dgx-h100" },
        model: "deepseek-v3",
        serving: {},
        workload: { arrivals: { poisson: { rate: 1 } }, prompt: 100, output: 10 },
        ...(parse(block) as object)
      }
    })
    expect(loaded._tag === "Refused" ? loaded.issues : loaded.scenario).toMatchObject({
      capacity: { disaggregation: ["together", "apart"], prefill: { expert: [16, 32] }, front: "found" }
    })
  })

  test("has spares of both pools, what the hours need, and what starts it", async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "plan")
      const { status, stdout } = await windtunnel("plan", ...quick, ...goals, "--disaggregation", "apart", "--load", "40", "--night", "10", "--spare-nodes", "1", "--out", out) // prettier-ignore
      expect(status).toBe(0)
      expect(Math.max(...stdout.split("\n").map((row) => row.length))).toBeLessThanOrEqual(80)
      const words = stdout.replaceAll(/\s+/g, " ")
      expect(words).toMatch(/for answers, \d+ \+ \d+ of them spare, serve 40 requests\/s/)
      expect(words).toMatch(/failures \d+ \+ \d+ replicas keep the goals, \d+ \+ \d+ are spare: .* when all spares' nodes of either pool fail at the peak/) // prettier-ignore
      expect(words).toMatch(
        /day from 10 to 40 requests\/s: \d+ \+ \d+ replicas do at night, .* of the accelerator-hours/
      )
      expect(words).toMatch(/launch vLLM: \d+ servers for prompts, \d+ for answers, and a router/)
      expect(words).toMatch(/but needs `pip install nixl vllm-router`; keys and values were simulated/)
      const [plan] = (JSON.parse(readFileSync(join(out, "plan.json"), "utf8")) as Planned).plans
      const { best, redundancy, throughFailure, day } = plan!
      expect(redundancy.replicas).toBe(best.replicas + redundancy.spareReplicas)
      expect(redundancy.prefill.replicas).toBe(best.prefill!.replicas + redundancy.prefill.spareReplicas)
      // A node of eight holds as many as are spare, unless a failure took a few more.
      expect(redundancy.spareReplicas).toBeGreaterThanOrEqual(8 / best.replica.accelerators)
      expect(redundancy.prefill.spareReplicas).toBeGreaterThanOrEqual(8 / best.prefill!.replica.accelerators)
      expect(throughFailure.holds).toBe(true)
      expect(day.hours.every(({ prefill, replicas }) => prefill >= 1 && replicas >= 1)).toBe(true)
      expect(day.hours[12]).toMatchObject({ replicas: best.replicas, prefill: best.prefill!.replicas })
      const { serving } = JSON.parse(readFileSync(join(out, "scenario.json"), "utf8"))
      expect(
        serving.pools.map(
          ({ cluster }: { readonly cluster: { readonly accelerators: number } }) => cluster.accelerators
        )
      ).toEqual([
        redundancy.prefill.replicas * best.prefill!.replica.accelerators,
        redundancy.replicas * best.replica.accelerators
      ])
      expect(readFileSync(join(out, "launch.sh"), "utf8")).toContain('"kv_connector":"NixlConnector"')
      expect(readFileSync(join(out, "report.md"), "utf8")).toContain("vllm-router --vllm-pd-disaggregation")
    })
  })

  test("--objective load divides the machines that there are", async () => {
    await inFolder(async (folder) => {
      const { status, stdout } = await windtunnel("plan", ...quick, ...goals, ...apart, "--objective", "load", "--accelerators", "4", "--out", folder) // prettier-ignore
      expect(status).toBe(0)
      expect(Math.max(...stdout.split("\n").map((row) => row.length))).toBeLessThanOrEqual(80)
      const words = stdout.replaceAll(/\s+/g, " ")
      expect(words).toMatch(/^4 x NVIDIA .*, \d+ replicas? of TP\d fp8 2048 tok for prompts and \d+ of .* serve up to [\d.]+ requests\/s/) // prettier-ignore
      expect(words).toMatch(/4 pairs of kinds for prompts and answers apart, 0 of which cannot do; 6 ways to divide the machines/) // prettier-ignore
      const [plan] = (JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as Loaded).plans
      const [first] = plan!.candidates
      expect(plan!.highestLoad).toBe(first!.highestLoad)
      expect(plan!.apart).toMatchObject({ pairs: 4, impossible: 0, divisions: 6 })
      for (const { replica, replicas, prefill, accelerators } of plan!.candidates) {
        expect(accelerators).toBeLessThanOrEqual(4)
        expect(accelerators).toBe(
          replicas * replica.accelerators +
            (prefill === undefined ? 0 : prefill.replicas * prefill.replica.accelerators)
        )
      }
      const { serving, workload } = JSON.parse(readFileSync(join(folder, "scenario.json"), "utf8"))
      expect(workload.arrivals.poisson.rate).toBe(first!.highestLoad)
      expect(serving.pools.map(({ role }: { readonly role: string }) => role)).toEqual(["prefill", "decode"])
      expect(readFileSync(join(folder, "launch.sh"), "utf8")).toContain("vllm-router --vllm-pd-disaggregation")
      expect(readFileSync(join(folder, "report.md"), "utf8")).toContain("for prompts alone")
    })
  })

  test("goals that no pool reaches: which, and the nearest that can be met", async () => {
    const { status, stdout } = await windtunnel("plan", ...quick, "--load", "5", "--slo", "ttft < 1 s, tpot.p99 < 1 ms", "--disaggregation", "together,apart") // prettier-ignore
    expect(status).toBe(1)
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
      /cannot be met: tpot\.p99 < 1 ms.*the nearest that can: tpot\.p99 < /
    )
  })
})
