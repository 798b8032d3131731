import { describe, expect, test } from "vitest"
import type { CollectiveKind } from "../../src/cluster/index.ts"
import { planCollective } from "../../src/cluster/index.ts"
import { shippedCollectives } from "../../src/validation/data/index.ts"
import { a100, b200, h100 } from "./fabrics.ts"

const kinds: Readonly<Record<string, CollectiveKind>> = {
  allReduce: "allReduce",
  allGather: "allGather",
  reduceScatter: "reduceScatter",
  allToAll: "allToAll"
}
const fabrics = { a100, h100, h200: h100, b200 }

const rows = (await shippedCollectives()).rows.map(([accelerator, kind, ranks, bytes, microseconds]) => ({
  accelerator,
  kind,
  ranks,
  bytes,
  seconds: microseconds * 1e-6
}))

const errors = (accelerator: keyof typeof fabrics, from: number, kind?: string): readonly number[] =>
  rows
    .filter((row) => row.accelerator === accelerator && row.bytes >= from && (kind ?? row.kind) === row.kind)
    .map(({ kind, ranks, bytes, seconds }) => {
      const plan = planCollective(fabrics[accelerator], kinds[kind] ?? "broadcast", bytes, {
        ranks,
        perDomain: ranks,
        domains: 1
      })
      return Math.abs(plan.seconds / seconds - 1)
    })
    .sort((a, b) => a - b)

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Infinity

describe.each(["a100", "h100", "h200", "b200"] as const)("nccl-tests on %s, 2 to 8 ranks", (accelerator) => {
  test("from 1 MiB up the median error is below 8 %, and nine of ten rows are within 30 %", () => {
    const sorted = errors(accelerator, 2 ** 20)
    expect(sorted.length).toBeGreaterThanOrEqual(72)
    expect(median(sorted)).toBeLessThan(0.08)
    expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(0.3)
  })

  test.each(["allReduce", "allGather", "reduceScatter", "allToAll"])("%s: the median is below 15 %%", (kind) => {
    expect(median(errors(accelerator, 2 ** 20, kind))).toBeLessThan(0.15)
  })

  test("with 64 and 256 KiB too the median stays below 15 %", () => {
    expect(median(errors(accelerator, 2 ** 16))).toBeLessThan(0.15)
  })
})
