/** The same job on seven networks, and what `windtunnel run` says of each. */
import { describe, expect, test } from "vitest"
import { fabricDocument } from "../../src/cli/fabric-summary.ts"
import { summaryText } from "../../src/cli/run-summary.ts"
import { fabricCosts } from "../../src/training/index.ts"
import { runScenario } from "./run-scenario.ts"

const plain = (text: string): string => text
const terminal = { good: plain, bad: plain, faint: plain }

/** A quarter of the job's replicas, where any will do. */
const small = ["cluster.nodes=32", "training.parallelism.data=4", "training.globalBatch=64"]

const summaryOf = async (file: string, set: readonly string[] = []) => {
  const { resolved, result } = await runScenario(`fabrics/${file}.yaml`, set)
  const fabric = fabricCosts(resolved.job, result.iterationSeconds)
  const lines = summaryText({ resolved, result, fabric }, terminal, []).split("\n")
  const from = lines.findIndex((line) => line.startsWith("  network"))
  return { resolved, result, fabric, lines: lines.slice(from, from + 5), all: lines }
}

describe("GPT-3 on 1,024 H100", () => {
  test("costs nothing more on a fat tree of full bisection", async () => {
    const { lines, fabric, result } = await summaryOf("fat-tree")
    const seconds = result.iterationSeconds
    expect(fabric).toEqual({ packedSeconds: seconds, unblockedSeconds: seconds, busiest: null })
    expect(lines.slice(0, 3)).toEqual([
      "  network      fat tree, 16 nodes a leaf, 1:1",
      "               nothing over the 1.707 s of a network without limits",
      "  placement    packed"
    ])
  })

  test("says what scattered nodes cost on 1:4, against the network and against packed ones", async () => {
    const { resolved, lines, all, fabric, result } = await summaryOf("fat-tree-1-to-4-scattered")
    expect(lines).toEqual([
      "  network      fat tree, 16 nodes a leaf, 1:4",
      "               +4.9 % over the 1.707 s of a network without limits",
      "               busiest: leaf 8 -> spines, busy 21.5 %, 98.5 % gradients",
      "  placement    random, among 512 nodes, seed 1",
      "               +3.9 % over the 1.724 s with the nodes packed"
    ])
    expect(Math.max(...all.map((line) => line.length))).toBeLessThanOrEqual(80)
    const packed = await runScenario("fabrics/fat-tree-1-to-4.yaml")
    expect(fabric?.packedSeconds).toBe(packed.result.iterationSeconds)
    expect(result.iterationSeconds).toBeGreaterThan(packed.result.iterationSeconds)
    const { network } = fabricDocument(resolved, fabric)
    expect(network).toMatchObject({
      topology: { fatTree: { nodesPerLeaf: 16, oversubscription: 4 } },
      placement: { random: { seed: 1, among: 512 } },
      packedIterationSeconds: packed.result.iterationSeconds
    })
    expect(network?.nodes).toHaveLength(128)
  })

  test("has no such lines without a topology", async () => {
    const { all, fabric, resolved } = await summaryOf("fat-tree", ["cluster.network.topology=null"])
    expect(fabric).toBeNull()
    expect(fabricDocument(resolved, fabric)).toEqual({})
    expect(all.join("\n")).not.toMatch(/placement|network {3}/)
  })

  test("shares the one cable between routers of a dragonfly by the shortest ways, and all of them by Valiant's", async () => {
    const valiant = await runScenario("fabrics/dragonfly.yaml")
    const minimal = await runScenario("fabrics/dragonfly.yaml", ["cluster.network.topology.dragonfly.routing=minimal"])
    expect(minimal.result.iterationSeconds).toBeGreaterThan(1.5 * valiant.result.iterationSeconds)
    // The rings of eight rails wait for one cable: gradients, not sends.
    expect(minimal.result.breakdown.exposed.data).toBeGreaterThan(3 * valiant.result.breakdown.exposed.data)
  })

  test("fits any topology into 80 columns", async () => {
    const { lines } = await summaryOf("fat-tree", [
      ...small,
      "cluster.network.topology={fatTree: {nodesPerLeaf: 2, leavesPerPod: 16, oversubscription: [1, 7], spread: hashed, flowsPerConnection: 16}}"
    ])
    expect(lines.slice(0, 2)).toEqual([
      "  network      fat tree, 2 nodes a leaf, 1:1, 16 leaves a pod, 1:7, hashed, 16",
      "               flows a connection"
    ])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test("counts the links that are degraded", async () => {
    const { lines } = await summaryOf("fat-tree", [
      ...small,
      "cluster.network.degraded=[{link: leaf 0 <-> spine 3, rate: 0}]"
    ])
    expect(lines[1]).toBe("               1 degraded entry")
  })
})
