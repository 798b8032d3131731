import { expect, test } from "vitest"
import {
  bubbleMarkdown,
  bubbleRows,
  compare,
  shippedMeasurements,
  simulateScenario
} from "../../src/validation/index.ts"

const rows = bubbleRows()

test("every published bubble rate is met within 0.4 points, and all but the interleaved ones within 0.01", () => {
  expect(rows).toHaveLength(30)
  for (const row of rows)
    expect(Math.abs(row.rate - row.publishedRate), row.id).toBeLessThan(row.published === "1F1B-I" ? 0.004 : 0.0001)
})

test("the table has every schedule of the paper", () => {
  expect([...new Set(rows.map((row) => row.published))].sort()).toEqual([
    "1F1B",
    "1F1B-I",
    "ZB-1p",
    "ZB-2p",
    "ZB-H1",
    "ZB-H2"
  ])
  expect(bubbleMarkdown(rows).at(-1)).toBe("| GPT-28.3B | 32 | 256 | ZB-H1 | 5.94 | 5.94 | +0.00 | 32.0 |  |")
})

test("schedules hold what they promise: p, but 2p under ZB-2p and 2p - 1 under ZB-H2", () => {
  const limits: Readonly<Record<string, (stages: number) => number>> = {
    "1F1B": (stages) => stages,
    "ZB-H1": (stages) => stages,
    "ZB-1p": (stages) => stages,
    "ZB-H2": (stages) => 2 * stages - 1,
    "ZB-2p": (stages) => 2 * stages
  }
  for (const row of rows)
    expect(row.inFlight, row.id).toBeLessThanOrEqual(limits[row.published]?.(row.stages) ?? Infinity)
})

test("simulated memory puts a model's schedules in the order in which it was measured", async () => {
  const points = (await shippedMeasurements()).filter(
    (point) => point.id.startsWith("zb-") && typeof point.measured?.memory_gb === "number"
  )
  const simulated = points.flatMap((point) => {
    const row = compare(point, simulateScenario).find(({ metric }) => metric === "memoryBytes")
    return [{ point, measured: row?.measured ?? Number.NaN, predicted: row?.predicted ?? Number.NaN }]
  })
  expect(simulated).toHaveLength(21)
  let pairs = 0
  for (const one of simulated)
    for (const other of simulated) {
      if (one.point.model?.name !== other.point.model?.name || one.measured >= other.measured) continue
      pairs++
      expect(one.predicted, `${one.point.id} under ${other.point.id}`).toBeLessThan(other.predicted)
    }
  expect(pairs).toBeGreaterThan(20)
})
