/** What a scenario may say of its network's topology and its nodes' placement, and what it may not. */
import { describe, expect, test } from "vitest"
import {
  formatIssue,
  placementText,
  resolveServing,
  resolveTraining,
  scenarioFromData,
  topologyText
} from "../../src/scenario/index.ts"

type Fields = Readonly<Record<string, unknown>>

const resolved = (cluster: Fields) => {
  const loaded = scenarioFromData({
    name: "test",
    data: {
      cluster: { system: "dgx-h100", nodes: 8, ...cluster },
      model: "gpt3-1.3b",
      training: { parallelism: { tensor: 8 }, globalBatch: 8 }
    }
  })
  return loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
}

const fabricOf = (cluster: Fields) => {
  const outcome = resolved(cluster)
  if (outcome._tag === "Refused") throw new Error(JSON.stringify(outcome.issues))
  return outcome.job.fabric
}

const refusal = (cluster: Fields): string => {
  const outcome = resolved(cluster)
  if (outcome._tag !== "Refused") throw new Error("not refused")
  return outcome.issues.map(formatIssue).join("\n")
}

const tree = { fatTree: { nodesPerLeaf: 4 } }

describe("a topology", () => {
  test("is none unless a scenario gives one, though the catalogue may know it", () => {
    expect(fabricOf({}).network?.topology).toBeUndefined()
    expect(fabricOf({ network: { topology: "system" } }).network?.topology).toEqual({
      railOptimised: { nodesPerPod: 32 }
    })
  })

  test("takes the place of the contention that the system is charged with", () => {
    const { network } = fabricOf({ network: { topology: tree } })
    expect(network?.oversubscription).toBe(1)
    expect(network?.topology).toEqual(tree)
  })

  test("of another kind replaces that of the scenario which it extends", () => {
    const loaded = scenarioFromData({
      name: "test",
      data: { cluster: { system: "dgx-h100", nodes: 8, network: { topology: tree } }, model: "gpt3-1.3b", training: { parallelism: { tensor: 8 }, globalBatch: 8 } },
      set: ["cluster.network.topology.torus.dimensions=[4, 2]", "cluster.placement=round-robin"]
    }) // prettier-ignore
    const outcome = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
    expect(outcome._tag === "ResolvedTraining" && outcome.job.fabric.network?.topology).toEqual({
      torus: { dimensions: [4, 2] }
    })
  })

  test("brings the seed of its hashes and the nodes of its placement", () => {
    expect(fabricOf({ network: { topology: tree } })).toMatchObject({ seed: 1 })
    expect(fabricOf({ network: { topology: tree } }).nodesAt).toBeUndefined()
    expect(fabricOf({ network: { topology: tree }, placement: "round-robin" }).nodesAt).toEqual([
      0, 4, 1, 5, 2, 6, 3, 7
    ])
    expect(
      fabricOf({ network: { topology: tree }, placement: { listed: [9, 3, 2, 1, 0, 7, 6, 5] } }).nodesAt?.[0]
    ).toBe(9)
  })
})

