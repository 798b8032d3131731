/** BLOOM's published script gives the scenario of BLOOM. */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { trainingText } from "../../../src/importing/index.ts"
import { loadScenario, resolveTraining } from "../../../src/scenario/index.ts"
import { bloomScript } from "./bloom-script.ts"
import { imported, jobOf, said } from "./imported.ts"

const bloom = imported(bloomScript, {}, "bloom.slurm")

const shipped = () => {
  const loaded = loadScenario({
    file: "scenarios/bloom-176b.yaml",
    readText: (file) => ({ text: readFileSync(file, "utf8") })
  })
  if (loaded._tag === "Refused") throw new Error(loaded.issues[0]?.problem)
  const resolved = resolveTraining(loaded)
  if (resolved._tag === "Refused") throw new Error(resolved.issues[0]?.problem)
  return resolved.job
}

describe("BLOOM's script", () => {
  test("is the shipped scenario, field by field", () => {
    // The run that was planned, 220 million sequences with a growing batch, was stopped after 366 billion tokens; the price of
    // electricity stands in no script.
    const { name: _name, run: _run, price: _price, ...expected } = shipped()
    const { name: _ours, run, ...job } = jobOf(bloom)
    expect(job).toEqual(expected)
    expect(run?.tokens).toBe(450_560_000_000)
    expect(bloom.scenario["training"]).toMatchObject({
      run: { batchRamp: { from: 192, increment: 16, samples: 9_765_625 } }
    })
  })

  test("is written as a person would", () => {
    expect(trainingText(bloom)).toContain(`
cluster: { system: jean-zay-a100, nodes: 48 }
model: bloom-176b
training:
  parallelism: { tensor: 4, pipeline: 12 }
  microBatch: 2
  globalBatch: 2048
  sequenceLength: 2048
  precision: bf16
  zeroStage: 1
  recompute: full
`)
  })

  test("tells line by line what was understood, assumed, and not modelled", () => {
    expect(said(bloom, "assumed")).toEqual([
      ": -> model bloom-176b: the catalogue's entry of these shapes".replace(": ->", ":  ->"),
      ":  -> training.zeroStage 1: with bf16, DeepSpeed's optimizer shards its states at stage 0 too"
    ])
    const lines = bloomScript.split("\n")
    const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1
    expect(said(bloom, "understood")).toEqual(
      expect.arrayContaining([
        `${lineOf("--pipeline-model-parallel-size")}: --pipeline-model-parallel-size 12 -> training.parallelism.pipeline`,
        `${lineOf("--nnodes $NNODES")}: --nnodes 48 -> cluster.nodes`,
        `${lineOf("CUDA_LAUNCH_BLOCKING")}: CUDA_LAUNCH_BLOCKING=1 -> training.stack: every launch waits`,
        "6: zero_optimization.stage: 0 -> training.zeroStage"
      ])
    )
    expect(said(bloom, "not modelled")).toEqual([
      `${lineOf("--save-interval")}: --save-interval 100 -> how often the run saves: set training.run.checkpoint, with the rate of the file system`
    ])
    expect(said(bloom, "unknown")).toEqual([])
    expect(said(bloom, "ignored")).toContain(`${lineOf("--weight-decay")}: --weight-decay 1e-1 -> `)
  })

  test("without CUDA_LAUNCH_BLOCKING its launches do not wait; with a flag misspelt it is told, and refused when strict", () => {
    const changed = imported(
      bloomScript.replace("export CUDA_LAUNCH_BLOCKING=1", "").replace("--embed-layernorm", "--embed-layrnorm")
    )
    expect(jobOf(changed).stack.host.mode).toBe("asynchronous")
    expect(said(changed, "unknown")[0]).toMatch(/--embed-layrnorm -> nobody knows it; did you mean --embed-layernorm/)
    // No model of the catalogue lacks that normalisation.
    expect(changed.scenario["model"]).toMatchObject({ layers: 70, vocabulary: 250_880, name: "imported-176b" })
  })
})
