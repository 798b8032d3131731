import { readFileSync } from "node:fs"
import { beforeAll, describe, expect, test } from "vitest"
import { allConstants } from "../../src/catalog/index.ts"
import { median, quantile, spearman } from "../../src/statistics/index.ts"
import {
  freeConstants,
  isOfServing,
  reportMarkdown,
  runValidation,
  shippedMeasurements,
  simulateScenario,
  type ErrorRow,
  type ValidationReport
} from "../../src/validation/index.ts"

let report: ValidationReport

beforeAll(async () => {
  report = runValidation(await shippedMeasurements(), simulateScenario)
})

const speeds = (): readonly ErrorRow[] => report.points.filter((row) => row.timeError !== null && row.trust <= 2)
const absolute = (rows: readonly ErrorRow[]): readonly number[] => rows.map((row) => Math.abs(row.error ?? Number.NaN))
const families = (rows: readonly ErrorRow[]): readonly string[] => [...new Set(rows.map((row) => row.family))]

describe("published measurements", () => {
  test("at least 85 % of the trusted points are compared", () => {
    expect(report.summary.trusted.covered / report.summary.trusted.points).toBeGreaterThan(0.85)
  })

  test("dense models: median error at most 3.5 %, nine in ten within 12 %", () => {
    const errors = absolute(speeds().filter((row) => row.kind === "dense"))
    expect(errors.length).toBeGreaterThan(500)
    expect(median(errors)).toBeLessThan(0.035)
    expect(quantile(errors, 0.9)).toBeLessThan(0.12)
  })

  test("mixtures of experts: median error at most 9 %, nine in ten within 30 %", () => {
    const errors = absolute(speeds().filter((row) => row.kind === "mixture"))
    expect(errors.length).toBeGreaterThan(140)
    expect(median(errors)).toBeLessThan(0.09)
    expect(quantile(errors, 0.9)).toBeLessThan(0.3)
  })

  test("every source with five dense points or more: median error at most 10 %", () => {
    const dense = speeds().filter((row) => row.kind === "dense")
    const medians = families(dense)
      .map((family) => ({ family, errors: absolute(dense.filter((row) => row.family === family)) }))
      .filter(({ errors }) => errors.length >= 5)
      .map(({ family, errors }) => ({ family, median: median(errors) }))
    expect(medians.length).toBeGreaterThan(10)
    expect(medians.filter((source) => source.median > 0.1)).toEqual([])
  })

  test("BLOOM's design study: median error at most 4 %, nine in ten within 9 %, ranks agree", () => {
    const study = speeds().filter((row) => row.family === "bigscience-prequel")
    expect(median(absolute(study))).toBeLessThan(0.04)
    expect(quantile(absolute(study), 0.9)).toBeLessThan(0.09)
    const same = study.filter((row) => row.accelerators === 384 && row.metric === "secondsPerIteration")
    expect(same.length).toBe(96)
    const bySeconds = (rows: readonly ErrorRow[]): number =>
      spearman(
        rows.map((row) => row.measured ?? Number.NaN),
        rows.map((row) => row.predicted ?? Number.NaN)
      )
    expect(bySeconds(same)).toBeGreaterThan(0.9)
    // By TFLOP/s as printed: without the one run that the chronicle itself calls an outlier, and with it.
    expect(same.filter((row) => row.isOutlier === true).map(({ id }) => id)).toEqual([
      "bloom-prequel-02-25-n48-h14336-LNone-a64-tp8pp6dp8-mb4-gbs1568"
    ])
    expect(report.summary.bloomRankCorrelation).toBeGreaterThan(0.9)
    expect(report.summary.bloomRankCorrelationOfAll).toBeGreaterThan(0.885)
  })

  test("peak memory: median error at most 6 %; five of the six runs that went out of memory are foreseen", () => {
    expect(report.summary.memory.points).toBeGreaterThan(120)
    expect(report.summary.memory.median).toBeLessThan(0.06)
    expect(report.summary.outOfMemory).toEqual({ points: 6, predicted: 5 })
  })

  test("docs/accuracy.md begins with what validate writes of training today", () => {
    const page = readFileSync(new URL("../../docs/accuracy.md", import.meta.url), "utf8")
    const own = reportMarkdown(report)
    // The serving part, if any, follows.
    expect(page.slice(0, own.length)).toBe(own)
  })
})

describe("the constants", () => {
  const fitted = allConstants().filter(({ key, constant }) => constant.origin === "fitted" && !isOfServing(key))

  test("at most 60 are fitted, at most four to a stack, at most six to an accelerator and number format", () => {
    expect(fitted.length).toBeLessThanOrEqual(60)
    const counts = new Map<string, number>()
    for (const { key } of fitted) {
      const [owner = "", name = ""] = key.split(".")
      const group = owner === "stack" ? `stack.${name}` : owner
      counts.set(group, (counts.get(group) ?? 0) + 1)
    }
    for (const [group, count] of counts) {
      if (group.startsWith("stack.")) expect(count, group).toBeLessThanOrEqual(4)
    }
    for (const owner of ["a100", "h100", "b200", "l40s"]) {
      const own = fitted.filter(({ key }) => key.startsWith(`${owner}.`) && !key.includes(".gemm."))
      // With the sustained share of one number format.
      expect(own.length + 1, owner).toBeLessThanOrEqual(6)
    }
  })

  test("each has an interval around its value, points and a residual", () => {
    for (const { key, constant } of fitted) {
      expect(constant.interval?.[0], key).toBeLessThanOrEqual(constant.value * 1.001)
      expect(constant.interval?.[1], key).toBeGreaterThanOrEqual(constant.value * 0.999)
      expect(constant.points, key).toBeGreaterThan(0)
      expect(constant.residual, key).toBeGreaterThan(0)
    }
  })

  test("what training calibrates is in the catalogue", () => {
    const keys = new Set(fitted.map(({ key }) => key))
    expect(freeConstants().filter(({ key }) => !keys.has(key))).toEqual([])
  })
})
