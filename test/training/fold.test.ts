import { describe, expect, test } from "vitest"
import {
  customSchedule,
  isScheduleError,
  resized,
  schedules,
  steadyScheduleOf,
  validateSchedule,
  type Schedule
} from "../../src/parallel/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { resolveTraining, scenarioFromData } from "../../src/scenario/index.ts"
import type { ExecutionPlan } from "../../src/training/execution-plan.ts"
import { execute } from "../../src/training/execute.ts"
import { folded } from "../../src/training/fold.ts"
import { recurrenceOf } from "../../src/training/fold-recurrence.ts"
import { makeOperationLog, type OperationLog } from "../../src/training/operation-log.ts"
import { isImpossible, simulateTraining, type TrainingJob, type TrainingResult } from "../../src/training/index.ts"
import { withPlan } from "../../src/training/simulate.ts"
import { jobOf, run, type Written } from "./jobs.ts"

const planOf = (job: TrainingJob): ExecutionPlan => {
  const plan = withPlan(job, (made) => made)
  if ("_tag" in plan) throw new Error(JSON.stringify(plan))
  return plan
}

const isFolded = (job: TrainingJob): boolean => folded(planOf(job)) !== null

const listed = (name: string, stages: number, microBatches: number, chunks = 1): Schedule => {
  const made = schedules[name]?.({ stages, microBatches, chunks })
  if (made === undefined || isScheduleError(made)) throw new Error(JSON.stringify(made))
  return made
}

/** Greatest relative difference of two results' numbers, and where; parts of a whole relative to the whole. */
const difference = (result: TrainingResult, reference: TrainingResult): { worst: number; where: string } => {
  let [worst, where] = [0, ""]
  const compare = (path: string, value: unknown, expected: unknown): void => {
    // Events of one instant are settled together or not as the clock's last bits have it: only their number differs.
    if (path === ".evidence" || path === ".events") return
    if (typeof value === "number" && typeof expected === "number") {
      const whole = path.startsWith(".breakdown") ? reference.iterationSeconds : path.endsWith("Share") ? 1 : 0
      const distance = Math.abs(value - expected) / Math.max(Math.abs(expected), whole, Number.MIN_VALUE)
      if (!(distance <= worst)) [worst, where] = [distance, `${path}: ${value} for ${expected}`]
    } else if (typeof value === "object" && value !== null && typeof expected === "object" && expected !== null) {
      for (const [key, own] of Object.entries(value)) compare(`${path}.${key}`, own, (expected as never)[key])
    } else if (value !== expected) [worst, where] = [Infinity, `${path}: ${String(value)} for ${String(expected)}`]
  }
  compare("", result, reference)
  return { worst, where }
}

const expectEqual = (job: TrainingJob): void => {
  const full = run({ ...job, leap: "off" })
  const result = run(job)
  const { worst, where } = difference(result, full)
  expect(worst, where).toBeLessThan(1e-9)
  expect(Math.abs(result.events / full.events - 1)).toBeLessThan(0.01)
}

describe("a schedule with periods taken out is the schedule of fewer micro-batches", () => {
  test.each([
    ["1f1b", 4, 1, 1],
    ["naive", 4, 1, 1],
    ["interleaved-1f1b", 4, 3, 4],
    ["zb-h1", 4, 1, 1],
    ["dualpipe", 4, 1, 1]
  ])("%s on %i stages", (name, stages, chunks, microBatches) => {
    const long = listed(name, stages, 600, chunks)
    const steady = steadyScheduleOf(long)
    if (steady === null) throw new Error("not steady")
    expect(steady.microBatches).toBe(microBatches)
    const directions = long.layout === "bidirectional" ? 2 : 1
    const fewer = 480 / (microBatches * directions)
    const short = listed(name, stages, 120, chunks)
    expect(resized(long, steady, -fewer)).toEqual(short)
    const own = steadyScheduleOf(short)
    if (own === null) throw new Error("not steady")
    expect(resized(short, own, fewer)).toEqual(long)
    expect(validateSchedule(resized(short, own, 1))).toBeUndefined()
  })

  test("GPipe, and lists in no order, have no period in which every operation comes as often", () => {
    expect(steadyScheduleOf(listed("gpipe", 4, 600))).toBeNull()
    const chance = randomStream(11, "lists")
    const words: string[] = []
    let [forwards, backwards] = [0, 0]
    while (backwards < 600)
      words.push(forwards < 600 && (backwards === forwards || chance() < 0.5) ? `F${forwards++}` : `B${backwards++}`)
    const made = customSchedule([words.join(" ")], { stages: 1, microBatches: 600, chunks: 1 })
    if (isScheduleError(made)) throw new Error(JSON.stringify(made))
    expect(steadyScheduleOf(made)).toBeNull()
  })
})

