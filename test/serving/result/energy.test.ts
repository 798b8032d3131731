import { describe, expect, test } from "vitest"
import { summariseServing } from "../../../src/serving/result/index.ts"
import { servingWatts } from "../../../src/serving/result/energy.ts"
import { makeJob, makeLog } from "./hand.ts"

const alone = { communication: 0, host: 0, bubble: 0 }

describe("watts", () => {
  test("of an idle accelerator are 13 % of its rating", () => {
    expect(servingWatts(700, { busy: 0, modelFlops: 0, memoryBandwidth: 0 }, alone)).toBeCloseTo(91, 9)
  })

  // Decode of Llama-3.1-8B on an H100 of 700 W, measured (ml-energy/leaderboard@0cd52dab). A step at batch B reads 16 GB
  // of weights and B x 1,000 tokens x 131 kB at 80 % of 3.35 TB/s, and does B x 16 GFLOP.
  test.each([
    [8, 486],
    [32, 560],
    [128, 669]
  ])("of decoding Llama-3.1-8B at batch %i are within 10 %% of %i W", (batch, measured) => {
    const seconds = (16e9 + batch * 1000 * 131e3) / (0.8 * 3.35e12)
    const modelFlops = (batch * 16e9) / seconds / 989.4e12
    const watts = servingWatts(700, { busy: 1, modelFlops, memoryBandwidth: 0.8 }, alone)
    expect(Math.abs(watts / measured - 1)).toBeLessThan(0.1)
  })

  test("of half an hour's work in an hour are half-way to idle", () => {
    const working = servingWatts(700, { busy: 1, modelFlops: 0.1, memoryBandwidth: 0.4 }, alone)
    const half = servingWatts(700, { busy: 0.5, modelFlops: 0.05, memoryBandwidth: 0.2 }, alone)
    expect(half).toBeCloseTo((working + 91) / 2, 9)
  })
})

describe("cost", () => {
  const price = {
    perAcceleratorHour: 3,
    perKilowattHour: 0.1,
    powerUsageEffectiveness: 1.2,
    gramsPerKilowattHour: 400
  }
  // An hour, 1,000 tokens in and 500 out, nothing but idle power: 91 W and an eighth of 2,500 W.
  const log = makeLog([{ arrival: 0, scheduled: 0, firstToken: 1, finished: 3600, prompt: 1000, output: 500 }], 3600)
  const { energy, cost } = summariseServing(makeJob({ price }), log)

  test("is rent and electricity at the meter", () => {
    expect(energy.kilowattHours).toBeCloseTo(0.4035 * 1.2, 9)
    expect(energy.gramsCarbon).toBeCloseTo(400 * 0.4842, 6)
    expect(energy.joulesPerOutputToken).toBeCloseTo((403.5 * 3600) / 500, 6)
    expect(cost.total).toBeCloseTo(3.04842, 9)
    expect(cost.perHour).toBeCloseTo(3.04842, 9)
  })

  test("a million tokens is a million times that of one", () => {
    expect(cost.perMillionOutputTokens).toBeCloseTo((3.04842 / 500) * 1e6, 6)
    expect(cost.perMillionTokens).toBeCloseTo((3.04842 / 1500) * 1e6, 6)
    expect(cost.perRequest).toBeCloseTo(3.04842, 9)
  })

  test("is unknown without a price", () => {
    expect(summariseServing(makeJob(), log).cost.total).toBeNull()
    const carbonOnly = makeJob({ price: { powerUsageEffectiveness: 1, gramsPerKilowattHour: 50 } })
    expect(summariseServing(carbonOnly, log).cost.total).toBeNull()
    expect(summariseServing(carbonOnly, log).energy.gramsCarbon).toBeCloseTo(50 * 0.4035, 6)
  })
})
