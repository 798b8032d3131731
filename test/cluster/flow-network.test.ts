import { describe, expect, test } from "vitest"
import type { Flow, FlowNetwork } from "../../src/cluster/index.ts"
import { makeFlowNetwork } from "../../src/cluster/index.ts"
import type { Simulation } from "../../src/engine/index.ts"
import { makeSimulation } from "../../src/engine/index.ts"

interface Bench {
  readonly simulation: Simulation
  readonly network: FlowNetwork
  /** Starts a flow at a time; its end is noted under its number. */
  readonly start: (flow: Flow, atSeconds?: number) => number
  readonly ends: number[]
  readonly ids: number[]
}

const bench = (...capacities: readonly number[]): Bench => {
  const simulation = makeSimulation()
  const network = makeFlowNetwork(simulation, Float64Array.from(capacities))
  const flows: Flow[] = []
  const ends: number[] = []
  const ids: number[] = []
  const end = simulation.register((number) => {
    ends[number] = simulation.now
  })
  const begin = simulation.register((number) => {
    const flow = flows[number]
    if (flow !== undefined) ids[number] = network.start(flow, end, number)
  })
  const start = (flow: Flow, atSeconds = 0): number => {
    simulation.at(atSeconds, begin, flows.push(flow) - 1)
    return flows.length - 1
  }
  return { simulation, network, start, ends, ids }
}

/** A small generator with a seed, for scenes that can be repeated. */
const lottery = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe("closed forms", () => {
  test("a flow alone runs at its narrowest link: 100 bytes at 10 bytes/s", () => {
    const { simulation, start, ends } = bench(50, 10, 20)
    start({ bytes: 100, links: [0, 1, 2] })
    simulation.run()
    expect(ends).toEqual([10])
  })

  test("two flows share a link; when the short one ends the long one speeds up", () => {
    const { simulation, start, ends } = bench(10)
    start({ bytes: 50, links: [0] })
    start({ bytes: 100, links: [0] })
    simulation.run()
    expect(ends).toEqual([10, 15])
  })

  test("a flow that comes later slows the first: 100 bytes with 5 s alone and the rest shared", () => {
    const { simulation, start, ends } = bench(10)
    start({ bytes: 100, links: [0] })
    start({ bytes: 100, links: [0] }, 5)
    simulation.run()
    expect(ends).toEqual([15, 20])
  })

  test("a capped flow leaves the rest to the other: 2 and 8 of 10 bytes/s", () => {
    const { simulation, start, ends } = bench(10)
    start({ bytes: 20, links: [0], rateCap: 2 })
    start({ bytes: 80, links: [0] })
    simulation.run()
    expect(ends).toEqual([10, 10])
  })

  test("the long flow of a parking lot has half of the narrow link, and the wide one goes to its neighbour", () => {
    const { simulation, network, start, ids } = bench(10, 40)
    start({ bytes: 1e3, links: [0, 1] })
    start({ bytes: 1e3, links: [0] })
    start({ bytes: 1e3, links: [1] })
    simulation.run(1)
    expect(ids.map((id) => network.rateOf(id))).toEqual([5, 5, 35])
    expect(network.linkRate(0)).toBe(10)
    expect(network.linkRate(1)).toBe(40)
    expect(network.remainingOf(ids[2] ?? -1)).toBe(965)
  })

  test("latency is paid before the flow competes", () => {
    const { simulation, start, ends } = bench(10)
    start({ bytes: 50, links: [0] })
    start({ bytes: 50, links: [0], latencySeconds: 5 })
    simulation.run()
    expect(ends).toEqual([5, 10])
  })

  test("a flow without bytes ends after its latency", () => {
    const { simulation, network, start, ends } = bench(10)
    start({ bytes: 0, links: [0], latencySeconds: 3 })
    start({ bytes: 0, links: [0] })
    simulation.run()
    expect(ends).toEqual([3, 0])
    expect(network.active).toBe(0)
  })

  test("three of a weight-3 flow and one of its own take a quarter each", () => {
    const { simulation, network, start, ids } = bench(8)
    start({ bytes: 100, links: [0], weight: 3 })
    start({ bytes: 100, links: [0] })
    simulation.run(1)
    expect(ids.map((id) => network.rateOf(id))).toEqual([2, 2])
  })

  test("a weight link by link: four flows that spread over two links of 10 and meet on one of 20", () => {
    const { simulation, start, ends } = bench(10, 20)
    start({ bytes: 5, links: [0, 1], weight: [2, 4] })
    simulation.run()
    expect(ends).toEqual([1])
  })

  test("what starts and ends in the same instant costs the others nothing", () => {
    const { simulation, start, ends } = bench(10, 10)
    start({ bytes: 100, links: [0] })
    for (let i = 0; i < 20; i++) start({ bytes: 0, links: [0, 1] }, 3)
    simulation.run()
    expect(ends[0]).toBe(10)
  })

  test("a handler may start the next flow when one ends", () => {
    const simulation = makeSimulation()
    const network = makeFlowNetwork(simulation, Float64Array.of(10))
    const ends: number[] = []
    const next = simulation.register((left) => {
      ends.push(simulation.now)
      if (left > 0) network.start({ bytes: 10, links: [0] }, next, left - 1)
    })
    network.start({ bytes: 10, links: [0] }, next, 3)
    simulation.run()
    expect(ends).toEqual([1, 2, 3, 4])
    expect(network.carriedBytes(0)).toBe(40)
  })

  test("the number of an ended flow answers for nothing that came after", () => {
    const { simulation, network, start, ids } = bench(10)
    start({ bytes: 10, links: [0] })
    start({ bytes: 100, links: [0] }, 2)
    simulation.run(3)
    expect(network.rateOf(ids[0] ?? -1)).toBe(0)
    expect(network.remainingOf(ids[0] ?? -1)).toBe(0)
    expect(network.rateOf(ids[1] ?? -1)).toBe(10)
  })
})

