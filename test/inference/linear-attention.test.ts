import { describe, expect, test } from "vitest"
import { modelKeyValueBytes, modelStateBytes } from "../../src/inference/index.ts"
import { loadScenario, resolveTraining } from "../../src/scenario/index.ts"
import { files } from "../scenario/bloom.ts"
import { accepted, chat, refused } from "../scenario/chat.ts"

const next = chat
  .replace("model: llama-3.1-8b", "model: qwen3-next-80b-a3b")
  .replace("parallelism: { tensor: 2 }", "parallelism: { tensor: 4, expert: 4 }\n  batching: { maxBatchSize: 64 }")
const decode = (decodes: number, context: number) => ({
  decodes,
  decodeContext: decodes * context,
  decodeWindow: decodes * context,
  prefills: 0,
  prefillTokens: 0,
  prefillPairs: 0,
  prefillContext: 0,
  sampled: decodes
})

describe("layers with a state in place of keys and values", () => {
  test("keep keys and values in one layer of four, and a state for every sequence that may run", () => {
    const { memory, target } = accepted(next).job
    // 12 layers, one key-value head of 256 on each of four ranks, in 16 bits.
    expect(memory.keyValueBytesPerToken / target.stack.memory.keyValueFactor).toBeCloseTo(12 * 2 * 256 * 2, 6)
    const wider = accepted(next.replace("maxBatchSize: 64", "maxBatchSize: 128")).job.memory
    const state = 32 * 128 * 128 + 3 * (2 * 16 * 128 + 32 * 128)
    const taken = (64 * 36 * state * 2) / 4
    const logits = wider.activations - memory.activations
    expect((memory.keyValueTokens - wider.keyValueTokens) * memory.keyValueBytesPerToken).toBeCloseTo(
      taken + logits,
      -6
    )
  })

  test("the states are part of what is taken besides, so that the sum closes; they move with a request", () => {
    const { memory, target } = accepted(next).job
    const state = 32 * 128 * 128 + 3 * (2 * 16 * 128 + 32 * 128)
    expect(memory.overhead - target.stack.memory.fixedBytes).toBeCloseTo((64 * 36 * state * 2) / 4, 0)
    const taken = memory.weights + memory.activations + memory.overhead
    const room = memory.usableBytes - taken - memory.keyValueTokens * memory.keyValueBytesPerToken
    expect(room).toBeGreaterThanOrEqual(0)
    expect(room).toBeLessThan(memory.keyValueBytesPerToken)
    // Keys and values of the 12 attending layers alone: 2 heads of 256, twice, in 16 bits.
    expect(modelKeyValueBytes(target)).toBe(12 * 2 * 2 * 256 * 2)
    expect(modelStateBytes(target)).toBe(36 * state * 2)
  })

  test("a model of states alone has room for its sequences, or has none", () => {
    const states = next.replace(
      "model: qwen3-next-80b-a3b",
      "model: { extends: qwen3-next-80b-a3b, linearAttention: { layers: 48 } }"
    )
    const { memory, target } = accepted(states).job
    expect(memory.fits).toBe(true)
    expect(memory.keyValueTokens).toBe(64 * target.maximumSequence)
    expect(memory.keyValueBytesPerToken).toBe(0)
  })

  test("a decode step grows with the context as its attending layers alone do", () => {
    const { steps } = accepted(next).job
    const line = steps.decodeLine(0, 16)!
    const seconds = (context: number): number => steps.stageSeconds(0, decode(16, context))
    expect(seconds(64_000) - seconds(32_000)).toBeCloseTo(line.slope * 16 * 32_000, 9)
    const all = accepted(
      next.replace(
        "model: qwen3-next-80b-a3b",
        "model: { extends: qwen3-next-80b-a3b, linearAttention: { layers: 24 } }"
      )
    ).job.steps.decodeLine(0, 16)!
    expect(all.slope / line.slope).toBeCloseTo(2, 9)
  })

  test("every sequence reads and writes its state whatever its length", () => {
    const work = (decodes: number): number => {
      const into = { flops: 0, bytes: 0, communicationSeconds: 0 }
      accepted(next).job.steps.addWork(decode(decodes, 1), into)
      return into.bytes
    }
    const state = 36 * (32 * 128 * 128 + 3 * (2 * 16 * 128 + 32 * 128)) * 2
    expect(work(64) - work(32)).toBeGreaterThan(32 * 2 * state)
  })

  test("a prompt costs linear time in them: twice the tokens, less than four times the seconds of full attention", () => {
    const { steps } = accepted(next).job
    const prefill = (tokens: number): number =>
      steps.stageSeconds(0, {
        ...decode(0, 0),
        prefills: 1,
        prefillTokens: tokens,
        prefillPairs: (tokens * (tokens + 1)) / 2,
        prefillContext: tokens,
        sampled: 1
      })
    const hybrid = prefill(262_144) / prefill(131_072)
    expect(hybrid).toBeGreaterThan(2)
    expect(hybrid).toBeLessThan(3.5)
  })

  test("a tensor size must divide their heads, and training them is refused", () => {
    const six = "model: { extends: qwen3-next-80b-a3b, linearAttention: { valueHeads: 6 } }"
    expect(refused(next.replace("model: qwen3-next-80b-a3b", six))).toMatchObject({
      path: "serving.parallelism.tensor",
      problem: "a tensor-parallel size of 4 does not divide 6 value heads of the layers with a state"
    })
    const training =
      "cluster: { system: dgx-h100 }\nmodel: qwen3-next-80b-a3b\ntraining: { globalBatch: 8, sequenceLength: 4096 }"
    const loaded = loadScenario({ file: "mine.yaml", readText: files({ "mine.yaml": training }) })
    const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
    expect(resolved._tag === "Refused" && resolved.issues.map(({ path }) => path)).toEqual(["model"])
  })
})
