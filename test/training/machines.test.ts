import { describe, expect, test } from "vitest"
import { planCollective } from "../../src/cluster/index.ts"
import { randomStream } from "../../src/random/index.ts"
import type { ExecutionPlan } from "../../src/training/execution-plan.ts"
import { isImpossible, simulateTraining, type TrainingJob } from "../../src/training/index.ts"
import { balancedCounts } from "../../src/training/machines/replica-batches.ts"
import { withPlan } from "../../src/training/simulate.ts"
import { bareStack, evenModel, jobOf, relative, resultOf, run, totalOf, type Written } from "./jobs.ts"

const planOf = (job: TrainingJob): ExecutionPlan => {
  const plan = withPlan(job, (made) => made)
  if ("_tag" in plan) throw new Error(JSON.stringify(plan))
  return plan
}

type Group = Readonly<Record<string, unknown>>

/** One node of eight H100, and one of A100. */
const h100: Group = { system: "dgx-h100" }
const a100: Group = { system: "dgx-a100" }

/** A scenario on groups of machines in the place of the tests' usual system. */
const on = (groups: readonly Group[], { training, ...rest }: Written = {}): Written => ({
  ...rest,
  cluster: { system: undefined, groups },
  training: { stack: bareStack, ...training }
})

const replicas = { parallelism: { tensor: 2, pipeline: 2, data: 4, order: "tp-cp-ep-pp-dp" } }

/** Forward and backward seconds of a stage in a cluster of one kind. */
const passesOf = (written: Written, stage: number) => {
  const plan = planOf(jobOf(written))
  const part = plan.compiled.parts[stage]
  if (part === undefined) throw new Error("no such stage")
  return {
    forward: part.forward.seconds,
    backward: part.backwardInput.seconds + part.backwardWeight.seconds,
    optimizer: plan.synchronisation[stage]?.optimizerSeconds ?? 0,
    norm: plan.synchronisation[stage]?.normSeconds ?? 0,
    bytes: plan.compiled.boundaryBytes
  }
}

describe("two stages on machines of two speeds", () => {
  const training = { parallelism: { tensor: 8, pipeline: 2 }, globalBatch: 32 }

  test.each([
    ["the slow one last", h100, a100],
    ["the slow one first", a100, h100]
  ])("%s: the fast one's micro-batch, and the slow one's 32 times", (_name, first, second) => {
    const near = passesOf({ cluster: { ...first, nodes: 2 }, training }, 0)
    const far = passesOf({ cluster: { ...second, nodes: 2 }, training }, 1)
    const result = resultOf(on([first, second], { training }))
    const jobs = [first, second].map((group) => jobOf({ cluster: { ...group, nodes: 2 }, training }))
    // The card of the A100 node carries half of what that of the H100 node does.
    const sends = jobs.map(({ fabric }) =>
      planCollective(fabric, "sendReceive", near.bytes, { ranks: 2, perDomain: 1, domains: 2 })
    )
    const rate = Math.min(...sends.map(({ networkRate }) => networkRate))
    expect(rate).toBe(sends[first === h100 ? 1 : 0]?.networkRate)
    const send = near.bytes / rate + Math.max(...sends.map(({ latencySeconds }) => latencySeconds))
    const [slow, fast] = first === h100 ? [far, near] : [near, far]
    const pipeline =
      first === h100
        ? near.forward + send + 32 * (far.forward + far.backward) + send + near.backward
        : // The first stage runs two forwards ahead, and idles only while its last gradient is on its way.
          2 * near.forward +
          Math.max(0, far.forward + far.backward + 2 * send - near.forward) +
          30 * (near.forward + near.backward) +
          2 * near.backward +
          Math.max(0, far.forward + far.backward + 2 * send - near.backward)
    expect(slow.forward).toBeGreaterThan(1.5 * fast.forward)
    // The norm is over all, at the pace of the slower network; then each steps by itself.
    const end = Math.max(near.norm, far.norm) + Math.max(near.optimizer, far.optimizer)
    expect(relative(result.iterationSeconds, pipeline + end)).toBeLessThan(1e-9)
  })
})

