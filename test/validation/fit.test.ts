import { describe, expect, test } from "vitest"
import { fit, solve, type FitPoint, type FreeConstant } from "../../src/validation/fit.ts"

const constants: readonly FreeConstant[] = [
  { key: "slope", initial: 1, scale: "positive", prior: 10 },
  { key: "hidden", initial: 0.5, scale: "share", prior: 10 }
]
const truth = { slope: 3, hidden: 0.2 }
const points: readonly FitPoint[] = Array.from({ length: 40 }, (_, index) => ({
  id: `point ${index}`,
  group: `source ${index % 5}`,
  dependsOn: () => true
}))
/** seconds = slope * x + (1 - hidden) * y */
const seconds = (index: number, slope: number, hidden: number): number =>
  slope * (1 + (index % 7)) + (1 - hidden) * (1 + (index % 11))
const options = { iterations: 30, robustScale: 0.05 }

describe("the fit", () => {
  test("finds the constants that made the data", () => {
    const { constants: fitted } = fit(
      constants,
      points,
      (index, { slope = 0, hidden = 0 }) =>
        Math.log(seconds(index, slope, hidden) / seconds(index, truth.slope, truth.hidden)),
      options
    )
    expect(fitted[0]?.value).toBeCloseTo(3, 3)
    expect(fitted[1]?.value).toBeCloseTo(0.2, 2)
  })

  test("shrugs off one measurement in eight that is twice too slow", () => {
    const { constants: fitted } = fit(
      constants,
      points,
      (index, { slope = 0, hidden = 0 }) =>
        Math.log(seconds(index, slope, hidden) / (seconds(index, 3, 0.2) * (index % 8 === 0 ? 2 : 1))),
      options
    )
    expect(fitted[0]?.value).toBeGreaterThan(2.9)
    expect(fitted[0]?.value).toBeLessThan(3.15)
  })

  test("a constant that no point feels stays at the centre of its prior", () => {
    const { constants: fitted } = fit(
      [{ key: "unfelt", initial: 2, centre: 1.5, scale: "positive", prior: 0.1 }],
      points.map((point) => ({ ...point, dependsOn: () => false })),
      () => 0.01,
      options
    )
    expect(fitted[0]?.value).toBeCloseTo(1.5, 2)
    expect(fitted[0]?.points).toBe(0)
  })

  test("solves 2x + y = 5, x + 3y = 10", () => {
    const [x, y] = solve([Float64Array.of(2, 1), Float64Array.of(1, 3)], Float64Array.of(5, 10))
    expect(x).toBeCloseTo(1, 12)
    expect(y).toBeCloseTo(3, 12)
  })
})
