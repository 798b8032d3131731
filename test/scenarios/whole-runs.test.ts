/** Whole runs against what was published of them. */
import { beforeAll, describe, expect, test } from "vitest"
import { simulateWholeRun, type WholeRun } from "../../src/training/index.ts"
import { runScenario } from "./run-scenario.ts"

const files = [
  "whole-run/bloom-176b.yaml",
  "whole-run/opt-175b.yaml",
  "whole-run/mpt-30b.yaml",
  "whole-run/llama-3-405b.yaml",
  "whole-run/llama-3-405b-54-days.yaml"
] as const
const found = new Map<string, WholeRun>()

beforeAll(async () => {
  for (const file of files) {
    const { resolved, result } = await runScenario(file)
    const { settings } = resolved.job.run ?? {}
    if (settings === undefined) throw new Error(`${file} has no run`)
    const whole = simulateWholeRun(resolved.job, result, { ...settings, runs: Math.min(settings.runs, 100) })
    if ("_tag" in whole) throw new Error(`${file}: ${JSON.stringify(whole)}`)
    found.set(file, whole)
  }
})

const of = (file: (typeof files)[number]): WholeRun => {
  const whole = found.get(file)
  if (whole === undefined) throw new Error(file)
  return whole
}

const days = ({ seconds }: WholeRun): number => seconds.mean / 86_400

/** Distance from what was published, as a share of it. */
const error = (predicted: number, published: number): number => Math.abs(predicted / published - 1)

describe("BLOOM, 11 March to 6 July 2022", () => {
  test("took 117 days, 1,082,990 GPU-hours and 433 MWh as its GPUs are rated", () => {
    const bloom = of("whole-run/bloom-176b.yaml")
    expect(error(days(bloom), 117)).toBeLessThan(0.03)
    expect(error(bloom.acceleratorHours.mean, 1_082_990)).toBeLessThan(0.03)
    expect(error(bloom.ratedKilowattHours, 433_196)).toBeLessThan(0.03)
    // With nodes, network and idling 690 MWh.
    expect(error(bloom.kilowattHours.mean, 689_842)).toBeLessThan(0.1)
  })

  test("ended with the checkpoint of step 95,000, lost a GPU a week, and saved every three hours", () => {
    const bloom = of("whole-run/bloom-176b.yaml")
    expect(error(bloom.steps, 95_000)).toBeLessThan(0.003)
    expect(error(bloom.interruptions.byComponent.gpu, days(bloom) / 7)).toBeLessThan(0.15)
    expect(error(bloom.checkpoint?.intervalSeconds ?? 0, 3 * 3600)).toBeLessThan(0.03)
  })
})

describe("Llama 3.1 405B", () => {
  test("had 466 interruptions in 54 days, 419 of them unplanned, and trained for more than 90 % of the time", () => {
    const llama = of("whole-run/llama-3-405b-54-days.yaml")
    expect(error(days(llama), 54)).toBeLessThan(0.03)
    expect(error(llama.interruptions.total.mean, 466)).toBeLessThan(0.03)
    expect(error(llama.interruptions.unplanned.mean, 419)).toBeLessThan(0.03)
    expect(llama.interruptions.planned).toBeGreaterThan(45)
    expect(llama.interruptions.planned).toBeLessThan(49)
    expect(llama.goodput.mean).toBeGreaterThan(0.9)
    // 54 days over 419: a failure every 3.1 hours.
    expect(error(llama.failureSeconds ?? 0, 3.09 * 3600)).toBeLessThan(0.01)
  })

  test("took 30.84 million GPU-hours for 15.6T tokens", () => {
    const whole = of("whole-run/llama-3-405b.yaml")
    expect(error(whole.acceleratorHours.mean, 30.84e6)).toBeLessThan(0.12)
    expect(whole.segments.map(({ sequenceLength }) => sequenceLength)).toEqual([4096, 8192, 131_072])
  })
})

test("OPT-175B took 56 days instead of 33, with about 90 restarts", () => {
  const opt = of("whole-run/opt-175b.yaml")
  expect(error(days(opt), 56)).toBeLessThan(0.08)
  expect(error(opt.interruptions.total.mean, 90)).toBeLessThan(0.15)
  expect(opt.goodput.mean).toBeLessThan(0.7)
})

test("MPT-30B took 28.3 days on 512 A100 and 871,000 dollars", () => {
  const mpt = of("whole-run/mpt-30b.yaml")
  expect(error(days(mpt), 28.3)).toBeLessThan(0.05)
  expect(error(mpt.cost?.mean ?? 0, 871_000)).toBeLessThan(0.05)
})

test("none was given up, each adds up, and each fits in memory", () => {
  for (const file of files) {
    const { unfinished, breakdown, seconds, segments } = of(file)
    expect(unfinished).toBe(0)
    const total = Object.values(breakdown).reduce((sum, part) => sum + part, 0)
    expect(error(total, seconds.mean)).toBeLessThan(1e-9)
    expect(segments.every(({ fits }) => fits)).toBe(true)
  }
})
