/** The core of the network in an iteration: who is slowed by it, by how much, and that folding ranks changes nothing. */
import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import { isImpossible, simulateTraining } from "../../src/training/index.ts"
import { bareStack, evenModel, jobOf, relative, resultOf, run, type Written } from "./jobs.ts"

type Fields = Readonly<Record<string, unknown>>

/** Sixteen nodes of eight A100 with 8 x 24 GB/s attainable. */
const on = (topology: Fields | undefined, cluster: Fields = {}, rest: Written = {}): Written => ({
  ...rest,
  cluster: { nodes: 16, ...cluster, ...(topology === undefined ? {} : { network: { topology } }) },
  training: {
    parallelism: { tensor: 4, pipeline: 4, data: 8 },
    globalBatch: 32,
    zeroStage: 1,
    stack: "megatron-core",
    ...rest.training
  },
  model: rest.model ?? "gpt3-1.3b"
})
const seconds = (...written: Parameters<typeof on>): number => resultOf(on(...written)).iterationSeconds

const fatTree = (changes: Fields = {}) => ({ fatTree: { nodesPerLeaf: 4, ...changes } })
const rails = (changes: Fields = {}) => ({ railOptimised: { nodesPerPod: 4, ...changes } })
const dragonfly = (changes: Fields = {}) => ({
  dragonfly: { nodesPerRouter: 1, routersPerGroup: 4, globalLinks: 4, ...changes }
})

const topologies: Readonly<Record<string, Fields>> = {
  "a fat tree": fatTree({ oversubscription: 4 }),
  "three levels": { fatTree: { nodesPerLeaf: 2, leavesPerPod: 2, oversubscription: [2, 3] } },
  "a hashed fat tree": fatTree({ spread: "hashed" }),
  rails: rails({ oversubscription: 4 }),
  "hashed rails": rails({ spread: "hashed", flowsPerConnection: 4 }),
  "a dragonfly": dragonfly(),
  "Valiant's dragonfly": dragonfly({ routing: "valiant", spread: "hashed" }),
  "a torus": { torus: { dimensions: [4, 4] } }
}

const layouts: readonly Fields[] = [
  {},
  { parallelism: { tensor: 8, pipeline: 2, data: 8 }, zeroStage: 0 },
  { parallelism: { tensor: 2, pipeline: 4, data: 16, virtualPipeline: 2 }, globalBatch: 64 },
  { parallelism: { tensor: 4, pipeline: 4, data: 8, order: "tp-pp-dp" } },
  { parallelism: { tensor: 1, pipeline: 2, data: 64 }, globalBatch: 128, zeroStage: 3, sharding: { group: 16 } }
]

describe("one rank for many on a network with links of its own", () => {
  test.each(Object.entries(topologies))("%s: the iteration is that of all ranks one by one", (_name, topology) => {
    for (const [index, training] of layouts.entries()) {
      const placement = ["random", "packed", "round-robin"][index % 3]
      const folded = seconds(topology, { placement }, { training })
      expect(relative(folded, seconds(topology, { placement }, { training, symmetry: "off" }))).toBeLessThan(1e-9)
    }
  })

  test("needs few actors where the network is regular, and as many as ranks differ where it is not", () => {
    const events = (topology: Fields, symmetry: "on" | "off" = "on") => resultOf(on(topology, {}, { symmetry })).events
    expect(events(fatTree({ oversubscription: 4 })) * 10).toBeLessThan(events(fatTree({ oversubscription: 4 }), "off"))
    expect(events(fatTree({ spread: "hashed" }))).toBeGreaterThan(events(fatTree({ oversubscription: 4 })))
  })

  test("holds where micro-batches of the steady state are folded as well", () => {
    const job = jobOf(on(fatTree({ oversubscription: 8 }), { placement: "random" }, { training: { globalBatch: 256 } }))
    expect(relative(run(job).iterationSeconds, run({ ...job, leap: "off" }).iterationSeconds)).toBeLessThan(1e-9)
  })

  test("holds for experts, whose gradients have groups of their own", () => {
    const training = {
      parallelism: { tensor: 1, pipeline: 2, data: 32, expert: 8 },
      globalBatch: 64,
      sequenceLength: 1024
    }
    const mixture = { nodes: 8, placement: "random" }
    const of = (symmetry: "on" | "off") =>
      seconds(fatTree({ nodesPerLeaf: 2, oversubscription: 4 }), mixture, { training, symmetry, model: "mixtral-8x7b" })
    expect(relative(of("on"), of("off"))).toBeLessThan(1e-9)
  })

  test("holds beside a slow node", () => {
    const irregularities = [{ node: 3, network: 0.5 }]
    const of = (symmetry: "on" | "off") =>
      seconds(fatTree({ oversubscription: 4 }), { irregularities, placement: "round-robin" }, { symmetry })
    expect(relative(of("on"), of("off"))).toBeLessThan(1e-9)
    expect(of("on")).toBeGreaterThan(seconds(fatTree({ oversubscription: 4 }), { placement: "round-robin" }))
  })
})

