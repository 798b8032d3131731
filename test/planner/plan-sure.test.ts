/** Whether the first layout beats the others, and which measurement would settle it. */
import { describe, expect, test } from "vitest"
import { shippedResiduals } from "../../src/intervals/index.ts"
import {
  cheaperOf,
  comparisonsOf,
  experimentOf,
  isExperiment,
  planTraining,
  requestOf,
  verdictOf,
  type PlannedLayout,
  type SizedFleet,
  type TrainingPlan
} from "../../src/planner/index.ts"
import type { LoadedScenario } from "../../src/scenario/index.ts"
import { isImpossible, simulateTraining } from "../../src/training/index.ts"
import { cases, loadedCase, noFiles } from "./plan-cases.ts"

const residuals = await shippedResiduals()

const planned = (loaded: LoadedScenario): TrainingPlan => {
  const plan = planTraining(loaded, requestOf(loaded.scenario.plan ?? {}), noFiles)
  if (plan._tag !== "TrainingPlan") throw new Error(plan._tag)
  return plan
}

const small = { tensor: [1, 2, 4], pipeline: [1, 2], microBatch: [1, 2], zeroStage: [1], recompute: "none" }

/** Eight nodes, a batch that leaves every replica two micro-batches at the least. */
const wide = {
  cluster: { system: "dgx-h100", nodes: 8 },
  model: cases["a dense model on two nodes"].model,
  training: { globalBatch: 256, sequenceLength: 2048, tokens: 1e10 }
}
const loaded = loadedCase(wide, { space: small, top: 6 })
const plan = planned(loaded)
const [first, ...others] = plan.layouts

const pairOf = (index: number): readonly [PlannedLayout, PlannedLayout] => {
  const other = others[index]
  if (first === undefined || other === undefined) throw new Error("too few layouts")
  return [first, other]
}

describe("comparisons", () => {
  const comparisons = comparisonsOf(plan, residuals)

  test("are of every layout but the first, the surer the more it loses", () => {
    expect(comparisons).toHaveLength(5)
    comparisons.forEach(({ ratio, chance, spread, verdict }, index) => {
      expect(ratio).toBe((others[index]?.value ?? 0) / (first?.value ?? 1))
      expect(chance).toBeGreaterThanOrEqual(0.5)
      expect(chance).toBeLessThan(1)
      expect(spread?.basis.pairs).toBeGreaterThan(100)
      expect(verdict).toBe(verdictOf(chance))
    })
    // By what fewer nodes or another accelerator would be off by, layouts of one model are not.
    expect(comparisons[0]?.spread?.bands.find(({ level }) => level === 0.8)?.factor).toBeLessThan(1.2)
  })

  test("call a layout better from 9 of 10 cases, likely so from 3 of 4, else equal", () => {
    expect([0.5, 0.749, 0.75, 0.899, 0.9, null].map(verdictOf)).toEqual([
      "equal",
      "equal",
      "likely",
      "likely",
      "better",
      "equal"
    ])
  })

  test("are certain where accelerators are counted, and of time where both take as many", () => {
    const few = { ...small, tensor: 2, pipeline: 1, nodes: [2, 4] }
    const counted = planned(loadedCase(wide, { objective: "gpus", space: few, top: 4 }))
    const made = comparisonsOf(counted, residuals)
    const [best] = counted.layouts
    made.forEach(({ verdict, ratio, chance }, index) => {
      const other = counted.layouts[index + 1]
      if (other?.accelerators === best?.accelerators) {
        expect(ratio).toBe((other?.result.iterationSeconds ?? 0) / (best?.result.iterationSeconds ?? 1))
        expect(chance).not.toBeNull()
      } else expect([verdict, ratio, chance]).toEqual(["certain", 2, null])
    })
    expect(made.map(({ verdict }) => verdict)).toContain("certain")
  })

  test("say nothing where nothing was measured", () => {
    expect(comparisonsOf(plan, []).map(({ chance, verdict }) => [chance, verdict])).toEqual(
      others.map(() => [null, "equal"])
    )
  })
})

