/**
 * Attention to the tokens that an indexer picks (DeepSeek-V3.2).
 */
import { expect, test } from "vitest"
import { makeStepModel, modelKeyValueBytes, planMemory, type StepLoad } from "../../src/inference/index.ts"
import { simulateServing, summariseServing } from "../../src/serving/index.ts"
import { layerParameters } from "../../src/transformer/index.ts"
import { accepted, chat, refused } from "../scenario/chat.ts"
import { wide } from "./h800.ts"
import { decodeOf, modelOf, promptsOf } from "./targets.ts"

const sparse = modelOf("deepseek-v3.2")
const dense = modelOf("deepseek-v3")
const near = (sequences: number, context: number): StepLoad => ({
  ...decodeOf(sequences, context),
  decodeWindow: sequences * Math.min(2048, context)
})
const modelsOf = () => [makeStepModel(wide(32, { model: sparse })), makeStepModel(wide(32))] as const
const attentionOf = (model: ReturnType<typeof makeStepModel>, load: StepLoad): number =>
  model
    .parts(0, load)
    .filter(({ kind }) => kind === "attention")
    .reduce((sum, { seconds }) => sum + seconds, 0)

test("an indexer has 1536 x 64 x 128 weights for queries, 7168 x 128 for its key, 7168 x 64 for its heads", () => {
  const [own, other] = [layerParameters(sparse, "mixture"), layerParameters(dense, "mixture")]
  expect(own!.matrix - other!.matrix).toBe(1536 * 64 * 128 + 7168 * (128 + 64))
})

test("keeps keys and values of every token, and 132 bytes more a token and layer", () => {
  const [own, other] = [planMemory(wide(32, { model: sparse })), planMemory(wide(32))]
  expect(own.keyValueBytesPerToken / other.keyValueBytesPerToken).toBeCloseTo((576 * 2 + 132) / (576 * 2), 9)
  expect(modelKeyValueBytes(wide(32, { model: sparse }))).toBe(61 * (576 * 2 + 132))
})

test("decode beyond 2,048 tokens grows with the indexer's scores alone, a seventh or less of full attention", () => {
  const [own, other] = modelsOf()
  const grown = (model: typeof own): number =>
    attentionOf(model, near(320, 65_536)) - attentionOf(model, near(320, 32_768))
  expect(grown(own)).toBeGreaterThan(0)
  expect(grown(own) / grown(other)).toBeLessThan(1 / 7)
  // Where all fits into what is picked, the indexer only costs.
  expect(attentionOf(own, near(320, 2000))).toBeGreaterThan(attentionOf(other, near(320, 2000)))
})

test("the line of a decode step is the step", () => {
  const [own] = modelsOf()
  const line = own.decodeLine(0, 320)!
  for (const context of [100, 2048, 10_000, 100_000]) {
    const load = near(320, context)
    const value = line.base + line.slope * load.decodeContext + line.windowSlope * load.decodeWindow
    expect(Math.max(line.floor, value) / own.stageSeconds(0, load)).toBeCloseTo(1, 9)
  }
})

test("a long prompt costs less, FLOPs count what is scored and what is attended to", () => {
  const [own, other] = modelsOf()
  expect(own.stageSeconds(0, promptsOf(32, 65_536))).toBeLessThan(0.6 * other.stageSeconds(0, promptsOf(32, 65_536)))
  const flops = (model: typeof own, load: StepLoad): number => {
    const into = { flops: 0, bytes: 0, communicationSeconds: 0 }
    model.addWork(load, into)
    return into.flops
  }
  const more = flops(own, near(1, 20_000)) - flops(own, near(1, 10_000))
  expect(more / (61 * 2 * 64 * 128 * 10_000)).toBeCloseTo(1, 6)
})

test("serves, steps as it leaps, and is refused in training and beside a window", () => {
  const text = chat
    .replace("system: dgx-h100\n  accelerators: 8", "system: hgx-h20\n  accelerators: 16")
    .replace("model: llama-3.1-8b", "model: deepseek-v3.2")
    .replace("parallelism: { tensor: 2 }", "parallelism: { tensor: 16 }\n  precision: fp8")
  const [on, off] = (["on", "off"] as const).map((leap) => {
    const { job } = accepted(`${text.replace("prompt: 512", "prompt: 3000\n  requests: 20")}leap: ${leap}\n`)
    return summariseServing(job, simulateServing(job))
  })
  expect(on!.requests.finished).toBe(20)
  expect(on!.throughput.outputTokensPerSecond / off!.throughput.outputTokensPerSecond).toBeCloseTo(1, 9)
  expect(
    refused(
      text.replace(
        "model: deepseek-v3.2",
        "model: { extends: deepseek-v3.2, slidingWindow: { tokens: 128, layers: 2 } }"
      )
    )
  ).toMatchObject({ path: "model.sparseAttention", given: "2048" })
})
