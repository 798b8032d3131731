/** The commands that a report prints import back to the scenario that they were made of. */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
// The generators are the report's own, which nothing but its pages uses.
import { trainingLaunch } from "../../../src/report/launch/training.ts"
import { loadScenario, resolveTraining, scenarioFromData, type ResolvedTraining } from "../../../src/scenario/index.ts"
import { imported, jobOf } from "./imported.ts"

const resolved = (file: string, set: readonly string[] = []): ResolvedTraining => {
  const loaded = loadScenario({
    file: `scenarios/${file}`,
    readText: (path) => ({ text: readFileSync(path, "utf8") }),
    set
  })
  if (loaded._tag === "Refused") throw new Error(loaded.issues[0]?.problem)
  const outcome = resolveTraining(loaded)
  if (outcome._tag === "Refused") throw new Error(outcome.issues[0]?.problem)
  return outcome
}

const made = (data: Readonly<Record<string, unknown>>): ResolvedTraining => {
  const loaded = scenarioFromData({ name: "made", data })
  if (loaded._tag === "Refused") throw new Error(loaded.issues[0]?.problem)
  const outcome = resolveTraining(loaded)
  if (outcome._tag === "Refused") throw new Error(outcome.issues[0]?.problem)
  return outcome
}

/** What a framework's command says of a job: not its prices, its stack's constants, or where tables came from. */
const saidOf = ({ layout, microBatch, globalBatch, sequenceLength, precision, recompute, sharding, offload, schedule, virtualPipeline, sequenceParallel, fabric, model }: ReturnType<typeof jobOf>) => ({
  layout, microBatch, globalBatch, sequenceLength, precision, recompute, sharding, offload, schedule, virtualPipeline, sequenceParallel, nodes: fabric.nodes, model: model.name
}) // prettier-ignore

const back = (one: ResolvedTraining, framework: string) => {
  const launch = trainingLaunch(one).find(({ name }) => name === framework)
  if (launch === undefined) throw new Error(`no command of ${framework}`)
  return imported(launch.text, { system: one.system.name, isStrict: true }, "launch.sh")
}

describe("Megatron-LM's command", () => {
  test.each(["small.yaml", "gpt-145b-sc21.yaml", "gpt-1t-sc21.yaml", "gpt3-175b-sc21.yaml"])("of %s", (file) => {
    const one = resolved(file)
    expect(saidOf(jobOf(back(one, "megatron-lm")))).toEqual(saidOf(one.job))
  })

  test("of a mixture with experts, context and chunks", () => {
    const one = made({
      cluster: { system: "dgx-h100", nodes: 16 },
      model: "mixtral-8x22b",
      training: {
        parallelism: { tensor: 2, pipeline: 4, context: 2, expert: 4, virtualPipeline: 2 },
        globalBatch: 256,
        sequenceLength: 16_384,
        zeroStage: 1,
        recompute: "selective"
      }
    })
    expect(saidOf(jobOf(back(one, "megatron-lm")))).toEqual({ ...saidOf(one.job), layout: { ...one.job.layout } })
  })

  test("of a pure mixture says the width of a block, which must not be 0", () => {
    const one = made({
      cluster: { system: "dgx-h100" },
      model: "mixtral-8x7b",
      training: { globalBatch: 64, zeroStage: 1 }
    })
    const text = trainingLaunch(one).find(({ name }) => name === "megatron-lm")?.text ?? ""
    expect(text).toContain("--ffn-hidden-size 14336 ")
    expect(saidOf(jobOf(back(one, "megatron-lm")))).toEqual(saidOf(one.job))
  })

  test.each([0, 1, 2, 3])("of ZeRO-%d", (zeroStage) => {
    const one = made({ cluster: { system: "dgx-h100" }, model: "gpt3-1.3b", training: { globalBatch: 64, zeroStage } })
    expect(jobOf(back(one, "megatron-lm")).sharding).toEqual(one.job.sharding)
  })
})

describe("Megatron-DeepSpeed's command", () => {
  test.each(["bloom-176b.yaml", "gpt-1t-sc21.yaml", "gpt3-175b-sc21.yaml", "small.yaml"])("of %s", (file) => {
    const one = resolved(file)
    expect(saidOf(jobOf(back(one, "deepspeed")))).toEqual(saidOf(one.job))
  })

  test("BLOOM's has its run's length, to the iteration", () => {
    const one = resolved("bloom-176b.yaml")
    const { tokens = 0 } = jobOf(back(one, "deepspeed")).run ?? {}
    expect(tokens).toBeGreaterThanOrEqual(366e9)
    expect(tokens - 366e9).toBeLessThan(2048 * 2048)
  })
})

describe("torchtitan's configuration", () => {
  test.each([1, 2])("of Llama 3 8B on %d nodes", (nodes) => {
    const one = made({
      cluster: { system: "dgx-h100", nodes },
      model: "llama-3-8b",
      training: {
        parallelism: { tensor: 2 },
        microBatch: 2,
        globalBatch: 32,
        stack: "torchtitan",
        recompute: "full",
        tokens: "1B"
      }
    })
    expect(saidOf(jobOf(back(one, "torchtitan")))).toEqual(saidOf(one.job))
  })

  test("of a pipeline with fp8", () => {
    const one = made({
      cluster: { system: "dgx-h100", nodes: 8 },
      model: "llama-3.1-70b",
      training: {
        parallelism: { tensor: 4, pipeline: 4 },
        globalBatch: 64,
        sequenceLength: 8192,
        stack: "torchtitan",
        precision: "fp8",
        zeroStage: 2,
        recompute: "selective"
      }
    })
    expect(saidOf(jobOf(back(one, "torchtitan")))).toEqual(saidOf(one.job))
  })

  test.each<readonly [string, number, number]>([
    ["interleaved-1f1b", 2, 21],
    ["interleaved-1f1b", 3, 14],
    ["interleaved-1f1b", 5, 9],
    ["zb-v", 1, 0],
    ["gpipe", 1, 0]
  ])("of the schedule %s with %d parts a stage: %d layers each", (schedule, virtualPipeline, layers) => {
    const one = made({
      cluster: { system: "dgx-h100", nodes: 2 },
      model: "llama-3.1-70b",
      training: {
        parallelism: { tensor: 4, pipeline: 2, virtualPipeline },
        schedule,
        globalBatch: 64,
        sequenceLength: 8192,
        stack: "torchtitan",
        zeroStage: 2
      }
    })
    const text = trainingLaunch(one).find(({ name }) => name === "torchtitan")?.text ?? ""
    expect(/pipeline_parallel_layers_per_stage = (\d+)/.exec(text)?.[1] ?? "0").toBe(String(layers))
    expect(saidOf(jobOf(back(one, "torchtitan")))).toEqual(saidOf(one.job))
  })
})

test("DeepSpeed's command says that a stage of its pipeline is one part of the model", () => {
  const one = made({
    cluster: { system: "dgx-a100" },
    model: "gpt3-1.3b",
    training: {
      parallelism: { pipeline: 4, virtualPipeline: 2 },
      globalBatch: 64,
      stack: "megatron-deepspeed"
    }
  })
  const launch = trainingLaunch(one).find(({ name }) => name === "deepspeed")
  expect(launch?.remarks).toContain("left out: 2 model parts a stage; a stage of DeepSpeed's pipeline is one part")
})
