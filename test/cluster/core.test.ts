import { describe, expect, test } from "vitest"
import type { NetworkTopology } from "../../src/catalog/index.ts"
import {
  bottleneckOf,
  checkedCore,
  compileRing,
  linkKind,
  makeCore,
  makeFlowNetwork,
  makeTopology,
  path,
  planCollective,
  type Core,
  type DegradedLink,
  type Fabric
} from "../../src/cluster/index.ts"
import { doubleTree } from "../../src/cluster/core/traffic.ts"
import { makeSimulation } from "../../src/engine/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { h100, nvl72, pcieBox } from "./fabrics.ts"

/** Nodes of eight H100 with eight cards of 48 GB/s attainable: 384 GB/s a node. */
const on = (topology: NetworkTopology, nodes: number, changes: Partial<Fabric> = {}): Fabric => ({
  ...h100,
  nodes,
  network: h100.network && { ...h100.network, topology },
  ...changes
})

const degradedOn = (topology: NetworkTopology, nodes: number, degraded: readonly DegradedLink[]): Fabric => {
  const fabric = on(topology, nodes)
  return { ...fabric, network: fabric.network && { ...fabric.network, degraded } }
}

const coreOf = (fabric: Fabric): Core => {
  const core = makeCore(fabric)
  if (core === null) throw new Error("no core")
  return core
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index)

/** All accelerators of these nodes, in this order. */
const ranksOf = (nodes: readonly number[]): number[] => nodes.flatMap((node) => range(node * 8, node * 8 + 8))

const ring = { kind: "allReduce", algorithm: "ring" } as const
const rateOf = (
  fabric: Fabric,
  groups: readonly (readonly number[])[],
  plan: Parameters<typeof bottleneckOf>[3] = ring
): number => bottleneckOf(coreOf(fabric), fabric, groups, plan).rate

/** Bytes/s of flows between pairs of ranks that all start at once. */
const ratesBetween = (fabric: Fabric, pairs: readonly (readonly [number, number])[]): readonly number[] => {
  const topology = makeTopology(fabric)
  const simulation = makeSimulation()
  const network = makeFlowNetwork(simulation, topology.capacities)
  const handler = simulation.register(() => undefined)
  const flows = pairs.map(([from, to]) => {
    const way = path(topology, from, to)
    if (way === null) throw new Error("no way")
    return network.start({ bytes: 1e9, links: way.links, weight: way.weights }, handler, 0)
  })
  return flows.map((flow) => network.rateOf(flow))
}

describe("a fat tree with 1:4 above its leaves", () => {
  const tree = { fatTree: { nodesPerLeaf: 4, oversubscription: 4 } }

  test("carries a ring over packed nodes at the full rate of a node: one edge of the ring leaves each leaf", () => {
    // Uplinks of a leaf: 4 nodes x 384 / 4 = 384 GB/s.
    expect(rateOf(on(tree, 8), [ranksOf(range(0, 8))])).toBeCloseTo(384e9, 0)
  })

  test("carries a ring that alternates between leaves at a quarter: four edges leave each leaf", () => {
    expect(rateOf(on(tree, 8), [ranksOf([0, 4, 1, 5, 2, 6, 3, 7])])).toBeCloseTo(96e9, 0)
    const placed = on(tree, 8, { nodesAt: [0, 4, 1, 5, 2, 6, 3, 7] })
    expect(rateOf(placed, [ranksOf(range(0, 8))])).toBeCloseTo(96e9, 0)
  })

  test.each([
    ["packed", [0, 1, 2, 3, 4, 5, 6, 7], 1],
    ["alternating", [0, 4, 1, 5, 2, 6, 3, 7], 4]
  ] as const)("%s: flows executed on the links take the closed form's time", (_, nodesAt, slowdown) => {
    const fabric = on(tree, 8, { nodesAt })
    const topology = makeTopology(fabric)
    const simulation = makeSimulation()
    const network = makeFlowNetwork(simulation, topology.capacities)
    let last = 0
    const handler = simulation.register(() => {
      last = simulation.now
    })
    const bytes = 32e9
    // 64 ranks in 8 nodes move 2 x 63/64 of the buffer, through a port of NVLink and through the cards of a node.
    for (const flow of compileRing(topology, "allReduce", bytes, ranksOf(range(0, 8))))
      network.start({ bytes: flow.bytes, links: flow.links, weight: flow.weights }, handler, 0)
    simulation.run()
    const port = topology.capacities[0] ?? 0
    expect(last).toBeCloseTo((2 * (63 / 64) * bytes) / Math.min(port, 384e9 / slowdown), 9)
  })

  test("names the link that limits", () => {
    const fabric = on(tree, 8)
    expect(bottleneckOf(coreOf(fabric), fabric, [ranksOf([0, 4, 1, 5])], ring).link).toBe("leaf 0 -> spines")
  })

  test("sums in its switches with one buffer on each uplink, however the nodes are placed", () => {
    const sharp = { kind: "allReduce", algorithm: "sharp" } as const
    for (const nodes of [range(0, 8), [0, 4, 1, 5, 2, 6, 3, 7]])
      expect(rateOf(on(tree, 8), [ranksOf(nodes)], sharp)).toBeCloseTo(384e9, 0)
    // Under one leaf nothing goes up.
    expect(rateOf(on(tree, 8), [ranksOf(range(0, 4))], sharp)).toBe(Infinity)
  })

  test("carries an all-to-all between its leaves at 7/4 of a quarter", () => {
    // Of what a node sends, 4 of 7 parts go to the other leaf: 4 nodes x 4/7 on uplinks of 384 GB/s.
    const all = { kind: "allToAll", algorithm: "direct" } as const
    expect(rateOf(on(tree, 8), [ranksOf(range(0, 8))], all)).toBeCloseTo((384e9 * 7) / 16, 0)
  })

  test("carries a tree between two nodes as the exchange that it is: the buffer once each way", () => {
    const two = { kind: "allReduce", algorithm: "tree" } as const
    expect(rateOf(on(tree, 8), [ranksOf([0, 4])], two)).toBeCloseTo(384e9, 0)
  })
})

