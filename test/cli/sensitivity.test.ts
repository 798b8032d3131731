import { describe, expect, test } from "vitest"
import { parseStep } from "../../src/cli/sensitivity.ts"
import { changeOf } from "../../src/cli/sensitivity-text.ts"
import { inFolder, small, windtunnel, write } from "./command-line.ts"

interface Document {
  readonly objectives: readonly { readonly name: string }[]
  readonly effects: readonly {
    readonly resource: string
    readonly responses: readonly { readonly elasticity: number | null }[]
  }[]
  readonly explained?: number
  readonly finding: string
}

const documentOf = (stdout: string): Document => JSON.parse(stdout) as Document

describe("windtunnel sensitivity", () => {
  test("says what buys most, sorts by it and keeps within 80 columns", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "small.yaml", small)
      const { status, stdout, stderr } = await windtunnel("sensitivity", file, "--workers", "1")
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
      const rows = stdout.trimEnd().split("\n")
      expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(80)
      expect(stdout.replace(/\n(?=\S)/g, " ")).toMatch(
        /^Small 9\.09 % less host time buys \d\.\d % more tokens\/s; memory bandwidth comes next with \d\.\d %\n/
      )
      expect(stdout).toMatch(/^micro-batch .* x2 step$/m)
      expect(stdout).toMatch(/memory size is a step: [\d.]+ GB of 80 GB are used/)
    })
  })

  test("gives the same on one thread and on two, and another step about the same", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "small.yaml", small)
      const one = await windtunnel("sensitivity", file, "--json", "--workers", "1")
      expect((await windtunnel("sensitivity", file, "--json", "--workers", "2")).stdout).toBe(one.stdout)
      const { effects, explained } = documentOf(one.stdout)
      expect(explained).toBeCloseTo(1, 2)
      const finer = documentOf((await windtunnel("sensitivity", file, "--json", "--by", "1%", "--workers", "1")).stdout)
      const of = (all: Document["effects"], resource: string) =>
        all.find((effect) => effect.resource === resource)?.responses[0]?.elasticity
      expect(of(finer.effects, "flops")).toBeCloseTo(of(effects, "flops") ?? Number.NaN, 1)
    })
  })

  test("sorts by the objective that was asked for", async () => {
    const { stdout } = await windtunnel("sensitivity", "small-server", "--objective", "ttftMean", "--json")
    const { objectives, effects } = documentOf(stdout)
    expect(objectives[0]?.name).toBe("ttftMean")
    expect(effects[0]?.resource).toBe("host")
  })

  test("tells of the highest load within goals, which a plan finds as well", async () => {
    const slo = ["--slo", "ttft.p99 < 100 ms"]
    const { status, stdout, stderr } = await windtunnel(
      "sensitivity",
      "small-server",
      "--objective",
      "loadWithinSlo",
      ...slo,
      "--by",
      "20%",
      "--json",
      "--workers",
      "1"
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    const { objectives, effects, loadWithinSlo, finding } = JSON.parse(stdout) as Document & {
      readonly loadWithinSlo: number
    }
    expect(objectives.map(({ name }) => name)).toEqual(["loadWithinSlo"])
    expect(finding).toMatch(/^(?:20|16\.7) % (?:more|less) .* buys [\d.]+ % more load within goals/)
    const resources = effects.map(({ resource }) => resource)
    expect(resources).toContain("ttft.p99")
    expect(resources).not.toContain("load")
    const plan = await windtunnel("plan", "small-server", ...slo, "--json")
    const [{ highestLoad }] = (
      JSON.parse(plan.stdout) as { readonly plans: readonly [{ readonly highestLoad: number }] }
    ).plans
    expect(Math.abs(loadWithinSlo / highestLoad - 1)).toBeLessThan(0.03)
  })

  test.each([
    [["--objective", "ttftMeen"], /expected one of .*; did you mean ttftMean/],
    [["--slo", "ttft.p99 < 1 s"], /--slo is of the highest load within it\n {2}expected --objective loadWithinSlo/],
    [["--objective", "loadWithinSlo", "--slo", "ttft.p98 < 1 s"], /the statistic of --slo/],
    [["--objective", "loadWithinSlo", "--set", "workload.arrivals={closedLoop: {users: 3}}"], /closedLoop has no rate/],
    [["--objective", "loadWithinSlo", "--set", "workload.slo=null"], /no goal is given/],
    [["--objective", "beauty"], /expected one of capacityPerSecond, .*, loadWithinSlo/]
  ])("refuses %j of a server", async (flags, said) => {
    const { status, stderr } = await windtunnel("sensitivity", "small-server", ...flags)
    expect(stderr).toMatch(said)
    expect(status).toBe(2)
  })

  test("of work that does not fit says what it would take, and ends with 1", async () => {
    await inFolder(async (folder) => {
      const large = small
        .replace("bloom-1b1", "bloom-7b1")
        .replace("{ tensor: 2, pipeline: 2, data: 2 }", "{ data: 8 }")
      const { status, stdout } = await windtunnel("sensitivity", write(folder, "large.yaml", large), "--workers", "1")
      expect(status).toBe(1)
      expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/does not fit: [\d.]+ GB of 80 GB; with 10 % more memory it/)
    })
  })

  test.each([
    [["--by", "0%"], /--by "0%"\n {2}expected a share from 0\.1% to 100%/],
    [["--by", "much"], /--by "much"/],
    [["--workers", "0"], /--workers takes/],
    [["--seed", "-1"], /--seed takes/],
    [["--objective", "beauty"], /--objective "beauty"\n {2}expected one of tokensPerSecond, iterationSeconds/]
  ])("refuses %j", async (flags, said) => {
    await inFolder(async (folder) => {
      const { status, stderr } = await windtunnel("sensitivity", write(folder, "small.yaml", small), ...flags)
      expect(status).toBe(2)
      expect(stderr).toMatch(said)
    })
  })
})

test("a step is a share, with or without a per cent sign", () => {
  expect(["10%", "0.1", "2.5 %", "100%", "0", "101%", "-5%", "1e-2"].map(parseStep)).toEqual([
    0.1,
    0.1,
    0.025,
    1,
    undefined,
    undefined,
    undefined,
    undefined
  ])
})

test("changes too small to see are none", () => {
  expect([0.0312, -0.0004, 0, null, 1.5].map(changeOf)).toEqual(["+3.1 %", "0 %", "0 %", "-", "+150 %"])
})
