import { describe, expect, test } from "vitest"
import type { TrainingResult } from "../../src/training/index.ts"
import {
  compare,
  conventionOf,
  isRefusal,
  predictedSeconds,
  reportMarkdown,
  reportText,
  runValidation,
  shippedMeasurements,
  speedOf,
  summariseErrors,
  toScenario
} from "../../src/validation/index.ts"
import type { ErrorRow, MappedPoint, Measurement } from "../../src/validation/index.ts"
import { bloom, changed } from "./points.ts"

/** A result of which only time and memory matter here. */
const resultOf = (iterationSeconds: number, peaks: readonly number[] = [50e9], fits = true): TrainingResult => {
  const kinds = {
    weights: 0,
    gradients: 0,
    optimizer: 0,
    activations: 0,
    logits: 0,
    buffers: 0,
    context: 0,
    fragmentation: 0
  }
  const stages = peaks.map((peakBytes, stage) => ({ stage, peakBytes, atSeconds: 0, during: "", kinds }))
  const fullest = stages.reduce((most, stage) => (stage.peakBytes > most.peakBytes ? stage : most))
  const part: unknown = { kind: "training", iterationSeconds, memory: { capacityBytes: 80e9, fits, fullest, stages } }
  return part as TrainingResult
}

const mapped = (point: Measurement): MappedPoint => {
  const result = toScenario(point)
  if (isRefusal(result)) throw new Error(result.reason)
  return result
}

const speed = (point: Measurement, seconds: number) => {
  const comparison = speedOf(mapped(point))
  return comparison === undefined
    ? undefined
    : [comparison.metric, comparison.measured, comparison.predict(resultOf(seconds))]
}

describe("the speed of a point", () => {
  test("is its seconds where it has them", () => {
    expect(speed(bloom, 107)).toEqual(["secondsPerIteration", 105.22, 107])
  })

  test("is the middle of the seconds between which it varied", () => {
    expect(
      speed(changed({ measured: { seconds_per_iteration_min: 100, seconds_per_iteration_max: 110 } }), 1)?.[1]
    ).toBe(105)
  })

  test("in tokens and samples: 2048 sequences of 2048 in 100 s", () => {
    expect(speed(changed({ measured: { tokens_per_second: 40_000 } }), 100)?.[2]).toBeCloseTo(41_943.04)
    expect(speed(changed({ measured: { tokens_per_second_per_gpu: 100 } }), 100)?.[2]).toBeCloseTo(109.2267, 3)
    expect(speed(changed({ measured: { samples_per_second: 20 } }), 100)?.[2]).toBeCloseTo(20.48)
    expect(speed(changed({ measured: { samples_per_gpu_per_second: 0.05 } }), 100)?.[2]).toBeCloseTo(0.05333, 4)
  })

  test("in TFLOP/s as BLOOM's logs count: its 105.22 s print 149 of them", () => {
    const point = changed({
      measured: { tflops_per_gpu: 149.02 },
      flops_counting: "Megatron SC'21 eq.(3) 96*B*s*l*h^2*(1+s/6h+V/16lh): HARDWARE FLOPs"
    })
    expect(Number(speed(point, 105.22)?.[2]) / 1e12).toBeCloseTo(149.02, 1)
  })

  test("as utilisation of the peak of its number format", () => {
    // 6 x 8.0e9 matrix weights and 12 L h s of attention a token, over 1979 TFLOP/s of fp8.
    const point = changed({
      source: "NVIDIA/dgxc-benchmarking tag v25.04",
      model: { name: "Llama-3.1-8B", seq_len: 8192 },
      cluster: { gpu: "H100-80GB", gpus: 8, gpus_per_node: 8 },
      parallel: { tp: 1, pp: 1, dp: 8 },
      batch: { micro: 1, global: 128 },
      precision: "FP8",
      measured: { mfu: 0.4 }
    })
    const flopsPerToken =
      6 * (32 * (2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 14336) + 128256 * 4096) + 12 * 32 * 4096 * 8192
    expect(Number(speed(point, 10)?.[2])).toBeCloseTo((flopsPerToken * 128 * 8192) / 10 / 8 / 1979e12, 3)
  })

  test("is undefined where there is none", () => {
    expect(speedOf(mapped(changed({ measured: null })))).toBeUndefined()
  })

  test("is scaled to the measured batch where the simulated one was rounded", () => {
    const point = changed({ batch: { micro: 2, global: 2000 } })
    expect(mapped(point).scenario.training.globalBatch).toBe(2000)
    const odd = mapped(changed({ batch: { micro: 2, global: 2055 } }))
    expect(odd.scenario.training.globalBatch).toBe(2048)
    expect(predictedSeconds(odd, resultOf(100))).toBeCloseTo(100 * (2055 / 2048))
  })
})

describe("the counting of FLOPs", () => {
  test.each([
    ["Estimated calculator 8*params*tokens", "estimate-8nt"],
    ["model FLOPs, attention halved (causal)", "model-causal-attention"],
    ["attention term 12*L*h*s NOT halved (full)", "model-full-attention"],
    ["MFU model FLOPs, HFU incl. recompute", "model-full-attention"],
    ["model-causal-attention", "model-causal-attention"]
  ])("%s", (words, convention) => {
    expect(conventionOf(mapped(changed({ flops_counting: words })))).toBe(convention)
  })

  test("is the stack's where the source is silent", () => {
    expect(conventionOf(mapped(bloom))).toBe("hardware-megatron-2021")
  })
})