describe("many micro-batches folded are many micro-batches executed", () => {
  const many: Readonly<Record<string, Written>> = {
    "32,768 on one accelerator": { cluster: { accelerators: 1 }, training: { globalBatch: 32_768 } },
    "32,768 of 1F1B over two nodes": {
      cluster: { nodes: 2 },
      training: { parallelism: { pipeline: 8, data: 2 }, globalBatch: 65_536, stack: "megatron-core" }
    },
    "8192 of interleaved 1F1B": {
      training: {
        parallelism: { pipeline: 4, virtualPipeline: 2, data: 2 },
        globalBatch: 16_384,
        stack: "megatron-core"
      }
    },
    "8192 of ZB-V": { training: { parallelism: { pipeline: 4, data: 2 }, schedule: "zb-v", globalBatch: 16_384 } },
    "8192 of DualPipe": {
      cluster: { nodes: 2 },
      training: { parallelism: { pipeline: 4, data: 4 }, schedule: "dualpipe", globalBatch: 32_768 }
    }
  }
  test.each(Object.entries(many))("%s", (_name, written) => {
    const job = jobOf(written)
    expect(isFolded(job)).toBe(true)
    expectEqual(job)
  })

  test("in memory too: GPipe holds them all, and is executed in full", () => {
    const job = jobOf({ training: { parallelism: { pipeline: 2, data: 4 }, schedule: "gpipe", globalBatch: 4096 } })
    expect(isFolded(job)).toBe(false)
    expectEqual(job)
  })
})

const chance = randomStream(719, "folds")
const pick = <T>(values: readonly T[]): T => values[Math.floor(chance() * values.length)] as T

const randomJob = (): TrainingJob | null => {
  const [tensor, pipeline, data] = [pick([1, 2, 4]), pick([1, 2, 3, 4, 8]), pick([1, 2, 4])]
  const model = pick(["gpt3-1.3b", "bloom-7b1", "mixtral-8x7b", "llama-3.1-8b"])
  const [schedule, virtualPipeline] = pick([
    ["1f1b", 1],
    ["1f1b", 1],
    ["naive", 1],
    ["interleaved-1f1b", 2],
    ["interleaved-1f1b", 3],
    ["zb-h1", 1],
    ["zb-h2", 1],
    ["zb-v", 1],
    ["v-half", 1],
    ["v-min", 1],
    ["zb-2p", 1],
    ["dualpipe", 1],
    ["gpipe", 1]
  ] as const)
  const loaded = scenarioFromData({
    name: "random",
    data: {
      cluster: { system: pick(["dgx-a100", "jean-zay-a100", "dgx-h100"]), accelerators: tensor * pipeline * data },
      symmetry: pick(["on", "on", "off"]),
      model,
      training: {
        parallelism: {
          tensor,
          pipeline,
          data,
          virtualPipeline,
          expert: model === "mixtral-8x7b" ? pick([1, 2]) : 1,
          order: pick(["tp-cp-ep-dp-pp", "tp-cp-ep-pp-dp"])
        },
        schedule,
        globalBatch: data * pick([528, 576, 720, 1200]),
        sequenceLength: pick([128, 2048]),
        zeroStage: pick([0, 1, 3]),
        recompute: pick(["none", "full", { blocks: 2 }]),
        stack: pick(["megatron-core", "megatron-deepspeed", "torchtitan", "zero-bubble"])
      }
    }
  })
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
  if (resolved._tag === "Refused") return null
  // Networks so slow that they are the pace, too.
  const { network } = resolved.job.fabric
  const slower = network && { ...network, bytesPerSecond: network.bytesPerSecond * pick([0.01, 0.1, 1]) }
  const job = { ...resolved.job, fabric: { ...resolved.job.fabric, network: slower } }
  return isImpossible(simulateTraining(job)) ? null : job
}

test("layouts, schedules, stacks and networks drawn by lot give the same result folded, and most are", () => {
  const jobs = Array.from({ length: 45 }, randomJob).flatMap((job) => job ?? [])
  expect(jobs.length).toBeGreaterThan(25)
  for (const job of jobs) expectEqual(job)
  expect(jobs.filter(isFolded).length).toBeGreaterThan(0.7 * jobs.length)
})

test("uneven layers, the slow stage first, amid or last, give the same result folded", () => {
  for (const layerSplit of [
    [7, 3, 3, 3],
    [3, 7, 3, 3],
    [3, 3, 3, 7],
    [4, 4, 4, 4],
    [1, 2, 6, 7]
  ]) {
    const training = { parallelism: { pipeline: 4, data: 2 }, layerSplit, globalBatch: 1200 }
    const job = jobOf({ training: { ...training, stack: "megatron-core" } })
    expect(isFolded(job)).toBe(true)
    expectEqual(job)
  }
})

