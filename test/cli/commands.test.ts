import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { allConstants } from "../../src/catalog/index.ts"
import type { RunCoverage } from "../../src/cli/catalog-coverage.ts"
import type { Side } from "../../src/cli/comparison.ts"
import { progressOf } from "../../src/cli/progress.ts"
import { rankingOf } from "../../src/cli/ranking.ts"
import { terminalOf } from "../../src/cli/terminal.ts"
import { inFolder, small, windtunnel, write } from "./command-line.ts"

test("compare shows both sides and the largest differences first", async () => {
  await inFolder(async (folder) => {
    const a = write(folder, "a.yaml", small)
    const b = write(folder, "b.yaml", small.replace("recompute: full", "recompute: none"))
    const { status, stdout } = await windtunnel("compare", a, b, "--json")
    expect(status).toBe(0)
    const { metrics, breakdown } = JSON.parse(stdout)
    expect(metrics[0].name).toBe("iterationSeconds")
    expect(metrics[0].b).toBeLessThan(metrics[0].a)
    const differences = breakdown.map((part: { readonly difference: number }) => part.difference)
    const sizes = differences.map((difference: number) => Math.abs(difference))
    expect(sizes).toEqual(sizes.toSorted((one: number, other: number) => other - one))
    const total = differences.reduce((sum: number, one: number) => sum + one, 0)
    expect(total).toBeCloseTo(metrics[0].b - metrics[0].a, 9)
    expect((await windtunnel("compare", a, b)).stdout).toMatch(/^ {2}compute: recompute .* 0 s /m)
  })
})

test("compare takes the result of a run that was kept", async () => {
  await inFolder(async (folder) => {
    const file = write(folder, "a.yaml", small)
    await windtunnel("run", file, "--out", join(folder, "run"), "--trace", "off")
    const { status, stdout } = await windtunnel("compare", join(folder, "run", "result.json"), file, "--json")
    expect(status).toBe(0)
    expect(JSON.parse(stdout).metrics.every((metric: { readonly change: number }) => metric.change === 0)).toBe(true)
  })
})

describe("compare of more than two", () => {
  test("ranks them by their iteration, beside what was measured", async () => {
    const { status, stdout } = await windtunnel("compare", "bloom-study")
    expect(status).toBe(0)
    const lines = stdout.trimEnd().split("\n")
    expect(lines[0]).toMatch(/^bloom-study\/ +iteration +TFLOP\/s +memory +measured +error$/)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    const rows = lines.slice(1, 17)
    const times = rows.map((row) => Number(/ ([\d.]+) s /.exec(row)?.[1]))
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    expect(rows.find((row) => row.startsWith("heads-64 "))).toMatch(/ 102\.0 s +[-+][\d.]+ %$/)
    expect(rows.find((row) => row.startsWith("topology-tp2-pp6-dp32 "))).toMatch(/! \d+\.\d GB$/)
    expect(lines.at(-1)).toMatch(/^15 measured: median error \d(\.\d+)? %, rank correlation 0\.9\d$/)
  })

  test("takes results of runs by their folder, and has no statistics of a few", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "a.yaml", `${small}measured: { tflopsPerAccelerator: 100 }\n`)
      await windtunnel("run", file, "--out", join(folder, "kept"), "--trace", "off")
      const { status, stdout } = await windtunnel("compare", join(folder, "kept"), file, "small", "--json")
      expect(status).toBe(0)
      const { scenarios, summary } = JSON.parse(stdout)
      expect(summary).toBeNull()
      expect(scenarios).toHaveLength(3)
      const ofA = scenarios.filter(({ name }: { readonly name: string }) => name === "Small")
      expect(ofA[0].measured).toEqual({ metric: "tflopsPerAccelerator", value: 100 })
      expect(ofA[0].error).toBeCloseTo(ofA[0].tflopsPerAccelerator / 100 - 1, 12)
      expect({ ...ofA[0], label: "" }).toEqual({ ...ofA[1], label: "" })
    })
  })

  test("measures agreement by the median error and the order", () => {
    const side = (seconds: number, measured: number): Side => ({
      label: `${seconds}`,
      document: {
        version: 1,
        scenario: { measured: { iterationSeconds: measured } },
        hash: "",
        result: {
          iterationSeconds: seconds,
          tokensPerSecond: 1,
          tokensPerSecondPerAccelerator: 1,
          loggedFlopsPerAccelerator: 1e12,
          modelFlopsUtilisation: 1,
          hardwareFlopsUtilisation: 1,
          breakdown: { compute: {}, exposed: {}, bubble: 0, host: 0, optimizer: 0 },
          memory: { capacityBytes: 2, fits: true, fullest: { peakBytes: 1 } },
          energy: { joulesPerIteration: 1, averageWattsPerAccelerator: 1 },
          cost: { perIteration: null }
        }
      }
    })
    // The last two are in the wrong order: 1 - 6 x 2 / (5 x 24) = 0.9.
    const sides = [side(11, 10), side(21, 20), side(30, 30), side(44, 50), side(46, 40)]
    const { summary } = rankingOf(sides)
    expect(summary?.measured).toBe(5)
    expect(summary?.medianError).toBeCloseTo(0.1, 12)
    expect(summary?.rankCorrelation).toBeCloseTo(0.9, 12)
    expect(rankingOf(sides.slice(1)).summary).toBeNull()
  })
})

