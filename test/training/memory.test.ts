import { describe, expect, test } from "vitest"
import { countParameters } from "../../src/transformer/index.ts"
import type { TrainingResult } from "../../src/training/index.ts"
import { jobOf, relative, resultOf, run, type Written } from "./jobs.ts"
import { layouts } from "./layouts.ts"

const pipelineOf4 = (training: Written["training"] = {}): TrainingResult =>
  resultOf({ cluster: { accelerators: 4 }, training: { parallelism: { pipeline: 4 }, globalBatch: 8, ...training } })

/** Activations of each stage at its peak, in those of one micro-batch in one stage. */
const heldOf = (result: TrainingResult): readonly number[] => {
  const one = pipelineOf4({ globalBatch: 1 }).memory.stages[1]?.kinds.activations ?? Number.NaN
  return result.memory.stages.map(({ kinds }) => Math.round((100 * kinds.activations) / one) / 100)
}

describe("4 stages of 4 layers hold the activations of", () => {
  test("4, 3, 2 and 1 of 8 micro-batches under 1F1B: the embedding's and the head's few besides", () => {
    const held = heldOf(pipelineOf4())
    ;[4, 3, 2, 1].forEach((expected, stage) => expect(relative(held[stage] ?? 0, expected)).toBeLessThan(0.05))
  })

  test("as many as there are, where there are fewer: 2, 2, 2 and 1 of 2", () => {
    const held = heldOf(pipelineOf4({ globalBatch: 2 }))
    ;[2, 2, 2, 1].forEach((expected, stage) => expect(relative(held[stage] ?? 0, expected)).toBeLessThan(0.05))
  })

  test("all 8 micro-batches under GPipe, one in a naive pipeline", () => {
    for (const held of heldOf(pipelineOf4({ schedule: "gpipe" }))) expect(relative(held, 8)).toBeLessThan(0.05)
    for (const held of heldOf(pipelineOf4({ schedule: "naive" }))) expect(relative(held, 1)).toBeLessThan(0.05)
  })

  test("4 x 3 - 1 = 11 half stages on the first stage where each holds two parts", () => {
    const [first] = heldOf(pipelineOf4({ parallelism: { pipeline: 4, virtualPipeline: 2 } }))
    expect(relative(first ?? 0, 11 / 2)).toBeLessThan(0.05)
  })

  test("at most 4 under ZB-H1, which is no more than 1F1B's first stage", () => {
    for (const held of heldOf(pipelineOf4({ schedule: "zb-h1", globalBatch: 16 }))) expect(held).toBeLessThan(4.13)
  })

  test("8 times the micro-batch, 8 times the bytes", () => {
    const [one, eight] = [1, 8].map((microBatch) => pipelineOf4({ microBatch, globalBatch: 8 * microBatch }))
    const bytes = (result: TrainingResult | undefined) => result?.memory.stages[0]?.kinds.activations ?? Number.NaN
    expect(relative(bytes(eight), 8 * bytes(one))).toBeLessThan(1e-9)
  })
})

describe("the peak", () => {
  test.each(Object.entries(layouts))(
    "is the sum of its kinds, the largest of the stages, within the iteration: %s",
    (_name, layout) => {
      const { memory, iterationSeconds } = run(jobOf(layout))
      for (const { peakBytes, kinds, atSeconds } of memory.stages) {
        expect(
          relative(
            Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0),
            peakBytes
          )
        ).toBeLessThan(1e-9)
        expect(peakBytes).toBeLessThanOrEqual(memory.fullest.peakBytes)
        expect(atSeconds).toBeGreaterThanOrEqual(0)
        expect(atSeconds).toBeLessThan(iterationSeconds)
      }
      expect(memory.stages[memory.fullest.stage]).toEqual(memory.fullest)
      expect(memory.fits).toBe(memory.fullest.peakBytes <= memory.capacityBytes)
    }
  )

  test("is on the first stage under 1F1B, where it waits for its first backward", () => {
    const { fullest } = pipelineOf4().memory
    expect(fullest.stage).toBe(0)
    expect(fullest.during).toMatch(/^(forward|backward) of micro-batch/)
  })

  test("is on the last stage of few micro-batches and a large vocabulary, while the loss runs", () => {
    const { fullest } = resultOf({
      cluster: { accelerators: 4 },
      model: { extends: "gpt3-1.3b", vocabulary: 500_000 },
      training: { parallelism: { pipeline: 4 }, globalBatch: 1 }
    }).memory
    expect(fullest.stage).toBe(3)
    // 2 + 4 + 4 bytes for each of 2048 x 500,000 logits
    expect(fullest.kinds.logits).toBe(10 * 2048 * 500_000)
  })

  test("is the highest value of that rank's memory counter, fragmentation besides", () => {
    const { memory, trace } = run(
      jobOf({
        training: { parallelism: { tensor: 2, pipeline: 4 }, globalBatch: 16, recompute: "full" },
        trace: "full"
      })
    )
    const { fullest } = memory
    if (trace === null) throw new Error("no trace")
    const values = [...trace.samples.value].filter((_, row) => {
      const counter = trace.counters[trace.samples.counter[row] ?? -1]
      return trace.tracks[counter?.track ?? -1]?.at(-1) === `rank ${2 * fullest.stage} (stage ${fullest.stage})`
    })
    expect(relative(Math.max(...values), fullest.peakBytes - fullest.kinds.fragmentation)).toBeLessThan(1e-9)
  })
})

