import { describe, expect, test } from "vitest"
import { planCollective } from "../../src/cluster/index.ts"
import { executeSchedule, isScheduleError, partOf, schedules } from "../../src/parallel/index.ts"
import type { TrainingResult } from "../../src/training/index.ts"
import { bareStack, jobOf, relative, run, slicesOf, type Written } from "./jobs.ts"

/** Wires that cost next to nothing beside 10 ms of computation. */
const fastLink = { extends: "nvlink3", bandwidth: 1e15, latency: 1e-12 } as const

const pipelineOf4 = (training: Written["training"] = {}): TrainingResult =>
  run(
    jobOf({
      cluster: { accelerators: 4, scaleUp: { link: fastLink } },
      training: { parallelism: { pipeline: 4 }, microBatch: 4, globalBatch: 32, ...training },
      trace: "full"
    })
  )

const operationsOf = (result: TrainingResult, stage?: number) =>
  slicesOf(result, "schedule", stage).filter(({ name }) => name !== "optimizer")

/** Seconds from the first operation's start to the last one's end. */
const spanOf = (result: TrainingResult): number => {
  const operations = operationsOf(result)
  return Math.max(...operations.map(({ end }) => end)) - Math.min(...operations.map(({ start }) => start))
}

const secondsOf = (result: TrainingResult, stage: number, name: string): number => {
  const found = operationsOf(result, stage).find((slice) => slice.name === name)
  if (found === undefined) throw new Error(`no ${name} on stage ${stage}`)
  return found.duration
}

describe("4 equal stages and 8 micro-batches, F and B seconds each, over wires that cost nothing", () => {
  const oneForwardOneBackward = pipelineOf4()
  const each = secondsOf(oneForwardOneBackward, 1, "F 0") + secondsOf(oneForwardOneBackward, 1, "B 0")

  test("1F1B takes (8 + 4 - 1)(F + B)", () => {
    expect(relative(spanOf(oneForwardOneBackward), 11 * each)).toBeLessThan(0.01)
  })

  test("GPipe takes as long", () => {
    expect(relative(spanOf(pipelineOf4({ schedule: "gpipe" })), 11 * each)).toBeLessThan(0.01)
  })

  test("a naive pipeline takes 8 x 4 (F + B)", () => {
    expect(relative(spanOf(pipelineOf4({ schedule: "naive" })), 32 * each)).toBeLessThan(0.01)
  })

  test.each([2, 4])(
    "interleaving %d parts a stage takes 8 (F + B) and 3 (F + B) / parts of bubble",
    (virtualPipeline) => {
      const result = pipelineOf4({ parallelism: { pipeline: 4, virtualPipeline } })
      expect(relative(spanOf(result), (8 + 3 / virtualPipeline) * each)).toBeLessThan(0.01)
      expect(relative(result.breakdown.bubble, (3 / virtualPipeline) * each)).toBeLessThan(0.1)
    }
  )

  test("the bubble of 1F1B is 3 (F + B), a share of 3 / 11 of the pipeline's time", () => {
    const { breakdown } = oneForwardOneBackward
    expect(relative(breakdown.bubble, 3 * each)).toBeLessThan(0.02)
    expect(relative(breakdown.bubble / spanOf(oneForwardOneBackward), 3 / 11)).toBeLessThan(0.02)
  })

  test("zero-bubble schedules idle less, ZB-H2 less than ZB-H1", () => {
    const [plain, first, second] = ["1f1b", "zb-h1", "zb-h2"].map((schedule) =>
      pipelineOf4({ schedule, globalBatch: 64, stack: { ...bareStack, extends: "zero-bubble" } })
    )
    const bubble = (result: TrainingResult | undefined): number => result?.breakdown.bubble ?? Number.NaN
    expect(bubble(first)).toBeLessThan(0.7 * bubble(plain))
    expect(bubble(second)).toBeLessThan(0.7 * bubble(first))
  })
})

describe("any pipeline whose sends nobody waits for takes the longest path through its schedule, to the bit but rounding", () => {
  test.each([
    ["1f1b", 1, 12],
    ["gpipe", 1, 12],
    ["naive", 1, 5],
    ["interleaved-1f1b", 2, 12],
    ["interleaved-1f1b", 4, 8]
  ])("%s, %d parts a stage, %d micro-batches", (schedule, chunks, microBatches) => {
    const result = run(
      jobOf({
        cluster: { accelerators: 4 },
        model: "gpt3-1.3b",
        training: {
          parallelism: { pipeline: 4, virtualPipeline: chunks },
          schedule,
          globalBatch: microBatches,
          recompute: { blocks: 2 }
        },
        trace: "full"
      })
    )
    const made = schedules[schedule]?.({ stages: 4, microBatches, chunks })
    if (made === undefined || isScheduleError(made)) throw new Error(schedule)
    const suffix = (chunk: number): string => (chunks === 1 ? "" : ` (chunk ${chunk})`)
    const parts = Array.from({ length: 4 * chunks }, (_, part) => part).map((part) => {
      const places = [0, 1, 2, 3].flatMap((stage) =>
        Array.from({ length: chunks }, (_, chunk) => ({ stage, chunk, part: partOf(made, stage, chunk) }))
      )
      const { stage, chunk } = places.find((place) => place.part === part) ?? { stage: -1, chunk: -1 }
      return {
        forward: secondsOf(result, stage, `F 0${suffix(chunk)}`),
        backwardInput: secondsOf(result, stage, `B 0${suffix(chunk)}`),
        backwardWeight: 0
      }
    })
    const communication = slicesOf(result, "pipeline")[0]?.duration ?? Number.NaN
    const { startSeconds, endSeconds } = executeSchedule(made, parts, { communication })
    expect(relative(spanOf(result), Math.max(...endSeconds) - Math.min(...startSeconds))).toBeLessThan(1e-9)
  })
})