describe("three levels", () => {
  const tree = { fatTree: { nodesPerLeaf: 2, leavesPerPod: 2, oversubscription: [1, 8] as const } }

  test("block only between pods: pairs of nodes across pods share an eighth of four nodes' rate", () => {
    const pairs = (to: number) => range(0, 4).map((node) => ranksOf([node, to + node]))
    // Four exchanges load the pod's 4 x 384 / 8 = 192 GB/s each way with one buffer each.
    expect(rateOf(on(tree, 8), pairs(4))).toBeCloseTo(48e9, 0)
    expect(rateOf(on(tree, 8), [ranksOf([0, 2]), ranksOf([1, 3])])).toBeCloseTo(384e9, 0)
  })

  test("go leaf, spine, core, spine, leaf", () => {
    const fabric = on({ fatTree: { ...tree.fatTree, spread: "hashed" } }, 8)
    const core = coreOf(fabric)
    const names = core.route({ node: 0, rail: 0 }, { node: 7, rail: 0 })?.links.map(core.nameOf) ?? []
    expect(names).toHaveLength(4)
    expect(names[0]).toMatch(/^leaf 0 -> spine (\d|1[0-5])$/)
    expect(names[1]).toMatch(/^spine \d+ -> core \d+$/)
    expect(names[2]).toMatch(/^core \d+ -> spine (1[6-9]|2\d|3[01])$/)
    expect(names[3]).toMatch(/^spine \d+ -> leaf 3$/)
    expect(core.route({ node: 0, rail: 0 }, { node: 1, rail: 5 })?.links).toEqual([])
    expect(core.route({ node: 0, rail: 0 }, { node: 2, rail: 0 })?.links).toHaveLength(2)
  })
})

describe("a rail-optimised network", () => {
  const rails = { railOptimised: { nodesPerPod: 4, oversubscription: 4 } }

  test("keeps equal rails of a pod on their leaf, whatever is above", () => {
    expect(rateOf(on(rails, 8), [[0, 8, 16, 24]])).toBe(Infinity)
  })

  test("moves bytes for another rail over the scale-up switch first; without one they cross the spine", () => {
    const kinds = (fabric: Fabric, from: number, to: number) => {
      const topology = makeTopology(fabric)
      return path(topology, from, to)?.links.map((link) => linkKind(topology, link))
    }
    expect(kinds(on(rails, 8), 3, 8 + 5)).toEqual(["accelerator-out", "accelerator-in", "nic-out", "nic-in"])
    expect(kinds(on(rails, 8), 3, 40 + 3)).toEqual(["nic-out", "core", "core", "nic-in"])
    const pcie = { ...pcieBox, network: pcieBox.network && { ...pcieBox.network, topology: rails } }
    expect(kinds(pcie, 0, 8 + 7)).toEqual(["nic-out", "core", "core", "nic-in"])
  })

  test("1:4 between pods leaves one rail that alternates a quarter of a card", () => {
    const group = [0, 4, 1, 5, 2, 6, 3, 7].map((node) => node * 8)
    // Four edges of 48 GB/s on an uplink of 4 x 48 / 4.
    expect(rateOf(on(rails, 8), [group])).toBeCloseTo(12e9, 0)
  })
})

