import { describe, expect, test } from "vitest"
import { adviseInterval } from "../../../src/training/run/checkpoint-interval.ts"
import { dalyInterval, dalyRunSeconds, youngInterval } from "../../../src/training/run/young-daly.ts"
import { mean } from "../../../src/statistics/index.ts"
import { failing, planOf, playMany, restarting, saving, stepsOf, sumOf } from "./plans.ts"

describe("the closed forms", () => {
  test("Young: checkpoints of 1 min and a failure a day ask for one every 53.7 min", () => {
    expect(youngInterval(60, 86_400) / 60).toBeCloseTo(Math.sqrt(2 * 1440), 10)
    expect(youngInterval(60, 86_400) / 60).toBeCloseTo(53.67, 2)
  })

  test("Daly corrects by sqrt(d / 2M) / 3 + d / 18M, less the checkpoint itself", () => {
    // d = 200, M = 10,000: d / 2M = 0.01, so 2,000 (1 + 0.1 / 3 + 0.01 / 9) - 200.
    expect(dalyInterval(200, 10_000)).toBeCloseTo(2000 * (1 + 0.1 / 3 + 0.01 / 9) - 200, 9)
    expect(dalyInterval(200, 10_000)).toBeCloseTo(1868.889, 3)
  })

  test("checkpoints longer than two failures apart are best taken once a failure", () => {
    expect(dalyInterval(2000, 1000)).toBe(1000)
    expect(dalyInterval(5000, 1000)).toBe(1000)
  })

  test("a run takes its work and its checkpoints where failures are rare", () => {
    expect(dalyRunSeconds(1e6, 1000, 50, 600, 1e15)).toBeCloseTo(1.05e6, 0)
  })
})

/** Exponential failures, saves that stop the work, restarts of one length: what Daly's equation is exact for. */
const cases = [
  { failureSeconds: 20_000, pause: 60, restart: 600, steps: 100 },
  { failureSeconds: 5000, pause: 20, restart: 300, steps: 50 },
  { failureSeconds: 3000, pause: 100, restart: 1000, steps: 80 },
  { failureSeconds: 100_000, pause: 5, restart: 60, steps: 20 }
]

describe("the simulation", () => {
  test.each(cases)("agrees with Daly's run time within 1 %: %o", ({ failureSeconds, pause, restart, steps }) => {
    const plan = planOf({
      checkpoint: saving(pause),
      restart: restarting(restart),
      failures: [failing(failureSeconds)]
    })
    const simulated = mean(playMany(plan, steps, 1500).map(({ seconds }) => seconds))
    const closed = dalyRunSeconds(100_000, steps * 10, pause, restart, failureSeconds)
    expect(Math.abs(simulated / closed - 1)).toBeLessThan(0.01)
  })

  test("finds an interval with which the run takes within 0.5 % of what Daly's takes", () => {
    for (const { failureSeconds, pause, restart } of cases) {
      const plan = planOf({
        segments: [stepsOf(100_000, 1)],
        checkpoint: saving(pause),
        restart: restarting(restart),
        failures: [failing(failureSeconds)]
      })
      const advice = adviseInterval(plan, (seconds) => playMany(plan, Math.round(seconds), 150))
      if (advice === null || advice.daly === null) throw new Error("no advice")
      expect(advice.daly).toBeCloseTo(dalyInterval(pause, failureSeconds), 9)
      expect(advice.young).toBeCloseTo(youngInterval(pause, failureSeconds), 9)
      const secondsWith = (interval: number) => dalyRunSeconds(100_000, interval, pause, restart, failureSeconds)
      expect(secondsWith(advice.intervalSeconds) / secondsWith(advice.daly)).toBeLessThan(1.005)
      expect(advice.tried.length).toBe(9)
      expect(advice.runSeconds).toBe(Math.min(...advice.tried.map(({ runSeconds }) => runSeconds)))
    }
  })

  test("has no advice where nothing fails or nothing is saved", () => {
    const play = () => [] as const
    expect(adviseInterval(planOf({ checkpoint: saving(60) }), play)).toBeNull()
    expect(adviseInterval(planOf({ failures: [failing(1000)] }), play)).toBeNull()
  })

  test("loses half an interval a failure where checkpoints are free and restarts instant", () => {
    const plan = planOf({ checkpoint: saving(0), failures: [failing(50_000)] })
    const runs = playMany(plan, 100, 2000)
    const failures = mean(runs.map(({ interruptions }) => sumOf(interruptions)))
    const lost = mean(runs.map(({ parts }) => parts.lost))
    expect(lost / failures).toBeGreaterThan(0.48 * 1000)
    expect(lost / failures).toBeLessThan(0.52 * 1000)
  })
})
