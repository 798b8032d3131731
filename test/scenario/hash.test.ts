import { expect, test } from "vitest"
import { hashScenario, hashText } from "../../src/scenario/index.ts"

test.each([
  ["", "cbf29ce484222325"],
  ["a", "af63dc4c8601ec8c"],
  ["foobar", "85944171f73967e8"]
])("FNV-1a of %j is the published value", (text, hash) => {
  expect(hashText(text)).toBe(hash)
})

test("the order of fields and fields left undefined do not matter", () => {
  expect(hashScenario({ a: 1, b: { c: [2], d: undefined } })).toBe(hashScenario({ b: { c: [2] }, a: 1 }))
})

test("the order of a list matters", () => {
  expect(hashScenario([1, 2])).not.toBe(hashScenario([2, 1]))
})
