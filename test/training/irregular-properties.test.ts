import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import { resolveTraining, scenarioFromData } from "../../src/scenario/index.ts"
import {
  isImpossible,
  simulateTraining,
  type HardwareFault,
  type Irregularities,
  type TrainingJob,
  type TrainingResult
} from "../../src/training/index.ts"
import { relative, run, totalOf } from "./jobs.ts"

const draw = randomStream(1806, "irregular jobs")
const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!
const chance = (share: number): boolean => draw() < share

/** Networks whose core binds as well. */
const topologies = [
  { fatTree: { oversubscription: 4, nodesPerLeaf: 2 } },
  { fatTree: { oversubscription: 2, nodesPerLeaf: 2, spread: "hashed" } },
  { railOptimised: { oversubscription: 4, nodesPerPod: 2 } }
]

const randomScenario = () => {
  const [tensor, pipeline, data] = [pick([1, 2, 4, 8]), pick([1, 2, 4]), pick([1, 2, 3, 4, 6, 8])]
  const context = pick([1, 1, 2])
  const microBatch = pick([1, 2])
  const model = pick(["gpt3-1.3b", "bloom-7b1", "mixtral-8x7b", "llama-3.1-8b"])
  const [schedule, virtualPipeline] = pick([
    ["1f1b", 1],
    ["gpipe", 1],
    ["naive", 1],
    ["interleaved-1f1b", 2],
    ["zb-h1", 1],
    ["dualpipe", 1]
  ] as const)
  return {
    cluster: {
      system: pick(["dgx-a100", "jean-zay-a100", "dgx-h100", "gb200-nvl72"]),
      accelerators: tensor * pipeline * data * context,
      ...(chance(0.3) ? { network: { topology: pick(topologies) } } : {})
    },
    model,
    training: {
      parallelism: {
        tensor,
        pipeline,
        data,
        context,
        expert: model === "mixtral-8x7b" ? pick([1, 2, 4]) : 1,
        virtualPipeline,
        order: pick(["tp-cp-ep-dp-pp", "tp-cp-ep-pp-dp"])
      },
      schedule,
      microBatch,
      globalBatch: microBatch * data * pick([1, 2, 4, 8]),
      sequenceLength: 2048,
      zeroStage: pick([0, 1, 2, 3]),
      stack: pick(["megatron-core", "megatron-deepspeed", "torchtitan", "llm-foundry", "zero-bubble"]),
      ...(chance(0.3) ? { sharding: { group: pick([2, 4, 8]) } } : {})
    }
  }
}

const randomFaults = ({ fabric, layout }: TrainingJob): readonly HardwareFault[] => {
  const ranks = layout.tensor * layout.context * layout.data * layout.pipeline
  const nodes = Math.ceil(ranks / fabric.acceleratorsPerNode)
  const node = (): number => Math.floor(draw() * nodes)
  const share = (): number => 0.5 + 0.5 * draw()
  return [
    ...(chance(0.6) ? [{ node: node(), speed: share() }] : []),
    ...(chance(0.3) ? [{ node: node(), accelerator: pick([0, 1, 3]), speed: share() }] : []),
    ...(chance(0.3) ? [{ node: node(), scaleUp: share() }] : []),
    ...(fabric.network !== null && chance(0.4) ? [{ node: node(), network: share() }] : []),
    ...((fabric.network?.nicsPerNode ?? 1) > 1 && chance(0.3) ? [{ node: node(), missingNics: 1 }] : [])
  ]
}

const randomIrregularities = (job: TrainingJob): Irregularities => ({
  hardware: randomFaults(job),
  jitter: chance(0.15) ? 0.05 : 0,
  unevenData: chance(0.2)
    ? { deviation: 0.2 }
    : chance(0.2)
      ? { replicas: Array.from({ length: job.layout.data }, () => pick([1, 1.2])) }
      : null,
  expertLoads:
    job.model.experts !== null && chance(0.5)
      ? Array.from({ length: job.layout.expert }, (_, rank) => (rank === 0 ? 1.2 : 1))
      : null
})

/** Jobs drawn by lot that can run, with irregularities of every kind. */
const jobs: readonly (readonly [TrainingJob, Irregularities, TrainingResult])[] = Array.from({ length: 300 }, () => {
  const loaded = scenarioFromData({ name: "random", data: randomScenario() })
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
  if (resolved._tag === "Refused") return []
  const irregularities = randomIrregularities(resolved.job)
  const job = { ...resolved.job, irregularities }
  const result = simulateTraining(job)
  return isImpossible(result) ? [] : [[job, irregularities, result] as const]
}).flat()

