import { describe, expect, test } from "vitest"
import { basisText, predictionInterval, type PredictionInterval, type Residual } from "../../src/intervals/index.ts"
import { bloom, caseOf } from "./cases.ts"

/** log of the factor at a level. */
const halfWidth = (interval: PredictionInterval | undefined, level: number): number =>
  Math.log(interval?.bands.find((band) => band.level === level)?.factor ?? Number.NaN)

const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((hundredths) => caseOf(hundredths / 100))

describe("a prediction interval", () => {
  test("of nine cases alike is their 5th, 8th and 9th score: the scenario itself counts as the tenth", () => {
    const interval = predictionInterval(bloom, nine)
    expect([0.5, 0.8, 0.9].map((level) => halfWidth(interval, level).toFixed(6))).toEqual([
      "0.050000",
      "0.080000",
      "0.090000"
    ])
  })

  test("does not ask whether the predictions were too fast or too slow", () => {
    const signed = nine.map((one, index) => ({ ...one, leftOut: index % 2 === 0 ? one.leftOut : -one.leftOut }))
    expect(predictionInterval(bloom, signed)).toEqual(predictionInterval(bloom, nine))
  })

  test("says nothing at a level for which there are too few cases, and nothing at all without any", () => {
    // 80 % of four is 3.2: the third of three cases is not enough.
    expect(predictionInterval(bloom, nine.slice(0, 3))?.bands.map(({ level }) => level)).toEqual([0.5])
    expect(predictionInterval(bloom, [])).toBeUndefined()
    expect(predictionInterval({ ...bloom, quantity: "first" }, nine)).toBeUndefined()
  })

  test("lets a large source count as two cases: a thousand rows that agree do not outvote nine sources", () => {
    const table = Array.from({ length: 1000 }, (_, row) => caseOf(0.001, { id: `row ${row}`, source: "one table" }))
    // Weight 2 + 9, and 1 for the scenario: half of 12 is reached by the 4th of the nine.
    expect(halfWidth(predictionInterval(bloom, [...table, ...nine]), 0.5)).toBeCloseTo(0.04)
  })

  test("weighs a case less the less it is like the scenario", () => {
    const far = [0.5, 0.51, 0.52].map((error) => caseOf(error, { isMixture: true }))
    const near = predictionInterval(bloom, [...nine, ...far])
    const mixture = predictionInterval({ ...bloom, isMixture: true }, [...nine, ...far])
    expect(halfWidth(near, 0.8)).toBeLessThan(0.1)
    expect(halfWidth(mixture, 0.8)).toBeGreaterThan(0.4)
  })

  test("far from every case is wider with every step, and says so", () => {
    const doublings = (steps: number): PredictionInterval | undefined =>
      predictionInterval({ ...bloom, parameters: 176e9 * 2 ** steps }, nine)
    expect(doublings(8)?.basis).toMatchObject({ nearest: 2, isFar: false })
    expect(halfWidth(doublings(8), 0.5)).toBeCloseTo(0.05)
    // 12 doublings are 3 steps, one beyond those that were tried: a quarter more.
    expect(doublings(12)?.basis).toMatchObject({ nearest: 3, isFar: true })
    expect(halfWidth(doublings(12), 0.5)).toBeCloseTo(0.05 * 1.25)
    expect(halfWidth(doublings(16), 0.5)).toBeCloseTo(0.05 * 1.5)
  })

  test("on a machine of changed rates is wider by a sixteenth a doubling, and says so", () => {
    const imagined = (doublings: number): PredictionInterval | undefined =>
      predictionInterval({ ...bloom, doublings }, nine)
    expect(imagined(0)).toEqual(predictionInterval(bloom, nine))
    expect(imagined(1)?.basis).toMatchObject({ isFar: true, isImagined: true })
    expect(halfWidth(imagined(1), 0.5)).toBeCloseTo(0.05 * 1.0625)
    expect(halfWidth(imagined(4), 0.9)).toBeCloseTo(0.09 * 1.25)
    expect(basisText(imagined(4)?.basis)).toContain("none on a machine of such rates, so intervals are widened")
  })

  test("on an accelerator that nobody measured is wider by a quarter", () => {
    const unknown = { ...bloom, accelerator: { name: "new", efficiencyClass: "new", generation: "new" } }
    const interval = predictionInterval(unknown, nine)
    expect(interval?.basis.isFar).toBe(true)
    expect(halfWidth(interval, 0.9)).toBeCloseTo(0.09 * 1.25)
  })

  test("has wider bands at higher levels, whatever the cases", () => {
    const odd: readonly Residual[] = [
      caseOf(2, { isMixture: true }),
      ...nine.slice(0, 4),
      caseOf(1, { parameters: 1e6 })
    ]
    for (const count of [2, 3, 4, 5, 6]) {
      const factors = predictionInterval(bloom, odd.slice(0, count))?.bands.map(({ factor }) => factor) ?? []
      expect([...factors].sort((one, other) => one - other)).toEqual(factors)
    }
  })

  test("ignores servers near their limit", () => {
    const server = { ...bloom, quantity: "token", load: "closed" } as const
    const open = [1, 2, 3].map((error) => caseOf(error, { ...server, load: "open" }))
    expect(predictionInterval(server, open)).toBeUndefined()
  })
})
