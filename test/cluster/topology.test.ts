import { describe, expect, test } from "vitest"
import { makeSimulation } from "../../src/engine/index.ts"
import type { Fabric } from "../../src/cluster/index.ts"
import {
  compileRing,
  groupOf,
  linkKind,
  makeFlowNetwork,
  makeTopology,
  planCollective,
  route
} from "../../src/cluster/index.ts"
import { a100, h100, mi300x, nvl72, pcieBox } from "./fabrics.ts"

const withNodes = (fabric: Fabric, nodes: number): Fabric => ({ ...fabric, nodes })

const kinds = (fabric: Fabric, from: number, to: number, nodesPerPod = 32): readonly string[] => {
  const topology = makeTopology(fabric, { nodesPerPod })
  return (route(topology, from, to) ?? ["no route"]).map((link) =>
    typeof link === "number" ? linkKind(topology, link) : link
  )
}

const ranksBetween = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

describe("routes", () => {
  test("inside a node go through the switch, out of one port and into another", () => {
    expect(kinds(h100, 0, 7)).toEqual(["accelerator-out", "accelerator-in"])
    expect(kinds(h100, 3, 3)).toEqual([])
  })

  test("inside a mesh take the pair's own link, with a seventh of the port", () => {
    expect(kinds(mi300x, 1, 6)).toEqual(["mesh"])
    const topology = makeTopology(mi300x)
    const [there] = route(topology, 9, 14) ?? []
    const [back] = route(topology, 14, 9) ?? []
    expect(there).not.toBe(back)
    expect(topology.capacities[there ?? -1]).toBeCloseTo((448e9 / 7) * 0.7)
  })

  test("on one rail are one leaf hop: NIC to NIC", () => {
    expect(kinds(h100, 3, 8 + 3)).toEqual(["nic-out", "nic-in"])
  })

  test("to another rail cross NVLink to the accelerator on that rail first", () => {
    expect(kinds(h100, 3, 8 + 5)).toEqual(["accelerator-out", "accelerator-in", "nic-out", "nic-in"])
    const topology = makeTopology(h100)
    expect(route(topology, 3, 8 + 5)?.slice(0, 2)).toEqual(route(topology, 3, 5))
    expect(route(topology, 3, 8 + 5)?.slice(2)).toEqual(route(topology, 5, 8 + 5))
  })

  test("to another rail go over the spine where there is only PCIe", () => {
    expect(kinds(pcieBox, 0, 8 + 7)).toEqual(["nic-out", "leaf-to-spine", "spine-to-leaf", "nic-in"])
  })

  test("to another pod cross the spine, on the same rail too", () => {
    const large = withNodes(h100, 64)
    expect(kinds(large, 0, 32 * 8)).toEqual(["nic-out", "leaf-to-spine", "spine-to-leaf", "nic-in"])
    expect(kinds(large, 0, 31 * 8)).toEqual(["nic-out", "nic-in"])
  })

  test("inside a rack of 72 use NVLink across trays; between racks the network", () => {
    expect(kinds(nvl72, 0, 71)).toEqual(["accelerator-out", "accelerator-in"])
    expect(kinds(nvl72, 0, 72)).toEqual(["nic-out", "nic-in"])
  })

  test("do not exist between boxes without a network", () => {
    expect(route(makeTopology({ ...h100, network: null }), 0, 8)).toBeNull()
  })

  test("name every link of the graph once and never leave it", () => {
    const topology = makeTopology(withNodes(pcieBox, 3), { nodesPerPod: 2 })
    const used = new Set<number>()
    for (let from = 0; from < topology.accelerators; from++)
      for (let to = 0; to < topology.accelerators; to++)
        for (const link of route(topology, from, to) ?? []) used.add(link)
    expect([...used].sort((a, b) => a - b)).toEqual(ranksBetween(0, topology.capacities.length))
  })
})

