import { describe, expect, test } from "vitest"
import { resolveServing, resolveTraining, scenarioFromData, type ScenarioIssue } from "../../src/scenario/index.ts"
import { simulateTraining } from "../../src/training/index.ts"

type Fields = Readonly<Record<string, unknown>>

const scenario = (cluster: Fields = {}, training: Fields = {}, model = "mixtral-8x7b"): Fields => ({
  cluster: { system: "jean-zay-a100", nodes: 4, ...cluster },
  model,
  training: { parallelism: { tensor: 2, data: 16, expert: 4 }, globalBatch: 32, ...training }
})

const outcomeOf = (data: Fields) => {
  const loaded = scenarioFromData({ name: "test", data })
  return loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
}

const onlyIssue = (data: Fields): ScenarioIssue => {
  const outcome = outcomeOf(data)
  const issues = outcome._tag === "Refused" ? outcome.issues : []
  expect(issues).toHaveLength(1)
  const [issue] = issues
  if (issue === undefined) throw new Error("no issue")
  return issue
}

const jobOf = (data: Fields) => {
  const outcome = outcomeOf(data)
  if (outcome._tag === "Refused") throw new Error(JSON.stringify(outcome.issues))
  return outcome.job
}

test("shares may be written in percent, and what is left out is not there", () => {
  const job = jobOf(scenario({ irregularities: [{ node: 3, accelerator: 1, speed: "93 %" }] }, { jitter: "2 %" }))
  expect(job.irregularities).toEqual({
    hardware: [{ node: 3, accelerator: 1, speed: 0.93 }],
    jitter: 0.02,
    unevenData: null,
    expertLoads: null
  })
  expect(jobOf(scenario()).irregularities).toBeUndefined()
  expect(jobOf(scenario({ irregularities: [] }, { jitter: 0 })).irregularities).toBeUndefined()
})

test("loads of experts are over their mean, and the busiest is the job's imbalance", () => {
  const job = jobOf(scenario({}, { expertImbalance: [4, 2, 1, 1] }))
  expect(job.expertImbalance).toBe(2)
  expect(job.irregularities?.expertLoads).toEqual([2, 1, 0.5, 0.5])
  expect(jobOf(scenario({}, { expertImbalance: 1.5 })).irregularities).toBeUndefined()
})

