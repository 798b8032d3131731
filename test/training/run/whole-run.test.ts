import { describe, expect, test } from "vitest"
import { isImpossible, simulateTraining, simulateWholeRun, type WholeRun } from "../../../src/training/index.ts"
import { checkpointBytes, copySeconds } from "../../../src/training/run/checkpoint-cost.ts"
import { switchCount, unitsOf } from "../../../src/training/run/components.ts"
import { jobOf, type Written } from "../jobs.ts"
import { sumOf } from "./plans.ts"

/** A job on eight A100 with a run of 1.6384B tokens: 100,000 steps of 16,384 tokens unless the test says otherwise. */
const wholeRunOf = (
  run: Readonly<Record<string, unknown>>,
  written: Written = {}
): WholeRun & { readonly step: number } => {
  const job = jobOf({ ...written, training: { ...written.training, run: { tokens: "1.6384B", ...run } } })
  const iteration = simulateTraining(job)
  if (isImpossible(iteration) || job.run?.settings === undefined) throw new Error("cannot run")
  const whole = simulateWholeRun(job, iteration, job.run.settings)
  if ("_tag" in whole) throw new Error(JSON.stringify(whole))
  return { ...whole, step: iteration.iterationSeconds }
}

/** Ten million steps: ten days of work. */
const busy = {
  tokens: "163.84B",
  failures: { gpu: { mtbf: "200 h" }, host: { mtbf: "500 h", shape: 0.7 }, software: { mtbf: "50 h" } },
  detection: "2 min",
  checkpoint: { interval: "30 min", save: "20 s" },
  restart: { scheduler: "3 min", initialisation: "2 min" },
  spares: { nodes: 0, repair: "2 h", swap: "1 min" },
  stops: [{ every: "20 h", lasting: "30 min" }],
  runs: 60
}
const prices = {
  perAcceleratorHour: 2,
  perKilowattHour: 0.1,
  powerUsageEffectiveness: 1.2,
  gramsPerKilowattHour: 57
}

describe("a whole run", () => {
  test("in which nothing happens is steps times the iteration, exactly", () => {
    const whole = wholeRunOf({})
    expect(whole.steps).toBe(100_000)
    expect(whole.seconds.mean).toBe(100_000 * whole.step)
    expect(whole.goodput).toEqual({ mean: 1, p5: 1, p50: 1, p95: 1 })
    expect(whole.checkpoint).toBeNull()
    expect(whole.acceleratorHours.mean).toBeCloseTo((8 * 100_000 * whole.step) / 3600, 6)
    expect(whole.unfinished).toBe(0)
    expect(whole.failureSeconds).toBeNull()
  })

  test("has parts that add up to its calendar, and a spread over its runs", () => {
    const whole = wholeRunOf(busy, { price: prices })
    expect(whole.runs).toBe(60)
    expect(Math.abs(sumOf(whole.breakdown) / whole.seconds.mean - 1)).toBeLessThan(1e-9)
    expect(whole.seconds.p5).toBeLessThan(whole.seconds.p50)
    expect(whole.seconds.p50).toBeLessThan(whole.seconds.p95)
    // 8 / 200 + 1 / 500 + 1 / 50 failures an hour.
    expect(whole.failureSeconds).toBeCloseTo(3600 / 0.062, 6)
    expect(whole.interruptions.byComponent.hbm).toBe(0)
    expect(sumOf(whole.interruptions.byComponent)).toBeCloseTo(whole.interruptions.unplanned.mean, 9)
    expect(whole.interruptions.total.mean).toBeCloseTo(
      whole.interruptions.unplanned.mean + whole.interruptions.planned,
      9
    )
  })

  test("costs its accelerators by the hour and its energy by the kilowatt hour", () => {
    const whole = wholeRunOf(busy, { price: prices })
    expect(whole.cost?.mean).toBeCloseTo(2 * whole.acceleratorHours.mean + 0.1 * whole.kilowattHours.mean, 6)
    expect(whole.gramsCarbon?.mean).toBeCloseTo(57 * whole.kilowattHours.mean, 6)
    // 8 x 400 W for as long as the run takes.
    expect(whole.ratedKilowattHours).toBeCloseTo((3.2 * whole.seconds.mean) / 3600, 6)
    expect(wholeRunOf(busy).cost).toBeNull()
  })

  test("is the same again, and another one with another seed", () => {
    expect(wholeRunOf(busy)).toEqual(wholeRunOf(busy))
    expect(wholeRunOf(busy, { seed: 2 }).seconds.mean).not.toBe(wholeRunOf(busy).seconds.mean)
  })

  test("saved as often as is best is no longer than with any other interval", () => {
    const best = wholeRunOf({ ...busy, checkpoint: { save: "20 s" } })
    for (const interval of ["2 min", "2 h", "10 h"])
      expect(best.seconds.mean).toBeLessThan(
        wholeRunOf({ ...busy, checkpoint: { interval, save: "20 s" } }).seconds.mean
      )
    const advice = best.checkpoint?.advice
    expect(best.checkpoint?.intervalSeconds).toBeGreaterThan(0.5 * (advice?.daly ?? 0))
    expect(best.checkpoint?.intervalSeconds).toBeLessThan(2 * (advice?.daly ?? 0))
  })

  test("with a ramp and stages simulates each batch and length", () => {
    const whole = wholeRunOf({
      batchRamp: { from: 8, increment: 8, samples: 6400 },
      stages: [{ tokens: "500M", globalBatch: 32, sequenceLength: 1024 }, { globalBatch: 64 }]
    })
    expect(whole.segments.map(({ globalBatch, sequenceLength }) => [globalBatch, sequenceLength])).toEqual([
      [8, 1024],
      [16, 1024],
      [24, 1024],
      [32, 1024],
      [64, 2048]
    ])
    const [least, , , , most] = whole.segments.map(({ stepSeconds }) => stepSeconds)
    const single = (globalBatch: number, sequenceLength: number): number => {
      const outcome = simulateTraining(jobOf({ training: { globalBatch, sequenceLength } }))
      return isImpossible(outcome) ? Number.NaN : outcome.iterationSeconds
    }
    expect(least).toBe(single(8, 1024))
    expect(most).toBe(single(64, 2048))
    const ideal = whole.segments.reduce((sum, { steps, stepSeconds }) => sum + steps * stepSeconds, 0)
    expect(whole.seconds.mean / ideal).toBeCloseTo(1, 12)
    const tokens = whole.segments.reduce((sum, { steps, tokensPerStep }) => sum + steps * tokensPerStep, 0)
    expect(tokens).toBeGreaterThanOrEqual(1.6384e9)
    expect(tokens).toBeLessThan(1.6384e9 + 64 * 2048)
  })

  test("of many batches simulates sixteen, and the others lie between them", () => {
    const whole = wholeRunOf(
      { batchRamp: { from: 8, increment: 8, samples: 500_000 } },
      { training: { globalBatch: 800 } }
    )
    expect(whole.segments.length).toBe(100)
    for (const { globalBatch, stepSeconds } of whole.segments.filter((_, index) => index % 9 === 4)) {
      const outcome = simulateTraining(jobOf({ training: { globalBatch } }))
      if (isImpossible(outcome)) throw new Error("impossible")
      expect(Math.abs(stepSeconds / outcome.iterationSeconds - 1)).toBeLessThan(1e-3)
    }
  })

  test("that gets nowhere says so", () => {
    const whole = wholeRunOf({ failures: { gpu: { mtbf: "8 s" } }, restart: "1 h", checkpoint: { save: "1 s" } })
    expect(whole.unfinished).toBe(3)
    expect(whole.runs).toBe(3)
    expect(Math.abs(sumOf(whole.breakdown) / whole.seconds.mean - 1)).toBeLessThan(1e-9)
  })
})

