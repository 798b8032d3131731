/** What a server's timeline shows. */
import { describe, expect, test } from "vitest"
import { expandTemplates } from "../../src/trace/index.ts"
import { type ServingJob, simulateServing } from "../../src/serving/index.ts"
import { differences } from "./differences.ts"
import { listed, servingJob } from "./jobs.ts"

const traced = (changes: Partial<ServingJob>, law = {}): ServingJob =>
  servingJob({ law: { fixed: 1, perToken: 0, perContext: 0, ...law }, job: { trace: "full", ...changes } })

const rows = [
  [0, 4, 4],
  [1.5, 3, 2]
] as const

const slicesOf = (job: ServingJob): readonly (readonly [string, string, number, number])[] => {
  const { trace } = simulateServing(job, { source: listed(rows) })
  if (trace === null) return []
  const { slices, names, tracks } = trace
  return Array.from(slices.start, (start, row) => [
    tracks[slices.track[row]!]!.slice(1).join(" > "),
    names[slices.name[row]!]!,
    start,
    slices.duration[row]!
  ])
}

test("steps stand on the track of their stage, a leap drawn as its steps", () => {
  expect(slicesOf(traced({}))).toEqual([
    ["replica 0 > stage 0 > steps", "prefill 1", 0, 1],
    ["replica 0 > stage 0 > steps", "decode 1", 1, 1],
    ["replica 0 > stage 0 > steps", "prefill 1, decode 1", 2, 1],
    ["replica 0 > stage 0 > steps", "decode 2", 3, 1]
  ])
})

test("each stage and the host have tracks of their own", () => {
  const found = slicesOf(traced({}, { stages: 2, hop: 0.5, host: 0.1 })).slice(0, 3)
  expect(found.map(([track, name]) => [track, name])).toEqual([
    ["replica 0 > host > scheduling", "schedule and sample"],
    ["replica 0 > stage 0 > steps", "prefill 1"],
    ["replica 0 > stage 1 > steps", "prefill 1"]
  ])
  expect(found[1]![2]).toBeCloseTo(0.101, 12)
  expect(found[2]![2]).toBeCloseTo(1.601, 12)
})

test("kernels are templates of a step", () => {
  const { trace } = simulateServing(traced({}, { perContext: 0.25 }), { source: listed([[0, 4, 1]]) })
  const inner = [...expandTemplates(trace!)].map(({ name, startSeconds, durationSeconds }) => [
    trace!.names[name],
    startSeconds,
    durationSeconds
  ])
  expect(inner).toEqual([
    ["matrix products", 0, 1],
    ["attention", 1, 1]
  ])
})

test("lanes of requests, on demand, name their tokens, waiting, prefill and decode", () => {
  const lanes = slicesOf(traced({ requestLanes: true })).filter(([track]) => track.startsWith("requests"))
  expect(lanes).toEqual([
    ["requests > request 0: 4 + 4 tokens", "prefill", 0, 1],
    ["requests > request 0: 4 + 4 tokens", "decode", 1, 3],
    ["requests > request 1: 3 + 2 tokens", "waiting", 1.5, 0.5],
    ["requests > request 1: 3 + 2 tokens", "prefill", 2, 1],
    ["requests > request 1: 3 + 2 tokens", "decode", 3, 1]
  ])
})

test("lanes say which replica served the request, where there are several", () => {
  const found = slicesOf(traced({ requestLanes: true, replicas: 2 })).filter(([track]) => track.startsWith("requests"))
  expect(new Set(found.map(([track]) => track))).toEqual(
    new Set(["requests > request 0: 4 + 4 tokens on replica 0", "requests > request 1: 3 + 2 tokens on replica 1"])
  )
})

test("counters follow running and waiting requests and used blocks", () => {
  const { trace } = simulateServing(traced({}), { source: listed(rows) })
  const { samples, counters, names } = trace!
  const valuesOf = (name: string): readonly (readonly [number, number])[] =>
    Array.from(samples.time, (time, row) => [time, samples.value[row]!, samples.counter[row]!] as const)
      .filter(([, , counter]) => names[counters[counter]!.name] === name)
      .map(([time, value]) => [time, value])
  expect(valuesOf("waiting requests")).toContainEqual([1.5, 1])
  expect(valuesOf("running requests")).toContainEqual([2, 2])
  expect(valuesOf("used KV blocks").at(-1)).toEqual([4, 0])
})

describe("recording", () => {
  test("changes nothing in the log", () => {
    const job = servingJob({ workload: { requests: 200 } })
    expect(differences(simulateServing({ ...job, trace: "full", requestLanes: true }), simulateServing(job))).toEqual(
      []
    )
  })

  test("with a window keeps what overlaps it", () => {
    expect(slicesOf(traced({ trace: { window: [1.25, 2.5] } })).map(([, name]) => name)).toEqual([
      "decode 1",
      "prefill 1, decode 1"
    ])
  })

  test("a long leap is one slice", () => {
    const { trace } = simulateServing(traced({}), { source: listed([[0, 4, 201]]) })
    const { slices, names } = trace!
    expect(Array.from(slices.name, (name) => names[name])).toEqual(["prefill 1", "200 decode steps of 1"])
    expect(slices.duration[1]).toBe(200)
  })
})
