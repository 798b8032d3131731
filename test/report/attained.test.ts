import { expect, test } from "vitest"
import { attainedText } from "../../src/report/attained.ts"
import { figure } from "../../src/report/show.ts"
import type { Ranged } from "../../src/intervals/index.ts"

test.each([
  [1, "100 %"],
  [0.9991, "99.9 %"],
  [0.9904, "99.0 %"],
  [0.99, "99 %"],
  // Three figures of these would say 99.0 % of what has to be 99 %.
  [0.989_72, "98.97 %"],
  [0.989_96, "98.996 %"],
  [0.989_999, "98.9999 %"],
  [0.9894, "98.9 %"],
  [0.5, "50 %"]
])("%d of the requests within the goals are %s", (share, said) => {
  expect(attainedText(share)).toBe(said)
})

test("an interval says a long unit once, and a short one twice", () => {
  const ranged = { value: 100, ranges: [{ level: 0.9, low: 50, high: 200 }], basis: undefined } as unknown as Ranged
  const said = (unit: string, show: (value: number) => string) =>
    figure("x", 100, { unit, show }, undefined, ranged).interval
  expect(said("tokens/s", (value) => `${value} tokens/s`)).toBe("90 %: 50 to 200 tokens/s")
  expect(said("requests/s", (value) => `${value}/s`)).toBe("90 %: 50 to 200/s")
  expect(said("s", (value) => `${value} s`)).toBe("90 %: 50 s to 200 s")
})
