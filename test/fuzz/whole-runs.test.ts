/** Whole runs that nobody would plan: every field of training.run, mutated, played, and finite or refused. */
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { randomStream } from "../../src/random/index.ts"
import { formatIssue, impossibleIssue, resolveTraining } from "../../src/scenario/index.ts"
import { isImpossible, simulateTraining, simulateWholeRun } from "../../src/training/index.ts"
import { fromData, readText } from "./families.ts"
import { mutated, pick, withOtherNumber } from "./mutations.ts"

const table = `# Collective test starting: all_reduce_perf
#  Rank  0 Group  0 Pid  52 on    node-1 device  0 [0000:07:00] NVIDIA A100-SXM4-80GB
#  Rank  1 Group  0 Pid  52 on    node-1 device  1 [0000:0a:00] NVIDIA A100-SXM4-80GB
     1048576        524288      half     sum      -1    31.20   33.61   33.61       0    30.90   33.93   33.93       0
  1073741824     536870912      half     sum      -1  5120.00  209.72  209.72       0  5100.00  210.54  210.54       0
`

const component =
  "{ mtbf: 60 days, shape: 0.8, detection: 1 min, hang: { share: 0.2, timeout: 30 min }, nodes: 1, repair: 1 day }"

const machines = `
cluster: { system: dgx-a100, nodes: 2 }
model: gpt3-1.3b
price: { perAcceleratorHour: 2, perKilowattHour: 0.1, gramsPerKilowattHour: 57 }
seed: 5
`

const bases = [
  `${machines}
training:
  parallelism: { tensor: 2, data: 8 }
  globalBatch: 64
  sequenceLength: 1024
  zeroStage: 1
  run:
    tokens: 2B
    batchRamp: { from: 16, increment: 16, samples: 3000 }
    stages: [{ tokens: 1B }, { globalBatch: 128, sequenceLength: 2048, microBatch: 1, context: 1 }]
    failures: { gpu: ${component}, hbm: { rate: 1e-4 }, nic: { mtbf: 90 days }, switch: { count: 2, mtbf: 80 days }, host: { mtbf: 70 days }, software: { mtbf: 20 h, nodes: 0 } }
    detection: 1 min
    checkpoint: { interval: 1 h, mode: asynchronous, bandwidth: 10 GB/s, pause: 2 s }
    restart: { scheduler: 2 min, initialisation: 4 min, load: 1 min, warmUp: 1 min }
    spares: { nodes: 1, repair: 1 day, swap: 1 min }
    stops: [{ every: 1 day, lasting: 15 min }, { at: 3 h, lasting: 1 h }]
    slowNodes: { mtbf: 30 days, slowdown: 1.05, found: 6 h, repair: 1 h }
    runs: 3
`,
  `${machines}
training:
  parallelism: { tensor: 2, data: 8 }
  globalBatch: 64
  sequenceLength: 1024
  tokens: 1B
  run:
    failures: { gpu: ${component} }
    checkpoint: { interval: best, bytes: 20 GB, save: 40 s }
    restart: 15 min
    spares: { nodes: 0 }
    elastic: { least: 4, reconfigure: 2 min, stateFrom: replicas }
    runs: 2
`,
  `${machines}
training: { parallelism: { tensor: 2, data: 8 }, globalBatch: 64, sequenceLength: 1024, run: { tokens: 1B, checkpoint: { interval: { steps: 100 }, bandwidth: 1 GB/s }, runs: 1 } }
`
].map((text): unknown => parse(text))

/** Paths of the numbers in a value that are not finite. */
const notFinite = (value: unknown, path = ""): readonly string[] => {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [path]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => notFinite(inner, `${path}.${key}`))
}

