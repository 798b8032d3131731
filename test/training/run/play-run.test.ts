import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { mean } from "../../../src/statistics/index.ts"
import { failureClock } from "../../../src/training/run/failure-clock.ts"
import type { FailureLaw, RunPlan } from "../../../src/training/run/types.ts"
import { day, failing, hour, planOf, play, playMany, restarting, saving, stepsOf, sumOf } from "./plans.ts"

/** When the first run's failures of a component come. */
const failureTimes = (law: FailureLaw, count: number, index = 0): readonly number[] => {
  const clock = failureClock(law, randomStream(1, `whole run ${index}: failures of ${law.component}`))
  return Array.from({ length: count }, () => clock())
}

describe("without failures a run takes", () => {
  test("its steps, exactly", () => {
    const run = play(planOf())
    expect(run.seconds).toBe(100_000)
    expect(run.parts).toMatchObject({ productive: 100_000, slowed: 0, lost: 0, checkpoint: 0, restart: 0 })
    expect(run.joules).toBe(100_000 * 1000 + 100_000 * 10)
  })

  test("the steps of all segments", () => {
    expect(play(planOf({ segments: [stepsOf(7, 3), stepsOf(1, 100), stepsOf(5, 0.5)] })).seconds).toBe(123.5)
  })

  test("and a pause for each checkpoint, the last one at the end", () => {
    expect(play(planOf({ checkpoint: saving(60) }), 100).seconds).toBe(100_000 + 100 * 60)
    expect(play(planOf({ checkpoint: saving(60) }), 300).seconds).toBe(100_000 + 34 * 60)
  })

  test("and what checkpoints wait for uploads, the last one to its end", () => {
    // Steps of 1,000 s between checkpoints, uploads of 1,200 s: each further checkpoint waits 200 s.
    expect(play(planOf({ checkpoint: saving(5, 1200) }), 100).seconds).toBe(100_000 + 100 * 5 + 99 * 200 + 1200)
    expect(play(planOf({ checkpoint: saving(5, 900) }), 100).seconds).toBe(100_000 + 100 * 5 + 900)
  })
})

describe("a failure", () => {
  const law = failing(60_000, { detectionSeconds: 30 })
  const plan = planOf({ checkpoint: saving(50), restart: restarting(600), failures: [law] })
  const [first = 0, second = 0] = failureTimes(law, 2)

  test("falls back to the last checkpoint: by hand, from the time of the first failure", () => {
    // Checkpoints every 100 steps: periods of 1,050 s.
    expect(second).toBeGreaterThan(first)
    const periods = Math.floor(first / 1050)
    const done = periods * 1000
    const lost = Math.min(first - periods * 1050, 1000)
    const limited = play({ ...plan, failures: [law] }, 100, { mostSeconds: first + 630 + 0.001 })
    expect(limited.isFinished).toBe(false)
    expect(limited.parts.productive).toBe(done)
    expect(limited.parts.lost).toBeCloseTo(lost + 0.001, 3)
    expect(limited.parts.detection).toBeCloseTo(30, 9)
    expect(limited.parts.restart).toBeCloseTo(600, 6)
  })

  test("before the upload has ended falls back to the checkpoint before", () => {
    const asynchronous = { ...plan, checkpoint: saving(0, 900) }
    // A run whose first failure comes 500 to 900 s after a checkpoint was copied.
    const [index, at] = Array.from({ length: 50 }, (_, run) => [run, failureTimes(law, 1, run)[0]!] as const).find(
      ([, time]) => time > 2000 && time < 90_000 && time % 1000 > 500 && time % 1000 < 900
    )!
    const before = play(asynchronous, 100, { index, mostSeconds: at + 10 })
    expect(before.parts.productive).toBe(Math.floor(at / 10) * 10)
    const fallen = play(asynchronous, 100, { index, mostSeconds: at + 31 })
    expect(fallen.parts.productive).toBe((Math.floor(at / 1000) - 1) * 1000)
  })

  test("without checkpoints starts the run again", () => {
    const run = play({ ...plan, checkpoint: null }, Infinity, { mostSeconds: first + 631 })
    expect(run.parts.productive).toBe(0)
    expect(run.parts.lost).toBeCloseTo(first + 1, 6)
  })

  test("that hangs is noticed after the time-out", () => {
    const hanging = { ...law, hangShare: 1, hangSeconds: 1800 }
    const run = play({ ...plan, failures: [hanging] }, 100, { mostSeconds: first + 1800 })
    expect(run.parts.detection).toBeCloseTo(1800, 6)
  })

  test("during a restart begins it again", () => {
    const often = planOf({ checkpoint: saving(0), restart: restarting(1e6), failures: [failing(5000)] })
    const run = play(often, 100, { mostSeconds: 50_000 })
    expect(run.isFinished).toBe(false)
    expect(sumOf(run.interruptions)).toBeGreaterThan(3)
    expect(run.parts.restart).toBeCloseTo(50_000 - failureTimes(failing(5000), 1)[0]!, 6)
  })
})

