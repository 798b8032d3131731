import { describe, expect, test } from "vitest"
import { imbalanceOf, placeExperts, powerLaw, reachedOn } from "../../src/inference/expert-placement.ts"
import { randomStream } from "../../src/random/index.ts"

const experts = { count: 8, active: 2, feedForward: 1, sharedFeedForward: 0, denseLayers: 0 }
const shares = (popularity: readonly number[], redundant: number, ranks: number): readonly number[] =>
  placeExperts({ popularity, redundant }, ranks).map(({ share }) => share)

describe("experts on ranks", () => {
  test("lie in the order of their numbers where there are no copies", () => {
    expect(shares([0.5, 0.25, 0.125, 0.125], 0, 2)).toEqual([0.75, 0.25])
  })

  test("a copy halves the load of the busiest, and copies go to the least loaded rank", () => {
    // Expert 0 in three copies: 1/4, 1/6, 1/6 | 1/6, 1/8, 1/8; heaviest first: 1/4 | 1/6 1/6, 1/6 |, | 1/8, 1/8 |.
    expect(shares([0.5, 0.25, 0.125, 0.125], 2, 2)).toEqual([
      expect.closeTo(1 / 4 + 1 / 6 + 1 / 8, 12),
      expect.closeTo(1 / 6 + 1 / 6 + 1 / 8, 12)
    ])
  })

  test("an even mixture is even whatever the copies", () => {
    expect(imbalanceOf(placeExperts({ popularity: powerLaw(8, 0), redundant: 0 }, 4))).toBeCloseTo(1, 12)
    expect(imbalanceOf(placeExperts({ popularity: powerLaw(8, 0), redundant: 8 }, 4))).toBeCloseTo(1, 12)
  })

  test("an even mixture is reached as one draws without looking: count (1 - (1 - active/count)^tokens)", () => {
    const [rank] = placeExperts({ popularity: powerLaw(8, 0), redundant: 0 }, 1)
    expect(reachedOn(rank!, experts, 3)).toBeCloseTo(8 * (1 - 0.75 ** 3), 12)
  })

  test("of 200 mixtures drawn by lot no load is lost, every copy has its place, and copies even out what is uneven", () => {
    const random = randomStream(7, "experts")
    for (let round = 0; round < 200; round++) {
      const ranks = 2 ** (1 + Math.floor(random() * 4))
      const count = ranks * (1 + Math.floor(random() * 4))
      const loads = Array.from({ length: count }, () => random() ** 3)
      const sum = loads.reduce((total, load) => total + load, 0)
      const popularity = loads.map((load) => load / sum)
      const plain = placeExperts({ popularity, redundant: 0 }, ranks)
      const copied = placeExperts({ popularity, redundant: ranks }, ranks)
      for (const placed of [plain, copied])
        expect(placed.reduce((total, { share }) => total + share, 0)).toBeCloseTo(1, 9)
      expect(copied.every(({ copies }) => copies.length === (count + ranks) / ranks)).toBe(true)
      if (imbalanceOf(plain) > 1.4) expect(imbalanceOf(copied)).toBeLessThan(imbalanceOf(plain))
    }
  })

  test("a power law deals its busiest experts out: DeepSeek's 256 on 32 ranks, exponent 0.5", () => {
    const popularity = powerLaw(256, 0.5)
    const plain = imbalanceOf(placeExperts({ popularity, redundant: 0 }, 32))
    const balanced = imbalanceOf(placeExperts({ popularity, redundant: 32 }, 32))
    expect(plain).toBeGreaterThan(1.3)
    expect(balanced).toBeLessThan(1.02)
  })
})