test("compare refuses a result of another version", async () => {
  await inFolder(async (folder) => {
    const result = write(folder, "result.json", JSON.stringify({ version: 2, windtunnel: "9" }))
    const { status, stderr } = await windtunnel("compare", result, result)
    expect(status).toBe(2)
    expect(stderr).toContain("version 1")
  })
})

test("catalog lists the kinds, a kind, and an entry with its sources", async () => {
  expect((await windtunnel("catalog")).stdout).toMatch(/^accelerators +\d+ /)
  expect((await windtunnel("catalog", "systems")).stdout).toMatch(/^jean-zay-a100 +Jean Zay/m)
  const entry = (await windtunnel("catalog", "accelerator", "a100-sxm-80gb")).stdout
  expect(entry).toMatch(/^peakFlops.bf16 +312 TFLOP\/s/m)
  expect(entry).toMatch(/^memory.bytes +80 GB/m)
  expect(entry).toMatch(/^memory.bytesPerSecond +2.04 TB\/s {2}\[1\]$/m)
  expect(entry).toMatch(/^\[1\] +\S/m)
  expect(entry).toMatch(/^others {2}\S/m)
})

test("catalog prints entries as JSON", async () => {
  const entry = JSON.parse((await windtunnel("catalog", "models", "bloom-176b", "--json")).stdout)
  expect(entry.layers).toBe(70)
  const kinds = JSON.parse((await windtunnel("catalog", "--json")).stdout)
  expect(Object.keys(kinds)).toEqual([
    "accelerators",
    "links",
    "systems",
    "models",
    "stacks",
    "serving-stacks",
    "quantisations",
    "constants"
  ])
})

test("catalog lists entries with whole titles, a long one on two lines", async () => {
  const { stdout } = await windtunnel("catalog", "quantisations")
  const lines = stdout.split("\n")
  const at = lines.findIndex((line) => line.startsWith("fp8 "))
  expect(lines.slice(at, at + 2)).toEqual([
    "fp8               FP8 (E4M3) weights and activations, one scale a tensor,",
    "                  channel or token"
  ])
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
})

test("catalog lists every constant with its interval and source, and counts the fitted ones", async () => {
  const { stdout } = await windtunnel("catalog", "constants")
  const fitted = allConstants().filter(({ constant }) => constant.origin === "fitted")
  expect(stdout.startsWith(`${fitted.length} fitted constants, `)).toBe(true)
  expect(stdout).toMatch(/^a100\n(?: {2}.*\n)* {2}gemm\.bf16 +0\.\d{3} {2}0\.\d+\.\.0\.\d+ +\d+ +\d\.\d+ % +\[\d+\]$/m)
  expect(stdout).toMatch(/^\[\d+\] +fitted: windtunnel calibrate/m)
  const rows = stdout.split("\n").filter((line) => line.startsWith("  "))
  expect(rows.length).toBeGreaterThanOrEqual(allConstants().length)
  const document = JSON.parse((await windtunnel("catalog", "constants", "--json")).stdout)
  expect(document.fitted).toBe(fitted.length)
  expect(document.constants).toHaveLength(allConstants().length)
  expect((await windtunnel("catalog", "constants", "a100.gemm.bf16")).stdout).toMatch(
    /^80 % interval {2}0\.\d+ to 0\.\d+$/m
  )
})

test("catalog counts the measurements behind accelerator, number format and stack", async () => {
  const { stdout } = await windtunnel("catalog", "--coverage")
  expect(stdout).toMatch(/^a100-sxm-80gb +[a-z]+\d+ +[\w-]+ +\d+$/m)
  expect(stdout).toMatch(/^ +bf16 +megatron-deepspeed +\d+$/m)
  expect(stdout).toMatch(/^measured kernels$/m)
  const { runs } = JSON.parse((await windtunnel("catalog", "--coverage", "--json")).stdout)
  const bloom = runs.find(
    (row: RunCoverage) =>
      row.accelerator === "a100-sxm-80gb" && row.precision === "bf16" && row.stack === "megatron-deepspeed"
  )
  expect(bloom.measurements).toBeGreaterThan(10)
})

test.each([
  ["catalog"],
  ["catalog", "--coverage"],
  ["catalog", "constants"],
  ["catalog", "stacks"],
  ["catalog", "models"],
  ["catalog", "accelerators", "a100-sxm-80gb"],
  ["catalog", "stacks", "megatron-deepspeed"],
  ["compare", "small", "my-cluster"],
  ["run", "--help"],
  ["compare", "--help"],
  ["calibrate", "--help"],
  ["--help"]
])("%s %s %s keeps within 80 columns", async (...args) => {
  const { status, stdout } = await windtunnel(...args)
  expect(status).toBe(0)
  const lines = stdout.split("\n")
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  expect(lines.length).toBeGreaterThan(5)
})