describe("fuzzed whole runs", () => {
  test.each(bases.map((base, index) => [index, base] as const))("base %d is played", (_index, base) => {
    expect(played(base)).toBe("played")
  })

  test("a table of collectives stands in the scenario, spoilt or not", () => {
    const withTable = (text: string) => ({
      ...(parse(machines) as object),
      cluster: { system: "dgx-a100", measuredCollectives: [{ table: text }] },
      training: { globalBatch: 64, parallelism: { tensor: 2 }, sequenceLength: 1024, zeroStage: 1 }
    })
    const chance = randomStream(2023, "tables")
    expect(played(withTable(table))).toBe("no run")
    let [refused, read] = [0, 0]
    for (let index = 0; index < 100; index++) {
      const at = Math.floor(chance() * table.length)
      const spoilt = table.slice(0, at) + pick(chance, ["-1", "x", "\\n", "1e999", "", "0 "]) + table.slice(at + 1)
      if (played(withTable(spoilt)) === "refused") refused++
      else read++
    }
    expect(refused).toBeGreaterThan(10)
    expect(read).toBeGreaterThan(10)
  })

  test("a profile of the machine stands in the scenario, spoilt or not", () => {
    const profile = JSON.stringify({
      windtunnelProfile: 1,
      of: { kind: "training", accelerator: "a100-sxm-80gb", scaleUp: "nvlink3", network: null, stack: "megatron-core" },
      factors: { compute: 0.9, memory: 1.1, scaleUp: 0.95, host: 1.5 }
    })
    const withProfile = (text: string) => ({
      ...(parse(machines) as object),
      cluster: { system: "dgx-a100" },
      training: { globalBatch: 64, parallelism: { tensor: 2 }, sequenceLength: 1024, zeroStage: 1 },
      calibration: { profile: text }
    })
    const chance = randomStream(2024, "profiles")
    expect(played(withProfile(profile))).toBe("no run")
    let [refused, read] = [0, 0]
    for (let index = 0; index < 100; index++) {
      const at = Math.floor(chance() * profile.length)
      const spoilt = profile.slice(0, at) + pick(chance, ["-1", "x", "1e999", "", "0", "null"]) + profile.slice(at + 1)
      if (played(withProfile(spoilt)) === "refused") refused++
      else read++
    }
    expect(refused).toBeGreaterThan(10)
    expect(read).toBeGreaterThan(2)
  })

  test("300 of them end in finite numbers or in a refusal, none hangs", () => {
    const chance = randomStream(2022, "whole runs")
    const counts = { refused: 0, played: 0, "no run": 0 }
    for (let index = 0; index < 300; index++) {
      const start = performance.now()
      const base = pick(chance, bases)
      const data = chance() < 0.4 ? mutated(chance, base) : withOtherNumber(chance, base)
      try {
        counts[played(data)]++
      } catch (error) {
        throw new Error(`number ${index}: ${JSON.stringify(data)}`, { cause: error })
      }
      expect(performance.now() - start, `number ${index}`).toBeLessThan(20_000)
    }
    expect(counts.played).toBeGreaterThan(40)
    expect(counts.refused).toBeGreaterThan(20)
  })
})

const played = (data: unknown): "refused" | "played" | "no run" => {
  const loaded = fromData(data)
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded, { readText })
  if (resolved._tag === "Refused") {
    for (const issue of resolved.issues) expect(formatIssue(issue).length).toBeLessThan(2000)
    return "refused"
  }
  const { job } = resolved
  const settings = job.run?.settings
  const iteration = simulateTraining(job)
  if (isImpossible(iteration)) {
    if (loaded._tag === "LoadedScenario") expect(formatIssue(impossibleIssue(iteration, loaded))).not.toBe("")
    return "refused"
  }
  expect(notFinite({ ...iteration, trace: null })).toEqual([])
  if (settings === undefined || !iteration.memory.fits) return "no run"
  const run = simulateWholeRun(job, iteration, { ...settings, runs: Math.min(settings.runs, 2) })
  if ("_tag" in run) return "refused"
  expect(run.seconds.mean).toBeGreaterThan(0)
  expect(notFinite(run)).toEqual([])
  return "played"
}
