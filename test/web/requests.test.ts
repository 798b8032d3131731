/** Requests of a server as their lanes tell, and what the viewer reads of a server's result. */
import { describe, expect, test } from "vitest"
import { makeRecorder, type Trace } from "../../src/trace/index.ts"
import { latencyOf, requestLanes, requestsBetween, stepsOfRequest } from "../../web/model/requests.ts"
import { readResult } from "../../web/model/run-result.ts"
import { readServing, replicaBreakdown } from "../../web/model/serving-result.ts"
import { streamsOf } from "../../web/model/streams.ts"
import { timelineOf } from "../../web/model/timeline.ts"
import { rowsOf, treeOf } from "../../web/model/tree.ts"

/** Request 7 waits 1 s, is read in a step of 1 s, decodes twice, is put aside for 2 s, read again, and decodes once more. */
const served = (): Trace => {
  const recorder = makeRecorder({ mode: "full" })
  const steps = recorder.track(["run", "replica 1", "stage 0", "steps"])
  const other = recorder.track(["run", "replica 0", "stage 0", "steps"])
  const step = (track: number, name: string, start: number, seconds = 1): void =>
    void recorder.slice(track, recorder.name(name), start, seconds)
  step(steps, "prefill 1, decode 2", 1)
  step(steps, "prefill 1", 2)
  step(steps, "prefill 2", 3)
  step(steps, "2 decode steps of 3", 4, 2)
  step(steps, "decode 2", 6)
  step(steps, "decode 2", 7)
  step(steps, "prefill 1", 8)
  step(steps, "decode 3", 9)
  step(steps, "decode 2", 10)
  step(other, "decode 1", 2)
  const lane = (request: number, tokens: string): number =>
    recorder.track(["run", "requests", `request ${request}: ${tokens} tokens on replica 1`])
  const seventh = lane(7, "50 + 5")
  const draw = (track: number, name: string, start: number, end: number): void =>
    void recorder.slice(track, recorder.name(name), start, end - start)
  // As the simulator draws them: what was put aside first.
  draw(seventh, "preempted", 6, 8)
  draw(seventh, "waiting", 1, 2)
  draw(seventh, "prefill", 2, 3.5)
  draw(seventh, "decode", 3.5, 10)
  const tenth = lane(10, "10 + 1")
  draw(tenth, "prefill", 1, 2)
  draw(lane(8, "10 + 9"), "waiting", 4, 11)
  return recorder.finish()
}

const trace = served()
const lanes = requestLanes(trace)
const lane = (request: number) => [...lanes.values()].find((one) => one.request === request)!

describe("lanes of requests", () => {
  test("tell tokens, replica and times", () => {
    expect([...lanes.values()].map(({ request }) => request).sort((a, b) => a - b)).toEqual([7, 8, 10])
    expect(lane(7)).toMatchObject({
      prompt: 50,
      output: 5,
      replica: 1,
      arrival: 1,
      scheduled: 2,
      firstToken: 3.5,
      end: 10,
      preempted: [{ start: 6, end: 8 }]
    })
    expect(lane(8).scheduled).toBeNaN()
    expect(lane(10)).toMatchObject({ arrival: 1, scheduled: 1, end: 2 })
  })

  test("give the latencies: 2.5 s to the first token, 6.5 s for the four after it", () => {
    expect([latencyOf(lane(7), "ttft"), latencyOf(lane(7), "queueing"), latencyOf(lane(7), "e2e")]).toEqual([2.5, 1, 9])
    expect(latencyOf(lane(7), "tpot")).toBe(1.625)
    expect(latencyOf(lane(10), "tpot")).toBeNaN()
    expect(latencyOf(lane(8), "ttft")).toBeNaN()
  })

  test("are chosen by a range of latencies", () => {
    expect(requestsBetween(lanes, "ttft", [2, 3])).toEqual(new Set([lane(7).track]))
    expect(requestsBetween(lanes, "ttft", [0, 3])).toEqual(new Set([lane(7).track, lane(10).track]))
    expect(requestsBetween(lanes, "tpot", [2, 3]).size).toBe(0)
  })

  test("that were not chosen have no rows, and stand in the order of their numbers", () => {
    const timeline = timelineOf(trace)
    const streams = streamsOf(trace)
    const tree = treeOf(timeline, streams)
    const options = { streams, folded: new Set<string>(), pinned: new Set<string>(), filter: "" }
    const requestRows = (chosen?: ReadonlySet<number>): readonly string[] =>
      rowsOf(tree, timeline, chosen === undefined ? options : { ...options, chosen: { of: lanes, kept: chosen } })
        .rows.map(({ node }) => node.label)
        .filter((label) => label.startsWith("request "))
        .map((label) => label.split(":")[0]!)
    expect(requestRows()).toEqual(["request 7", "request 8", "request 10"])
    expect(requestRows(new Set([lane(10).track]))).toEqual(["request 10"])
  })

  test("of a trace without them are none", () => {
    expect(requestLanes(makeRecorder({ mode: "full" }).finish()).size).toBe(0)
  })
})

