import { describe, expect, test } from "vitest"
import {
  resolveTraining,
  scenarioFromData,
  subjectOf,
  type AttainedFactors,
  type LoadedScenario,
  type ProfileSubject
} from "../../src/scenario/index.ts"
import { parseNcclTests, planCollective } from "../../src/cluster/index.ts"
import { analyticGemmSeconds, makeDevice } from "../../src/kernels/index.ts"
import {
  benchPoints,
  calibrateMachine,
  collectivePoint,
  fitFactors,
  kernelPoints,
  parseRows,
  trainingPoint,
  type LocalPoint,
  type MachineCalibration
} from "../../src/validation/index.ts"
import { serving, smallServer, training } from "../report/resolved.ts"

const loadedOf = (data: unknown): LoadedScenario => {
  const loaded = scenarioFromData({ name: "test", data })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  return loaded
}

/** A training of one kind of machine that is bound by `microBatch` and size. */
const scenario = (model: string, fields: object, cluster: object = { accelerators: 1 }) => ({
  cluster: { system: "dgx-a100", ...cluster },
  model,
  training: { sequenceLength: 2048, stack: "megatron-deepspeed", ...fields }
})

const compute = scenario("llama-2-7b", { microBatch: 8, globalBatch: 64 })
const middle = scenario("bloom-1b1", { microBatch: 4, globalBatch: 16 })
const hostBound = scenario(
  "bloom-560m",
  { microBatch: 1, globalBatch: 8, parallelism: { tensor: 2, pipeline: 2, data: 2 } },
  { accelerators: 8 }
)
const wide = scenario(
  "mpt-7b",
  { microBatch: 1, globalBatch: 32, parallelism: { data: 32 }, stack: "megatron-deepspeed" },
  { nodes: 4 }
)

const of: ProfileSubject = subjectOf({ ...training(wide).job, kind: "training" })

/** The same machine measured where it attains `truth`, exactly. */
const measured = (data: object, truth: AttainedFactors): LocalPoint => {
  const loaded = loadedOf(data)
  const exact = trainingPoint("exact", loaded, {}, "iterationSeconds", 1).predict(truth)
  if (typeof exact === "string") throw new Error(exact)
  return trainingPoint("measured", loaded, {}, "iterationSeconds", exact)
}

const calibrated = (points: readonly LocalPoint[]): MachineCalibration => {
  const found = calibrateMachine(of, points)
  if ("reason" in found) throw new Error(`${found.name}: ${found.reason}`)
  return found
}

describe("a machine whose factors are known", () => {
  const truth = { compute: 0.85, memory: 0.9, host: 1.3, network: 0.7 }
  const job = training(wide).job
  const slowed = { ...job.accelerator, attained: { compute: truth.compute, memory: truth.memory } }
  const shapes = [
    [8192, 8192, 8192],
    [4096, 4096, 8192],
    [16, 8192, 8192],
    [8, 16384, 8192]
  ] as const
  const kernelSeconds = shapes.map(([m, n, k]) =>
    analyticGemmSeconds(makeDevice(slowed), { m, n, k, datatype: "bf16" }, 1)
  )

  test("is found again from iterations, kernels and collectives", () => {
    const table = { name: "kernels", datatype: "bf16" as const, m: Float64Array.from(shapes, ([m]) => m), n: Float64Array.from(shapes, ([, n]) => n), k: Float64Array.from(shapes, ([, , k]) => k), seconds: Float64Array.from(kernelSeconds) } // prettier-ignore
    const wires = { ...job.fabric, network: job.fabric.network && { ...job.fabric.network, link: { ...job.fabric.network.link, collectiveShare: job.fabric.network.link.collectiveShare * truth.network } } } // prettier-ignore
    const bytes = Float64Array.of(1e7, 1e8, 1e9)
    const group = { ranks: 32, perDomain: 8, domains: 4 }
    const sweep = { name: "nccl", kind: "allReduce" as const, ranks: 32, nodes: 4, bytes, seconds: bytes.map((size) => planCollective(wires, "allReduce", size, group).seconds) } // prettier-ignore
    const found = calibrated([
      ...[compute, middle, hostBound, wide].map((data) => measured(data, truth)),
      ...kernelPoints("kernels", loadedOf(wide), {}, table),
      collectivePoint("nccl", loadedOf(wide), {}, sweep)
    ])
    for (const { name, value, interval, isDetermined } of found.fit.factors) {
      if (!isDetermined) continue
      const exact = { scaleUp: 1, ...truth }[name]
      expect(Math.abs(Math.log(value / exact))).toBeLessThan(0.04)
      expect(interval[0]).toBeLessThan(exact)
      expect(interval[1]).toBeGreaterThan(exact)
    }
    expect(Object.keys(found.factors)).toEqual(expect.arrayContaining(["compute", "memory", "network", "host"]))
    for (const { calibratedError, rawError } of found.points)
      expect(Math.abs(calibratedError)).toBeLessThan(Math.max(0.02, Math.abs(rawError) / 3))
  })

  test("one measurement moves the prediction to it, and does not worsen others", () => {
    const { points, factors, fit } = calibrated([measured(compute, { compute: 0.85 })])
    expect(points[0]?.rawError).toBeLessThan(-0.1)
    expect(Math.abs(points[0]?.calibratedError ?? 1)).toBeLessThan(0.015)
    expect(Object.keys(factors)).toEqual(["compute"])
    expect(fit.factors.filter(({ isDetermined }) => !isDetermined).every(({ value }) => value === 1)).toBe(true)
    for (const other of [middle, wide]) {
      const point = measured(other, { compute: 0.85 })
      const error = (attained: AttainedFactors): number => Math.abs(Math.log(Number(point.predict(attained)) / point.measured)) // prettier-ignore
      expect(error(factors)).toBeLessThan(error({}))
    }
  })

  test("a measurement that agrees changes nothing, and narrows the interval", () => {
    const { factors, points } = calibrated([measured(compute, {})])
    expect(factors.compute).toBeCloseTo(1, 6)
    const [low, high] = points[0]?.interval ?? [0, Infinity]
    expect(high / low).toBeLessThan(1.2)
  })

  test("what cannot be predicted is named", () => {
    const point = trainingPoint("mine.yaml", loadedOf(smallServer), {}, "iterationSeconds", 1)
    expect(calibrateMachine(of, [point])).toMatchObject({ reason: expect.stringMatching(/is of training/) })
  })
})

