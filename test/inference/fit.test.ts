import { expect, test } from "vitest"
import { allConstants, withConstants } from "../../src/catalog/index.ts"
import {
  calibratedServingConstants,
  calibrateServing,
  freeServingConstants,
  shippedInference,
  staticCasesOf,
  staticSeconds
} from "../../src/validation/index.ts"

const bloom = (await shippedInference()).filter((entry) => entry.group === "hf-bloom-scripts")

test("static batches: BLOOM's 31 measured times within 4 % at the median and 10 % at nine of ten", () => {
  const errors = staticCasesOf(bloom)
    .map((measured) => Math.abs(staticSeconds(measured, measured.target()) / measured.seconds - 1))
    .toSorted((a, b) => a - b)
  expect(errors).toHaveLength(31)
  expect(errors[15]).toBeLessThan(0.04)
  expect(errors[27]).toBeLessThan(0.1)
})

test("a fit finds its way back from constants that are off, and leaves alone what nothing informs", () => {
  const key = "serving.accelerate-int8@2022.linearSeconds"
  const { constants, before, after, leftOut } = withConstants({ [key]: 3e-3 }, () =>
    calibrateServing({ measurements: bloom, iterations: 6 })
  )
  const found = constants.find((one) => one.key === key)
  // 0.6 ms a linear layer by hand: 286 ms less 115 ms of reading, over 280 layers.
  expect(found?.value).toBeGreaterThan(0.45e-3)
  expect(found?.value).toBeLessThan(0.7e-3)
  expect(after).toBeLessThan(before)
  expect(after).toBeLessThan(0.03)
  expect(leftOut.map(({ source }) => source)).toEqual(["hf-bloom-scripts"])
  const elsewhere = constants.find((one) => one.key === "apple.inference.gemm.bf16")
  expect(elsewhere?.points).toBe(0)
  const written = calibratedServingConstants(constants, "the test")
  expect(written[key]).toMatchObject({ origin: "fitted", source: "windtunnel calibrate, the test" })
  const shipped = allConstants().find((one) => one.key === "apple.inference.gemm.bf16")?.constant
  expect(written["apple.inference.gemm.bf16"]).toEqual(shipped)
})

test("no constant is free in both stages, and every one has its own key", () => {
  const keys = (["static", "served"] as const).flatMap((stage) => freeServingConstants(stage).map((one) => one.key))
  expect(new Set(keys).size).toBe(keys.length)
})

test("at most five constants are free for a stack at a version", () => {
  const counts = new Map<string, number>()
  for (const { key } of (["static", "served"] as const).flatMap((stage) => freeServingConstants(stage))) {
    const stack = /^serving\.(.+)\.\w+$/.exec(key)?.[1]
    if (stack !== undefined) counts.set(stack, (counts.get(stack) ?? 0) + 1)
  }
  expect(counts.size).toBeGreaterThan(15)
  expect(Math.max(...counts.values())).toBe(5)
})
