/** A whole training run as the viewer reads it, and its course as a trace. */
import { describe, expect, test } from "vitest"
import { colourOf, kindOfColour } from "../../web/model/kinds.ts"
import { readResult } from "../../web/model/run-result.ts"
import { courseTrace, failuresOf, readWholeRun } from "../../web/model/whole-run.ts"

const spread = (mean: number) => ({ mean, p5: mean * 0.9, p50: mean, p95: mean * 1.1 })

/** 100 steps of 10 s, saved every 40; a failure 905 s in falls back to step 80. */
const wholeRun = {
  tokens: 1e9,
  steps: 100,
  runs: 20,
  unfinished: 0,
  idealSeconds: 1000,
  seconds: spread(1200),
  goodput: spread(0.8),
  acceleratorHours: spread(3),
  breakdown: {
    productive: 1000,
    slowed: 0,
    checkpoint: 10,
    lost: 105,
    detection: 25,
    waiting: 0,
    swap: 0,
    restart: 60,
    planned: 0
  },
  lostSeconds: spread(105),
  interruptions: { total: spread(1), unplanned: spread(1), byComponent: { gpu: 1, host: 0 }, planned: 0, slowNodes: 0 },
  kilowattHours: spread(5),
  cost: null,
  checkpoint: {
    intervalSeconds: 400,
    pauseSeconds: 5,
    advice: {
      tried: [100, 200, 400].map((intervalSeconds) => ({ intervalSeconds, runSeconds: 1200 + intervalSeconds }))
    }
  },
  course: {
    doing: ["running", "detection", "restart", "running", "finishing"],
    until: [905, 930, 990, 1190, 1195],
    fromStep: [0, 89, 80, 80, 100],
    toStep: [89, 89, 80, 100, 100],
    savedStep: [80, 80, 80, 80, 100],
    firstSave: [405, 0, 0, 0, 0],
    savePeriod: [405, 0, 0, 0, 0],
    saves: [2, 0, 0, 0, 0],
    cause: ["gpu", null, null, null, null],
    isCut: false
  }
}
const documentOf = (changes: object = {}) => ({ result: { kind: "training" }, wholeRun: { ...wholeRun, ...changes } })
const read = (changes?: object) => readWholeRun(readResult(documentOf(changes)))

describe("a whole run", () => {
  test("is read with its parts, causes, and the failures of its course", () => {
    const run = read()!
    expect(run.breakdown.map(({ name, seconds }) => [name, seconds])).toEqual([
      ["training", 1000],
      ["work done again", 105],
      ["checkpoints", 10],
      ["restarting", 60],
      ["until noticed", 25]
    ])
    expect(run.byCause).toEqual([["gpu", 1]])
    expect(run.checkpoint!.tried).toHaveLength(3)
    expect(failuresOf(run)).toEqual([{ at: 905, cause: "gpu", step: 89, stepsLost: 9, outSeconds: 85 }])
    expect(run.spans[0]!.saves).toEqual([405, 810])
  })

  test("is none in the result of an iteration, and nothing wrong in a file is believed", () => {
    expect(readWholeRun(readResult({ result: { kind: "training" } }))).toBeUndefined()
    expect(read({ seconds: { mean: "long" } })).toBeUndefined()
    const cut = { ...wholeRun.course, until: [905, 900, "x"] }
    expect(read({ course: cut })!.spans).toHaveLength(1)
    expect(read({ course: { until: [Number.NaN] } })!.spans).toEqual([])
    expect(read({ course: { ...wholeRun.course, saves: [1e12] } })!.spans[0]!.saves).toEqual([])
    expect(read({ course: null, checkpoint: null, interruptions: 7 })!.byCause).toEqual([])
  })

  test("is a trace: steps, saves, what a failure cost, arrows from it, and the steps done as a counter", () => {
    const trace = courseTrace(read()!)
    const { slices, names, tracks, flows, samples } = trace
    const shown = Array.from(slices.track, (track, slice) => [
      tracks[track]!.at(-1),
      names[slices.name[slice]!],
      slices.start[slice],
      slices.duration[slice]
    ])
    expect(shown).toEqual([
      ["steps", "steps 0 to 89, ended by a failure: gpu", 0, 905],
      ["saving", "checkpoint", 400, 5],
      ["saving", "checkpoint", 805, 5],
      ["until noticed", "until the failure is noticed", 905, 25],
      ["restart", "restart", 930, 60],
      ["steps", "steps 80 to 100", 990, 200],
      ["saving", "last save", 1190, 5]
    ])
    expect(Array.from(flows.from, (from, flow) => [from, flows.to[flow]])).toEqual([
      [0, 3],
      [3, 4],
      [4, 5]
    ])
    expect(samples.value.at(-1)).toBe(100)
    expect(Math.max(...samples.value.subarray(0, samples.time.indexOf(905) + 1))).toBe(89)
    expect(
      ["steps", "saving", "until noticed", "restart", "planned stop"].map((name) => kindOfColour(colourOf(name, "")))
    ).toEqual(["compute", "memory", "pipeline", "host", "other"])
  })
})
