/** Intervals on a machine of which something was measured. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { anchoredInterval, basisText, type Anchor } from "../../src/intervals/index.ts"
import { inFolder, small, windtunnel, write } from "../cli/command-line.ts"
import { bloom, caseOf } from "./cases.ts"

const setup = { tensor: 4, pipeline: 12 }
const half = { ...bloom, setup, model: "BLOOM-176B" }
const other = { ...half, setup: { ...setup, tensor: 8 } }
const anchor: Anchor = { ...half, name: "mine", error: 0, again: 0.06 }

/** Nine rooms in which TP 8 is off from TP 4 by 1 to 9 %. */
const measured = Array.from({ length: 9 }, (_, index) => index + 1).flatMap((room) => [
  caseOf(room / 10, { source: `room ${room}`, setup }),
  caseOf(room / 10 + room / 100, { source: `room ${room}`, setup: { ...setup, tensor: 8 } })
])

const logs = (interval: ReturnType<typeof anchoredInterval>) =>
  interval?.bands.map(({ factor }) => Number(Math.log(factor).toFixed(4)))

describe("the interval beside a measured case", () => {
  test("is the spread of pairs that differ alike, whatever both rooms are off by", () => {
    const interval = anchoredInterval(other, [anchor], measured)
    expect(logs(interval)).toEqual([0.05, 0.08, 0.09])
    expect(basisText(interval?.basis)).toMatch(
      /^calibrated by mine; \d measured pairs that differ like it and this, of \d sources, were \d\.\d % off/
    )
  })

  test("moves by what the measured case is still off by, either way", () => {
    // 0.03 more or less than each of 0.01 to 0.09: the 10th of twenty, with two unknown, is 0.06, the 16th 0.1.
    const interval = anchoredInterval(other, [{ ...anchor, error: -0.03 }], measured)
    const both = measured.flatMap((_, at) => (at < 9 ? [(at + 1) / 100 + 0.03, Math.abs((at + 1) / 100 - 0.03)] : []))
    const sorted = both.toSorted((a, b) => a - b)
    expect(logs(interval)).toEqual([sorted[9], sorted[15], sorted[17]].map((score) => Number((score ?? 0).toFixed(4))))
  })

  test("is the machine's own scatter where the case itself was measured", () => {
    const interval = anchoredInterval(half, [anchor, { ...anchor, name: "twice", again: 0.04 }], measured)
    expect(logs(interval)?.at(-1)).toBe(0.04)
    // Normal: 1.2816 of 1.6449 deviations.
    expect(logs(interval)?.[1]).toBeCloseTo((0.04 * 1.2816) / 1.6449, 4)
    expect(basisText(interval?.basis)).toBe("measured here: twice, 0 % off as calibrated")
  })

  test("is of other machines where rates are changed: what was measured is then another, and the spread is wider", () => {
    const imagined = anchoredInterval({ ...half, doublings: 4 }, [anchor], measured)
    const own = anchoredInterval(half, [anchor], measured)
    expect(own?.basis).toMatchObject({ cases: 1 })
    expect(imagined?.basis.cases).toBeGreaterThan(1)
    const level = (interval: typeof own) => interval?.bands.at(-1)?.factor ?? 0
    expect(level(imagined)).toBeGreaterThan(level(own))
  })

  test("is of the quantity, and of the anchor that tells most", () => {
    expect(anchoredInterval({ ...other, quantity: "token" }, [anchor], measured)).toBeUndefined()
    expect(anchoredInterval(other, [], measured)).toBeUndefined()
    const off = anchoredInterval(other, [{ ...anchor, error: 0.5, name: "off" }, anchor], measured)
    expect(off?.basis.anchor).toBe("mine")
  })
})

test("a run with a profile has the interval of what was measured on its machine, and a changed layout another", () =>
  inFolder(async (folder) => {
    const file = write(folder, "small.yaml", small)
    const rangeOf = async (...args: readonly string[]) => {
      const { stdout } = await windtunnel("run", ...args, "--json")
      const { intervals, result } = JSON.parse(stdout)
      const [low, high] = intervals.iterationSeconds["90"]
      return {
        ...intervals.iterationSeconds,
        factor: high / result.iterationSeconds,
        low,
        seconds: result.iterationSeconds
      }
    }
    const raw = await rangeOf(file)
    expect(raw.anchor).toBeUndefined()
    const rows = [1.15, 1.16, 1.14, 1.15].map((over) => `small.yaml,,iterationSeconds,${over * raw.seconds}`)
    write(folder, "mine.csv", `scenario,set,metric,value\n${rows.join("\n")}\n`)
    const profile = join(folder, "my.profile.json")
    await windtunnel("calibrate", "--measurements", join(folder, "mine.csv"), "--out", profile)
    const { anchors, measurements } = JSON.parse(readFileSync(profile, "utf8"))
    expect(anchors).toHaveLength(4)
    const own = await rangeOf(file, "--profile", profile)
    // As the profile has it for the same measured again, about what is still off.
    expect(own.anchor).toMatch(/^small\.yaml: iterationSeconds$/)
    expect(own.factor).toBeLessThan(raw.factor)
    const halves = anchors.map(({ error, again }: Anchor) => Math.abs(error) + again)
    expect(Math.log(own.factor)).toBeCloseTo(Math.min(...halves), 9)
    expect(measurements[0].interval[1]).toBeGreaterThan(measurements[0].calibrated)
    const changed = await rangeOf(file, "--profile", profile, "--set", "training.microBatch=2")
    expect(changed.factor).toBeGreaterThan(own.factor)
    expect(changed.factor).toBeLessThanOrEqual(raw.factor + 1e-9)
    // What is kept of the run holds the measurements too.
    const out = join(folder, "kept")
    const kept = await windtunnel("run", file, "--profile", profile, "--out", out, "--trace", "off")
    expect(kept.stdout).toContain("measured here: small.yaml: iterationSeconds")
    expect((await rangeOf(join(out, "scenario.json"))).factor).toBe(own.factor)
  }))