describe("nodes", () => {
  const law = failing(30_000, { nodesLost: 1, repairSeconds: 5000 })
  const base = planOf({ checkpoint: saving(0), restart: restarting(100), failures: [law] })
  const [first = 0] = failureTimes(law, 1)

  test("are swapped for spare ones", () => {
    const run = play({ ...base, spares: { nodes: 1, swapSeconds: 77 } }, 100, { mostSeconds: first + 200 })
    expect(run.parts).toMatchObject({ waiting: 0, swap: expect.closeTo(77, 6), restart: expect.closeTo(100, 6) })
  })

  test("are waited for where none is spare", () => {
    const run = play({ ...base, spares: { nodes: 0, swapSeconds: 77 } }, 100, { mostSeconds: first + 4000 })
    expect(run.parts).toMatchObject({ waiting: expect.closeTo(4000, 6), swap: 0, restart: 0 })
    const later = play({ ...base, spares: { nodes: 0, swapSeconds: 77 } }, 100, { mostSeconds: first + 5177 })
    expect(later.parts).toMatchObject({
      waiting: expect.closeTo(5000, 6),
      swap: expect.closeTo(77, 6),
      restart: expect.closeTo(100, 6)
    })
  })

  test("that are missing cost one replica in ten, and steps a ninth more, until they are back", () => {
    const elastic = { leastReplicas: 5, reconfigureSeconds: 20, stateFrom: "replicas" } as const
    const run = play({ ...base, spares: { nodes: 0, swapSeconds: 0 }, elastic }, 100, { mostSeconds: first + 5000 })
    // A replica of ten nodes lacks one. The others keep what they have done; the step in progress is lost.
    expect(run.parts.waiting).toBe(0)
    expect(run.parts.restart).toBeCloseTo(20, 6)
    const steps = Math.floor(4980 / (10 / 0.9))
    expect(run.parts.slowed).toBeCloseTo(steps * (10 / 0.9 - 10), 6)
    expect(run.parts.productive).toBe(Math.floor(first / 10) * 10 + steps * 10)
    expect(run.parts.lost).toBeLessThan(10 + 10 / 0.9)
  })

  test("come back to an elastic job at the end of a step, for another reconfiguration", () => {
    const elastic = { leastReplicas: 5, reconfigureSeconds: 20, stateFrom: "replicas" } as const
    const once = { ...base, failures: [{ ...law, meanSeconds: law.meanSeconds }] }
    const second = failureTimes(law, 2)[1]!
    const until = Math.min(second, first + 9000)
    expect(until - first).toBeGreaterThan(5100)
    const run = play({ ...once, spares: { nodes: 0, swapSeconds: 0 }, elastic }, 100, { mostSeconds: until })
    expect(run.parts.restart).toBeCloseTo(40, 6)
    const slowSteps = Math.ceil(4980 / (10 / 0.9))
    expect(run.parts.slowed).toBeCloseTo(slowSteps * (10 / 0.9 - 10), 6)
  })

  test("fewer than an elastic job needs are waited for", () => {
    const elastic = { leastReplicas: 10, reconfigureSeconds: 20, stateFrom: "replicas" } as const
    const run = play({ ...base, spares: { nodes: 0, swapSeconds: 0 }, elastic }, 100, { mostSeconds: first + 3000 })
    expect(run.parts.waiting).toBeCloseTo(3000, 6)
  })
})