describe("8 replicas", () => {
  const parameters = countParameters(jobOf().model).total
  const kindsAt = (zeroStage: number) => resultOf({ training: { zeroStage, globalBatch: 8 } }).memory.fullest.kinds

  test("hold 2 + 4 + 12 bytes a parameter without ZeRO, of which each stage shards one more", () => {
    const eighth = (bytes: number): number => bytes / 8
    const expected = [
      [2, 4, 12],
      [2, 4, eighth(12)],
      [2, eighth(4), eighth(12)],
      [eighth(2), eighth(4), eighth(12)]
    ]
    expected.forEach(([weights = 0, gradients = 0, optimizer = 0], zeroStage) => {
      const kinds = kindsAt(zeroStage)
      expect(relative(kinds.weights, weights * parameters)).toBeLessThan(1e-6)
      expect(relative(kinds.gradients, gradients * parameters)).toBeLessThan(1e-6)
      expect(relative(kinds.optimizer, optimizer * parameters)).toBeLessThan(1e-6)
    })
  })

  test("hold less with every ZeRO stage", () => {
    const peaks = [0, 1, 2, 3].map((zeroStage) => resultOf({ training: { zeroStage } }).memory.fullest.peakBytes)
    expect(peaks).toEqual(peaks.toSorted((a, b) => b - a))
    expect(new Set(peaks).size).toBe(4)
  })

  test("gather two layers at a time under ZeRO-3: 2 x 2 bytes x 1/16 of the parameters", () => {
    expect(relative(kindsAt(3).buffers, (4 * parameters) / 16)).toBeLessThan(0.01)
    expect(kindsAt(2).buffers).toBe(0)
  })

  test("one rank alone shards nothing and gathers nothing", () => {
    const alone = (zeroStage: number) => resultOf({ cluster: { accelerators: 1 }, training: { zeroStage } }).memory
    expect(alone(3).fullest.peakBytes).toBe(alone(0).fullest.peakBytes)
  })

  test("in shard groups of 2 hold four times what groups of 8 hold of the parameters", () => {
    const weights = (group: number) =>
      resultOf({ training: { zeroStage: 3, sharding: { group } } }).memory.fullest.kinds.weights
    expect(relative(weights(2), 4 * weights(8))).toBeLessThan(1e-9)
  })
})

describe("what makes activations fewer", () => {
  const activations = (training: Written["training"]): number =>
    resultOf({
      cluster: { accelerators: 2 },
      training: { parallelism: { pipeline: 2 }, stack: "megatron-lm-2021", ...training }
    }).memory.stages[0]?.kinds.activations ?? Number.NaN

  test("recomputing the attention core, and more so whole layers", () => {
    const [none, selective, full] = ["none", "selective", "full"].map((recompute) => activations({ recompute }))
    expect(selective).toBeLessThan(0.6 * (none ?? 0))
    expect(full).toBeLessThan(0.6 * (selective ?? 0))
  })

  test("recomputing one layer more, each time", () => {
    const bytes = [1, 2, 4, 6, 8].map((blocks) => activations({ recompute: { blocks } }))
    expect(bytes).toEqual(bytes.toSorted((a, b) => b - a))
    expect(bytes[4]).toBe(activations({ recompute: "full" }))
    expect(bytes[0]).toBeLessThanOrEqual(activations({ recompute: "none" }))
  })

  test("keeping them in host memory", () => {
    expect(activations({ offload: { activations: true } })).toBeLessThan(0.01 * activations({}))
  })

  test("tensor parallelism with sequence parallelism: a quarter of the bytes on 4 ranks, 8 of 32 of them whole without", () => {
    const split = (sequenceParallel: boolean): number =>
      resultOf({
        cluster: { accelerators: 4 },
        training: { parallelism: { tensor: 4, sequenceParallel }, globalBatch: 1 }
      }).memory.fullest.kinds.activations
    const whole = resultOf({ cluster: { accelerators: 1 }, training: { globalBatch: 1 } }).memory.fullest.kinds
      .activations
    expect(relative(split(true), whole / 4)).toBeLessThan(0.01)
    expect(relative(split(false), (whole * (8 + 24 / 4)) / 32)).toBeLessThan(0.02)
  })
})

test("optimizer states in host memory take none of the accelerator's", () => {
  const { kinds } = resultOf({ training: { offload: { optimizer: true } } }).memory.fullest
  expect(kinds.optimizer).toBe(0)
})
