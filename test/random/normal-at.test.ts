import { expect, test } from "vitest"
import { normalAt } from "../../src/random/index.ts"

const numbers = (first: readonly number[], second: readonly number[]): readonly number[] => {
  const normal = normalAt(7, "test")
  return first.flatMap((one) => second.map((other) => normal(one, other)))
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

test("the number of a place does not depend on when it is asked for", () => {
  const [one, other] = [normalAt(3, "a"), normalAt(3, "a")]
  const late = [other(5, 6), other(1, 2)]
  expect([one(1, 2), one(5, 6)]).toEqual(late.toReversed())
})

test("another seed, name or place gives another number", () => {
  const drawn = [normalAt(3, "a")(1, 2), normalAt(4, "a")(1, 2), normalAt(3, "b")(1, 2), normalAt(3, "a")(2, 1)]
  expect(new Set(drawn).size).toBe(4)
})

test("100,000 numbers have the moments and the tails of a standard normal", () => {
  const drawn = numbers(upTo(1000), upTo(100))
  expect(Math.abs(mean(drawn))).toBeLessThan(0.01)
  expect(Math.abs(mean(drawn.map((value) => value ** 2)) - 1)).toBeLessThan(0.02)
  expect(Math.abs(mean(drawn.map((value) => value ** 3)))).toBeLessThan(0.04)
  expect(Math.abs(mean(drawn.map((value) => value ** 4)) - 3)).toBeLessThan(0.1)
  expect(Math.abs(drawn.filter((value) => value > 1.645).length / drawn.length - 0.05)).toBeLessThan(0.003)
})

test("neighbouring places are not correlated", () => {
  const normal = normalAt(11, "test")
  const products = upTo(20_000).map((index) => [
    normal(index, 5) * normal(index + 1, 5),
    normal(5, index) * normal(5, index + 1),
    // Operations are packed: they differ in high bits.
    normal(index, 256) * normal(index, 512)
  ])
  for (const kind of [0, 1, 2]) expect(Math.abs(mean(products.map((row) => row[kind] ?? 1)))).toBeLessThan(0.03)
})
