/** Which links of a core may hold an iteration up, and which one is busiest. */
import { describe, expect, test } from "vitest"
import { makeFlowNetwork } from "../../src/cluster/index.ts"
import { makeSimulation } from "../../src/engine/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { essentialLinks, type CastFlow } from "../../src/training/essential-links.ts"
import { makeReach } from "../../src/training/reach.ts"
import { fabricCosts } from "../../src/training/index.ts"
import { bareStack, evenModel, jobOf, run, type Written } from "./jobs.ts"

const flow = (loads: Readonly<Record<number, number>>, rate: number, turn = "own"): CastFlow => ({
  loads: { links: Object.keys(loads).map(Number), weights: Object.values(loads) },
  rate,
  turn
})

describe("of many links only those matter", () => {
  const capacities = Float64Array.from([10, 10, 10, 20])

  test("that the flows can fill: two flows of 4 do not fill 10, and two in turn are one", () => {
    expect(essentialLinks([0], capacities, [flow({ 0: 1 }, 4, "a"), flow({ 0: 1 }, 4, "b")])).toEqual([])
    expect(essentialLinks([0], capacities, [flow({ 0: 1 }, 6, "a"), flow({ 0: 1 }, 6, "b")])).toEqual([0])
    expect(essentialLinks([0], capacities, [flow({ 0: 1 }, 6), flow({ 0: 1 }, 6)])).toEqual([])
  })

  test("that no other link of the same flows comes before", () => {
    // Link 1 has twice the load of link 0, link 3 has it over twice the rate.
    const flows = [flow({ 0: 2, 1: 4, 3: 4 }, 100, "a"), flow({ 0: 2, 1: 4, 3: 4 }, 100, "b")]
    expect(essentialLinks([0, 1, 3], capacities, flows)).toEqual([1])
    const crossed = [flow({ 0: 2, 1: 4 }, 100, "a"), flow({ 0: 4, 1: 2 }, 100, "b")]
    expect(essentialLinks([0, 1], capacities, crossed)).toEqual([0, 1])
  })

  test("so that flows over them alone end when they would over all", () => {
    const draw = randomStream(8, "links that matter")
    for (let trial = 0; trial < 60; trial++) {
      const rates = Float64Array.from({ length: 24 }, () => 5 + 20 * draw())
      const flows = Array.from({ length: 5 }, (_, index) => {
        const loads = Object.fromEntries(
          Array.from(
            { length: 24 },
            (_unused, link) => [link, draw() < 0.5 ? 0 : Math.ceil(3 * draw())] as const
          ).filter(([, load]) => load > 0)
        )
        return flow(loads, 2 + 6 * draw(), String(index))
      })
      const kept = new Set(essentialLinks(Array.from(rates.keys()), rates, flows))
      const ends = (uses: (link: number) => boolean): readonly number[] => {
        const simulation = makeSimulation()
        const network = makeFlowNetwork(simulation, rates)
        const found: number[] = []
        const handler = simulation.register((index) => {
          found[index] = simulation.now
        })
        for (const [index, { loads, rate }] of flows.entries()) {
          const own = loads.links.flatMap((link, at) => (uses(link) ? [[link, loads.weights[at] ?? 1] as const] : []))
          const links = own.map(([link]) => link)
          const weight = own.map(([, share]) => share)
          network.start({ bytes: 100 * (index + 1), links, weight, rateCap: rate }, handler, index)
        }
        simulation.run()
        return found
      }
      const all = ends(() => true)
      for (const [index, end] of ends((link) => kept.has(link)).entries())
        expect(end / (all[index] ?? 0)).toBeCloseTo(1, 9)
    }
  })
})

test("a link that the cards behind it cannot fill never binds", () => {
  const reach = makeReach()
  // Domains 0 and 1 send to domain 2 over link 0, and half of what they send to 3 over link 1.
  reach.add({ links: [0], weights: [1] }, 0, 2)
  reach.add({ links: [0], weights: [1] }, 1, 2)
  reach.add({ links: [1], weights: [0.5] }, 0, 3)
  reach.add({ links: [1], weights: [0.5] }, 1, 2)
  // Two senders of 10 could put 20 on link 0, but domain 2 takes 10; link 1 carries half of each: 10.
  expect(reach.binding(Float64Array.from([10, 10]), 10)).toEqual([])
  expect(reach.binding(Float64Array.from([9, 9]), 10)).toEqual([0, 1])
  const sums = makeReach()
  sums.add({ links: [1], weights: [1] }, -1, -1)
  expect(sums.binding(Float64Array.from([10, 1e12]), 10)).toEqual([1])
})

describe("the busiest link", () => {
  const written = (placement: unknown): Written => ({
    cluster: { nodes: 8, placement, network: { topology: { fatTree: { nodesPerLeaf: 4, oversubscription: 4 } } } },
    model: evenModel,
    training: {
      parallelism: { tensor: 8, pipeline: 2, data: 4 },
      globalBatch: 32,
      sequenceLength: 2048,
      zeroStage: 0,
      stack: bareStack,
      collective: { algorithm: "ring", protocol: "Simple" }
    }
  })
  const costs = (placement: unknown) => {
    const job = jobOf(written(placement))
    return fabricCosts(job, run(job).iterationSeconds)
  }

  test("of packed stages carries activations: 8 micro-batches of 4 replicas over an eighth of the leaf's cards", () => {
    const { busiest } = costs("packed") ?? {}
    // 8 ranks send 2 x 2048 x 2048 / 8 bytes each, 8 micro-batches, 4 nodes; uplinks have 4 x 192 GB/s / 4.
    expect(busiest?.name).toMatch(/^leaf [01] -> spines$|^spines -> leaf [01]$/)
    expect(busiest?.seconds).toBeCloseTo((8 * 4 * 2 * 2048 * 2048) / 192e9, 9)
    expect(busiest?.exchanged).toBe(0)
  })

  test("of alternating ones carries gradients", () => {
    const { busiest, packedSeconds, unblockedSeconds } = costs("round-robin") ?? {}
    expect(busiest?.exchanged).toBe(1)
    expect(packedSeconds).toBeGreaterThanOrEqual(unblockedSeconds ?? Infinity)
  })
})
