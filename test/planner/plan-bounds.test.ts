/** The bounds that prune are never above what the simulation says. */
import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import { isImpossible, simulateTraining } from "../../src/training/index.ts"
import { resolveTraining, scenarioWith } from "../../src/scenario/index.ts"
import { changesOf, jobOf } from "../../src/planner/plan/candidate.ts"
import { findingOf } from "../../src/planner/plan/feasible.ts"
import { machinesOf } from "../../src/planner/plan/machines.ts"
import { memoryBound } from "../../src/planner/plan/memory-bound.ts"
import { limited, objectives } from "../../src/planner/plan/objective.ts"
import { layoutsOf, type PlanSpace } from "../../src/planner/plan/space.ts"
import { rooflineBound, tableBound } from "../../src/planner/plan/time-bound.ts"
import { cases, loadedCase, noFiles } from "./plan-cases.ts"

const everything: PlanSpace = {
  context: [1, 2],
  zeroStage: [0, 1, 2, 3],
  shardGroup: [undefined as unknown as number, 2],
  recompute: ["none", "selective", "full", { blocks: 1 }],
  microBatch: [1, 2, 4],
  schedule: [
    "1f1b",
    "interleaved-1f1b",
    "gpipe",
    "naive",
    "zb-h1",
    "zb-h2",
    "zb-v",
    "v-half",
    "dualpipe",
    "dualpipe-v",
    "zb-1p"
  ]
}

const draws = 40

describe.each(Object.entries(cases))("%s", (name, written) => {
  const machines = machinesOf(loadedCase(written), everything, noFiles)
  if ("issues" in machines) throw new Error(JSON.stringify(machines.issues))
  const [own] = machines
  if (own === undefined) throw new Error("no machines")
  const feasible = [...layoutsOf(everything, own.space)].filter(
    (candidate) => findingOf(candidate, own.feasibility) === undefined
  )
  const chance = randomStream(7, name)
  const drawn = Array.from({ length: draws }, () => feasible[Math.floor(chance() * feasible.length)]!)

  test("a layout is one that the scenario can have, or the scenario is refused as well", () => {
    const all = [...layoutsOf(everything, own.space)].filter(({ schedule }) => schedule !== "zb-1p")
    for (let index = 0; index < draws; index++) {
      const candidate = all[Math.floor(chance() * all.length)]!
      const label = JSON.stringify(candidate)
      const loaded = scenarioWith(loadedCase(written), {
        plan: null,
        ...changesOf(candidate, loadedCase(written).scenario)
      })
      if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
      const resolved = resolveTraining(loaded)
      const isRefused = resolved._tag === "Refused" || isImpossible(simulateTraining(resolved.job))
      expect(findingOf(candidate, own.feasibility) !== undefined, label).toBe(isRefused)
      if (resolved._tag === "Refused") continue
      expect(jobOf(own.base, own.fixed, candidate), label).toEqual({ ...resolved.job, trace: "off" })
    }
  })

  test("no bound is above the simulation", () => {
    for (const candidate of drawn) {
      const job = jobOf(own.base, own.fixed, candidate)
      const result = simulateTraining(job)
      const label = JSON.stringify(candidate)
      if (isImpossible(result)) throw new Error(`${label}: ${result.path} ${result.given}`)
      const roofline = rooflineBound(job, candidate, own.library, own.layerSeconds)
      const tables = tableBound(job, candidate, own.library)
      const peakBytes = memoryBound(job, candidate, own.library)
      expect(roofline, label).toBeGreaterThan(0)
      expect(roofline, label).toBeLessThanOrEqual(result.iterationSeconds)
      expect(peakBytes, label).toBeLessThanOrEqual(result.memory.fullest.peakBytes)
      if (tables === null) continue
      expect(tables.seconds, label).toBeLessThanOrEqual(result.iterationSeconds)
      const least = { ...tables, seconds: Math.max(roofline, tables.seconds), peakBytes }
      for (const [of, quantity] of [...Object.entries(objectives), ...Object.entries(limited)])
        expect(quantity.least(least, own), `${of} of ${label}`).toBeLessThanOrEqual(
          quantity.of(result, own) * (1 + 1e-12)
        )
    }
  })

  test("the bound from compiled passes is near: within 10 % for half of plain 1F1B", () => {
    const ratios = feasible
      .filter(({ schedule, pipeline }) => schedule === "1f1b" && pipeline > 1)
      .filter((_, index, all) => index % Math.ceil(all.length / 12) === 0)
      .map((candidate) => {
        const job = jobOf(own.base, own.fixed, candidate)
        const result = simulateTraining(job)
        if (isImpossible(result)) throw new Error(result.expected)
        return (tableBound(job, candidate, own.library)?.seconds ?? 0) / result.iterationSeconds
      })
      .toSorted((a, b) => a - b)
    expect(ratios[Math.floor(ratios.length / 2)]).toBeGreaterThan(0.9)
  })
})
