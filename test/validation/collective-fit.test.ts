import { describe, expect, test } from "vitest"
import { ncclConstants, planCollective } from "../../src/cluster/index.ts"
import { fitCollectives, measuredCollectives, shippedCollectives } from "../../src/validation/index.ts"

const sweeps = measuredCollectives(await shippedCollectives())
const fits = fitCollectives(sweeps)

describe("the constants of collectives", () => {
  test.each(fits)("of $generation are what the fit to $points lines of nccl-tests puts out", ({ values, shipped }) => {
    for (const [key, value] of Object.entries(values)) expect(value / (shipped[key] ?? 0), key).toBeCloseTo(1, 2)
  })

  test.each(fits)("$generation: from 1 MiB up the median error is below 6 %, nine in ten are within 18 %", (fit) => {
    expect(fit.points).toBeGreaterThan(90)
    expect(fit.median).toBeLessThan(0.06)
    expect(fit.p90).toBeLessThan(0.18)
  })

  test("sweeps of a library with half the ramp and half the base are fitted within 3 %", () => {
    const { ampere } = ncclConstants
    const known = {
      ...ampere,
      rampSeconds: ampere.rampSeconds / 2,
      base: { LL: 6e-6, LL128: 28e-6, Simple: 6e-6 }
    }
    const measured = sweeps
      .filter(({ generation }) => generation === "ampere")
      .map((row) => {
        const group = { ranks: row.ranks, perDomain: row.ranks, domains: 1 }
        return { ...row, seconds: planCollective(row.fabric, row.kind, row.bytes, group, { constants: known }).seconds }
      })
    const [fit] = fitCollectives(measured)
    expect(fit?.shippedLoss).toBeGreaterThan(0.05)
    expect(fit?.loss).toBeLessThan(0.03)
    expect((fit?.values["rampSeconds"] ?? 0) / known.rampSeconds).toBeGreaterThan(0.7)
    expect((fit?.values["rampSeconds"] ?? 0) / known.rampSeconds).toBeLessThan(1.4)
  })
})