describe("what is planned", () => {
  test("waits for the end of the step, saves, stops, and starts again", () => {
    const plan = planOf({
      checkpoint: saving(60),
      restart: restarting(600),
      stops: [{ atSeconds: 12_345, lastingSeconds: 7200 }]
    })
    const run = play(plan, 10_000)
    // The end of step 1,235, one save then and one at the end.
    expect(run.seconds).toBe(100_000 + 60 + 7200 + 600 + 60)
    expect(run.parts).toMatchObject({ planned: 7200, lost: 0, checkpoint: 120, restart: 600 })
    expect(run.planned).toBe(1)
  })

  test("comes again and again", () => {
    const plan = planOf({ checkpoint: saving(0), stops: [{ everySeconds: day, lastingSeconds: hour }] })
    const run = play({ ...plan, segments: [stepsOf(86_400, 10)] }, 1000)
    // Ten days of work take ten stops: the tenth comes nine hours before the end.
    expect(run.planned).toBe(10)
    expect(run.seconds).toBeCloseTo(10 * day + 10 * hour, 6)
  })

  test("a slow node slows all steps until it is found and replaced", () => {
    const slowNodes = { meanSeconds: 5e6, nodes: 100, slowdown: 1.05, foundSeconds: 10_000, repairSeconds: 0 }
    const plan = planOf({ checkpoint: saving(0), restart: restarting(300), slowNodes })
    const at = failureClock({ units: 100, meanSeconds: 5e6, shape: 1 }, randomStream(1, "whole run 0: slow nodes"))
    const [first, second] = [at(), at()]
    expect(first + 11_000).toBeLessThan(100_000)
    const run = play(plan, 100, { mostSeconds: Math.min(second, first + 12_000) })
    // About 10,000 s of steps of 10.5 s: a 21st of it more than without.
    expect(run.slowNodes).toBe(1)
    expect(run.parts.slowed).toBeGreaterThan(10_000 / 21 - 1)
    expect(run.parts.slowed).toBeLessThan(10_000 / 21 + 1)
    expect(run.parts.restart).toBeCloseTo(300, 6)
    expect(run.parts.lost).toBeLessThan(10.5)
  })
})

/** Everything at once, drawn by lot. */
const plansByLot = (count: number): readonly (readonly [RunPlan, number])[] => {
  const draw = randomStream(11, "plans")
  const upTo = (most: number): number => Math.floor(draw() * most)
  const perhaps = <T>(value: T): T | null => (draw() < 0.5 ? value : null)
  return Array.from({ length: count }, () => [
    planOf({
      segments: Array.from({ length: 1 + upTo(4) }, () => stepsOf(1 + upTo(5000), 0.5 + draw() * 20)),
      checkpoint: perhaps(0) === null ? saving(upTo(60), upTo(2) * upTo(3000)) : saving(0),
      restart: restarting(upTo(1000)),
      failures: [
        failing(5000 + upTo(50_000), { nodesLost: upTo(3), repairSeconds: upTo(20_000), detectionSeconds: upTo(500) }),
        failing(1e6 * draw() + 2e4, {
          component: "host",
          units: 3,
          shape: 0.5 + 2 * draw(),
          hangShare: draw(),
          hangSeconds: 900
        })
      ],
      spares: perhaps({ nodes: upTo(3), swapSeconds: upTo(200) }),
      elastic: perhaps({
        leastReplicas: 5,
        reconfigureSeconds: upTo(200),
        stateFrom: draw() < 0.5 ? "replicas" : "checkpoint"
      } as const),
      stops: draw() < 0.5 ? [{ everySeconds: 20_000 + upTo(50_000), lastingSeconds: upTo(5000) }] : [],
      slowNodes: perhaps({
        meanSeconds: 5e5 + upTo(1e7),
        nodes: 100,
        slowdown: 1 + draw(),
        foundSeconds: upTo(20_000),
        repairSeconds: upTo(5000)
      })
    }),
    1 + upTo(500)
  ])
}