describe("equal-cost multi-path by hash", () => {
  /** One card a node; two nodes on a leaf, two spines: two flows meet on an uplink or they do not. */
  const single = (seed: number, spread: "hashed" | "balanced"): Fabric => ({
    ...h100,
    acceleratorsPerNode: 1,
    nodes: 4,
    scaleUp: { ...h100.scaleUp, domain: 1 },
    network: h100.network && { ...h100.network, nicsPerNode: 1, topology: { fatTree: { nodesPerLeaf: 2, spread } } },
    seed
  })

  test("halves two flows that meet on an uplink or a downlink, and slows none that do not", () => {
    let met = 0
    for (let seed = 1; seed <= 64; seed++) {
      const fabric = single(seed, "hashed")
      const core = coreOf(fabric)
      const ways = [0, 1].map((node) => core.route({ node, rail: 0 }, { node: node + 2, rail: 0 })?.links ?? [])
      const collide = ways[0]?.some((link) => ways[1]?.includes(link)) === true
      if (collide) met++
      for (const rate of ratesBetween(fabric, [[0, 2], [1, 3]])) expect(rate).toBeCloseTo(collide ? 24e9 : 48e9, 0) // prettier-ignore
    }
    // Two flows choose among two spines each: half of the time the same.
    expect(met).toBeGreaterThan(20)
    expect(met).toBeLessThan(44)
  })

  test("never happens where routing keeps the uplinks equally full", () => {
    for (let seed = 1; seed <= 16; seed++)
      expect(ratesBetween(single(seed, "balanced"), [[0, 2], [1, 3]])).toEqual([48e9, 48e9]) // prettier-ignore
  })

  test("of many flows a connection comes near to an even spread", () => {
    const rates = [1, 4, 64].map((flowsPerConnection) => {
      const fabric = on({ fatTree: { nodesPerLeaf: 4, spread: "hashed", flowsPerConnection } }, 8)
      return rateOf(fabric, [ranksOf([0, 4, 1, 5, 2, 6, 3, 7])])
    })
    expect(rates[0]).toBeLessThan(rates[1] ?? 0)
    expect(rates[1]).toBeLessThan(rates[2] ?? 0)
    expect(rates[2]).toBeGreaterThan(0.65 * 384e9)
  })

  test("is the same for the same seed and differs between seeds", () => {
    const rate = (seed: number) =>
      rateOf(on({ fatTree: { nodesPerLeaf: 4, spread: "hashed" } }, 8, { seed }), [ranksOf([0, 4, 1, 5])])
    expect(rate(3)).toBe(rate(3))
    expect(new Set(range(1, 20).map(rate)).size).toBeGreaterThan(1)
  })
})