/** Machines of one accelerator each, joined by 10 GB/s. */
const slowNetwork = (nodes: number) => ({
  nodes,
  acceleratorsPerNode: 1,
  network: {
    link: { extends: "ib-ndr", bandwidth: "10 GB/s", latency: "1 us", collectiveShare: 1, pointToPointShare: 1 },
    nicsPerNode: 1
  }
})

describe("8 replicas of 0.805 B parameters that reduce 2-byte gradients over 10 GB/s", () => {
  const replicas = (dataOverlap: number, training: Written["training"] = {}): TrainingResult =>
    run(
      jobOf({
        cluster: slowNetwork(8),
        training: {
          collective: { algorithm: "ring", protocol: "Simple" },
          stack: { ...bareStack, constants: { ...bareStack.constants, dataOverlap } },
          ...training
        },
        trace: "full"
      })
    )
  const backwardSeconds = secondsOf(replicas(0), 0, "B 0")

  test("wait 2 x 7/8 x 1.61 GB / 10 GB/s = 0.282 s when nothing overlaps", () => {
    expect(relative(replicas(0).breakdown.exposed.data, 0.2819)).toBeLessThan(0.015)
  })

  test("wait as long with ZeRO-1, half for the reduce-scatter and half for the all-gather", () => {
    const result = replicas(0, { zeroStage: 1 })
    expect(relative(result.breakdown.exposed.data, 0.2819)).toBeLessThan(0.02)
    const [reduction, gather] = slicesOf(result, "data")
    expect([reduction?.name, gather?.name]).toEqual(["gradient reduction", "parameter gather"])
    expect(relative(reduction?.duration ?? 0, 0.141)).toBeLessThan(0.02)
    expect(relative(gather?.duration ?? 0, 0.141)).toBeLessThan(0.02)
  })

  test.each([0.5, 0.9, 1])(
    "hide no more than the backward pass takes behind it, however large the share: %d",
    (overlap) => {
      expect(relative(replicas(overlap).breakdown.exposed.data, 0.2819 - backwardSeconds)).toBeLessThan(0.02)
    }
  )

  test.each([0.3, 0.5, 0.9, 1])("hide no more inside of a node, over 10 GB/s: a share of %d", (dataOverlap) => {
    const inside = (overlap: number) =>
      run(
        jobOf({
          cluster: { scaleUp: { link: { extends: "nvlink3", bandwidth: "10 GB/s", collectiveShare: 1 } } },
          training: {
            collective: { algorithm: "ring", protocol: "Simple" },
            stack: { ...bareStack, constants: { ...bareStack.constants, dataOverlap: overlap } }
          }
        })
      ).breakdown.exposed.data
    expect(relative(inside(dataOverlap), inside(0) - backwardSeconds)).toBeLessThan(0.02)
  })

  test("hide a tenth entirely where a tenth takes less than the backward pass", () => {
    expect(backwardSeconds).toBeGreaterThan(0.0282)
    expect(relative(replicas(0.1).breakdown.exposed.data, 0.9 * 0.2819)).toBeLessThan(0.02)
  })
})

describe("a send between stages on two machines", () => {
  const sendOf = (microBatch: number) => {
    const job = jobOf({
      cluster: slowNetwork(2),
      training: { parallelism: { pipeline: 2 }, microBatch, globalBatch: microBatch },
      trace: "full"
    })
    const [sent] = slicesOf(run(job), "pipeline", 0)
    if (sent === undefined) throw new Error("nothing was sent")
    return { sent, plan: planCollective(job.fabric, "sendReceive", sent.bytes, { ranks: 2, perDomain: 1, domains: 2 }) }
  }

  test("moves 2 bytes x 2048 tokens x 2048 wide = 8.4 MB a sequence", () => {
    expect(sendOf(1).sent.bytes).toBe(8_388_608)
    expect(sendOf(8).sent.bytes).toBe(8 * 8_388_608)
  })

  test("takes bytes / rate + latency: 53.7 ms for 64 sequences, and a few percent to start", () => {
    const { sent, plan } = sendOf(64)
    expect(sent.duration).toBeGreaterThan(0.0537)
    expect(sent.duration).toBeLessThan(1.04 * 0.0537)
    expect(relative(sent.duration, plan.seconds)).toBeLessThan(1e-9)
    expect(relative(sent.duration, plan.latencySeconds + sent.bytes / 10e9)).toBeLessThan(1e-9)
  })
})
