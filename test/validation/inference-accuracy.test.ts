/** Published measurements of inference, by the command that users validate with: all shipped measurements, and its page. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { median, quantile } from "../../src/statistics/index.ts"
import type { ErrorRow, InferenceRow, JointReport, ServingReport } from "../../src/validation/index.ts"
import { inFolder, windtunnel } from "../cli/command-line.ts"

let report: ServingReport
let page: string

const isOfServing = (row: ErrorRow | InferenceRow): row is InferenceRow => "fit" in row

beforeAll(
  () =>
    inFolder(async (folder) => {
      const file = join(folder, "accuracy.md")
      const { status, stdout, stderr } = await windtunnel("validate", "--json", "--write", file)
      expect(status, stderr).toBe(0)
      const { points, summary } = JSON.parse(stdout) as Pick<JointReport, "points" | "summary">
      report = { points: points.filter(isOfServing), summary: summary.serving }
      page = readFileSync(file, "utf8")
    }),
  240_000
)

const believed = (family: string | RegExp, metric: string, load?: string): readonly InferenceRow[] =>
  report.points.filter(
    (row) =>
      (typeof family === "string" ? row.family === family : family.test(row.family)) &&
      row.metric === metric &&
      (load === undefined || row.load === load) &&
      row.doubt === undefined &&
      row.error !== null &&
      row.trust <= 2
  )

const absolute = (rows: readonly InferenceRow[]): readonly number[] =>
  rows.map((row) => Math.abs(row.error ?? Number.NaN))

describe("published measurements of inference", () => {
  test("at least 98 % of the points are compared; those that are not have one reason", () => {
    const { all } = report.summary
    expect(all.points).toBe(1542)
    expect(all.covered / all.points).toBeGreaterThan(0.98)
  })

  test("at least 99 % of the static batches fit, or do not, as measured", () => {
    const { fits } = report.summary
    expect(fits.points).toBeGreaterThan(600)
    expect(fits.right / fits.points).toBeGreaterThanOrEqual(0.99)
    expect(fits.outOfMemory).toBe(24)
    expect(fits.foreseen).toBeGreaterThanOrEqual(23)
  })

  test("every out-of-memory and every fit of BLOOM's scripts and of llama.cpp is right", () => {
    for (const family of ["hf-bloom-scripts", "llamacpp-gpu-benchmarks", "mpt30b-blog"]) {
      const wrong = report.points.filter(
        (row) => row.family === family && row.fit !== null && row.fit.measured !== row.fit.predicted
      )
      expect(wrong.map(({ id }) => id)).toEqual([])
    }
  })

  // Errors in %: the middle one, and the one that nine in ten stay below.
  const bounds: readonly (readonly [
    name: string,
    family: string | RegExp,
    metric: string,
    count: number,
    middle: number,
    most: number
  ])[] = [
    ["BLOOM's scripts", "hf-bloom-scripts", "ms_per_token", 31, 4, 10],
    ["BLOOM's optimisation", "hf-bloom-optimization", "ms_per_token", 6, 6, 12],
    ["llm-foundry", "llm-foundry-inference", "e2e_ms", 72, 6, 18],
    ["FasterTransformer", "fastertransformer-gpt", "e2e_ms", 193, 8, 22],
    ["TensorRT-LLM, static batches", /^trtllm-static/, "e2e_ms", 117, 6, 15],
    ["TensorRT-LLM 0.10 in flight", "trtllm-ifb-0.10.0", "tokens_per_s", 100, 10, 25],
    ["TensorRT-LLM 1.0", "trtllm-1.0-perf-overview", "tokens_per_s", 137, 12, 36],
    ["AIConfigurator, per token", "aic-silicon", "tpot_ms", 505, 6, 18],
    ["AIConfigurator, first token", "aic-silicon", "ttft_ms", 383, 20, 50],
    ["Splitwise, per token", "splitwise-sim-perf", "tpot_ms", 59, 14, 24],
    ["Splitwise, first token", "splitwise-sim-perf", "ttft_ms", 59, 20, 42],
    ["MLPerf offline", "mlperf-inference-v4.1", "req_per_s", 35, 12, 32],
    ["llama.cpp, answers", "llamacpp-gpu-benchmarks", "decode_tokens_per_s", 52, 8, 28],
    ["llama.cpp, prompts", "llamacpp-gpu-benchmarks", "prefill_tokens_per_s", 48, 12, 35]
  ]
  test.each(bounds)("%s", (name, family, metric, count, middle, most) => {
    const errors = absolute(believed(family, metric, name === "MLPerf offline" ? "offline" : undefined))
    expect(errors.length).toBeGreaterThanOrEqual(count)
    expect(100 * median(errors)).toBeLessThanOrEqual(middle)
    expect(100 * quantile(errors, 0.9)).toBeLessThanOrEqual(most)
  })

  test("measurements in doubt are listed with their reasons, and none is lost", () => {
    const doubted = report.points.filter((row) => row.doubt !== undefined && row.timeError !== null)
    expect(doubted.length).toBeGreaterThan(300)
    expect(report.summary.doubted.reduce((sum, { points }) => sum + points, 0)).toBe(doubted.length)
  })
})

describe("the report", () => {
  test("docs/accuracy.md is what validate writes today", () => {
    expect(readFileSync(new URL("../../docs/accuracy.md", import.meta.url), "utf8")).toBe(page)
  })

  test("has a row a metric with the fields of training's rows", () => {
    const row = report.points.find(({ id }) => id === "bloom_8xA100_accelerate_bf16_bs1")
    expect(Object.keys(row ?? {})).toEqual(
      expect.arrayContaining([
        "id",
        "metric",
        "measured",
        "predicted",
        "error",
        "timeError",
        "trust",
        "family",
        "stack"
      ])
    )
    expect(row).toMatchObject({ metric: "ms_per_token", measured: 230.38, trust: 1, stack: "accelerate" })
  })

  test("counts a clock once: a static batch that prints milliseconds a token, a step and in all", () => {
    const rows = report.points.filter(({ id }) => id === "bloom_8xA100_accelerate_bf16_bs8")
    expect(rows.map(({ metric, counts }) => [metric, counts])).toEqual([
      ["ms_per_token", true],
      ["step_ms", false],
      ["e2e_ms", false]
    ])
    const errors = rows.map(({ error }) => error ?? Number.NaN)
    expect(Math.max(...errors) - Math.min(...errors)).toBeLessThan(1e-3)
  })
})