describe("a server", () => {
  test("is calibrated to the numbers of vLLM's benchmark", () => {
    const loaded = loadedOf({ ...smallServer, workload: { ...smallServer.workload, arrivals: { closedLoop: { users: 8 } } } }) // prettier-ignore
    const names = ["mean_ttft_ms", "mean_tpot_ms", "output_throughput"]
    const any = Object.fromEntries(names.map((name) => [name, 1]))
    const truth = { memory: 0.8 }
    const numbers = benchPoints("server", loaded, {}, any).map(({ predict }) => Number(predict(truth)))
    const points = benchPoints("server", loaded, {}, Object.fromEntries(names.map((name, index) => [name, numbers[index] ?? null]))) // prettier-ignore
    const target = serving(smallServer).job.target
    const found = calibrateMachine(subjectOf({ ...target, kind: "serving" }), points)
    if ("reason" in found) throw new Error(found.reason)
    expect(found.factors.memory).toBeGreaterThan(0.77)
    expect(found.factors.memory).toBeLessThan(0.84)
    for (const { rawError, calibratedError } of found.points)
      expect(Math.abs(calibratedError)).toBeLessThan(Math.max(0.02, Math.abs(rawError) / 2))
  })
})

describe("a benchmark of other requests", () => {
  const reasonOf = (numbers: Readonly<Record<string, number>>): unknown => {
    const loaded = loadedOf({ ...smallServer, workload: { ...smallServer.workload, prompt: 200, output: 50 } })
    return benchPoints("server", loaded, {}, { mean_tpot_ms: 10, ...numbers })[0]?.predict({})
  }

  test("than the scenario's is not fitted to", () => {
    expect(reasonOf({ completed: 10, total_input_tokens: 1000, total_output_tokens: 500 })).toBe(
      "the benchmark's requests had 100 prompt tokens in the mean, the scenario's have 200: give the scenario its lengths"
    )
    expect(reasonOf({ completed: 10, total_input_tokens: 2000, total_output_tokens: 300 })).toMatch(/had 30.0 output/)
  })

  test("that are alike, or of which it says nothing, is", () => {
    expect(reasonOf({ completed: 10, total_input_tokens: 1900, total_output_tokens: 500 })).toBeTypeOf("number")
    expect(reasonOf({})).toBeTypeOf("number")
  })
})

describe("factors", () => {
  test("that nothing informs stay 1, those that two measurements tell apart are found", () => {
    const widths = (["a", "b", "c"] as const).map((name) => ({ name, width: 0.3 }))
    // log(predicted / measured): one feels a, the other both a and b.
    const found = fitFactors(widths, ({ a, b }) => [Math.log(a / 1.2), Math.log((a * b) / 1.08)])
    const [a, b, c] = found.factors
    expect(a?.value).toBeCloseTo(1.2, 1)
    expect(b?.value).toBeCloseTo(0.9, 1)
    expect(c).toEqual({ name: "c", value: 1, interval: [Math.exp(-1.645 * 0.3), Math.exp(1.645 * 0.3)], isDetermined: false }) // prettier-ignore
  })

  test("that contradict each other widen the scatter and the interval", () => {
    const one = [{ name: "a", width: 0.3 } as const]
    const agree = fitFactors(one, ({ a }) => [1.1, 1.1, 1.1].map((y) => Math.log(a / y)))
    const differ = fitFactors(one, ({ a }) => [1, 1.1, 1.21].map((y) => Math.log(a / y)))
    expect(differ.factors[0]?.value).toBeCloseTo(agree.factors[0]?.value ?? 0, 1)
    expect(differ.scatter).toBeGreaterThan(2 * agree.scatter)
    expect(differ.spread[0]).toBeGreaterThan(2 * (agree.spread[0] ?? 1))
  })
})