describe("a dragonfly", () => {
  const shape = { nodesPerRouter: 1, routersPerGroup: 2, globalLinks: 1, localLinks: 100 }

  test("carries an all-to-all at the rate of the links between groups", () => {
    // 3 groups of 2 nodes: of each node's bytes a fifth goes to each other, 4/5 of a node's from group to group.
    const all = { kind: "allToAll", algorithm: "direct" } as const
    const fabric = on({ dragonfly: shape }, 6)
    expect(rateOf(fabric, [ranksOf(range(0, 6))], all)).toBeCloseTo((48e9 * 5) / 4, 0)
    expect(bottleneckOf(coreOf(fabric), fabric, [ranksOf(range(0, 6))], all).link).toMatch(/^group \d -> group \d$/)
    const wide = on({ dragonfly: { ...shape, globalLinks: 4 } }, 6)
    expect(rateOf(wide, [ranksOf(range(0, 6))], all)).toBeCloseTo(4 * 48e9 * (5 / 4), 0)
  })

  test("has one bundle for an adverse pattern by the shortest way, and all others by Valiant's", () => {
    // Every node of group g exchanges with its like in group g + 1, of 8 groups.
    const groups = range(0, 8)
    const shift = groups.flatMap((group) =>
      [0, 1].map((node) => ranksOf([2 * group + node, (2 * group + node + 2) % 16]))
    )
    const send = { kind: "sendReceive", algorithm: "direct" } as const
    const minimal = on({ dragonfly: { ...shape, localLinks: 1000 } }, 16)
    const valiant = on({ dragonfly: { ...shape, localLinks: 1000, routing: "valiant" } }, 16)
    // Two nodes' bytes on one link. Over six other groups a link between far groups carries a sixth of the bytes of two
    // first halves and of two second halves of ways, of two nodes each: 8/6.
    expect(rateOf(minimal, shift, send)).toBeCloseTo(48e9 / 2, 0)
    expect(rateOf(valiant, shift, send)).toBeCloseTo((48e9 * 6) / 8, 0)
  })

  test("goes local, global, local at most", () => {
    const core = coreOf(on({ dragonfly: { nodesPerRouter: 1, routersPerGroup: 4, globalLinks: 1 } }, 16))
    for (const to of range(1, 16)) {
      const { links = [] } = core.route({ node: 0, rail: 0 }, { node: to, rail: 0 }) ?? {}
      expect(links.length).toBeLessThanOrEqual(3)
      expect(links.filter((link) => core.nameOf(link).startsWith("group"))).toHaveLength(to < 4 ? 0 : 1)
    }
  })
})

describe("a torus", () => {
  const square = { torus: { dimensions: [4, 4] } }

  test("carries a ring along each dimension at the rate of two of a node's four cables, both at once", () => {
    const rows = range(0, 4).map((y) => ranksOf(range(4 * y, 4 * y + 4)))
    const columns = range(0, 4).map((x) => ranksOf([x, x + 4, x + 8, x + 12]))
    // A cable has 384 / 4 = 96 GB/s; half of the ring's bytes go each way round.
    expect(rateOf(on(square, 16), rows)).toBeCloseTo(192e9, 0)
    expect(rateOf(on(square, 16), [...rows, ...columns])).toBeCloseTo(192e9, 0)
  })

  test("in three dimensions leaves a flat ring a third of a node's rate", () => {
    const cube = { torus: { dimensions: [4, 4, 4] } }
    expect(rateOf(on(cube, 64), [ranksOf(range(0, 4))])).toBeCloseTo(384e9 / 3, 0)
  })

  test("takes as many cables as two nodes are apart, the shorter way round", () => {
    const core = coreOf(on(square, 16))
    const hops = (to: number): number =>
      (core.route({ node: 0, rail: 0 }, { node: to, rail: 0 })?.weights ?? []).reduce((sum, weight) => sum + weight, 0)
    expect(range(0, 16).map(hops)).toEqual([0, 1, 2, 1, 1, 2, 3, 2, 2, 3, 4, 3, 1, 2, 3, 2])
  })

  test("splits where both ways round are as short", () => {
    const core = coreOf(on(square, 16))
    expect(core.route({ node: 0, rail: 0 }, { node: 2, rail: 0 })?.weights).toEqual([0.5, 0.5, 0.5, 0.5])
  })

  test("has a ring over strangers pay for every node that it passes", () => {
    // Nodes 0, 2, 1, 3 of a row: edges of length 2, 1, 2, 1.
    expect(rateOf(on(square, 16), [ranksOf([0, 2, 1, 3])])).toBeLessThan(192e9)
  })
})

describe("islands of 72 accelerators", () => {
  test("put the cards of all their trays to work at once", () => {
    const fabric: Fabric = {
      ...nvl72,
      network: nvl72.network && { ...nvl72.network, topology: { fatTree: { nodesPerLeaf: 18, oversubscription: 2 } } }
    }
    const plan = planCollective(
      fabric,
      "allReduce",
      1e9,
      { ranks: 144, perDomain: 72, domains: 2 },
      { algorithm: "ring" }
    )
    expect(plan.networkRate).toBeCloseTo(72 * 48e9, 0)
    // 72 rings leave the rack over uplinks of 18 trays x 4 x 48 / 2.
    expect(rateOf(fabric, [range(0, 144)])).toBeCloseTo(36 * 48e9, 0)
  })
})