describe("full bisection with balanced uplinks", () => {
  test.each([
    ["a fat tree", fatTree()],
    ["three levels", { fatTree: { nodesPerLeaf: 2, leavesPerPod: 2 } }]
  ])("%s changes nothing, to the bit", (_name, topology) => {
    for (const training of layouts)
      expect(seconds(topology, { placement: "random" }, { training })).toBe(seconds(undefined, {}, { training }))
  })
})

describe("gradients of one replica a node", () => {
  /** Data parallelism alone, nothing overlapped: what the network adds to the iteration is the exchange itself. */
  const exchange = (
    topology: Fields | undefined,
    placement: unknown = "packed",
    { network = { topology }, training }: { readonly network?: Fields; readonly training?: Fields } = {}
  ): number => {
    const written: Written = {
      cluster: { nodes: 8, ...(topology === undefined ? {} : { placement, network }) },
      model: { ...evenModel, hidden: 4096, heads: 32 },
      training: {
        parallelism: { tensor: 8, data: 8 },
        globalBatch: 8,
        sequenceLength: 2048,
        zeroStage: 0,
        stack: bareStack,
        collective: { algorithm: "ring", protocol: "Simple" },
        ...training
      }
    }
    return resultOf(written).breakdown.exposed.data
  }
  const idle = exchange(undefined)
  const placed = { roundRobin: "leaves" }

  test("cross 1:r uplinks unslowed where they are packed, and r times as long where they alternate", () => {
    // Eight groups, one a rail; packed, one node of a leaf of four sends up; alternating, all four do.
    expect(exchange(fatTree({ oversubscription: 4 }))).toBeCloseTo(idle, 9)
    const two = exchange(fatTree({ oversubscription: 2 }), placed)
    const four = exchange(fatTree({ oversubscription: 4 }), placed)
    const eight = exchange(fatTree({ oversubscription: 8 }), placed)
    // The part on the wire grows with r; latency does not.
    expect((eight - four) / (four - two)).toBeCloseTo(2, 6)
    expect((four - two) / (two - idle)).toBeCloseTo(2, 6)
  })

  test("summed in the switches load each uplink once, so that alternating nodes cost what packed ones do", () => {
    const sums = (placement: unknown, oversubscription: number) => {
      const topology = fatTree({ oversubscription })
      const network = { link: "ib-hdr", topology, sumsInNetwork: true }
      return exchange(topology, placement, { network, training: { collective: { algorithm: "sharp" } } })
    }
    expect(sums(placed, 4)).toBeCloseTo(sums("packed", 4), 9)
    expect(sums(placed, 8)).toBeGreaterThan(1.5 * sums(placed, 4))
    expect(sums(placed, 4)).toBeLessThan(0.5 * exchange(fatTree({ oversubscription: 4 }), placed))
  })

  test("along the rows of a torus have two of four cables: twice the time of the cards' full rate", () => {
    const row = (dimensions: readonly number[]) => exchange({ torus: { dimensions } })
    // One dimension has all of a node's rate for its two neighbours.
    expect(row([8])).toBeCloseTo(idle, 9)
    expect(row([8, 2])).toBeGreaterThan(idle)
  })

  test("are slowed by the worst uplink of their rings where hashes collide", () => {
    const balanced = exchange(fatTree(), placed)
    expect(balanced).toBeCloseTo(idle, 9)
    expect(exchange(fatTree({ spread: "hashed" }), placed)).toBeGreaterThan(1.5 * idle)
    expect(exchange(fatTree({ spread: "hashed", flowsPerConnection: 64 }), placed)).toBeLessThan(
      exchange(fatTree({ spread: "hashed" }), placed)
    )
  })
})