describe("a table of measurements", () => {
  test("has a scenario, changes, a metric and a value in each row, comments apart", () => {
    const text = 'scenario,set,metric,value\n# last week\na.yaml,,iterationSeconds,12.5\n"b,c.yaml",training.microBatch=2; seed=3,bench,out/bench.json\n' // prettier-ignore
    expect(parseRows(text)).toEqual([
      { line: 3, scenario: "a.yaml", set: [], metric: "iterationSeconds", value: 12.5 },
      { line: 4, scenario: "b,c.yaml", set: ["training.microBatch=2", "seed=3"], metric: "bench", value: "out/bench.json" } // prettier-ignore
    ])
    expect(parseRows("metric,value,scenario\nkernels,k.csv,a\n")).toMatchObject([{ set: [], metric: "kernels" }])
  })

  test.each([
    ["", 1, /header/],
    ["scenario,value\na,1\n", 1, /header/],
    ["scenario,set,metric,value\n", 2, /at least one/],
    ["scenario,set,metric,value\n,,bench,b.json\n", 2, /a scenario in every row/],
    ["scenario,set,metric,value\na,,seconds,1\n", 2, /one of iterationSeconds, tokensPerSecond/],
    ["scenario,set,metric,value\na,,iterationSeconds,\n", 2, /positive number/],
    ["scenario,set,metric,value\na,,iterationSeconds,-3\n", 2, /positive number/],
    ["scenario,set,metric,value\na,,iterationSeconds,NaN\n", 2, /positive number/],
    ["scenario,set,metric,value\na,,collectives,\n", 2, /nccl-tests/]
  ])("%j is refused with its line", (text, line, expected) => {
    expect(parseRows(text)).toMatchObject({ _tag: "RowProblem", line, expected: expect.stringMatching(expected) })
  })
})

test("the calibration of a scenario holds for its own machines alone", () => {
  const profile = (subject: Partial<ProfileSubject>, factors: AttainedFactors): string =>
    JSON.stringify({ windtunnelProfile: 1, name: "mine", of: { ...of, ...subject }, factors })
  const resolve = (data: object, text: string) =>
    resolveTraining(loadedOf({ ...data, calibration: { profile: text } }), {})
  const own = resolve(compute, profile({}, { compute: 0.9 }))
  expect(own).toMatchObject({ _tag: "ResolvedTraining", job: { accelerator: { attained: { compute: 0.9 } } } })
  if (own._tag !== "ResolvedTraining") throw new Error("refused")
  expect(own.job.evidence).toContainEqual(expect.objectContaining({ constant: { value: 0.9, origin: "calibrated", source: "mine" } })) // prettier-ignore
  expect(own.hash).not.toBe(training(compute).hash)
  for (const [subject, factors, problem] of [
    [{ accelerator: "h100-sxm" }, { compute: 0.9 }, /another accelerator/],
    [{ stack: "megatron-core" }, { compute: 0.9 }, /another stack/],
    [{ kind: "serving" }, { compute: 0.9 }, /another kind/],
    [{ network: "ib-hdr-x" }, { network: 0.9 }, /another network/],
    [{}, { compute: 90 }, /factor from 0\.05 to 20|factors\.compute/]
  ] as const)
    expect(resolve(compute, profile(subject, factors))).toMatchObject({ _tag: "Refused", issues: [{ path: "calibration", problem: expect.stringMatching(problem) }] }) // prettier-ignore
  // A network that the profile does not touch may be another.
  expect(resolve(compute, profile({ network: "other" }, { compute: 0.9 }))).toMatchObject({ _tag: "ResolvedTraining" })
  expect(resolve(compute, "{")).toMatchObject({ _tag: "Refused", issues: [{ problem: "the profile is no JSON" }] })
})

test("nccl-tests' output is one measurement of its machine", () => {
  const text = [
    "# nccl-tests version 2.17.6 nccl-headers=22602 nccl-library=22602",
    "# Collective test starting: all_reduce_perf",
    ...Array.from({ length: 8 }, (_, rank) => `#  Rank  ${rank} Group  0 Pid  52 on    node-1 device  ${rank} [0000:0${rank}:00] NVIDIA A100-SXM4-80GB`), // prettier-ignore
    "#       size         count      type   redop    root     time   algbw   busbw  #wrong     time   algbw   busbw  #wrong",
    "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)             (us)  (GB/s)  (GB/s)",
    "       65536         16384     float     sum      -1     50.0    1.31    2.29       0     50.0    1.31    2.29       0",
    "     4194304       1048576     float     sum      -1    400.0   10.49   18.35       0    400.0   10.49   18.35       0"
  ].join("\n")
  const sweep = parseNcclTests("all_reduce.txt", text)
  if ("_tag" in sweep) throw new Error(sweep.expected)
  const point = collectivePoint("mine", loadedOf(wide), {}, sweep)
  expect(point.measured).toBeCloseTo(400e-6, 9)
  expect(Number(point.predict({ scaleUp: 0.5 }))).toBeGreaterThan(1.3 * Number(point.predict({})))
  expect(point.predict({ network: 0.5 })).toBe(point.predict({}))
})
