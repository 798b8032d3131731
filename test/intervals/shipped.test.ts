import { describe, expect, test } from "vitest"
import {
  coverageOfIntervals,
  readResiduals,
  shippedResiduals,
  writeResiduals,
  type CoverageGroup
} from "../../src/intervals/index.ts"
import {
  compare,
  compareInference,
  predictServing,
  shippedInference,
  shippedMeasurements,
  simulateScenario
} from "../../src/validation/index.ts"
import { bloom, caseOf } from "./cases.ts"

const residuals = await shippedResiduals()
const coverage = coverageOfIntervals(residuals)

const at = ({ covered }: CoverageGroup, level: number) => covered.find((one) => one.level === level)

describe("intervals of the shipped residuals", () => {
  test("at 90 % hold 85 to 95 of 100 measured values of sources that had no part in them", () => {
    expect(coverage.all.cases).toBeGreaterThan(2500)
    expect(coverage.all.sources).toBeGreaterThan(30)
    expect(at(coverage.all, 0.9)?.share).toBeGreaterThan(0.85)
    expect(at(coverage.all, 0.9)?.share).toBeLessThan(0.95)
    // Sources of a single odd row weigh as much as those of hundreds.
    expect(at(coverage.all, 0.9)?.ofSources).toBeGreaterThan(0.8)
  })

  test("hold of every quantity what they say, within a few of 100", () => {
    expect(coverage.groups.map(({ name }) => name)).toContain("training iteration, mixture")
    for (const group of coverage.groups) {
      expect(at(group, 0.9)?.share, group.name).toBeGreaterThan(0.84)
      expect(at(group, 0.9)?.share, group.name).toBeLessThan(0.98)
    }
    expect(at(coverage.all, 0.5)?.share).toBeGreaterThan(0.45)
    expect(at(coverage.all, 0.8)?.share).toBeGreaterThan(0.75)
  })

  test("are no wider than they need: 90 % of a dense training is predicted to some fifth, of a server's throughput to a third", () => {
    const widthOf = (name: string): number =>
      at(coverage.groups.find((one) => one.name === name) ?? coverage.all, 0.9)?.medianWidth ?? Infinity
    expect(widthOf("training iteration, dense")).toBeLessThan(0.21)
    expect(widthOf("throughput of a server, dense")).toBeLessThan(0.33)
    expect(at(coverage.all, 0.9)?.medianWidth).toBeLessThan(0.33)
  })

  test("belong to this version: predictions made anew differ by less than one in a hundred", async () => {
    const points = new Map((await shippedMeasurements()).map((point) => [point.id, point]))
    const training = residuals.filter(({ quantity }) => quantity === "iteration")
    const sample = training.filter((_, index) => index % 60 === 0)
    expect(sample.length).toBeGreaterThan(10)
    for (const one of sample) {
      const point = points.get(one.id)
      const row = point === undefined ? undefined : compare(point, simulateScenario)[0]
      expect((row?.predicted ?? 0) / one.predicted, `${one.id}: windtunnel validate --write-residuals`).toBeCloseTo(
        1,
        2
      )
    }
  })

  test("belong to this version where a batch is served as well", async () => {
    const entries = new Map((await shippedInference()).map((entry) => [entry.id, entry]))
    const sample = residuals.filter(({ load }) => load === "static").filter((_, index) => index % 60 === 0)
    expect(sample.length).toBeGreaterThan(10)
    for (const one of sample) {
      const entry = entries.get(one.id)
      const rows = entry === undefined ? [] : compareInference(entry, predictServing)
      const row = rows.find(({ metric }) => metric === one.metric)
      expect((row?.predicted ?? 0) / one.predicted, `${one.id}: windtunnel validate --write-residuals`).toBeCloseTo(
        1,
        2
      )
    }
  })
})

test("residuals are read as they were written", () => {
  const written = [caseOf(0.25), caseOf(-0.5, { quantity: "token", load: "closed", stack: "vllm-v1", isMixture: true })]
  const read = readResiduals(JSON.parse(writeResiduals(written, "0.1.0")))
  expect(read).toEqual(written.map((one) => ({ ...one, predicted: Number(one.predicted.toPrecision(5)) })))
  const unknown = [caseOf(0.1, { accelerator: { ...bloom.accelerator, name: "sold out" } })]
  expect(readResiduals(JSON.parse(writeResiduals(unknown, "0.1.0")))).toEqual([])
})