describe("what is derived", () => {
  test("a checkpoint of BLOOM weighs 14 bytes a parameter: 2.47 TB", () => {
    const bloom = jobOf({
      cluster: { system: "jean-zay-a100", nodes: 48 },
      model: "bloom-176b",
      training: {
        parallelism: { tensor: 4, pipeline: 12, data: 8 },
        microBatch: 2,
        globalBatch: 2048,
        zeroStage: 1,
        stack: "megatron-deepspeed"
      }
    })
    expect(checkpointBytes(bloom)).toBeCloseTo(176_247_271_424 * 14, -8)
    // Sharded over 384 GPUs: 6.4 GB each over PCIe 4.
    const seconds = copySeconds(bloom, checkpointBytes(bloom))
    expect(seconds).toBeGreaterThan(0.2)
    expect(seconds).toBeLessThan(0.4)
    expect(copySeconds({ ...bloom, sharding: { ...bloom.sharding, zeroStage: 0 } }, 48e9 * 1)).toBeCloseTo(
      8 * copySeconds(bloom, 48e9),
      9
    )
  })

  test("Llama 3's cluster: 16,384 GPUs and NICs, 2,048 hosts, 512 leaves and 256 spines", () => {
    const { fabric } = jobOf({
      cluster: { system: "meta-llama3", accelerators: 16_384 },
      training: { globalBatch: 16_384 }
    })
    expect(unitsOf("gpu", 16_384, fabric)).toBe(16_384)
    expect(unitsOf("nic", 16_384, fabric)).toBe(16_384)
    expect(unitsOf("host", 16_384, fabric)).toBe(2048)
    expect(unitsOf("switch", 16_384, fabric)).toBe(768)
    expect(unitsOf("software", 16_384, fabric)).toBe(1)
  })

  test("one machine has no switch, four with eight NICs one", () => {
    const { fabric } = jobOf({ cluster: { system: "dgx-a100", nodes: 4 }, training: { globalBatch: 32 } })
    expect(switchCount({ ...fabric, nodes: 1 })).toBe(0)
    expect(switchCount({ ...fabric, nodes: 4 })).toBe(1)
    expect(switchCount({ network: null, nodes: 8 })).toBe(0)
  })
})
