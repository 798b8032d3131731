import { describe, expect, test } from "vitest"
import { isPaired, operationKind, schedules, isScheduleError, type Schedule } from "../../src/parallel/index.ts"
import { categoryIndex } from "../../src/training/category.ts"
import { pairPasses } from "../../src/training/pair.ts"
import { joinPasses, type Pass } from "../../src/training/pass.ts"
import { withPlan } from "../../src/training/simulate.ts"
import type { PartCost } from "../../src/training/compile.ts"
import { bareStack, jobOf, run } from "./jobs.ts"

const stages = 8
const microBatches = 40

/**
 * 16 layers like DeepSeek-V3's (256 experts of width 2048, 8 of them and a shared one per token, latent attention) on 64
 * H800: 8 stages, 8 replicas, the experts over the ranks of a stage. `order` decides where these lie: in a node, or in 8.
 */
const likeDeepseek = (schedule: string, order = "tp-cp-ep-dp-pp") =>
  jobOf({
    cluster: { system: "hgx-h800", nodes: 8 },
    model: {
      extends: "deepseek-v3",
      layers: 16,
      vocabulary: 128,
      experts: { count: 256, active: 8, feedForward: 2048, sharedFeedForward: 2048, denseLayers: 0 }
    },
    training: {
      parallelism: { pipeline: stages, data: 8, expert: 8, order },
      schedule,
      microBatch: 1,
      globalBatch: 8 * microBatches,
      sequenceLength: 4096,
      zeroStage: 0,
      stack: bareStack
    }
  })

const expertSeconds = (pass: Pass): number => pass.composition[categoryIndex.expert] ?? Number.NaN

/** Passes of a stage in the middle, where neither embedding nor head is. */
const partOf = (job: ReturnType<typeof likeDeepseek>): PartCost => {
  const part = withPlan(job, ({ compiled }) => compiled.parts[3])
  if (part === undefined || "_tag" in part) throw new Error("no part")
  return part
}

const dualPipe = (): Schedule => {
  const made = schedules["dualpipe"]?.({ stages, microBatches, chunks: 2 })
  if (made === undefined || isScheduleError(made)) throw new Error("no schedule")
  return made
}

/** Forwards, and backwards or input gradients, that run in no pair: of an average stage. */
const alone = ({ operations }: Schedule): number => {
  let count = 0
  for (const list of operations)
    list.forEach((code, at) => {
      const isSecond = at > 0 && isPaired(list[at - 1] ?? 0)
      if (operationKind(code) !== "backwardWeight" && !isPaired(code) && !isSecond) count++
    })
  return count / operations.length
}

describe("DualPipe of a mixture like DeepSeek-V3", () => {
  test("hides the experts' all-to-all of a paired forward and backward behind the computation of the two", () => {
    const { forward, backwardInput, backwardWeight } = partOf(likeDeepseek("dualpipe"))
    const backward = joinPasses([backwardInput, backwardWeight])
    const exchanged = expertSeconds(forward) + expertSeconds(backward)
    const computed = forward.seconds + backward.seconds - exchanged
    expect(exchanged).toBeGreaterThan(0.05 * computed)
    expect(exchanged).toBeLessThan(computed)
    const pair = pairPasses(forward, backward)
    expect(expertSeconds(pair)).toBe(0)
    expect(pair.seconds).toBeCloseTo(computed, 12)
  })
  test("leaves what is longer than the computation: experts over 8 nodes", () => {
    const { forward, backwardInput, backwardWeight } = partOf(likeDeepseek("dualpipe", "tp-cp-pp-ep-dp"))
    const backward = joinPasses([backwardInput, backwardWeight])
    const exchanged = expertSeconds(forward) + expertSeconds(backward)
    const computed = forward.seconds + backward.seconds - exchanged
    expect(exchanged).toBeGreaterThan(computed)
    expect(pairPasses(forward, backward).seconds).toBeCloseTo(exchanged, 12)
  })
  test("waits in an iteration only for the all-to-all of what runs alone, where 1F1B waits for all", () => {
    const [dual, plain] = [run(likeDeepseek("dualpipe")), run(likeDeepseek("1f1b"))]
    const once = expertSeconds(partOf(likeDeepseek("1f1b")).forward)
    expect(plain.breakdown.exposed.expert).toBeCloseTo(2 * microBatches * once, 9)
    const unpaired = alone(dualPipe())
    expect(unpaired).toBeLessThan(0.6 * microBatches)
    expect(dual.breakdown.exposed.expert).toBeCloseTo(unpaired * once, 9)
    expect(dual.iterationSeconds).toBeLessThan(0.9 * plain.iterationSeconds)
  })
  test("idles no more than (p/2 - 1)(F&B + B - 3W), and no less than 0.85 of it, its stages in a node", () => {
    const job = likeDeepseek("dualpipe", "tp-cp-pp-ep-dp")
    const { forward, backwardInput, backwardWeight } = partOf(job)
    const backward = joinPasses([backwardInput, backwardWeight])
    const pair = pairPasses(forward, backward).seconds
    const closedForm = (stages / 2 - 1) * (pair + backward.seconds - 3 * backwardWeight.seconds)
    const { bubble } = run(job).breakdown
    expect(bubble).toBeLessThan(closedForm)
    expect(bubble).toBeGreaterThan(0.85 * closedForm)
  })
  test("cut in half (DualPipeV) hides as much, and holds the parameters once", () => {
    const [dual, cut] = [run(likeDeepseek("dualpipe")), run(likeDeepseek("dualpipe-v"))]
    expect(Math.abs(cut.breakdown.exposed.expert / dual.breakdown.exposed.expert - 1)).toBeLessThan(0.05)
    const weights = (result: typeof dual): number => result.memory.fullest.kinds.weights
    // But for the embedding and the head, which each hold on two stages, or on one.
    expect(weights(dual) / weights(cut)).toBeCloseTo(2, 2)
  })
})