describe("a network with links of its own", () => {
  test("slows all-to-all between experts by the most loaded of them", () => {
    const training = { parallelism: { tensor: 1, data: 64, expert: 8 }, globalBatch: 64, sequenceLength: 1024 }
    const of = (topology: Fields | undefined, placement = "packed") =>
      resultOf(on(topology, { nodes: 8, ...(topology === undefined ? {} : { placement }) }, {
        training: { ...training, parallelism: { ...training.parallelism, expert: 16 } },
        model: { extends: "mixtral-8x7b", experts: { count: 16, active: 2, feedForward: 14336, sharedFeedForward: 0, denseLayers: 0 } }
      })).breakdown.exposed.expert // prettier-ignore
    const idle = of(undefined)
    // Groups of two nodes: below one leaf when packed, across the spines when they alternate.
    expect(of(fatTree({ oversubscription: 8 }))).toBe(idle)
    expect(of(fatTree({ oversubscription: 8 }), "round-robin")).toBeGreaterThan(2 * idle)
  })

  test("slows what a fully sharded stack gathers", () => {
    const training = {
      parallelism: { data: 128 },
      globalBatch: 128,
      zeroStage: 3,
      stack: "torchtitan",
      sequenceLength: 512
    }
    const of = (oversubscription: number, placement = "round-robin") =>
      seconds(fatTree({ oversubscription }), { placement }, { training, model: "llama-3.1-8b" })
    expect(of(8)).toBeGreaterThan(1.2 * of(1))
    expect(of(8, "packed")).toBeLessThan(of(8))
  })

  test("is never slower with more capacity, nor faster with a missing cable", () => {
    for (const placement of ["packed", "round-robin", "random"]) {
      const of = (oversubscription: number) => seconds(fatTree({ oversubscription }), { placement })
      expect(of(2)).toBeLessThanOrEqual(of(4) * (1 + 1e-9))
      expect(of(4)).toBeLessThanOrEqual(of(16) * (1 + 1e-9))
      const lost = (rate: number) =>
        resultOf({
          ...on(undefined),
          cluster: {
            nodes: 16,
            placement,
            network: { topology: fatTree({ oversubscription: 4 }), degraded: [{ link: "leaf 1 <-> spine 2", rate }] }
          }
        }).iterationSeconds
      expect(lost(0)).toBeGreaterThanOrEqual(of(4) * (1 - 1e-9))
      expect(lost(0)).toBeGreaterThanOrEqual(lost(0.5) * (1 - 1e-9))
    }
  })

  test("does not mind which node of a leaf is which", () => {
    const draw = randomStream(11, "nodes of a leaf")
    const topology = fatTree({ oversubscription: 4 })
    const packed = seconds(topology)
    for (let trial = 0; trial < 4; trial++) {
      const listed = [0, 4, 8, 12].flatMap((first) => {
        const turn = Math.floor(draw() * 4)
        return [0, 1, 2, 3].map((node) => first + ((node + turn) % 4))
      })
      expect(relative(seconds(topology, { placement: { listed } }), packed)).toBeLessThan(1e-12)
    }
  })

  test("hashes by the scenario's seed, and the same each time", () => {
    const of = (seed: number) => seconds(fatTree({ spread: "hashed" }), {}, { seed })
    expect(of(5)).toBe(of(5))
    expect(new Set([1, 2, 3, 4].map(of)).size).toBeGreaterThan(1)
  })

  test("answers in time for 16,384 accelerators, and does not lose to one without", () => {
    const llama = (topology: unknown) =>
      jobOf({
        cluster: {
          system: "meta-llama3",
          accelerators: 16_384,
          ...(topology === null ? {} : { network: { topology } })
        },
        model: "llama-3.1-405b",
        training: {
          parallelism: { tensor: 8, pipeline: 16, data: 128, virtualPipeline: 8 },
          globalBatch: 2048,
          sequenceLength: 8192,
          stack: "llama3-meta"
        }
      })
    const plain = run(llama(null)).iterationSeconds
    // Seven times fewer uplinks between pods, which a packed job crosses with a part of its sends only.
    const tapered = run(llama({ fatTree: { nodesPerLeaf: 2, leavesPerPod: 192, oversubscription: [1, 7] } }))
    expect(tapered.iterationSeconds).toBeGreaterThan(plain)
    expect(tapered.iterationSeconds).toBeLessThan(1.05 * plain)
  })

  test("that has no way left between two nodes is refused", () => {
    const outcome = simulateTraining(
      jobOf({
        ...on(undefined),
        cluster: { nodes: 16, network: { topology: fatTree(), degraded: [{ tier: "leaf-spine", rate: 0 }] } }
      })
    )
    expect(isImpossible(outcome) && outcome.path).toBe("cluster.network.degraded")
    expect(isImpossible(outcome) && outcome.expected).toMatch(/no way is left from node \d+ to node \d+/)
  })
})
