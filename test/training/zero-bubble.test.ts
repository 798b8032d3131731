import { describe, expect, test } from "vitest"
import { isImpossible, simulateTraining, type TrainingResult } from "../../src/training/index.ts"
import { bareStack, jobOf, run, type Written } from "./jobs.ts"

const zeroBubble = { ...bareStack, extends: "zero-bubble" }

/** 4 stages of 4 layers and 32 micro-batches. */
const pipelineOf4 = (training: Written["training"]): TrainingResult =>
  run(jobOf(written({ stack: zeroBubble, ...training })))
const written = (training: Written["training"]): Written => ({
  cluster: { accelerators: 4 },
  training: { parallelism: { pipeline: 4 }, globalBatch: 32, ...training }
})

/** Activations of the fullest stage, in those of 1F1B's. */
const activations = ({ memory }: TrainingResult): number =>
  Math.max(...memory.stages.map(({ kinds }) => kinds.activations))

describe("the automatic schedule in an iteration", () => {
  const plain = pipelineOf4({ schedule: "1f1b" })
  const limited = (memoryLimit: number): TrainingResult => pipelineOf4({ schedule: { automatic: { memoryLimit } } })

  test("is never slower than a named schedule that needs as much memory", () => {
    const named = ["1f1b", "zb-h1", "zb-h2", "zb-1p", "zb-2p", "zb-v", "v-half", "v-min"].map((schedule) =>
      pipelineOf4({ schedule })
    )
    for (const memoryLimit of [0.5, 0.75, 1, 2]) {
      const found = limited(memoryLimit)
      for (const other of named.filter((one) => activations(one) <= memoryLimit * activations(plain)))
        expect(found.iterationSeconds, `${memoryLimit}`).toBeLessThanOrEqual(other.iterationSeconds * 1.001)
    }
  })
  test("keeps the limit, and is the faster, the more it may use", () => {
    const found = [0.5, 0.75, 1, 1.5, 2].map((memoryLimit) => ({ memoryLimit, result: limited(memoryLimit) }))
    for (const { memoryLimit, result } of found)
      // The embedding's and the head's activations lie on one stage of a V, on two of a plain pipeline.
      expect(activations(result) / activations(plain)).toBeLessThanOrEqual(memoryLimit * 1.05)
    for (const [index, { result }] of found.entries())
      if (index > 0)
        expect(result.iterationSeconds).toBeLessThanOrEqual((found[index - 1]?.result.iterationSeconds ?? 0) * 1.001)
  })
  test("takes a limit in bytes as the share that it is", () => {
    const bytes = Math.floor(0.76 * activations(plain))
    const found = pipelineOf4({ schedule: { automatic: { memoryBytes: bytes } } })
    expect(activations(found)).toBeLessThanOrEqual(bytes * 1.01)
    expect(found.iterationSeconds).toBe(limited(0.75).iterationSeconds)
  })
  test("without a limit has 1F1B's memory, and by its name alone is the same", () => {
    const named = pipelineOf4({ schedule: "automatic" })
    expect(named.iterationSeconds).toBe(limited(1).iterationSeconds)
    expect(named.iterationSeconds).toBeLessThan(0.95 * plain.iterationSeconds)
  })
  test("is refused where no micro-batch fits, with the least that would do", () => {
    const refusal = (automatic: object): unknown => {
      const outcome = simulateTraining(jobOf(written({ schedule: { automatic }, stack: zeroBubble })))
      return isImpossible(outcome) ? outcome : "simulated"
    }
    expect(refusal({ memoryLimit: 0.1 })).toEqual({
      _tag: "ImpossibleLayout",
      path: "training.schedule.automatic.memoryLimit",
      given: "0.1",
      expected: "room for a micro-batch on a stage: at least 0.25"
    })
    expect(refusal({ memoryBytes: "1 MB" })).toMatchObject({
      path: "training.schedule.automatic.memoryBytes",
      given: "1 MB"
    })
  })
})

describe("post-validation", () => {
  test("lets the stages of ZB-2p end one after another, tied tables or not: an iteration is the span of a stage", () => {
    const tied = { layers: 16, hidden: 2048, heads: 16, vocabulary: 128, maximumSequence: 2048, bias: false }
    const seconds = (tiedEmbeddings: boolean, stack: object): number =>
      run(jobOf({ ...written({ schedule: "zb-2p", stack }), model: { ...tied, tiedEmbeddings } })).iterationSeconds
    const spans = seconds(false, zeroBubble)
    expect(seconds(true, zeroBubble)).toBeLessThan(spans * 1.002)
    // Where every stage waits for the norm of all gradients, the ramp at the start counts.
    expect(seconds(false, { ...bareStack, extends: "zero-bubble-synchronised" })).toBeGreaterThan(spans * 1.01)
  })
})