describe("groups of one kind", () => {
  const written: Written = {
    model: "gpt3-1.3b",
    training: { parallelism: { tensor: 2, pipeline: 4 }, globalBatch: 32 }
  }
  const cluster = (groups: readonly Group[]): Written => ({ ...written, cluster: { system: undefined, groups } })

  test("are one cluster, to the bit", () => {
    expect(resultOf(cluster([a100, a100, { ...a100, nodes: 2 }]))).toEqual(
      resultOf({ ...written, cluster: { system: "dgx-a100", nodes: 4 } })
    )
  })

  test("that differ in their rent alone take as long, and hold and draw as much", () => {
    const one = resultOf({ ...written, cluster: { system: "dgx-a100", nodes: 2 } })
    const two = resultOf(cluster([a100, { ...a100, perAcceleratorHour: 3 }]))
    expect(two.groups).toHaveLength(2)
    expect(relative(two.iterationSeconds, one.iterationSeconds)).toBeLessThan(1e-12)
    expect(relative(two.energy.joulesPerIteration, one.energy.joulesPerIteration)).toBeLessThan(1e-9)
    expect(two.memory.stages.map(({ peakBytes }) => peakBytes)).toEqual(
      one.memory.stages.map(({ peakBytes }) => peakBytes)
    )
    // Eight accelerators of two at three dollars; nothing is known of the others.
    expect(relative(two.cost.perIteration ?? 0, (8 * 3 * two.iterationSeconds) / 3600)).toBeLessThan(1e-9)
  })
})

describe("every rank alone gives the same as classes of ranks", () => {
  const faults = [{ node: 1, accelerator: 2, speed: 0.8 }]
  const cases: readonly (readonly [string, Written])[] = [
    ["stages", on([h100, a100], { training: { parallelism: { tensor: 2, pipeline: 4, data: 2 }, globalBatch: 16 } })],
    ["replicas", on([h100, a100], { training: { ...replicas, globalBatch: 16, zeroStage: 1 } })],
    [
      "a stage on both, with a slow accelerator",
      on([h100, a100, h100], {
        cluster: { irregularities: faults },
        training: { parallelism: { pipeline: 3, data: 8 }, globalBatch: 32, stack: "megatron-core" }
      })
    ],
    ["fully sharded", on([h100, a100], { model: "gpt3-1.3b", training: { stack: "torchtitan", globalBatch: 32 } })],
    [
      "replicas with counts of their own",
      on([h100, a100], {
        training: { ...replicas, globalBatch: 24, replicaMicroBatches: [8, 4], stack: "megatron-core" }
      })
    ]
  ]
  test.each(cases)("%s", (_name, written) => {
    const job = jobOf(written)
    const [classes, ranks] = [run(job), run({ ...job, symmetry: "off" })]
    expect(relative(classes.iterationSeconds, ranks.iterationSeconds)).toBeLessThan(1e-9)
    expect(relative(classes.energy.joulesPerIteration, ranks.energy.joulesPerIteration)).toBeLessThan(1e-9)
    expect(relative(totalOf(classes.breakdown), classes.iterationSeconds)).toBeLessThan(1e-9)
    for (const group of classes.groups ?? [])
      expect(relative(totalOf(group.breakdown), classes.iterationSeconds)).toBeLessThan(1e-9)
  })
})