describe("steps of a request", () => {
  test("are those of its replica: read, answered, read again after it was put aside, and those of others", () => {
    const found = stepsOfRequest(trace, lane(7)).map(({ slice, phase, steps }) => [
      trace.slices.start[slice],
      phase,
      steps
    ])
    expect(found).toEqual([
      [2, "prefill", 1],
      // Of others in truth, but it might be a second chunk of the prompt: the trace cannot tell.
      [3, "prefill", 1],
      [4, "decode", 2],
      [8, "prefill", 1],
      [9, "decode", 1]
    ])
  })

  test("are none where it was never begun", () => {
    expect(stepsOfRequest(trace, lane(8))).toEqual([])
  })
})

describe("the result of a server", () => {
  const document = {
    scenario: { name: "chat" },
    result: {
      kind: "serving",
      window: { toSeconds: 100 },
      verdict: { kind: "stable", reasons: ["4 requests/s come", "more"] },
      latency: { ttft: { mean: 0.2, p50: 0.1, p90: 0.3, p95: 0.35, p99: 0.4 }, tpot: { p50: null } },
      distributions: { ttft: [0.1, 0.2], e2e: "none" },
      classes: [{ objectives: {} }, { objectives: { ttftSeconds: 0.5 } }],
      series: { until: [1, 2], running: [3, null], preemptionsPerSecond: [0, 0.5], cacheHitShare: [null, 0.9] },
      breakdown: {
        replica: {
          prefill: { gemm: 0.1, transfer: 0.05 },
          decode: { gemm: 0.4, attention: 0 },
          communication: 0.2,
          host: 0.05,
          bubble: 0,
          idle: 0.2
        }
      }
    }
  }
  const result = readResult(document)

  test("is read with what there is; what is no figure is not a number", () => {
    const figures = readServing(result)!
    expect(figures.verdict).toBe("stable: 4 requests/s come")
    expect(figures.latencies).toEqual([
      { metric: "ttft", values: { mean: 0.2, p50: 0.1, p90: 0.3, p95: 0.35, p99: 0.4 } }
    ])
    expect(figures.distributions).toEqual({ ttft: [0.1, 0.2], tpot: [], e2e: [], queueing: [] })
    expect(figures.goals).toEqual({ ttft: 0.5 })
    expect(figures.series.running).toEqual([3, Number.NaN])
    expect(figures.series.preemptionsPerSecond).toEqual([0, 0.5])
    expect(figures.series.cacheHitShare).toEqual([Number.NaN, 0.9])
    expect(figures.overTime.until).toEqual([])
  })

  test("has a breakdown that adds up to the run", () => {
    const parts = replicaBreakdown(document)
    expect(parts.map(({ name, kind, seconds }) => [name, kind, Math.round(seconds)])).toEqual([
      ["prefill: matrices", "compute", 10],
      ["decode: matrices", "compute", 40],
      ["weights streaming in", "memory", 5],
      ["communication", "tensor", 20],
      ["host", "host", 5],
      ["idle", "bubble", 20]
    ])
    expect(result?.breakdown).toEqual(parts)
  })

  test("of training is none", () => {
    expect(readServing(readResult({ result: { kind: "training" } }))).toBeUndefined()
  })
})