describe("what cannot be is refused with its place", () => {
  const faults = (...irregularities: readonly Fields[]): Fields => scenario({ irregularities })
  const rows: readonly (readonly [name: string, data: Fields, path: string, problem: string, expected: string])[] = [
    [
      "a node beyond the last",
      faults({ node: 4, speed: 0.9 }),
      "cluster.irregularities.0.node",
      "there is no node 4",
      "a node from 0 to 3"
    ],
    [
      "an accelerator beyond the last",
      faults({ node: 0, accelerator: 8, speed: 0.9 }),
      "cluster.irregularities.0.accelerator",
      "a node has 8 accelerators",
      "a number from 0 to 7"
    ],
    [
      "a card of an accelerator",
      faults({ node: 0, accelerator: 1, network: 0.5 }),
      "cluster.irregularities.0.accelerator",
      "network cards belong to the node",
      "no accelerator beside network"
    ],
    [
      "nothing",
      faults({ node: 1 }),
      "cluster.irregularities.0",
      "nothing is wrong with node 1",
      "one of speed, scaleUp, network, missingNics"
    ],
    [
      "the last card missing",
      faults({ node: 1, missingNics: 4 }),
      "cluster.irregularities.0.missingNics",
      "node 1 has 4 network cards and would have none",
      "at most 3"
    ],
    [
      "the last card missing, in two parts",
      faults({ node: 1, missingNics: 3 }, { node: 1, missingNics: 1 }),
      "cluster.irregularities.1.missingNics",
      "node 1 has 4 network cards and would have none",
      "no missing card"
    ],
    [
      "a node that is faster than its like",
      faults({ node: 0, speed: 2 }),
      "cluster.irregularities.0.speed",
      "given 2",
      "a share from 0.0100 to 1, such as 0.93"
    ],
    [
      "shares for another number of replicas",
      scenario({}, { unevenData: { replicas: [1, 2] } }),
      "training.unevenData.replicas",
      "2 shares for 16 replicas",
      "a list of 16 numbers, one a replica"
    ],
    [
      "both kinds of uneven data",
      scenario({}, { unevenData: { replicas: [1, 2], deviation: 0.1 } }),
      "training.unevenData",
      "given {",
      "a map with exactly one of deviation, replicas"
    ],
    [
      "loads for another number of expert ranks",
      scenario({}, { expertImbalance: [1, 2] }),
      "training.expertImbalance",
      "2 loads for 4 expert-parallel ranks",
      "a list of 4 numbers, one an expert-parallel rank"
    ],
    [
      "no load at all",
      scenario({}, { expertImbalance: [0, 0, 0, 0] }),
      "training.expertImbalance",
      "no rank has any load",
      "a load above 0"
    ],
    [
      "loads of experts without experts",
      scenario({}, { parallelism: { tensor: 2, data: 16 }, expertImbalance: { zipf: 1 } }, "bloom-7b1"),
      "training.expertImbalance",
      "bloom-7b1 has no experts",
      "no loads of experts"
    ],
    [
      "jitter of more than everything",
      scenario({}, { jitter: 1.5 }),
      "training.jitter",
      "given 1.5",
      'a share from 0 to 1, such as "2 %"'
    ]
  ]
  test.each(rows)("%s", (_name, data, path, problem, expected) => {
    const issue = onlyIssue(data)
    expect(issue.path).toBe(path)
    expect(issue.problem).toContain(problem)
    expect(issue.expected).toBe(expected)
  })

  test("a missing card of a machine without any", () => {
    const issue = onlyIssue({
      cluster: { system: "workstation-rtx-4090", nodes: 1, irregularities: [{ node: 0, missingNics: 1 }] },
      model: "gpt3-1.3b",
      training: { globalBatch: 1 }
    })
    expect([issue.path, issue.problem]).toEqual(["cluster.irregularities.0.missingNics", "this cluster has no network"])
  })

  test("slow nodes of a server", () => {
    const loaded = scenarioFromData({
      name: "test",
      data: {
        cluster: { system: "dgx-h100", irregularities: [{ node: 0, speed: 0.9 }] },
        model: "llama-3.1-8b",
        serving: { parallelism: { tensor: 8 } },
        workload: { arrivals: { poisson: { rate: 1 } }, requests: 10, prompt: 100, output: 10 }
      }
    })
    const outcome = loaded._tag === "Refused" ? loaded : resolveServing(loaded)
    expect(outcome._tag === "Refused" ? outcome.issues.map(({ path }) => path) : []).toEqual(["cluster.irregularities"])
  })

  test("more operations than can be simulated when no two ranks are alike", () => {
    const job = jobOf({
      cluster: { system: "dgx-h100", nodes: 512 },
      model: "llama-3.1-8b",
      training: { parallelism: { data: 4096 }, globalBatch: 4096 * 1024, jitter: 0.01 }
    })
    expect(simulateTraining(job)).toMatchObject({
      _tag: "ImpossibleLayout",
      path: "training.jitter",
      given: "4096 ranks that differ, 8 million operations"
    })
  })

  test("more ranks than can be told apart", () => {
    const issue = onlyIssue({
      cluster: { system: "dgx-h100", nodes: 32_768, irregularities: [{ node: 5, speed: 0.9 }] },
      model: "llama-3.1-8b",
      training: { globalBatch: 262_144 }
    })
    expect([issue.path, issue.problem, issue.expected]).toEqual([
      "cluster.irregularities",
      "262144 ranks are too many to tell apart",
      "at most 131072 ranks where some differ"
    ])
  })
})