test("catalog counts its facts and sources", async () => {
  const rows = JSON.parse((await windtunnel("catalog", "systems", "--coverage", "--json")).stdout)
  expect(rows).toHaveLength(1)
  expect(rows[0].facts).toBeGreaterThan(rows[0].entries)
  expect(rows[0].citations[0].uses).toBeGreaterThan(1)
})

test("schema prints a JSON Schema", async () => {
  const schema = JSON.parse((await windtunnel("schema")).stdout)
  expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema")
})

test.each(["run", "compare", "validate", "calibrate", "catalog", "schema"])(
  "%s has help with an example",
  async (command) => {
    const { status, stdout } = await windtunnel(command, "--help")
    expect(status).toBe(0)
    expect(stdout).toContain("\nexamples\n")
    expect(stdout).toContain(`windtunnel ${command}`)
  }
)

describe("validate", () => {
  const point = {
    id: "mine",
    source: "test",
    trust: 1,
    model: { name: "bloom-176b" },
    cluster: { gpu: "A100-SXM4-80GB", gpus: 384, inter: "omni-path" },
    parallel: { tp: 4, pp: 12, dp: 8 },
    batch: { micro: 2, global: 2048 },
    recompute: "full",
    precision: "bf16",
    measured: { seconds_per_iteration: 105 }
  }
  const points = JSON.stringify([point, { ...point, id: "unknown", model: { name: "nobody-knows-1b" } }])

  test("compares measurements of one's own, and gives a reason for each that it cannot", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "mine.json", points)
      const { status, stdout } = await windtunnel("validate", "--json", "--measurements", file)
      expect(status).toBe(0)
      const report = JSON.parse(stdout)
      expect(Object.keys(report)).toEqual(["points", "summary"])
      expect(report.points.map(({ id }: { readonly id: string }) => id)).toEqual(["mine", "unknown"])
      const [mine, unknown] = report.points
      expect(mine).toMatchObject({ metric: "secondsPerIteration", measured: 105, trust: 1 })
      expect(mine.error).toBeCloseTo(mine.predicted / 105 - 1, 12)
      expect(unknown.reason).toMatch(/./)
      expect(report.summary.all).toMatchObject({ points: 2, covered: 1 })
    })
  })

  test("prints each point beside its prediction, then the errors by group", async () => {
    await inFolder(async (folder) => {
      const { stdout } = await windtunnel("validate", "--measurements", write(folder, "mine.json", points))
      expect(stdout).toMatch(/^mine +105 s +[\d.]+ s +[-+][\d.]+ %$/m)
      expect(stdout).toMatch(/^unknown +-\n {4}\S/m)
      expect(stdout.indexOf("software stack")).toBeGreaterThan(stdout.indexOf("unknown"))
    })
  })

  test("writes the report as Markdown, whole or not at all", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "mine.json", points)
      const { status, stderr } = await windtunnel("validate", "--measurements", file, "--write", join(folder, "a.md"))
      expect(status).toBe(0)
      expect(stderr).toBe(`wrote ${join(folder, "a.md")}\n`)
      const printed = await windtunnel("validate", "--measurements", file, "--markdown")
      expect(readFileSync(join(folder, "a.md"), "utf8")).toBe(printed.stdout)
      const refused = await windtunnel("validate", "--measurements", file, "--write", join(folder, "no", "a.md"))
      expect(refused.status).toBe(2)
      expect(refused.stderr).toContain("cannot write the report: no such file")
      expect(readdirSync(folder).toSorted()).toEqual(["a.md", "mine.json"])
    })
  })

  test("shows how far it is on a terminal only", () => {
    let said = ""
    const write = (text: string) => (said += text)
    let now = 0
    const clock = () => (now += 500)
    const silent = progressOf(10, { write }, clock)
    silent.step()
    silent.end()
    expect(said).toBe("")
    const shown = progressOf(10, { isTTY: true, write }, clock)
    shown.step()
    expect(said).toBe("\r\u001b[K1 of 10 measurements, 1 a second, 9 s left")
    shown.more(5)
    shown.step()
    expect(said.endsWith("2 of 15 measurements, 1 a second, 13 s left")).toBe(true)
    shown.end()
    expect(said.endsWith("\r\u001b[K")).toBe(true)
  })
})

test("colour is for terminals that want it", () => {
  expect(terminalOf({ isTTY: true }, {}).good("fits")).toBe("\u001b[32mfits\u001b[0m")
  expect(terminalOf({ isTTY: true }, { NO_COLOR: "1" }).good("fits")).toBe("fits")
  expect(terminalOf({}, {}).bad("no")).toBe("no")
})