describe("refused with path, given and expected", () => {
  test.each([
    [
      "two kinds at once",
      { network: { topology: { ...tree, torus: { dimensions: [8] } } } },
      /cluster\.network\.topology: .*\n.*expected system, or one of \{ fatTree/
    ],
    [
      "a kind that there is not",
      { network: { topology: { fattree: { nodesPerLeaf: 4 } } } },
      /cluster\.network\.topology\.fattree.*\n.*fatTree/
    ],
    [
      "a system without a published topology",
      { system: "dgx-b200", network: { topology: "system" } },
      /topology: the catalogue knows no topology of dgx-b200/
    ],
    [
      "an oversubscription beside it",
      { network: { topology: tree, oversubscription: 2 } },
      /oversubscription: a topology has an oversubscription of its own/
    ],
    [
      "an oversubscription below 1",
      { network: { topology: { fatTree: { nodesPerLeaf: 4, oversubscription: 0.5 } } } },
      /a number from 1 to 1000/
    ],
    [
      "a torus with too few nodes",
      { network: { topology: { torus: { dimensions: [2, 3] } } } },
      /topology\.torus: it has room for 6 nodes, the cluster has 8/
    ],
    [
      "a torus of four dimensions",
      { network: { topology: { torus: { dimensions: [2, 2, 2, 2] } } } },
      /one to three sizes/
    ],
    [
      "a dragonfly with too few groups",
      { network: { topology: { dragonfly: { nodesPerRouter: 1, routersPerGroup: 2, groups: 3, globalLinks: 1 } } } },
      /topology\.dragonfly: it has room for 6 nodes/
    ],
    [
      "more links than can be built",
      {
        network: { topology: { dragonfly: { nodesPerRouter: 1, routersPerGroup: 1000, groups: 1000, globalLinks: 1 } } }
      },
      /a network of 1,\d\d\d million links is too large to build/
    ],
    [
      "a torus that sums in its switches",
      { network: { topology: { torus: { dimensions: [8] } }, sumsInNetwork: true } },
      /sumsInNetwork: a torus has no switches to sum/
    ],
    [
      "a degraded link that there is not",
      { network: { topology: tree, degraded: [{ link: "leaf 7 -> spine 0", rate: 0.5 }] } },
      /degraded\.0\.link: this network has no such link\n.*such as "leaf 0 -> spine 0"/
    ],
    [
      "a tier of another kind of network",
      { network: { topology: tree, degraded: [{ tier: "global", rate: 0.5 }] } },
      /degraded\.0\.tier: this network has no such tier\n.*leaf-spine/
    ],
    [
      "a rate above 1",
      { network: { topology: tree, degraded: [{ link: "leaf 0 -> spine 0", rate: 2 }] } },
      /degraded\.0\.rate/
    ],
    [
      "degraded links without a topology",
      { network: { degraded: [{ link: "leaf 0 -> spine 0", rate: 0.5 }] } },
      /network\.degraded: without a topology the network has no links/
    ],
    [
      "a topology of one of several groups of machines",
      {
        system: undefined,
        nodes: undefined,
        groups: [
          { system: "dgx-h100", nodes: 4, network: { topology: tree } },
          { system: "dgx-a100", nodes: 4 }
        ]
      },
      /groups\.0\.network\.topology: there is no field "topology" here/
    ],
    ["a placement without a topology", { placement: "random" }, /placement: without a topology all nodes are alike/],
    [
      "a placement that there is not",
      { network: { topology: tree }, placement: "scattered" },
      /placement.*\n.*packed, round-robin, random/
    ],
    [
      "too few listed nodes",
      { network: { topology: tree }, placement: { listed: [0, 1] } },
      /placement\.listed: 2 nodes are listed, the cluster has 8/
    ],
    [
      "a node listed twice",
      { network: { topology: tree }, placement: { listed: [0, 1, 2, 3, 4, 5, 6, 0] } },
      /placement\.listed\.7: node 0 is listed twice/
    ],
    [
      "a node beyond the torus",
      { network: { topology: { torus: { dimensions: [8] } } }, placement: { listed: [0, 1, 2, 3, 4, 5, 6, 8] } },
      /placement\.listed\.7: the network has 8 nodes/
    ],
    [
      "a lot among fewer nodes than are in use",
      { network: { topology: tree }, placement: { random: { among: 4 } } },
      /placement\.random\.among: 8 nodes cannot be drawn among 4/
    ],
    [
      "nodes that tear an NVLink domain apart",
      {
        system: "gb200-nvl72",
        accelerators: 8,
        nodes: undefined,
        scaleUp: { domain: 8 },
        network: { topology: tree },
        placement: { listed: [1, 2] }
      },
      /placement\.listed\.0: 2 nodes of a scale-up domain stay together/
    ]
  ] as const)("%s", (_name, cluster, message) => {
    expect(refusal(cluster)).toMatch(message)
  })

  test("any of it in a scenario of serving", () => {
    for (const cluster of [{ network: { topology: tree } }, { placement: "random" }]) {
      const loaded = scenarioFromData({
        name: "test",
        data: {
          cluster: { system: "dgx-h100", nodes: 1, ...cluster },
          model: "llama-3.1-8b",
          serving: { stack: "vllm" },
          workload: { requests: 1, arrivals: { batch: {} }, prompt: 8, output: 8 }
        }
      })
      const outcome = loaded._tag === "Refused" ? loaded : resolveServing(loaded)
      expect(outcome._tag === "Refused" && outcome.issues.map(formatIssue).join("\n")).toMatch(
        /the links between switches are modelled in training only/
      )
    }
  })
})

describe("in a few words", () => {
  test.each([
    [tree, "fat tree, 4 nodes a leaf, 1:1"],
    [
      {
        fatTree: {
          nodesPerLeaf: 2,
          leavesPerPod: 192,
          oversubscription: [1, 7],
          spread: "hashed",
          flowsPerConnection: 16
        }
      },
      "fat tree, 2 nodes a leaf, 1:1, 192 leaves a pod, 1:7, hashed, 16 flows a connection"
    ],
    [
      { railOptimised: { nodesPerPod: 32, oversubscription: 2, spread: "hashed" } },
      "rail-optimised, pods of 32 nodes, 1:2, hashed"
    ],
    [
      { dragonfly: { nodesPerRouter: 2, routersPerGroup: 16, globalLinks: 48, routing: "valiant" } },
      "dragonfly, groups of 16 x 2 nodes, 48 links between groups, Valiant"
    ],
    [{ torus: { dimensions: [8, 4, 4] } }, "torus of 8 x 4 x 4 nodes"]
  ] as const)("%j", (topology, text) => {
    expect(topologyText(topology)).toBe(text)
  })

  test("placements", () => {
    expect(placementText(undefined)).toBe("packed")
    expect(placementText("round-robin")).toBe("round-robin over leaves")
    expect(placementText({ roundRobin: "pods" })).toBe("round-robin over pods")
    expect(placementText({ random: { seed: 3, among: 512 } })).toBe("random, among 512 nodes, seed 3")
    expect(placementText({ listed: [1, 2] })).toBe("2 listed nodes")
  })
})