describe("random scenes of up to 60 flows on 12 links", () => {
  interface Scene extends Bench {
    readonly capacities: readonly number[]
    readonly flows: readonly Flow[]
  }

  const scene = (seed: number): Scene => {
    const pick = lottery(seed)
    const capacities = Array.from({ length: 12 }, () => 1 + pick(100))
    const made = bench(...capacities)
    const flows = Array.from({ length: 1 + pick(60) }, (): Flow => {
      const links = [...new Set(Array.from({ length: 1 + pick(4) }, () => pick(12)))]
      const flow = { bytes: 1 + pick(500), links, weight: 1 + pick(3), latencySeconds: pick(3) / 2 }
      return pick(3) === 0 ? { ...flow, rateCap: 1 + pick(20) } : flow
    })
    for (const flow of flows) made.start(flow, pick(8))
    return { ...made, capacities, flows }
  }

  /** Looks at the network between events, at times that no event has. */
  const glances = function* ({ simulation }: Scene): Generator<number> {
    let time = 0.2503
    while (simulation.pending > 0) {
      simulation.run(time)
      yield time
      time = simulation.nextEventSeconds < Infinity ? Math.max(time, simulation.nextEventSeconds) + 0.000713 : time + 1
    }
  }

  const seeds = Array.from({ length: 40 }, (_, i) => i + 1)

  test("no link ever carries more than it can, and every byte arrives", () => {
    for (const seed of seeds) {
      const made = scene(seed)
      for (const _ of glances(made))
        for (const [link, capacity] of made.capacities.entries())
          expect(made.network.linkRate(link)).toBeLessThanOrEqual(capacity * (1 + 1e-9))
      expect(made.ends.filter((end) => end >= 0)).toHaveLength(made.flows.length)
      expect(made.network.active).toBe(0)
      for (const link of made.capacities.keys()) {
        const sent = made.flows
          .filter((flow) => flow.links.includes(link))
          .reduce((sum, flow) => sum + flow.bytes * Number(flow.weight), 0)
        expect(made.network.carriedBytes(link)).toBeCloseTo(sent, 6)
      }
    }
  })

  test("what the rates carry over time is what each flow had to send", () => {
    for (const seed of seeds.slice(0, 10)) {
      const made = scene(seed)
      for (const _ of glances(made))
        for (const [number, flow] of made.flows.entries()) {
          const id = made.ids[number]
          if (id === undefined || made.ends[number] !== undefined) continue
          const left = made.network.remainingOf(id)
          expect(left).toBeGreaterThanOrEqual(-1e-6)
          expect(left).toBeLessThanOrEqual(flow.bytes)
        }
    }
  })

  test("rates are max-min fair: each flow is at its cap or at the top of a full link", () => {
    let seen = 0
    for (const seed of seeds) {
      const made = scene(seed)
      for (const _ of glances(made)) {
        const rates = made.flows.map((_, number) => made.network.rateOf(made.ids[number] ?? -1))
        for (const [number, flow] of made.flows.entries()) {
          const rate = rates[number] ?? 0
          if (rate === 0) continue
          seen++
          const isCapped = rate >= (flow.rateCap ?? Infinity) * (1 - 1e-9)
          const hasBottleneck = flow.links.some((link) => {
            const isFull = made.network.linkRate(link) >= (made.capacities[link] ?? 0) * (1 - 1e-9)
            const top = Math.max(...rates.filter((_, other) => made.flows[other]?.links.includes(link)))
            return isFull && rate >= top * (1 - 1e-9)
          })
          expect(isCapped || hasBottleneck).toBe(true)
        }
      }
    }
    expect(seen).toBeGreaterThan(1000)
  })

  test("a flow of weight k ends when k flows of weight one do, to 1e-12", () => {
    for (const seed of seeds) {
      const whole = scene(seed)
      const apart = bench(...whole.capacities)
      const firsts = whole.flows.map((flow) => {
        const { weight, ...single } = flow
        let first = -1
        for (let k = 0; k < Number(weight); k++) first = apart.start(single)
        return first
      })
      const together = bench(...whole.capacities)
      for (const flow of whole.flows) together.start(flow)
      together.simulation.run()
      apart.simulation.run()
      for (const [number, first] of firsts.entries())
        expect(Math.abs((apart.ends[first] ?? 0) / (together.ends[number] ?? Infinity) - 1)).toBeLessThan(1e-12)
    }
  })
})

test("20,000 flows through 64 shared ports all end", () => {
  const simulation = makeSimulation()
  const network = makeFlowNetwork(simulation, new Float64Array(64).fill(100))
  let ended = 0
  const next = simulation.register((left) => {
    ended++
    if (left > 0) start(left - 1)
  })
  const start = (left: number): void => {
    const from = (left * 7) % 32
    network.start({ bytes: 100 + (left % 13), links: [from, 32 + ((left * 11) % 32)] }, next, left)
  }
  for (let chain = 0; chain < 64; chain++) start(311 + (chain % 2))
  simulation.run()
  expect(ended).toBe(32 * (312 + 313))
})