describe("layerSplit: balanced", () => {
  const model = { ...evenModel, layers: 9, vocabulary: 50_304 }
  const written = (layerSplit: unknown): Written =>
    on([h100, a100, a100], {
      model,
      training: { parallelism: { tensor: 8, pipeline: 3 }, globalBatch: 24, layerSplit }
    })

  /** Seconds of the slowest stage of a split. */
  const slowest = (layerSplit: unknown): number => {
    const { variants, cast } = planOf(jobOf(written(layerSplit)))
    return Math.max(
      ...cast.actors.map(({ variant, stage }) => {
        const part = variants[variant]?.compiled.parts[stage]
        return part === undefined ? 0 : part.forward.seconds + part.backwardInput.seconds + part.backwardWeight.seconds
      })
    )
  }

  test("is the best of all splits of 9 layers over 3 stages, the first of which is on faster machines", () => {
    const all: number[] = []
    for (let first = 1; first <= 7; first++)
      for (let second = 1; second <= 8 - first; second++) all.push(slowest([first, second, 9 - first - second]))
    expect(all).toHaveLength(28)
    expect(relative(slowest("balanced"), Math.min(...all))).toBeLessThan(1e-12)
    const { layers } = resultOf(written("balanced"))
    expect(layers?.[0]).toBeGreaterThan(4)
    expect(layers?.reduce((sum, count) => sum + count, 0)).toBe(9)
  })

  test("makes room for the head of a large vocabulary on machines of one kind", () => {
    const large = { ...evenModel, vocabulary: 400_000 }
    const training = { parallelism: { pipeline: 4, data: 2 }, globalBatch: 64 }
    const even = resultOf({ model: large, training })
    const balanced = resultOf({ model: large, training: { ...training, layerSplit: "balanced" } })
    expect(balanced.layers?.at(-1)).toBeLessThan(4)
    expect(balanced.iterationSeconds).toBeLessThan(0.95 * even.iterationSeconds)
  })

  test("gives a fast accelerator of little memory no more than it holds", () => {
    const small = { system: "dgx-h100", accelerator: { extends: "h100-sxm", memory: "20 GB" } }
    const training = { parallelism: { pipeline: 2, tensor: 8 }, globalBatch: 16, microBatch: 4, layerSplit: "balanced" }
    const split = (first: Group): ReturnType<typeof resultOf> =>
      resultOf(on([first, a100], { model: "llama-2-13b", training: { ...training, sequenceLength: 4096 } }))
    const [roomy, tight] = [split(h100), split(small)]
    expect(roomy.memory.stages[0]?.peakBytes).toBeGreaterThan(20e9)
    expect(tight.layers?.[0]).toBeLessThan(roomy.layers?.[0] ?? 0)
    expect(tight.memory.fits).toBe(true)
    expect(tight.memory.stages.map(({ capacityBytes }) => capacityBytes)).toEqual([20e9, 80e9])
  })
})

test("a stage has the memory of its own accelerators, and the fullest is the one nearest to its own", () => {
  const small = { ...a100, accelerator: { extends: "a100-sxm-80gb", memory: "10 GB" } }
  const training = { parallelism: { pipeline: 2, tensor: 8 }, globalBatch: 8, microBatch: 4, sequenceLength: 4096 }
  const { memory } = resultOf(on([h100, small], { model: "llama-2-13b", training }))
  const [first, second] = memory.stages
  expect([first?.capacityBytes, second?.capacityBytes]).toEqual([80e9, 10e9])
  expect(first?.peakBytes).toBeGreaterThan(second?.peakBytes ?? Infinity)
  expect([memory.fullest.stage, memory.capacityBytes, memory.fits]).toEqual([1, 10e9, false])
})

