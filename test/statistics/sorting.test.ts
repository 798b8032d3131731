import { describe, expect, test } from "vitest"
import { randomStream, type RandomStream } from "../../src/random/index.ts"
import { quantileOfRuns, quantileOfSorted, sortNumbers } from "../../src/statistics/index.ts"

const shapes: Readonly<Record<string, (draw: RandomStream) => number>> = {
  uniform: (draw) => draw(),
  "heavy-tailed": (draw) => (1 - draw()) ** -3,
  "mostly zero": (draw) => (draw() < 0.9 ? 0 : draw()),
  negative: (draw) => draw() - 1e6,
  "of few values": (draw) => Math.floor(draw() * 3),
  "of one value": () => 7,
  "with infinities": (draw) => (draw() < 0.01 ? Infinity : draw())
}

describe.each(Object.entries(shapes))("numbers %s", (name, shape) => {
  test.each([0, 1, 2, 255, 256, 257, 10_000])("are sorted, %i of them", (count) => {
    const draw = randomStream(count, name)
    const values = Float64Array.from({ length: count }, () => shape(draw))
    const sorted = values.slice().sort()
    sortNumbers(values, new Float64Array(count))
    expect(values).toEqual(sorted)
  })

  test("have the quantiles of all runs, or some, as if they were merged", () => {
    const draw = randomStream(9, name)
    const values = Float64Array.from({ length: 1000 }, () => shape(draw))
    const bounds = Float64Array.of(0, 1, 1, 400, 640, 1000)
    for (let run = 0; run < 5; run++) values.subarray(bounds[run], bounds[run + 1]).sort()
    for (const [first, last] of [
      [0, 5],
      [0, 1],
      [1, 3],
      [2, 5]
    ] as const) {
      const merged = values.slice(bounds[first], bounds[last]).sort()
      for (const share of [0, 0.25, 0.5, 0.99, 1])
        expect(quantileOfRuns(values, bounds, first, last, share)).toBe(quantileOfSorted(merged, share))
    }
    expect(quantileOfRuns(values, bounds, 1, 2, 0.5)).toBeNaN()
  })
})