describe("the rows of a point", () => {
  test("compare speed, memory of the first or last stage, and running out of memory", () => {
    const point = changed({ measured: { seconds_per_iteration: 100, memory_gb_first_last_stage: 60 } })
    const rows = compare(point, () => resultOf(110, [54e9, 70e9, 57e9]))
    expect(rows.map(({ metric, error }) => [metric, error])).toEqual([
      ["secondsPerIteration", expect.closeTo(0.1)],
      ["memoryBytes", expect.closeTo(-0.05)]
    ])
    expect(compare(changed({ measured: { oom: true } }), () => resultOf(1, [90e9], false))[0]).toMatchObject({
      metric: "outOfMemory",
      predicted: 1
    })
  })

  test("tell slow from fast whatever the unit: half the tokens/s is twice the time", () => {
    const [row] = compare(changed({ measured: { samples_per_second: 40.96 } }), () => resultOf(100))
    expect(row?.error).toBeCloseTo(-0.5)
    expect(row?.timeError).toBeCloseTo(1)
  })

  test("carry the reason of a refusal", () => {
    expect(compare(bloom, () => ({ reason: "heads do not divide" }))).toMatchObject([
      { id: bloom.id, predicted: null, reason: "heads do not divide" }
    ])
    expect(compare(changed({ kind: "calculated" }), () => resultOf(1))).toMatchObject([
      { metric: null, reason: "not a measured training speed (calculated)" }
    ])
  })
})

describe("the summary", () => {
  const row = (changes: Partial<ErrorRow>): ErrorRow => ({
    id: "a",
    metric: "secondsPerIteration",
    measured: 100,
    predicted: 100,
    error: 0,
    timeError: 0,
    trust: 1,
    family: "sc21",
    source: "",
    accelerator: "a100-sxm-80gb",
    accelerators: 8,
    stack: "megatron-lm-2021",
    kind: "dense",
    assumptions: [],
    ...changes
  })

  test("takes the median, mean, 90th percentile and signed middle of errors", () => {
    const rows = [-0.1, 0, 0.02, 0.04, 0.1].map((error, index) => row({ id: String(index), error, timeError: error }))
    const { speed } = summariseErrors(rows, () => true)
    expect(speed.points).toBe(5)
    expect(speed.median).toBeCloseTo(0.04)
    expect(speed.mean).toBeCloseTo(0.052)
    expect(speed.p90).toBeCloseTo(0.1)
    expect(speed.bias).toBeCloseTo(0.02)
  })

  test("leaves trust 3 out of all but its own row", () => {
    const { speed, by } = summariseErrors([row({}), row({ id: "b", trust: 3, error: 9, timeError: 9 })], () => true)
    expect([speed.points, by.trust["3"]?.points, by.family.sc21?.points]).toEqual([1, 1, 1])
  })

  test("counts points, not rows, and the reasons of the missing ones", () => {
    const rows = [
      row({}),
      row({ metric: "memoryBytes", timeError: null }),
      row({ id: "b", metric: null, predicted: null, error: null, timeError: null, reason: "why" })
    ]
    expect(summariseErrors(rows, () => true).trusted).toEqual({ points: 2, covered: 1, reasons: { why: 1 } })
  })

  test("ranks BLOOM's candidates: a prediction in the measured order correlates 1", () => {
    const study = Array.from({ length: 12 }, (_, index) =>
      row({
        id: String(index),
        family: "bigscience-prequel",
        accelerators: 384,
        flops: { measured: 100 + index, predicted: 50 + index * index }
      })
    )
    expect(summariseErrors(study, () => true).bloomRankCorrelation).toBeCloseTo(1)
    // A run that its source calls an outlier is told apart: with it the ranks agree less.
    const outlier = { ...row({ family: "bigscience-prequel", accelerators: 384 }), isOutlier: true }
    const both = summariseErrors([...study, { ...outlier, flops: { measured: 90, predicted: 999 } }], () => true)
    expect(both.bloomRankCorrelation).toBeCloseTo(1)
    expect(both.bloomRankCorrelationOfAll).toBeLessThan(0.7)
    expect(summariseErrors([row({})], () => true).bloomRankCorrelation).toBeNull()
  })
})

describe("a report", () => {
  test("of predictions that are right has no error, fits 80 columns and says what is missing", async () => {
    const measurements = await shippedMeasurements()
    const truth = new Map(measurements.map((point) => [point.id, point.measured?.seconds_per_iteration]))
    const report = runValidation(measurements, ({ name }) => {
      const seconds = truth.get(name)
      return typeof seconds === "number" ? resultOf(seconds) : { reason: "no clock" }
    })
    const clocked = report.points.filter(
      (row) => row.metric === "secondsPerIteration" && row.accelerators > 0 && row.error !== null
    )
    expect(clocked.length).toBeGreaterThan(500)
    expect(report.summary.speed.median).toBeCloseTo(0, 6)
    expect(report.summary.all.points).toBe(813)
    const text = reportText(report)
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(text).toContain("state-space layers are not modelled")
    expect(reportMarkdown(report)).toContain("## By software stack")
    expect(JSON.parse(JSON.stringify(report)).points).toHaveLength(report.points.length)
  })

  test("of nothing is still a report", () => {
    const report = runValidation([], () => resultOf(1))
    expect(reportText(report)).toContain("0 of 0 points")
  })
})
