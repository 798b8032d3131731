import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import {
  compareInference,
  decodeInferencePoint,
  isInferencePoint,
  readMeasurementFiles,
  runServingValidation,
  type InferenceRow,
  type PredictServing
} from "../../src/validation/index.ts"
import { bloomScript, changedScript } from "./inference-points.ts"
import { bloom } from "./points.ts"

const refuse: PredictServing = () => ({ reason: "nothing is simulated here" })

const read = (...points: readonly unknown[]) => {
  const set = readMeasurementFiles([{ name: "mine.json", text: JSON.stringify(points) }])
  if ("_tag" in set) throw new Error(set.issues.map(({ problem }) => problem).join("; "))
  return set
}

describe("a file", () => {
  test("may hold points of training, of inference, or both", () => {
    expect(isInferencePoint(bloomScript)).toBe(true)
    expect(isInferencePoint(bloom)).toBe(false)
    const { training, inference } = read(bloom, bloomScript, bloom)
    expect(training.map(({ id }) => id)).toEqual([bloom.id, bloom.id])
    expect(inference.map(({ id }) => id)).toEqual([bloomScript.id])
  })

  test("names the place of a bad point of training in a mixed file", () => {
    const set = readMeasurementFiles([{ name: "mine.json", text: JSON.stringify([bloomScript, { kind: 5 }]) }])
    expect("_tag" in set ? [] : set.training).toEqual([{ id: "point 1", unreadable: expect.stringMatching(/^id: /) }])
  })

  test.each([
    ["", "not JSON"],
    ["{", "not JSON"],
    ["{}", "expected a list of points"]
  ])("%j is refused as a whole", (text, problem) => {
    const set = readMeasurementFiles([{ name: "mine.json", text }])
    expect("_tag" in set && set.issues[0]?.problem).toContain(problem)
  })

  test("unknown fields are nobody's business", () => {
    const point = decodeInferencePoint(changedScript({ colour: "red", measured: { ttft_ms: 5, vibe: ["good"] } }), 0)
    expect(point).not.toHaveProperty("reason")
  })
})

describe("an odd point is a row with its reason, and spoils nothing", () => {
  const rowsOf = (written: unknown): readonly InferenceRow[] =>
    compareInference(decodeInferencePoint(written, 7), refuse)

  test.each([
    [changedScript({ model: [1] }), /model/],
    [changedScript({ workload: { batch: { n: 1 } } }), /workload\.batch: .*number/],
    [changedScript({ measured: { ttft_ms: [5] } }), /measured\.ttft_ms/],
    [changedScript({ measured: { ttft_ms: "fast" } }), /measured\.ttft_ms is not a positive number/],
    [changedScript({ measured: { ttft_ms: -1 } }), /measured\.ttft_ms is not a positive number/],
    [changedScript({ measured: {} }), /no metric is stated/],
    [changedScript({ measured: null }), /no metric is stated/],
    [changedScript({ cluster: "eight big ones" }), /cluster/],
    [null, /./],
    [5, /./],
    [{}, /accelerator is not given/]
  ])("%j", (written, reason) => {
    const rows = rowsOf(written)
    expect(rows).toHaveLength(1)
    expect(rows[0]?.predicted).toBeNull()
    expect(rows[0]?.reason).toMatch(reason)
  })

  test("a point without id is named by its place", () => {
    expect(rowsOf({ ...bloomScript, id: undefined })[0]?.id).toBe("point 7")
  })

  test("any field may hold any JSON value: 2,000 points drawn by lot give rows, never an error", () => {
    const random = randomStream(4, "odd points")
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
    const values = [null, true, "", "x", "1e999", "128-512", 0, -1, 2.5, 1e300, [], {}, [1], { a: 1 }, "8", "inf", 16]
    const groups = ["model", "cluster", "parallel", "workload", "measured"] as const
    const spoil = (): Record<string, unknown> => {
      const point: Record<string, unknown> = structuredClone(bloomScript)
      for (let change = 0; change < 3; change++) {
        const field = pick([...Object.keys(point), "version", "stack"])
        if (!groups.some((group) => group === field) || random() < 0.3) point[field] = pick(values)
        else {
          const group = point[field]
          if (typeof group === "object" && group !== null && !Array.isArray(group)) {
            const inner = group as Record<string, unknown>
            inner[pick([...Object.keys(inner), "n", "tp", "rate", "concurrency", "oom", "fits"])] = pick(values)
          }
        }
      }
      return point
    }
    for (let index = 0; index < 2000; index++) {
      const rows = compareInference(decodeInferencePoint(spoil(), index), refuse)
      expect(rows.length).toBeGreaterThan(0)
      for (const row of rows) expect(row.reason ?? row.metric).toBeTruthy()
    }
  })

  test("uncovered points are counted with their reasons", () => {
    const entries = [decodeInferencePoint({}, 0), decodeInferencePoint(changedScript({ precision: "ternary" }), 1)]
    const { summary } = runServingValidation(entries, refuse)
    expect(summary.all).toEqual({
      points: 2,
      covered: 0,
      reasons: { "the accelerator is not given": 1, 'the number format "ternary" is not one we know': 1 }
    })
  })
})
