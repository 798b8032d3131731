import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import {
  formatIssue,
  impossibleIssue,
  loadScenario,
  resolveTraining,
  scenarioFromData,
  type ScenarioIssue
} from "../../../src/scenario/index.ts"
import { isImpossible, simulateTraining, simulateWholeRun } from "../../../src/training/index.ts"
import { mutated } from "../../fuzz/mutations.ts"

const head = `cluster: { system: dgx-a100, nodes: 2 }
model: bloom-1b1
training:
  parallelism: { tensor: 2, pipeline: 2 }
  globalBatch: 32
  run:
`

const issuesOf = (run: string): readonly ScenarioIssue[] => {
  const readText = () => ({ text: head + run.replaceAll(/^/gm, "    ") })
  const loaded = loadScenario({ file: "mine.yaml", readText })
  const outcome = loaded._tag === "Refused" ? loaded : resolveTraining(loaded, { readText })
  return outcome._tag === "Refused" ? outcome.issues : []
}

describe("a run that cannot be is refused with its place", () => {
  const rows: readonly (readonly [run: string, place: string, path: string, expected: RegExp])[] = [
    ["tokens: none", "7:13", "tokens", /whole number/],
    ["runs: 3", "6:3", "tokens", /training.tokens/],
    ["tokens: 1B\nfailures: { gpu: { mtbf: 1 h, rate: 1e-5 } }", "8:22", "failures.gpu", /either mtbf/],
    ["tokens: 1B\nfailures: { nic: {} }", "8:22", "failures.nic", /either mtbf/],
    ["tokens: 1B\nfailures: { gpu: { mtbf: 0 s } }", "8:30", "failures.gpu.mtbf", /a time from 1 s/],
    ["tokens: 1B\nfailures: { gpu: { mtbf: 1 h, shape: 0 } }", "8:42", "failures.gpu.shape", /from 0.200 to 10/],
    ["tokens: 1B\nfailures: { cpu: { mtbf: 1 h } }", "8:17", "failures.cpu", /gpu, hbm, nic, switch, host, software/],
    ["tokens: 1B\ncheckpoint: { interval: 3 h }", "8:17", "checkpoint", /save, such as 40 s/],
    [
      "tokens: 1B\ncheckpoint: { save: 1 s, interval: often }",
      "8:40",
      "checkpoint.interval",
      /3 h, { steps: 100 }, or best/
    ],
    ["tokens: 1B\ncheckpoint: { save: 1 s, pause: 1 s }", "8:37", "checkpoint.pause", /asynchronous/],
    ["tokens: 1B\nelastic: {}", "8:5", "elastic", /spares as well/],
    ["tokens: 1B\nspares: { nodes: 1 }\nelastic: { least: 5 }", "9:23", "elastic.least", /at most 4/],
    ["tokens: 1B\nstops: [{ every: 1 h, lasting: 1 h }]", "8:36", "stops.0.lasting", /less than 3600/],
    ["tokens: 1B\nstops: [{ every: 1 h, at: 1 h, lasting: 1 h }]", "8:13", "stops.0", /either every or at/],
    ["tokens: 1B\nstages: [{}, {}]", "8:14", "stages.0", /tokens in every stage but the last/],
    ["tokens: 1B\nstages: [{ globalBatch: 30 }]", "8:29", "stages.0.globalBatch", /multiple of 4/],
    ["tokens: 1B\nstages: [{ context: 3 }]", "8:25", "stages.0.context", /divisor of 4/],
    ["tokens: 1B\nstages: []", "8:13", "stages", /1 to 100 stages/],
    ["tokens: 1B\nbatchRamp: { from: 64, increment: 4, samples: 1k }", "8:24", "batchRamp.from", /at most 32/],
    ["tokens: 1B\nbatchRamp: { from: 3, increment: 4, samples: 1k }", "8:24", "batchRamp.from", /multiple of 4/],
    ["tokens: 1B\nbatchRamp: { from: 4, increment: 2, samples: 1k }", "8:38", "batchRamp.increment", /multiple of 4/],
    ["tokens: 1e18", "7:13", "tokens", /at most/],
    ["tokens: 1B\nslowNodes: { mtbf: 1 year, slowdown: 0.9, found: 1 h }", "8:42", "slowNodes.slowdown", /from 1 to/],
    ["tokens: 1B\nruns: 1000000", "8:11", "runs", /from 1 to 10,000/]
  ]

  test.each(rows)("%j at %s", (run, place, path, expected) => {
    const issues = issuesOf(run)
    expect(issues.map((issue) => issue.path)).toEqual([`training.run.${path}`])
    const [issue] = issues
    expect(`${issue?.place?.line}:${issue?.place?.column}`).toBe(place)
    expect(issue?.expected).toMatch(expected)
  })

  test("all that is wrong at once", () => {
    const run = "tokens: 1B\nfailures: { gpu: {}, nic: {} }\ncheckpoint: {}\nelastic: {}"
    expect(issuesOf(run).map(({ path }) => path.replace("training.run.", ""))).toEqual([
      "failures.gpu",
      "failures.nic",
      "elastic",
      "checkpoint"
    ])
  })

  test("a batch of the ramp that its schedule cannot run, once it is simulated", () => {
    const loaded = scenarioFromData({
      name: "mine",
      data: {
        cluster: { system: "dgx-a100", nodes: 2 },
        model: "bloom-1b1",
        training: {
          parallelism: { pipeline: 4, virtualPipeline: 2, data: 4 },
          globalBatch: 32,
          run: { tokens: "1B", batchRamp: { from: 4, increment: 4, samples: 100 } }
        }
      }
    })
    const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
    if (loaded._tag === "Refused" || resolved._tag === "Refused") throw new Error(JSON.stringify(resolved))
    const iteration = simulateTraining(resolved.job)
    if (isImpossible(iteration)) throw new Error("impossible")
    const whole = simulateWholeRun(resolved.job, iteration, resolved.job.run!.settings!)
    if (!("_tag" in whole)) throw new Error("not refused")
    expect(impossibleIssue(whole, loaded)).toMatchObject({
      path: "training.run.batchRamp",
      given: "1 where 4 sequences are in an iteration",
      expected: "a multiple of the 4 stages"
    })
  })
})

