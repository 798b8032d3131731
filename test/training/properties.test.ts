import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import { resolveTraining, scenarioFromData } from "../../src/scenario/index.ts"
import { isImpossible, simulateTraining, type TrainingJob, type TrainingResult } from "../../src/training/index.ts"
import { modelFlopsPerToken } from "../../src/transformer/index.ts"
import { jobOf, relative, resultOf, run, totalOf, type Written } from "./jobs.ts"
import { layouts } from "./layouts.ts"

const draw = randomStream(405, "jobs")
const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!

const randomScenario = () => {
  const [tensor, pipeline, data] = [pick([1, 2, 4, 8]), pick([1, 2, 4]), pick([1, 2, 4, 8])]
  const context = pick([1, 1, 2])
  const microBatch = pick([1, 2])
  const model = pick(["gpt3-1.3b", "bloom-7b1", "mixtral-8x7b", "llama-3.1-8b"])
  const [schedule, virtualPipeline] = pick([
    ["1f1b", 1],
    ["gpipe", 1],
    ["naive", 1],
    ["interleaved-1f1b", 2]
  ] as const)
  return {
    cluster: {
      system: pick(["dgx-a100", "jean-zay-a100", "dgx-h100"]),
      accelerators: tensor * pipeline * data * context
    },
    model,
    training: {
      parallelism: {
        tensor,
        pipeline,
        data,
        context,
        expert: model === "mixtral-8x7b" ? pick([1, 2, 4]) : 1,
        virtualPipeline
      },
      schedule,
      microBatch,
      globalBatch: microBatch * data * pick([1, 2, 4, 8]),
      sequenceLength: 2048,
      zeroStage: pick([0, 1, 2, 3]),
      recompute: pick(["none", "selective", "full", { blocks: 2 }]),
      stack: pick([
        "megatron-core",
        "megatron-deepspeed",
        "megatron-lm-2021",
        "torchtitan",
        "llm-foundry",
        "deepspeed-zero3"
      ])
    }
  }
}

/** Jobs drawn by lot that can run. */
const jobs: readonly (readonly [TrainingJob, TrainingResult])[] = Array.from({ length: 400 }, () => {
  const loaded = scenarioFromData({ name: "random", data: randomScenario() })
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
  if (resolved._tag === "Refused") return []
  const result = simulateTraining(resolved.job)
  return isImpossible(result) ? [] : [[resolved.job, result] as const]
}).flat()

const forAll = (check: (job: TrainingJob, result: TrainingResult) => void): void => {
  for (const [job, result] of jobs)
    try {
      check(job, result)
    } catch (error) {
      const { model, layout, schedule, sharding, stack } = job
      throw new Error(JSON.stringify([model.name, layout, schedule, sharding, stack.name, job.globalBatch]), {
        cause: error
      })
    }
}

const withConstant = (job: TrainingJob, name: keyof TrainingJob["stack"]["constants"], value: number): TrainingJob => {
  const { constants } = job.stack
  return { ...job, stack: { ...job.stack, constants: { ...constants, [name]: { ...constants[name], value } } } }
}

/** Sums of the same seconds in another order differ in the last bits. */
const rounding = 1 + 1e-9

