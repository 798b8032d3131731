/**
 * BigScience's question: given 384 A100-80GB on Jean Zay and the 176B models that they tried, which layout is the fastest?
 * Measured seconds are those of bloom-study, from chronicles-prequel.md of bigscience-workshop/bigscience.
 */
import { readFileSync, readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import {
  comparisonsOf,
  planTraining,
  requestOf,
  type PlannedLayout,
  type TrainingPlan
} from "../../src/planner/index.ts"
import { isServing, loadScenario, type LoadedScenario } from "../../src/scenario/index.ts"
import { shippedResiduals } from "../../src/intervals/index.ts"
import { spearman } from "../../src/statistics/index.ts"
import { noFiles } from "./plan-cases.ts"

const folder = fileURLToPath(new URL("../../scenarios/", import.meta.url))

const loadedFile = (name: string): LoadedScenario => {
  const loaded = loadScenario({ file: `${folder}${name}`, readText: (file) => ({ text: readFileSync(file, "utf8") }) })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  return loaded
}

const plannedOf = (loaded: LoadedScenario, space: object, top: number): TrainingPlan => {
  const plan = planTraining(loaded, requestOf({ space, top }), noFiles)
  if (plan._tag !== "TrainingPlan") throw new Error(JSON.stringify(plan._tag))
  return plan
}

/** What they could choose. */
const tried = { tensor: [2, 4, 8], pipeline: [2, 6, 12, 24], microBatch: [2, 4], zeroStage: [1], recompute: ["full"] }

/** A measured row of the study: the sizes, seconds, and the scenario. */
const rows = readdirSync(`${folder}bloom-study`)
  .map((file) => ({ file, loaded: loadedFile(`bloom-study/${file}`) }))
  .flatMap(({ file, loaded }) => {
    const { scenario } = loaded
    if (isServing(scenario)) return []
    const { parallelism, microBatch } = scenario.training
    const { tensor = 1, pipeline = 1 } = parallelism ?? {}
    return [{ file, loaded, tensor, pipeline, microBatch, seconds: scenario.measured?.iterationSeconds }]
  })

type Row = (typeof rows)[number]

const isOf = ({ tensor, pipeline, microBatch }: Row, { candidate }: PlannedLayout): boolean =>
  candidate.tensor === tensor && candidate.pipeline === pipeline && candidate.microBatch === microBatch

const topologies = rows.filter(({ file }) => file.startsWith("topology-"))
const question = loadedFile("plans/bloom-384.yaml")

test("the first layout is among the measured best within 3 %", () => {
  const plan = planTraining(question, requestOf(question.scenario.plan ?? {}), noFiles)
  if (plan._tag !== "TrainingPlan") throw new Error(plan._tag)
  const [first] = plan.layouts
  if (first === undefined) throw new Error("no layout")
  const measured = topologies.find((row) => isOf(row, first))?.seconds ?? Number.POSITIVE_INFINITY
  const best = Math.min(...topologies.flatMap(({ seconds }) => seconds ?? []))
  expect(best).toBe(110.48)
  expect(measured / best).toBeLessThan(1.03)
})

test("layouts that it calls better were measured better, and those measured otherwise it calls as good as equal", async () => {
  const plan = plannedOf(question, tried, 100)
  const residuals = await shippedResiduals()
  const secondsOf = (layout: PlannedLayout): number | undefined => topologies.find((row) => isOf(row, layout))?.seconds
  // The layouts that they measured, as a plan of their own.
  const layouts = plan.layouts.filter((layout) => secondsOf(layout) !== undefined)
  expect(layouts.length).toBeGreaterThan(5)
  const told = layouts.flatMap((first, index) =>
    comparisonsOf({ layouts: layouts.slice(index), request: plan.request }, residuals).map(
      ({ chance, verdict }, at) => ({
        chance: chance ?? 0,
        verdict,
        isRight: (secondsOf(layouts[index + 1 + at] ?? first) ?? 0) > (secondsOf(first) ?? 0)
      })
    )
  )
  const shareOf = (some: typeof told): number => some.filter(({ isRight }) => isRight).length / some.length
  const sure = told.filter(({ verdict }) => verdict === "better")
  expect(sure.length).toBeGreaterThan(3)
  expect(shareOf(sure)).toBeGreaterThan(0.9)
  for (const { verdict } of told.filter(({ isRight }) => !isRight)) expect(verdict).not.toBe("better")
  const stated = told.reduce((sum, { chance }) => sum + chance, 0) / told.length
  expect(Math.abs(shareOf(told) - stated)).toBeLessThan(0.15)
})

test("the layout that ran out of memory is none of the plan", () => {
  const plan = plannedOf(question, tried, 100)
  const unfit = topologies.find(({ seconds }) => seconds === undefined)
  expect(unfit?.file).toBe("topology-tp2-pp6-dp32.yaml")
  expect(plan.layouts.some((layout) => unfit !== undefined && isOf(unfit, layout))).toBe(false)
  expect(plan.layouts.length).toBeGreaterThan(10)
})

test("the ranking of the measured rows has a rank correlation of at least 0.9", () => {
  const whole = plannedOf(question, tried, 100)
  const pairs = rows.flatMap((row): readonly (readonly [number, number])[] => {
    if (row.seconds === undefined) return []
    // Of the model of the question all layouts are ranked at once, of the other models those that were measured.
    const isQuestion = row.file.startsWith("topology-") && row.pipeline > 2
    const only = { ...tried, tensor: [row.tensor], pipeline: [row.pipeline], microBatch: [row.microBatch ?? 1] }
    const { layouts } = isQuestion ? whole : plannedOf(row.loaded, only, 1)
    const found = layouts.find((layout) => isOf(row, layout))
    if (found === undefined) throw new Error(`${row.file} is not in the plan`)
    return [[row.seconds, found.result.iterationSeconds]]
  })
  expect(pairs).toHaveLength(15)
  expect(
    spearman(
      pairs.map(([measured]) => measured),
      pairs.map(([, planned]) => planned)
    )
  ).toBeGreaterThanOrEqual(0.9)
})
