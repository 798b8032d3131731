import { describe, expect, test } from "vitest"
import { coverageOfPairs, measuredPairs, pairSpread, repeatNoise, shippedResiduals } from "../../src/intervals/index.ts"
import { bloom, caseOf } from "./cases.ts"

const setup = { tensor: 4, pipeline: 12, zero: "ZeRO-1" }
const half = { ...bloom, setup, model: "BLOOM-176B" }
const other = { ...half, setup: { ...setup, tensor: 8 } }

/** Nine machine rooms with errors of their own, up to 80 %, in which TP 8 is off from TP 4 by 1 to 9 %. */
const rooms = Array.from({ length: 9 }, (_, index) => index + 1)
const measured = rooms.flatMap((room) => [
  caseOf(room / 10, { source: `room ${room}`, setup }),
  caseOf(room / 10 + room / 100, { source: `room ${room}`, setup: { ...setup, tensor: 8 } })
])
const pairs = measuredPairs(measured, "iteration")

describe("the spread of ratios", () => {
  test("is of pairs in one room: what a room is off by cancels", () => {
    expect([...pairs.scores].map((score) => Number(score.toFixed(4)))).toEqual(rooms.map((room) => room / 100))
    // Nine pairs that are alike, and the one unknown: 5, 8 and 9 of ten.
    const bands = pairSpread(half, other, pairs)?.bands.map(({ factor }) => Math.log(factor))
    expect(bands).toEqual([0.05, 0.08, 0.09].map((score) => expect.closeTo(score, 10)))
  })

  test("says how likely the first is better: one half and half of those that are off by less", () => {
    const spread = pairSpread(half, other, pairs)
    expect(spread?.chance(1)).toBe(0.5)
    expect(spread?.chance(Math.exp(0.055))).toBeCloseTo(0.5 + 0.25, 12)
    expect(spread?.chance(10)).toBeCloseTo(0.95, 12)
    // Whichever is given first.
    expect(pairSpread(other, half, pairs)?.chance(Math.exp(0.055))).toBeCloseTo(0.75, 12)
  })

  test("says the same where a rule reads both errors, and more where they don't cancel", () => {
    const spread = pairSpread(half, other, pairs)
    const chance = spread?.chanceWhere((one, two) => (two - one > -0.055 ? 1 : 0))
    expect(chance).toBeCloseTo(spread?.chance(Math.exp(0.055)) ?? 0, 12)
    // The first fails where its own error is above 0.5, as four rooms' are whichever layout it is, and one's larger half is.
    expect(spread?.chanceWhere((one) => (one > 0.5001 ? 0 : 1))).toBeCloseTo((4.5 + 0.5) / 10, 12)
  })

  test("counts pairs that differ alike the more", () => {
    const far = rooms.flatMap((room) => [
      caseOf(0.01 * room, { source: `far ${room}`, setup: { ...setup, recompute: "none" } }),
      caseOf(0.5 + 0.01 * room, {
        source: `far ${room}`,
        setup: { ...setup, recompute: "full", zero: "ZeRO-3", pipeline: 96 }
      })
    ])
    const both = measuredPairs([...measured, ...far], "iteration")
    expect(both.scores).toHaveLength(18)
    const like = pairSpread(half, other, both)?.bands[1]?.factor ?? 0
    const unlike =
      pairSpread(
        { ...half, setup: { ...setup, recompute: "none" } },
        { ...half, setup: { ...setup, recompute: "full", zero: "ZeRO-3", pipeline: 96 } },
        both
      )?.bands[1]?.factor ?? 0
    expect(Math.log(like)).toBeLessThan(0.1)
    expect(Math.log(unlike)).toBeCloseTo(0.5, 6)
  })

  test("is of a source no more than of two: a hundred pairs of one room do not outvote eight rooms", () => {
    const many = Array.from({ length: 40 }, (_, index) => caseOf(index % 2, { source: "room 1", setup }))
    const flooded = measuredPairs([...measured.slice(2), ...many], "iteration")
    expect(flooded.scores.length).toBe(8 + 780)
    // Half of the pairs of room 1 are off by a factor of e; they are two of eleven.
    expect(Math.log(pairSpread(half, { ...half }, flooded)?.bands[0]?.factor ?? 0)).toBeLessThan(0.1)
  })

  test("pairs nothing across rooms, software or quantities", () => {
    const apart = [
      caseOf(0, { source: "one", setup }),
      caseOf(0, { source: "two", setup }),
      caseOf(0, { source: "one", setup, stack: "megatron-core" }),
      caseOf(0, { source: "one", setup, quantity: "token" }),
      caseOf(0, { source: "one" })
    ]
    expect(measuredPairs(apart, "iteration").scores).toHaveLength(0)
    expect(pairSpread(half, other, measuredPairs(apart, "iteration"))).toBeUndefined()
  })
})

test("repeated measurements differ by the median of their rooms' medians", () => {
  const twice = [0.1, 0.2, 0.9].flatMap((noise) => [
    caseOf(0, { source: `at ${noise}`, setup }),
    caseOf(noise, { source: `at ${noise}`, setup })
  ])
  expect(repeatNoise(twice)).toEqual({ score: 0.2, pairs: 3, sources: 3 })
  expect(repeatNoise(measured)).toBeUndefined()
})

describe("pairs of the shipped measurements", async () => {
  const { shared, covered, order, differing } = coverageOfPairs(await shippedResiduals())

  test("are off by less the more they share", () => {
    const spreads = shared.map(({ spreads }) => spreads.find(({ level }) => level === 0.8)?.error ?? Infinity)
    expect(shared.map(({ name }) => name)).toEqual([
      "nothing in common",
      "one accelerator",
      "and software",
      "and machine room",
      "and model",
      "and work: layouts"
    ])
    expect(spreads).toEqual(spreads.toSorted((a, b) => b - a))
    expect(spreads.at(-1)).toBeLessThan(0.1)
    expect(spreads[0]).toBeGreaterThan(0.15)
  })

  test("lie inside their spreads as often as is said, the spreads made of other sources", () => {
    const layouts = covered.find(({ name }) => name === "layouts of a training")
    const share = (level: number): number => layouts?.covered.find((one) => one.level === level)?.share ?? 0
    expect(layouts?.cases).toBeGreaterThan(200)
    expect(share(0.5)).toBeGreaterThan(0.45)
    expect(share(0.8)).toBeGreaterThan(0.75)
    expect(share(0.9)).toBeGreaterThan(0.85)
    expect(share(0.9)).toBeLessThan(0.97)
    for (const { name, covered: levels } of covered)
      expect(levels.find(({ level }) => level === 0.9)?.share, name).toBeGreaterThan(0.8)
  })

  test("come in the order that was predicted as often as was stated", () => {
    const pairsOf = order.reduce((sum, one) => sum + one.pairs, 0)
    const mean = (of: (one: (typeof order)[number]) => number): number =>
      order.reduce((sum, one) => sum + one.pairs * of(one), 0) / pairsOf
    expect(pairsOf).toBeGreaterThan(60)
    expect(Math.abs(mean(({ right }) => right) - mean(({ stated }) => stated))).toBeLessThan(0.1)
    const last = order.at(-1)
    expect([last?.from, (last?.right ?? 0) > 0.9]).toEqual([0.9, true])
  })

  test("differ in every size that a plan chooses", () => {
    const counted = differing.filter(({ pairs: count }) => count > 0).map(({ name }) => name)
    expect(counted).toEqual(expect.arrayContaining(["tensor", "pipeline", "microBatch", "zero", "accelerators"]))
  })
})