describe("whatever happens", () => {
  test("the parts add up to the calendar, none is negative, and every step stands once", () => {
    for (const [plan, every] of plansByLot(150)) {
      const run = play(plan, every)
      expect(run.isFinished).toBe(true)
      expect(Math.abs(sumOf(run.parts) / run.seconds - 1)).toBeLessThan(1e-9)
      expect(Math.min(...Object.values(run.parts))).toBeGreaterThanOrEqual(-1e-6)
      const work = plan.segments.reduce((sum, { steps, stepSeconds }) => sum + steps * stepSeconds, 0)
      expect(Math.abs(run.parts.productive / work - 1)).toBeLessThan(1e-9)
      expect(run.joules).toBeGreaterThan(0)
    }
  })

  test("the same seed gives the same run, another run another one", () => {
    for (const [plan, every] of plansByLot(20)) {
      expect(play(plan, every)).toEqual(play(plan, every))
      expect(play(plan, every, { index: 1 }).seconds).not.toBe(play(plan, every, { index: 2 }).seconds)
    }
  })

  test("a component more leaves the failures of the others where they were", () => {
    const gpu = failing(40_000)
    const one = planOf({ checkpoint: saving(0), failures: [gpu] })
    // The other component never fails within the run, so nothing may change.
    const two = { ...one, failures: [failing(1e15, { component: "software" }), gpu] }
    expect(play(two, 100)).toEqual(play(one, 100))
  })

  test("a run that gets nowhere is given up", () => {
    const plan = planOf({ checkpoint: saving(0), restart: restarting(1000), failures: [failing(1)] })
    const run = play(plan, 100, { mostEvents: 1000 })
    expect(run.isFinished).toBe(false)
    expect(Math.abs(sumOf(run.parts) / run.seconds - 1)).toBeLessThan(1e-9)
  })
})

describe("on average a run is longer", () => {
  const base = planOf({
    checkpoint: saving(30),
    restart: restarting(300),
    failures: [failing(20_000, { nodesLost: 1, repairSeconds: 8000, detectionSeconds: 60 })],
    spares: { nodes: 1, swapSeconds: 60 }
  })
  const meanSeconds = (changes: Partial<RunPlan>, every = 100): number =>
    mean(playMany({ ...base, ...changes }, every, 300).map(({ seconds }) => seconds))
  const usual = meanSeconds({})

  test.each<[string, Partial<RunPlan>]>([
    ["the more often something fails", { failures: [{ ...base.failures[0]!, meanSeconds: 15_000 }] }],
    ["the later it is noticed", { failures: [{ ...base.failures[0]!, detectionSeconds: 600 }] }],
    ["the longer a repair takes", { failures: [{ ...base.failures[0]!, repairSeconds: 16_000 }] }],
    ["the longer a restart takes", { restart: restarting(900) }],
    ["the longer a save takes", { checkpoint: saving(60) }],
    ["the fewer nodes stand by", { spares: { nodes: 0, swapSeconds: 60 } }],
    ["the longer a swap takes", { spares: { nodes: 1, swapSeconds: 600 } }],
    ["the more is planned", { stops: [{ everySeconds: 30_000, lastingSeconds: 600 }] }]
  ])("%s", (_, changes) => {
    expect(meanSeconds(changes)).toBeGreaterThan(usual * 1.002)
  })

  test("and shorter if it goes on without the missing replica", () => {
    const waiting = meanSeconds({ spares: { nodes: 0, swapSeconds: 60 } })
    const elastic = { leastReplicas: 8, reconfigureSeconds: 60, stateFrom: "replicas" } as const
    expect(meanSeconds({ spares: { nodes: 0, swapSeconds: 60 }, elastic })).toBeLessThan(waiting * 0.95)
  })
})
