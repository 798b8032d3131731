import { describe, expect, test } from "vitest"
import {
  describeScenario,
  isServing,
  resolveServing,
  resolveTraining,
  scenarioFromData,
  type ScenarioIssue
} from "../../src/scenario/index.ts"

type Fields = Readonly<Record<string, unknown>>

const h100 = { system: "dgx-h100", nodes: 2 }
const a100 = { system: "dgx-a100", nodes: 2 }

const data = (cluster: Fields, training: Fields = {}): Fields => ({
  name: "mixed",
  cluster,
  model: "gpt3-1.3b",
  training: { parallelism: { tensor: 4, pipeline: 4 }, globalBatch: 32, ...training }
})

const resolved = (scenario: Fields) => {
  const loaded = scenarioFromData({ name: "mixed", data: scenario })
  if (loaded._tag === "Refused") return loaded
  return isServing(loaded.scenario) ? resolveServing(loaded) : resolveTraining(loaded)
}

const issuesOf = (scenario: Fields): readonly ScenarioIssue[] => {
  const outcome = resolved(scenario)
  return outcome._tag === "Refused" ? outcome.issues : []
}

const jobOf = (cluster: Fields, training: Fields = {}) => {
  const outcome = resolved(data(cluster, training))
  if (outcome._tag !== "ResolvedTraining") throw new Error(JSON.stringify(outcome))
  return outcome
}

describe("groups of machines", () => {
  test("have their own accelerators and wires, on as many nodes as all together", () => {
    const { job, accelerators } = jobOf({ groups: [h100, a100] })
    expect(accelerators).toBe(32)
    expect(
      job.machines?.map(({ accelerator, fabric, accelerators: own }) => [
        accelerator.name,
        fabric.network?.link.name,
        fabric.nodes,
        own
      ])
    ).toEqual([
      ["h100-sxm", "ib-ndr", 4, 16],
      ["a100-sxm-80gb", "ib-hdr", 4, 16]
    ])
  })

  test("that follow one another and are alike are one, and a cluster of one kind has none", () => {
    const { job } = jobOf({ groups: [a100, h100, { ...h100, nodes: 1 }, { ...a100, nodes: 3 }] })
    expect(job.machines?.map(({ accelerators }) => accelerators)).toEqual([16, 24, 24])
    expect(jobOf({ groups: [a100, a100] }).job.machines).toBeUndefined()
  })

  test("are named in the summary of the scenario", () => {
    expect(describeScenario(jobOf({ groups: [h100, a100] })).parts[0]).toBe(
      "16 x H100 SXM5 80 GB + 16 x A100 SXM4 80 GB in 4 nodes"
    )
  })

  test("compute in a format that all have: fp16 where some have no bf16", () => {
    expect(jobOf({ groups: [a100, { ...a100, accelerator: "v100-sxm2-32gb" }] }).job.precision).toBe("fp16")
  })
})

describe("is refused with the field at fault", () => {
  const nodeOf4 = { accelerator: "a100-sxm-80gb", acceleratorsPerNode: 4, network: { link: "ib-hdr" }, nodes: 4 }
  const pcie = { accelerator: "a100-sxm-80gb", nodes: 1 }
  const server = {
    cluster: { groups: [h100, a100] },
    model: "llama-3.1-8b",
    serving: {},
    workload: { arrivals: { poisson: { rate: 1 } }, prompt: 100, output: 100, requests: 10 }
  }
  const rows: readonly (readonly [name: string, scenario: Fields, path: string, given: string])[] = [
    ["no group", data({ groups: [] }), "cluster.groups", ""],
    ["a system beside groups", data({ system: "dgx-h100", groups: [h100] }), "cluster.system", '"dgx-h100"'],
    ["nodes beside groups", data({ nodes: 2, groups: [h100] }), "cluster.nodes", "2"],
    ["a group without machines", data({ groups: [h100, { nodes: 2 }] }), "cluster.groups.1", '{"nodes":2}'],
    ["an unknown system", data({ groups: [h100, { system: "dgx-a200" }] }), "cluster.groups.1.system", '"dgx-a200"'],
    ["nodes of another size", data({ groups: [h100, nodeOf4] }), "cluster.groups.1.acceleratorsPerNode", "4"],
    [
      "domains of another size",
      data({ groups: [h100, { ...h100, scaleUp: { domain: 4 } }] }),
      "cluster.groups.1.scaleUp",
      "4"
    ],
    ["a group without network", data({ groups: [h100, pcie] }), "cluster.groups.1.network", "nothing"],
    [
      "half a node before another group",
      data({
        groups: [
          { system: "dgx-h100", accelerators: 12 },
          { system: "dgx-a100", accelerators: 4 }
        ]
      }),
      "cluster.groups.0.nodes",
      "12"
    ],
    [
      "a format that one kind has not",
      data({ groups: [h100, a100] }, { precision: "fp8" }),
      "training.precision",
      "fp8"
    ],
    [
      "measured kernels",
      data({ groups: [h100, a100] }, { kernels: [{ table: "m,n,k,us,dtype\n1,1,1,1,bf16\n" }] }),
      "training.kernels",
      "1"
    ],
    ["a whole run", data({ groups: [h100, a100] }, { run: { tokens: "1B" } }), "training.run", "a run"],
    [
      "counts of replicas on one kind of machines",
      data({ system: "dgx-h100", nodes: 4 }, { replicaMicroBatches: "balanced" }),
      "training.replicaMicroBatches",
      "balanced"
    ],
    [
      "as many counts as there are no groups",
      data({ groups: [h100, a100] }, { replicaMicroBatches: [1, 2, 3] }),
      "training.replicaMicroBatches",
      "1, 2, 3"
    ],
    [
      "counts of replicas under a schedule that groups micro-batches",
      data(
        { groups: [h100, a100] },
        { replicaMicroBatches: "balanced", parallelism: { tensor: 4, pipeline: 4, virtualPipeline: 2 } }
      ),
      "training.replicaMicroBatches",
      "balanced"
    ],
    [
      "a balanced split of layers that differ by their place",
      data({ groups: [h100, a100] }, { layerSplit: "balanced", recompute: { blocks: 2 } }),
      "training.layerSplit",
      "balanced"
    ],
    ["a split in a word", data({ groups: [h100, a100] }, { layerSplit: "even" }), "training.layerSplit", '"even"'],
    ["a server on groups", server, "cluster.groups", "cluster.groups"]
  ]
  test.each(rows)("%s", (_name, scenario, path, given) => {
    const issues = issuesOf(scenario)
    expect(issues).toHaveLength(1)
    const [issue] = issues
    expect(issue?.path).toBe(path)
    if (given !== "") expect(issue?.given).toBe(given)
    expect(issue?.expected).not.toBe("")
  })
})
