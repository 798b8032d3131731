import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { inFolder, windtunnel, write } from "../cli/command-line.ts"

/** Two of the measurements that ship with the product. */
const bloom = JSON.parse(
  readFileSync(new URL("../../src/validation/data/bigscience.json", import.meta.url), "utf8")
).slice(0, 2)

describe("windtunnel validate --intervals", () => {
  test("prints how many measured values lie in their interval, by quantity and by source", async () => {
    const { status, stdout } = await windtunnel("validate", "--intervals")
    expect(status).toBe(0)
    const all = /^ {2}all +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +x (\d\.\d\d)$/m.exec(stdout)
    expect(Number(all?.[1])).toBeGreaterThan(2500)
    expect(Number(all?.[5])).toBeGreaterThanOrEqual(85)
    expect(Number(all?.[5])).toBeLessThanOrEqual(95)
    expect(stdout).toMatch(/^ {2}bigscience-prequel +106 +1 /m)
    expect(stdout).toMatch(/^ {2}training iteration, mixture /m)
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([])
  })

  test("tells the same as data", async () => {
    const { stdout } = await windtunnel("validate", "--intervals", "--json")
    const { all, groups, sources, open } = JSON.parse(stdout)
    expect(all.covered.map(({ level }: { level: number }) => level)).toEqual([0.5, 0.8, 0.9])
    expect(groups).toHaveLength(6)
    expect(sources.length).toBe(all.sources)
    // Servers near their limit: what no interval promises.
    expect(open.covered[2].share).toBeLessThan(0.5)
  })
})

describe("windtunnel validate --write-residuals", () => {
  test("keeps measured and predicted values of a file, and prints its coverage where that is asked for", () =>
    inFolder(async (folder) => {
      const out = join(folder, "residuals.json")
      const points = write(folder, "mine.json", JSON.stringify(bloom))
      const { status, stderr } = await windtunnel("validate", "--measurements", points, "--write-residuals", out)
      expect([status, stderr]).toEqual([0, `wrote 2 cases to ${out}\n`])
      const { sources, metrics, cases } = JSON.parse(readFileSync(out, "utf8"))
      expect([sources, metrics]).toEqual([["bigscience"], ["secondsPerIteration"]])
      expect(cases.map(([id]: readonly string[]) => id)).toEqual(bloom.map(({ id }: { id: string }) => id))
      for (const [, , , , , , , , , measured, predicted, error] of cases)
        expect(error).toBeCloseTo(Math.log(measured / predicted), 3)
    }))

  test("says where it cannot write", () =>
    inFolder(async (folder) => {
      const points = write(folder, "mine.json", JSON.stringify(bloom.slice(0, 1)))
      const out = join(folder, "no", "such", "folder.json")
      const { status, stderr } = await windtunnel("validate", "--measurements", points, "--write-residuals", out)
      expect(status).toBe(2)
      expect(stderr).toContain("cannot write the residuals")
      expect(existsSync(out)).toBe(false)
    }))
})