type Check = (job: TrainingJob, irregularities: Irregularities, result: TrainingResult) => void

const forAll = (check: Check, among: typeof jobs = jobs): void => {
  for (const [job, irregularities, result] of among)
    try {
      check(job, irregularities, result)
    } catch (error) {
      const { model, layout, schedule, sharding, stack } = job
      throw new Error(JSON.stringify([model.name, layout, schedule, sharding, stack.name, irregularities]), {
        cause: error
      })
    }
}

const partsOf = ({ breakdown: { compute, exposed, bubble, host, optimizer } }: TrainingResult): readonly number[] => [
  ...Object.values(compute),
  ...Object.values(exposed),
  bubble,
  host,
  optimizer
]

/** A third of the jobs, for what is dear to check. */
const forSome = (check: Check): void =>
  forAll(
    check,
    jobs.filter((_, index) => index % 3 === 0)
  )

/** Whether stages fill nodes, or nodes stages. */
const isRegular = ({ layout, fabric }: TrainingJob): boolean => {
  const ofStage = layout.tensor * layout.context * layout.data
  const { domain } = fabric.scaleUp
  return layout.order.endsWith("pp") && (ofStage % domain === 0 || domain % ofStage === 0)
}

/** Sums of the same seconds in another order differ in the last bits. */
const rounding = 1 + 1e-9

/** Sends and gradients that leave later may find shared wires emptier; inside of one domain nothing is shared. */
const tolerance = ({ layout, fabric }: TrainingJob): number =>
  layout.tensor * layout.context * layout.data * layout.pipeline <= fabric.scaleUp.domain ? rounding : 1.01

describe("of 300 irregular layouts drawn by lot, those that can run", () => {
  test("are more than a hundred", () => {
    expect(jobs.length).toBeGreaterThan(100)
  })

  test("take as long class by class as rank by rank, part by part, and mostly with fewer events", () => {
    let fewer = 0
    forAll((job, _irregularities, folded) => {
      const expanded = run({ ...job, symmetry: "off" })
      expect(relative(folded.iterationSeconds, expanded.iterationSeconds)).toBeLessThan(1e-9)
      const parts = partsOf(expanded)
      for (const [index, part] of partsOf(folded).entries())
        expect(Math.abs(part - (parts[index] ?? 0))).toBeLessThan(1e-9 * expanded.iterationSeconds)
      expect(relative(folded.memory.fullest.peakBytes, expanded.memory.fullest.peakBytes)).toBeLessThan(1e-9)
      if (folded.events < expanded.events) fewer++
    })
    expect(fewer).toBeGreaterThan(0.6 * jobs.length)
  })

  test("have a breakdown that adds up", () => {
    forAll((_job, _irregularities, result) => {
      expect(relative(totalOf(result.breakdown), result.iterationSeconds)).toBeLessThan(1e-9)
    })
  })

  test("give the same result a second time, to the bit", () => {
    forSome((job, _irregularities, result) => expect(run(job)).toEqual(result))
  })

  test("are as the job without irregularities where these change nothing", () => {
    forSome((job) => {
      const { irregularities: _some, ...regular } = job
      // Where nodes hold unequally many ranks of a stage, plain jobs load every node as the first.
      if (!isRegular(job)) return
      const hardware = [{ node: 0, speed: 1, scaleUp: 1 }]
      const none: Irregularities = { hardware, jitter: 0, unevenData: null, expertLoads: null }
      const expanded: TrainingJob = { ...regular, symmetry: "off" }
      expect(
        relative(run({ ...expanded, irregularities: none }).iterationSeconds, run(expanded).iterationSeconds)
      ).toBeLessThan(1e-9)
    })
  })

  test("are not faster the slower a node", () => {
    forSome((job, irregularities, { iterationSeconds }) => {
      for (const speed of [0.9, 0.4]) {
        const hardware = [...irregularities.hardware, { node: 0, speed }]
        const slower = run({ ...job, irregularities: { ...irregularities, hardware } })
        expect(tolerance(job) * slower.iterationSeconds).toBeGreaterThanOrEqual(iterationSeconds)
      }
    })
  })

  test("lose no less with a slower network card", () => {
    forSome((job, irregularities, { iterationSeconds }) => {
      if (job.fabric.network === null) return
      const hardware = [...irregularities.hardware, { node: 0, network: 0.3 }]
      const slower = run({ ...job, irregularities: { ...irregularities, hardware } })
      expect(tolerance(job) * slower.iterationSeconds).toBeGreaterThanOrEqual(iterationSeconds)
    })
  })
})