describe("of 400 layouts drawn by lot, those that can run", () => {
  test("are more than half", () => {
    expect(jobs.length).toBeGreaterThan(200)
  })

  test("give the same result a second time, to the bit", () => {
    forAll((job, result) => expect(run(job)).toEqual(result))
  })

  test("have a breakdown that adds up, and the same iteration rank by rank", () => {
    forAll((job, result) => {
      expect(relative(totalOf(result.breakdown), result.iterationSeconds)).toBeLessThan(1e-9)
      expect(relative(run({ ...job, symmetry: "off" }).iterationSeconds, result.iterationSeconds)).toBeLessThan(1e-9)
    })
  })

  test("use less than the accelerator's peak", () => {
    forAll((_job, { hardwareFlopsUtilisation, modelFlopsUtilisation }) => {
      expect(hardwareFlopsUtilisation).toBeLessThan(1)
      expect(hardwareFlopsUtilisation).toBeGreaterThan(0)
      expect(modelFlopsUtilisation).toBeLessThan(1)
    })
  })

  test.each([1.1, 2, 10])("are never slower with %d times the network's bandwidth", (factor) => {
    forAll((job, { iterationSeconds }) => {
      const { network } = job.fabric
      if (network === null) return
      const faster = { ...network, bytesPerSecond: factor * network.bytesPerSecond }
      expect(run({ ...job, fabric: { ...job.fabric, network: faster } }).iterationSeconds).toBeLessThanOrEqual(
        rounding * iterationSeconds
      )
    })
  })

  test("are never slower with half the network's latency or twice the scale-up link's bandwidth", () => {
    forAll((job, { iterationSeconds }) => {
      const { network, scaleUp } = job.fabric
      const wider = { ...scaleUp, bytesPerSecond: 2 * scaleUp.bytesPerSecond }
      const sooner = network === null ? null : { ...network, latencySeconds: network.latencySeconds / 2 }
      for (const fabric of [
        { ...job.fabric, scaleUp: wider },
        { ...job.fabric, network: sooner }
      ])
        expect(run({ ...job, fabric }).iterationSeconds).toBeLessThanOrEqual(rounding * iterationSeconds)
    })
  })

  test.each(["tensorOverlap", "dataOverlap", "expertOverlap"] as const)("are never faster with less %s", (name) => {
    forAll((job) => {
      const seconds = [1, 0.7, 0.3, 0].map((overlap) => run(withConstant(job, name, overlap)).iterationSeconds)
      for (const [index, slower] of seconds.slice(1).entries())
        // Gradients on their way may hold up a stage's sends a little, more so the earlier they leave.
        expect(slower).toBeGreaterThanOrEqual((seconds[index] ?? 0) / 1.02)
    })
  })

  test("process more tokens a second the more micro-batches run between two optimizer steps", () => {
    forAll((job, { tokensPerSecond }) => {
      expect(rounding * run({ ...job, globalBatch: 2 * job.globalBatch }).tokensPerSecond).toBeGreaterThanOrEqual(
        tokensPerSecond
      )
    })
  })

  test("take longer, and do more FLOPs, the more is recomputed", () => {
    forAll((job) => {
      const [none, selective, full] = (["none", "selective", "full"] as const).map((recompute) =>
        run({ ...job, recompute })
      )
      const flops = (result: TrainingResult | undefined): number =>
        (result?.hardwareFlopsPerAccelerator ?? 0) * (result?.iterationSeconds ?? 0)
      expect(flops(full)).toBeGreaterThan(flops(none))
      expect(rounding * flops(selective)).toBeGreaterThanOrEqual(flops(none))
      expect(full?.iterationSeconds).toBeGreaterThan((none?.iterationSeconds ?? 0) / (1 + 1e-3))
    })
  })

  test("hold no more the higher the ZeRO stage", () => {
    forAll((job) => {
      const peaks = ([0, 1, 2, 3] as const).map(
        (zeroStage) => run({ ...job, sharding: { ...job.sharding, zeroStage } }).memory.fullest.peakBytes
      )
      for (const [index, peak] of peaks.slice(1).entries())
        expect(peak).toBeLessThanOrEqual(rounding * (peaks[index] ?? 0))
    })
  })
})

describe("FLOPs", () => {
  /** FLOPs of the operations that all accelerators execute in an iteration: a stage's, times the ranks of a stage. */
  const executed = (written: Written): number => {
    const job = jobOf({ ...written, trace: "full" })
    const { trace } = run(job)
    const { tensor, context, data } = job.layout
    return tensor * context * data * Array.from(trace?.slices.flops ?? []).reduce((sum, flops) => sum + flops, 0)
  }
  const one = executed({ cluster: { accelerators: 1 } })

  test("are 6 a parameter and token, and 3.5 causal passes of attention in 16 layers: the backward computes scores again", () => {
    expect(relative(one, 8 * 2048 * (6 * 0.8056e9 + 3.5 * 16 * 2 * 2048 * 2048))).toBeLessThan(1e-3)
  })

  test.each([
    ["pipeline stages", { pipeline: 8 }],
    ["tensor ranks", { tensor: 8 }],
    ["replicas", { data: 8 }],
    ["context ranks", { context: 8 }],
    ["some of each", { tensor: 2, pipeline: 2, data: 2 }]
  ])("are neither lost nor won by splitting over 8 ranks: %s", (_name, parallelism) => {
    expect(relative(executed({ training: { parallelism } }), one)).toBeLessThan(1e-9)
  })

  test("are 4/3 as many when every layer is recomputed, and in between when half of them are", () => {
    const full = executed({ cluster: { accelerators: 1 }, training: { recompute: "full" } })
    expect(relative(full, (4 / 3) * one)).toBeLessThan(0.01)
    const half = executed({ cluster: { accelerators: 1 }, training: { recompute: { blocks: 8 } } })
    expect(relative(half - one, (full - one) / 2)).toBeLessThan(1e-9)
  })

  test("count as hardware FLOPs what model FLOPs would be with the recomputed passes, one for one without them", () => {
    const ratio = (recompute: string): number => {
      const { hardwareFlopsPerAccelerator, modelFlopsPerAccelerator } = resultOf({ training: { recompute } })
      return hardwareFlopsPerAccelerator / modelFlopsPerAccelerator
    }
    expect(ratio("none")).toBeCloseTo(1, 9)
    expect(relative(ratio("full"), 4 / 3)).toBeLessThan(0.01)
  })

  test("per second and accelerator are what a result says of the model, and of the stack's own log", () => {
    for (const written of Object.values(layouts)) {
      const job = jobOf(written)
      const { tokensPerSecondPerAccelerator, modelFlopsPerAccelerator, loggedFlopsPerAccelerator } = run(job)
      const perToken = (counting: Parameters<typeof modelFlopsPerToken>[2]): number =>
        modelFlopsPerToken(job.model, job.sequenceLength, counting)
      expect(modelFlopsPerAccelerator).toBe(tokensPerSecondPerAccelerator * perToken("model-full-attention"))
      expect(loggedFlopsPerAccelerator).toBe(tokensPerSecondPerAccelerator * perToken(job.stack.flopCounting))
    }
  })
})