/** A scenario with every field of a run. */
const all = {
  cluster: { system: "dgx-a100", nodes: 2 },
  model: "bloom-1b1",
  training: {
    parallelism: { tensor: 2, pipeline: 2, data: 4 },
    globalBatch: 32,
    sequenceLength: 1024,
    stack: "megatron-core",
    run: {
      tokens: "10B",
      batchRamp: { from: 8, increment: 8, samples: 10_000 },
      stages: [{ tokens: "1B", sequenceLength: 512 }, { tokens: "2B", microBatch: 2 }, { context: 2 }],
      failures: {
        gpu: { mtbf: "2000 h", shape: 0.7, hang: { share: 0.2, timeout: "30 min" } },
        hbm: { rate: 1e-4, detection: "1 min" },
        nic: { mtbf: "1 year", count: 16 },
        switch: { mtbf: "2 years", nodes: 2, repair: "1 h" },
        host: { mtbf: "100 days" },
        software: { mtbf: "3 days" }
      },
      detection: "2 min",
      checkpoint: { interval: "1 h", mode: "asynchronous", bandwidth: "2 GB/s", bytes: "14 GB", pause: "1 s" },
      restart: { scheduler: "5 min", initialisation: "1 min", load: "1 min", warmUp: "1 min" },
      spares: { nodes: 1, repair: "1 day", swap: "5 min" },
      elastic: { least: 2, reconfigure: "2 min", stateFrom: "checkpoint" },
      stops: [
        { every: "7 days", lasting: "2 h" },
        { at: "1 day", lasting: "1 h" }
      ],
      slowNodes: { mtbf: "1 year", slowdown: 1.05, found: "1 day", repair: "1 h" },
      runs: 2
    }
  },
  price: { perAcceleratorHour: 1, perKilowattHour: 0.1, gramsPerKilowattHour: 57 },
  measured: { run: { duration: "3 days", goodput: 0.9, interruptions: 3, cost: 100, energy: "1 MWh" } }
}

const notFinite = (value: unknown, path = ""): readonly string[] => {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [path]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => notFinite(inner, `${path}.${key}`))
}

describe("fuzzed runs", () => {
  const chance = randomStream(54, "fuzzed runs")
  const counts = { refused: 0, simulated: 0 }

  test("end in finite numbers or in a refusal", () => {
    for (let round = 0; round < 1500; round++) {
      const { run } = all.training
      const data = { ...all, training: { ...all.training, run: mutated(chance, structuredClone(run)) } }
      const loaded = scenarioFromData({ name: "fuzzed", data })
      const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
      if (loaded._tag === "Refused" || resolved._tag === "Refused") {
        const { issues } = resolved as Extract<typeof resolved, { readonly _tag: "Refused" }>
        expect(issues.length).toBeGreaterThan(0)
        for (const issue of issues) expect(formatIssue(issue).length).toBeLessThan(2000)
        counts.refused++
        continue
      }
      const { settings } = resolved.job.run ?? {}
      const iteration = simulateTraining(resolved.job)
      if (isImpossible(iteration)) throw new Error(JSON.stringify(iteration))
      // Taking the run away is a scenario as well.
      if (settings === undefined) continue
      const whole = simulateWholeRun(resolved.job, iteration, { ...settings, runs: Math.min(settings.runs, 2) })
      if ("_tag" in whole) {
        expect(impossibleIssue(whole, loaded).path).toMatch(/^training\.run/)
        continue
      }
      expect(notFinite(whole), JSON.stringify(data.training.run)).toEqual([])
      const parts = Object.values(whole.breakdown)
      const total = parts.reduce((sum, part) => sum + part, 0)
      expect(Math.abs(total / whole.seconds.mean - 1), JSON.stringify(data.training.run)).toBeLessThan(1e-9)
      expect(Math.min(...parts)).toBeGreaterThanOrEqual(-1e-6 * whole.seconds.mean)
      counts.simulated++
    }
    expect(counts.refused).toBeGreaterThan(50)
    expect(counts.simulated).toBeGreaterThan(50)
  })
})