describe("degraded links", () => {
  const hashed = { fatTree: { nodesPerLeaf: 4, spines: 4, spread: "hashed" as const } }
  const balanced = { fatTree: { nodesPerLeaf: 4, spines: 4 } }

  test("lose what a scenario says, in one direction or both", () => {
    const whole = coreOf(on(hashed, 8)).capacities
    const one = coreOf(degradedOn(hashed, 8, [{ link: "leaf 1 -> spine 2", rate: 0.25 }]))
    const lost = range(0, whole.length).filter((link) => one.capacities[link] !== whole[link])
    expect(lost.map(one.nameOf)).toEqual(["leaf 1 -> spine 2"])
    expect(one.capacities[lost[0] ?? 0]).toBeCloseTo(96e9, 0)
    const both = coreOf(degradedOn(hashed, 8, [{ link: "leaf 1 <-> spine 2", rate: 0.25 }]))
    expect(range(0, whole.length).filter((link) => both.capacities[link] !== whole[link])).toHaveLength(2)
    const tier = coreOf(degradedOn(hashed, 8, [{ tier: "leaf-spine", rate: 0.5 }]))
    expect(Array.from(tier.capacities)).toEqual(Array.from(whole, (rate) => rate / 2))
  })

  test("are a part of the trunk where routing adapts around them", () => {
    const core = coreOf(degradedOn(balanced, 8, [{ link: "leaf 1 -> spine 2", rate: 0 }]))
    expect(Array.from(core.capacities, (rate) => rate / 1536e9)).toEqual([1, 0.75, 1, 1])
  })

  test("that are missing are not chosen by any hash", () => {
    const fabric = degradedOn(hashed, 8, [{ link: "leaf 0 -> spine 2", rate: 0 }])
    const core = coreOf(fabric)
    const used = new Set(
      ranksOf(range(0, 4)).flatMap((from) =>
        ranksOf(range(4, 8)).flatMap((to) => {
          const port = (rank: number) => ({ node: Math.floor(rank / 8), rail: rank % 8 })
          return (core.route(port(from), port(to))?.links ?? []).slice(0, 1).map(core.nameOf)
        })
      )
    )
    expect([...used].sort()).toEqual(["leaf 0 -> spine 0", "leaf 0 -> spine 1", "leaf 0 -> spine 3"])
  })

  test("leave no way where all of a switch are missing", () => {
    const fabric = degradedOn(balanced, 8, [{ tier: "leaf-spine", rate: 0 }])
    expect(coreOf(fabric).route({ node: 0, rail: 0 }, { node: 4, rail: 0 })).toBeNull()
    expect(() => rateOf(fabric, [ranksOf(range(0, 8))])).toThrow("no way is left from node 3 to node 4")
  })

  test("that do not exist are told apart", () => {
    const unknown = (entry: DegradedLink) => checkedCore(degradedOn(hashed, 8, [entry]))?.unknown
    expect(unknown({ link: "leaf 9 -> spine 0", rate: 0.5 })).toMatchObject({ index: 0, field: "link" })
    expect(unknown({ link: "up", rate: 0.5 })).toMatchObject({ field: "link" })
    expect(unknown({ tier: "global", rate: 0.5 })).toMatchObject({ field: "tier" })
    expect(unknown({ tier: "leaf-spine", index: 16, rate: 0.5 })).toMatchObject({ field: "index" })
    expect(unknown({ tier: "leaf-spine", index: 15, rate: 0.5 })).toBeUndefined()
  })

  test.each([
    ["two levels", hashed, 8],
    ["three levels", { fatTree: { nodesPerLeaf: 2, leavesPerPod: 2, spread: "hashed" as const } }, 8],
    ["rails", { railOptimised: { nodesPerPod: 2, spread: "hashed" as const } }, 6],
    ["a torus", { torus: { dimensions: [3, 4] } }, 12]
  ])("of %s go by their names", (_, topology, nodes) => {
    const core = coreOf(on(topology, nodes))
    for (const link of range(0, core.capacities.length)) {
      const [from = "", to = ""] = core.nameOf(link).split(" -> ")
      expect(core.named(from, to)).toEqual([{ link, part: 1 }])
    }
  })
})

test("the two trees of an all-reduce give every domain a parent in each but the root, and three neighbours at most", () => {
  for (const n of [2, 3, 8, 13, 64]) {
    const edges = doubleTree(n)
    expect(edges).toHaveLength(2 * (n - 1))
    for (const tree of [edges.slice(0, n - 1), edges.slice(n - 1)]) {
      expect(new Set(tree.map(([child]) => child)).size).toBe(n - 1)
      for (const domain of range(0, n))
        expect(tree.filter((edge) => edge.includes(domain)).length).toBeLessThanOrEqual(3)
    }
  }
})