describe("throughput, energy and cost", () => {
  test("tokens a second are the batch's tokens over the iteration's seconds", () => {
    const { iterationSeconds, tokensPerSecond, tokensPerSecondPerAccelerator } = resultOf()
    expect(tokensPerSecond).toBe((8 * 2048) / iterationSeconds)
    expect(tokensPerSecondPerAccelerator).toBe(tokensPerSecond / 8)
  })

  test("8 accelerators at 2 dollars an hour cost 16 dollars an hour of iterations", () => {
    const {
      iterationSeconds,
      cost,
      run: whole
    } = resultOf({
      price: { perAcceleratorHour: 2 },
      training: { tokens: 16384 * 1000 }
    })
    expect(relative(cost.perIteration ?? 0, (16 * iterationSeconds) / 3600)).toBeLessThan(1e-9)
    expect(relative(whole?.seconds ?? 0, 1000 * iterationSeconds)).toBeLessThan(1e-9)
    expect(relative(whole?.cost ?? 0, 1000 * (cost.perIteration ?? 0))).toBeLessThan(1e-9)
    expect(relative(whole?.acceleratorHours ?? 0, (8 * (whole?.seconds ?? 0)) / 3600)).toBeLessThan(1e-9)
  })

  test("an accelerator draws between its idle and its rated 400 W", () => {
    for (const written of Object.values(layouts)) {
      const job = jobOf(written)
      const { averageWattsPerAccelerator } = run(job).energy
      expect(averageWattsPerAccelerator).toBeGreaterThan(0.1 * job.accelerator.powerWatts)
      expect(averageWattsPerAccelerator).toBeLessThanOrEqual(job.accelerator.powerWatts)
    }
  })
})

describe("a layout that cannot run is refused with the field at fault", () => {
  const refusalOf = (training: NonNullable<Written["training"]>, changes: Partial<TrainingJob> = {}) => {
    const outcome = simulateTraining({ ...jobOf({ training }), ...changes })
    return isImpossible(outcome) ? [outcome.path, outcome.given] : "it runs"
  }

  test.each([
    [
      "micro-batches that the stages do not divide",
      { parallelism: { pipeline: 4, virtualPipeline: 2 }, globalBatch: 6 },
      "training.schedule"
    ],
    [
      "DualPipe over an odd number of stages",
      { parallelism: { pipeline: 1 }, schedule: "dualpipe" },
      "training.schedule"
    ],
    [
      "operations that wait for one another",
      { parallelism: { pipeline: 2, data: 4 }, schedule: { operations: ["B0 F0 F1 B1", "F0 B0 F1 B1"] } },
      "training.schedule"
    ],
    ["in-switch reduction on A100", { collective: { algorithm: "nvls" } }, "training.collective"]
  ])("%s", (_name, training, path) => {
    expect(refusalOf(training)[0]).toBe(path)
    expect(refusalOf(training)[1]).not.toBe("")
  })

  test("a number format that the accelerator does not have", () => {
    expect(refusalOf({}, { precision: "fp8" })).toEqual(["training.precision", "fp8"])
  })

  test("a batch that does not divide", () => {
    expect(refusalOf({}, { globalBatch: 7 })).toEqual(["training.globalBatch", "7"])
  })
})