test.each<[string, Written]>([
  [
    "a slow node",
    {
      cluster: { nodes: 2, irregularities: [{ node: 1, speed: 0.8 }] },
      training: { parallelism: { tensor: 4, pipeline: 4 }, globalBatch: 600, stack: "megatron-core" }
    }
  ],
  [
    "a slow accelerator of one of two replicas",
    {
      cluster: { nodes: 2, irregularities: [{ node: 1, accelerator: 1, speed: 0.8 }] },
      training: { parallelism: { tensor: 2, pipeline: 4, data: 2 }, globalBatch: 1200, stack: "megatron-core" }
    }
  ],
  [
    "a fat tree with too few uplinks, rank by rank",
    {
      symmetry: "off",
      cluster: { nodes: 4, network: { topology: { fatTree: { nodesPerLeaf: 2, oversubscription: 16 } } } },
      training: { parallelism: { tensor: 4, pipeline: 8 }, globalBatch: 600, stack: "megatron-core" }
    }
  ]
])("%s folds too", (_name, written) => {
  const job = jobOf({ model: "gpt3-1.3b", ...written })
  expect(isFolded(job)).toBe(true)
  expectEqual(job)
})

test("replicas that run at paces of their own, and draws for each operation, are executed whole", () => {
  const parallelism = { pipeline: 8, data: 2, order: "tp-cp-ep-pp-dp" }
  const training = { parallelism, globalBatch: 1200, stack: "megatron-core" }
  const slow = jobOf({ cluster: { nodes: 2, irregularities: [{ node: 1, speed: 0.8 }] }, training })
  expect(isFolded(slow)).toBe(false)
  expectEqual(slow)
  expect(isFolded(jobOf({ cluster: { nodes: 2 }, training: { ...training, jitter: 0.01 } }))).toBe(false)
})

test("a trace, leap: off and few micro-batches are executed whole", () => {
  const written = { training: { parallelism: { pipeline: 4, data: 2 }, globalBatch: 1200 } }
  expect(isFolded(jobOf(written))).toBe(true)
  expect(isFolded(jobOf({ ...written, leap: "off" }))).toBe(false)
  expect(isFolded(jobOf({ ...written, trace: "full" }))).toBe(false)
  expect(isFolded(jobOf({ training: { ...written.training, globalBatch: 1020 } }))).toBe(false)
})

describe("a state that has not come back", () => {
  const plan = planOf(jobOf({ training: { parallelism: { pipeline: 2, data: 4 }, globalBatch: 480 } }))
  const steady = steadyScheduleOf(plan.schedule)
  if (steady === null) throw new Error("not steady")
  const logged = (): OperationLog => {
    const log = makeOperationLog(plan.schedule, [0, 1])
    execute(plan, log)
    return log
  }
  const found = recurrenceOf(plan, steady, logged())

  test("is told from one that has: after two micro-batches, which go round both stages and twice over the wire", () => {
    expect(found?.periods).toBe(2)
    const [first, second] = plan.compiled.parts
    const [near, far] = [first, second].map(
      (part) => (part?.forward.seconds ?? 0) + (part?.backwardInput.seconds ?? 0) + (part?.backwardWeight.seconds ?? 0)
    )
    const { starts, arrivals } = logged()
    // The activation of micro-batch 50 leaves stage 0 after its forward, which follows the backward of micro-batch 48.
    const sent = (starts[0]?.[99] ?? 0) + (first?.forward.seconds ?? 0)
    const wire = (arrivals[2 * (plan.schedule.microBatches + 50)] ?? 0) - sent
    expect(found?.seconds).toBeCloseTo((near ?? 0) + (far ?? 0) + 2 * wire, 9)
  })

  test("because one stage drifts against the other by a billionth a micro-batch", () => {
    const log = logged()
    const drifting = log.starts[1]?.map((start, index) => start + 1e-9 * index) ?? new Float64Array(0)
    expect(recurrenceOf(plan, steady, { ...log, starts: [log.starts[0] ?? drifting, drifting] })).toBeNull()
  })

  test("because what has arrived arrives earlier each time, though nobody waits for it yet", () => {
    const log = logged()
    // Activations of every micro-batch at stage 1, always before they are needed.
    const start = (at: number): number => log.starts[0]?.[at] ?? 0
    const arrivals = log.arrivals.map((arrival, place) =>
      place >= 2 * plan.schedule.microBatches && place % 2 === 0 ? start(0) + 1e-4 * place : arrival
    )
    expect(recurrenceOf(plan, steady, { ...log, arrivals })).toBeNull()
  })
})
