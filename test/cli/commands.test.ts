import { join } from "node:path"
import { expect, test } from "vitest"
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
  expect(entry).toMatch(/^source {2}\S/m)
})

test("catalog prints entries as JSON", async () => {
  const entry = JSON.parse((await windtunnel("catalog", "models", "bloom-176b", "--json")).stdout)
  expect(entry.layers).toBe(70)
  const kinds = JSON.parse((await windtunnel("catalog", "--json")).stdout)
  expect(Object.keys(kinds)).toEqual(["accelerators", "links", "systems", "models", "stacks"])
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

test.each(["run", "compare", "validate", "catalog", "schema"])("%s has help with an example", async (command) => {
  const { status, stdout } = await windtunnel(command, "--help")
  expect(status).toBe(0)
  expect(stdout).toContain("EXAMPLES")
  expect(stdout).toContain(`windtunnel ${command}`)
})

test("validate compares a measurement of one's own", async () => {
  await inFolder(async (folder) => {
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
    const { status, stdout } = await windtunnel(
      "validate",
      "--json",
      "--measurements",
      write(folder, "mine.json", JSON.stringify([point]))
    )
    expect(status).toBe(0)
    const { points } = JSON.parse(stdout)
    expect(points[0].id).toBe("mine")
    expect(points[0].predicted).toBeGreaterThan(50)
  })
})

test("colour is for terminals that want it", () => {
  expect(terminalOf({ isTTY: true }, {}).good("fits")).toBe("\u001b[32mfits\u001b[0m")
  expect(terminalOf({ isTTY: true }, { NO_COLOR: "1" }).good("fits")).toBe("fits")
  expect(terminalOf({}, {}).bad("no")).toBe("no")
})