describe("replicas on machines of two kinds", () => {
  const seconds = (groups: readonly Group[], more: Group = {}): number =>
    resultOf(on(groups, { training: { ...replicas, globalBatch: 96, ...more } })).iterationSeconds

  test("with as many micro-batches each take as long as the slow kind alone", () => {
    expect(relative(seconds([h100, a100]), seconds([a100, { ...a100, perAcceleratorHour: 1 }]))).toBeLessThan(0.02)
  })

  test("with counts that balance them take less than with any counts that are given", () => {
    const balanced = seconds([h100, a100], { replicaMicroBatches: "balanced" })
    for (let fast = 1; fast < 48; fast++)
      expect(balanced).toBeLessThan(1.002 * seconds([h100, a100], { replicaMicroBatches: [fast, 48 - fast] }))
  })

  test("balanced on machines that are alike run as many each", () => {
    const { groups } = resultOf(
      on([a100, { ...a100, perAcceleratorHour: 1 }], {
        training: { ...replicas, globalBatch: 96, replicaMicroBatches: "balanced" }
      })
    )
    expect(groups?.map((group) => [group.replicas, group.microBatches])).toEqual([
      [2, 24],
      [2, 24]
    ])
  })

  test("draw and cost by their own accelerators", () => {
    const result = resultOf(
      on([{ ...h100, perAcceleratorHour: 4 }, a100], {
        price: { perAcceleratorHour: 2 },
        training: { ...replicas, globalBatch: 96 }
      })
    )
    const [fast, slow] = result.groups ?? []
    expect(relative(result.cost.perIteration ?? 0, ((8 * 4 + 8 * 2) * result.iterationSeconds) / 3600)).toBeLessThan(
      1e-9
    )
    expect(relative((fast?.costPerIteration ?? 0) / (slow?.costPerIteration ?? 1), 2)).toBeLessThan(1e-9)
    expect(
      relative((fast?.joulesPerIteration ?? 0) + (slow?.joulesPerIteration ?? 0), result.energy.joulesPerIteration)
    ).toBeLessThan(1e-12)
    // The H100 wait with their gradients for more than a third of the time, the A100 hardly.
    expect(fast?.breakdown.exposed.data).toBeGreaterThan(result.iterationSeconds / 3)
    expect(slow?.breakdown.exposed.data).toBeLessThan(result.iterationSeconds / 10)
  })

  test.each([
    ["stages on machines of one kind, replicas on both", { parallelism: { pipeline: 2, data: 8 } }, {}],
    ["counts of another sum", replicas, { replicaMicroBatches: [30, 10] }],
    ["a fully sharded stack", { parallelism: { data: 16 } }, { zeroStage: 3 }]
  ])("refuse counts of their own for %s", (_name, layout, more) => {
    const training = { ...layout, globalBatch: 96, replicaMicroBatches: "balanced", ...more }
    const outcome = simulateTraining(jobOf(on([h100, a100], { training })))
    expect(isImpossible(outcome) ? outcome.path : "it runs").toBe("training.replicaMicroBatches")
  })
})

describe("balancedCounts", () => {
  /** The least possible time of the slowest replica, by trying every count. */
  const best = (groups: readonly { readonly replicas: number; readonly seconds: number }[], total: number): number => {
    const [first, ...rest] = groups
    if (first === undefined) return total === 0 ? 0 : Infinity
    let least = Infinity
    for (let count = 1; count * first.replicas <= total; count++)
      least = Math.min(least, Math.max(count * first.seconds, best(rest, total - count * first.replicas)))
    return least
  }

  test("9 and 3 micro-batches for replicas of which one is three times as fast", () => {
    const groups = [
      { replicas: 1, seconds: 1 },
      { replicas: 1, seconds: 3 }
    ]
    expect(balancedCounts(groups, 12)).toEqual([9, 3])
  })

  test("are as good as the best of all counts, for 200 clusters drawn by lot, and null where there are none", () => {
    const chance = randomStream(31, "counts")
    const whole = (below: number): number => Math.floor(chance() * below)
    let impossible = 0
    for (let trial = 0; trial < 200; trial++) {
      const groups = Array.from({ length: 1 + whole(3) }, () => ({ replicas: 1 + whole(4), seconds: 0.5 + chance() }))
      const total = 3 + whole(30)
      const counts = balancedCounts(groups, total)
      const least = best(groups, total)
      if (counts === null) {
        expect(least).toBe(Infinity)
        impossible++
        continue
      }
      expect(counts.reduce((sum, count, index) => sum + count * (groups[index]?.replicas ?? 0), 0)).toBe(total)
      const slowest = Math.max(...counts.map((count, index) => count * (groups[index]?.seconds ?? 0)))
      expect(relative(slowest, least)).toBeLessThan(1e-9)
    }
    expect(impossible).toBeGreaterThan(5)
    expect(impossible).toBeLessThan(100)
  })
})

test("many micro-batches over stages of two kinds are folded like those of one", () => {
  const training = {
    parallelism: { tensor: 2, pipeline: 8 },
    globalBatch: 2048,
    layerSplit: "balanced",
    stack: "megatron-core"
  }
  const job = jobOf(on([h100, a100], { training }))
  const [folded, full] = [run(job), run({ ...job, leap: "off" })]
  expect(relative(folded.iterationSeconds, full.iterationSeconds)).toBeLessThan(1e-9)
  expect(relative(folded.energy.joulesPerIteration, full.energy.joulesPerIteration)).toBeLessThan(1e-9)
  expect(folded.iterationSeconds).not.toBe(full.iterationSeconds)
})