describe("capacities", () => {
  test("of a spine with 1:4 oversubscription are a quarter of the pod's NICs", () => {
    const thin: Fabric = { ...withNodes(h100, 64), network: h100.network && { ...h100.network, oversubscription: 4 } }
    const topology = makeTopology(thin)
    expect(topology.capacities[topology.first["leaf-to-spine"]]).toBeCloseTo((32 * 48e9) / 4)
    expect(topology.capacities[topology.first["nic-out"]]).toBeCloseTo(48e9)
  })

  test("halve the rate of a bisection when the spine is 1:2", () => {
    const thin: Fabric = { ...withNodes(h100, 4), network: h100.network && { ...h100.network, oversubscription: 2 } }
    const topology = makeTopology(thin, { nodesPerPod: 2 })
    const simulation = makeSimulation()
    const network = makeFlowNetwork(simulation, topology.capacities)
    const done: number[] = []
    const handler = simulation.register(() => done.push(simulation.now))
    for (const node of [0, 1])
      for (let rail = 0; rail < 8; rail++)
        network.start(
          { bytes: 48e9, links: route(topology, node * 8 + rail, (node + 2) * 8 + rail) ?? [] },
          handler,
          rail
        )
    simulation.run()
    expect(done).toHaveLength(16)
    for (const seconds of done) expect(seconds).toBeCloseTo(2, 9)
  })

  test("bundle 32 NICs of 8 accelerators into 8 rails of four", () => {
    const wide: Fabric = { ...h100, network: h100.network && { ...h100.network, nicsPerNode: 32 } }
    const topology = makeTopology(wide)
    expect(topology.rails).toBe(8)
    expect(topology.capacities[topology.first["nic-out"]]).toBeCloseTo(4 * 48e9)
  })

  test("let two accelerators share each of four NICs", () => {
    const narrow: Fabric = { ...h100, network: h100.network && { ...h100.network, nicsPerNode: 4 } }
    expect(Array.from(makeTopology(narrow).railOf.subarray(0, 8))).toEqual([0, 0, 1, 1, 2, 2, 3, 3])
  })
})

describe("a ring executed as flows takes the closed form's time on the wire", () => {
  test.each([
    ["8 A100 in a node", a100, ranksBetween(0, 8), 300e9 * 0.783],
    ["2 nodes of 8 A100", a100, ranksBetween(0, 16), 8 * 24e9],
    ["4 nodes of 8 A100", a100, ranksBetween(0, 32), 8 * 24e9],
    ["4 nodes of 8 H100, where NVLink is slower than the NICs", h100, ranksBetween(0, 32), 450e9 * 0.816],
    ["one rail of 4 nodes", h100, [5, 13, 21, 29], 48e9]
  ] as const)("%s", (_, fabric, ranks, bytesPerSecond) => {
    const plan = planCollective(fabric, "allReduce", 32e9, groupOf(ranks, fabric), {
      algorithm: "ring",
      protocol: "Simple"
    })
    const topology = makeTopology(fabric)
    const simulation = makeSimulation()
    const network = makeFlowNetwork(simulation, topology.capacities)
    let last = 0
    const handler = simulation.register(() => {
      last = simulation.now
    })
    const flows = compileRing(topology, "allReduce", 32e9, ranks)
    const rings = flows.length / ranks.length
    const rateCap = plan.scaleUpBytes === 0 ? Infinity : plan.scaleUpRate / rings
    for (const { bytes, links } of flows) network.start({ bytes, links, rateCap }, handler, 0)
    simulation.run()
    const wireSeconds = plan.seconds - plan.latencySeconds
    expect(last / wireSeconds).toBeCloseTo(1, 9)
    const slowest = Math.min(plan.scaleUpRate || Infinity, plan.networkRate || Infinity)
    expect(slowest).toBeCloseTo(bytesPerSecond, 0)
    expect(last).toBeCloseTo((2 * (ranks.length - 1) * 32e9) / ranks.length / bytesPerSecond, 9)
  })

  test("each of 8 ranks in a node sends 14/8 of the buffer, and each of 8 NICs 62/32/8 with 32 ranks", () => {
    const topology = makeTopology(h100)
    const one = compileRing(topology, "allReduce", 8e9, ranksBetween(0, 8))
    expect(one.map(({ bytes }) => bytes)).toEqual(Array.from({ length: 8 }, () => 14e9))
    const four = compileRing(topology, "allReduce", 32e9, ranksBetween(0, 32))
    const load = new Float64Array(topology.capacities.length)
    for (const { bytes, links } of four) for (const link of links) load[link]! += bytes
    for (let nic = 0; nic < 32; nic++) expect(load[topology.first["nic-out"] + nic]).toBeCloseTo(62e9 / 8)
  })
})