describe("the measurement that would settle it", () => {
  const ratio = (pairOf(4)[1].value ?? 0) / (first?.value ?? 1)

  test("is of both layouts on as few nodes as show the difference, with the micro-batches of a replica as planned", () => {
    const made = experimentOf(loaded, pairOf(4), ratio, Math.log(ratio) / 2, noFiles)
    if (!isExperiment(made)) throw new Error(made.kind)
    const { runs, reduction, predicted, even, margin, repeats } = made
    expect(reduction).toBeGreaterThan(1)
    expect(repeats).toBe(1)
    runs.forEach(({ resolved: { job, accelerators }, result }, index) => {
      const whole = pairOf(4)[index]
      if (whole === undefined) throw new Error("a pair")
      expect(accelerators).toBe(64 / reduction)
      expect(job.layout).toMatchObject({ tensor: whole.candidate.tensor, pipeline: whole.candidate.pipeline })
      expect(job.layout.data).toBe(whole.candidate.data / reduction)
      expect(job.globalBatch / job.layout.data).toBe(256 / whole.candidate.data)
      expect(job.microBatch).toBe(whole.candidate.microBatch)
      const again = simulateTraining(job)
      expect(isImpossible(again) ? 0 : again.iterationSeconds).toBe(result.iterationSeconds)
    })
    expect(predicted).toBe(runs[1].result.iterationSeconds / runs[0].result.iterationSeconds)
    expect(even).toBeCloseTo(predicted / ratio, 12)
    expect(Math.abs(Math.log(even))).toBeLessThanOrEqual(Math.log(ratio) / 2)
    expect(margin).toBeCloseTo(Math.sqrt(ratio), 12)
    expect(made.acceleratorHours).toBeCloseTo(
      (runs.reduce((sum, { result }) => sum + result.iterationSeconds, 0) *
        ((64 / reduction) * (made.warmUp + made.counted))) /
        3600,
      12
    )
    // Nothing smaller would do.
    for (const less of [2, 4, 8, 16, 32, 64].filter(
      (by) => by > reduction && pairOf(4).every(({ candidate }) => candidate.data % by === 0)
    )) {
      const [one, two] = pairOf(4).map(({ job, candidate }) =>
        simulateTraining({
          ...job,
          layout: { ...job.layout, data: candidate.data / less },
          globalBatch: job.globalBatch / less
        })
      )
      if (one === undefined || two === undefined || isImpossible(one) || isImpossible(two)) continue
      const moved = Math.abs(Math.log(two.iterationSeconds / one.iterationSeconds / ratio))
      // On part of a node the fabric is another one: only whole nodes are compared here.
      if (64 / less >= 8) expect(moved).toBeGreaterThan(Math.log(ratio) / 2)
    }
  })

  test("takes the more runs the nearer the layouts are, and none where measurements don't repeat so well", () => {
    const made = experimentOf(loaded, pairOf(4), ratio, Math.log(ratio), noFiles)
    // (2 noise / difference) squared.
    expect(isExperiment(made) ? [made.repeats, made.margin] : made).toEqual([4, expect.closeTo(Math.sqrt(ratio), 12)])
    expect(experimentOf(loaded, pairOf(4), ratio, 2 * Math.log(ratio), noFiles)).toEqual({
      kind: "indistinct",
      repeats: 16
    })
    expect(experimentOf(loaded, pairOf(0), 1, 0.02, noFiles)).toMatchObject({ kind: "indistinct" })
  })
})

describe("fleets in whole replicas", () => {
  const fleet = (replicas: number, worth: number, modelledPerSecond: number): SizedFleet =>
    ({ replicas, rated: { worth, most: 1000, bounds: { modelledPerSecond } } }) as unknown as SizedFleet
  // 100 requests/s: 10 replicas with nothing to spare at $2, 5 with a half to spare at $5.
  const better = cheaperOf(100, fleet(10, 2, 10), fleet(5, 5, 100 / 4.5))

  test("turn where an error makes one more of them than the other costs", () => {
    expect(better(0, 0)).toBe(1)
    // 12 replicas are $24, 13 are $26 against $25.
    expect(better(Math.log(1.2), 0)).toBe(1)
    expect(better(Math.log(1.21), 0)).toBe(0)
    // Both a fifth slower: 12 replicas against 6.
    expect(better(Math.log(1.2), Math.log(1.2))).toBe(1)
    // The other needs 4 replicas, $20: as much.
    expect(better(0, Math.log(4 / 4.5))).toBe(0.5)
    expect(better(0, Math.log(3 / 4.5))).toBe(0)
  })

  test("never do with more replicas than there are", () => {
    expect(cheaperOf(100, fleet(1000, 1, 0.1), fleet(2, 1e6, 60))(0.01, 0)).toBe(0)
  })
})
