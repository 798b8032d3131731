import { describe, expect, test } from "vitest"
import { makeCore, placedNodes, type Fabric, type Placement } from "../../src/cluster/index.ts"
import { h100, nvl72 } from "./fabrics.ts"

const tree: Fabric = {
  ...h100,
  nodes: 8,
  network: h100.network && { ...h100.network, topology: { fatTree: { nodesPerLeaf: 2, leavesPerPod: 2 } } }
}
const placed = (placement: Placement, fabric = tree): readonly number[] => {
  const core = makeCore(fabric)
  if (core === null) throw new Error("no core")
  return placedNodes(fabric, core, placement)
}

describe("nodes of a job", () => {
  test("are the first ones in order where they are packed", () => {
    expect(placed({ kind: "packed" })).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test("come from one leaf after another, or from one pod after another, round-robin", () => {
    expect(placed({ kind: "round-robin", over: "leaves" })).toEqual([0, 2, 4, 6, 1, 3, 5, 7])
    expect(placed({ kind: "round-robin", over: "pods" })).toEqual([0, 4, 1, 5, 2, 6, 3, 7])
  })

  test("are dealt to the end where switches have unequally many", () => {
    expect(placed({ kind: "round-robin", over: "leaves" }, { ...tree, nodes: 5 })).toEqual([0, 2, 4, 1, 3])
  })

  test("are drawn by lot without one twice, the same ones for a seed", () => {
    const draw = (seed: number) => placed({ kind: "random", seed, among: 64 })
    expect(new Set(draw(1)).size).toBe(8)
    expect(Math.max(...draw(1))).toBeLessThan(64)
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  test("of all nodes drawn by lot each comes up in each place", () => {
    const places = new Set(
      Array.from({ length: 200 }, (_, seed) => placed({ kind: "random", seed, among: 8 })).flatMap((nodes) =>
        nodes.map((node, at) => `${node} ${at}`)
      )
    )
    expect(places.size).toBe(64)
  })

  test("of one NVLink domain stay together", () => {
    const racks: Fabric = {
      ...nvl72,
      nodes: 54,
      network: nvl72.network && { ...nvl72.network, topology: { fatTree: { nodesPerLeaf: 18 } } }
    }
    const nodes = placed({ kind: "random", seed: 2, among: 180 }, racks)
    expect(nodes).toHaveLength(54)
    for (const first of [0, 18, 36]) {
      const rack = nodes.slice(first, first + 18)
      expect((rack[0] ?? -1) % 18).toBe(0)
      expect(rack).toEqual(rack.map((_, tray) => (rack[0] ?? 0) + tray))
    }
  })
})