describe("groups drawn by lot", () => {
  const draw = randomStream(6, "groups on fabrics")
  const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!
  const shuffled = (values: readonly number[]): number[] =>
    values
      .map((value) => [draw(), value] as const)
      .sort((a, b) => a[0] - b[0])
      .map(([, value]) => value)
  const cases = Array.from({ length: 60 }, () => {
    const nodes = shuffled(range(0, 16))
    const size = pick([2, 4, 8, 16])
    const rail = pick(["all", 0, 3] as const)
    return {
      groups: range(0, 16 / size).map((group) =>
        nodes
          .slice(group * size, (group + 1) * size)
          .flatMap((node) => (rail === "all" ? ranksOf([node]) : [node * 8 + rail]))
      ),
      plan: pick([
        ring,
        { kind: "allReduce", algorithm: "tree" },
        { kind: "allToAll", algorithm: "direct" },
        { kind: "sendReceive", algorithm: "direct" }
      ] as const),
      nodes
    }
  })

  test("are never slowed by more capacity", () => {
    for (const { groups, plan } of cases) {
      const rate = (oversubscription: number) =>
        rateOf(on({ fatTree: { nodesPerLeaf: 4, oversubscription } }, 16), groups, plan)
      expect(rate(2)).toBeGreaterThanOrEqual(rate(4))
      const links = (globalLinks: number) =>
        rateOf(on({ dragonfly: { nodesPerRouter: 1, routersPerGroup: 4, globalLinks } }, 16), groups, plan)
      expect(links(8) * (1 + 1e-9)).toBeGreaterThanOrEqual(links(4))
    }
  })

  test("go as fast over balanced uplinks as over hashed ones at least", () => {
    for (const { groups, plan } of cases)
      for (const shape of [{ fatTree: { nodesPerLeaf: 4 } }, { railOptimised: { nodesPerPod: 4 } }] as const) {
        const spread = (way: "balanced" | "hashed") =>
          rateOf(
            on(
              "fatTree" in shape
                ? { fatTree: { ...shape.fatTree, spread: way } }
                : { railOptimised: { ...shape.railOptimised, spread: way } },
              16
            ),
            groups,
            plan
          )
        expect(spread("balanced") * (1 + 1e-9)).toBeGreaterThanOrEqual(spread("hashed"))
      }
  })

  test("put every byte that leaves a switch into another, none twice", () => {
    for (const topology of [
      { fatTree: { nodesPerLeaf: 2, leavesPerPod: 2, spread: "hashed", flowsPerConnection: 3 } },
      { railOptimised: { nodesPerPod: 4, spread: "hashed" } },
      { dragonfly: { nodesPerRouter: 1, routersPerGroup: 4, globalLinks: 3, routing: "valiant" } },
      { torus: { dimensions: [4, 2, 2] } }
    ] as const) {
      const core = coreOf(on(topology, 16))
      for (let trial = 0; trial < 40; trial++) {
        const [from, to] = [Math.floor(draw() * 16), Math.floor(draw() * 16)]
        const rail = Math.floor(draw() * 8)
        const way = core.route({ node: from, rail }, { node: to, rail })
        const balance = new Map<string, number>()
        const move = (at: string, amount: number): void => void balance.set(at, (balance.get(at) ?? 0) + amount)
        for (const [index, link] of (way?.links ?? []).entries()) {
          const name = core.nameOf(link)
          if (name.startsWith("group")) continue
          const [out = "", into = ""] = name.split(" -> ")
          move(out, -(way?.weights[index] ?? 0))
          move(into, way?.weights[index] ?? 0)
        }
        // A dragonfly's links between groups are named by these, so their ends do not cancel.
        const ends = [...balance.values()].filter((value) => Math.abs(value) > 1e-9)
        const sum = ends.reduce((total, value) => total + value, 0)
        expect(sum).toBeCloseTo(0, 9)
        if (!("dragonfly" in topology) && (way?.links.length ?? 0) > 0)
          expect(ends.map((value) => Math.round(value * 1e9) / 1e9).sort((a, b) => a - b)).toEqual([-1, 1])
      }
    }
  })
})
