import { describe, expect, test } from "vitest"
import { planMemory } from "../../src/inference/index.ts"
import { stackOf, targetOf, type Server } from "./targets.ts"

const tokens = (server: Server): number => planMemory(targetOf(server)).keyValueTokens

test("vLLM 0.19 finds 2588 blocks of 16 tokens beside Llama-3.1-8B on an RTX 4090, within 2 %", () => {
  const blocks =
    tokens({
      accelerator: "rtx-4090",
      model: "llama-3.1-8b",
      stack: "vllm-v1",
      version: "0.19",
      maximumSequence: 32_768,
      maximumStepTokens: 2048
    }) / 16
  expect(Math.abs(blocks / 2588 - 1)).toBeLessThan(0.02)
})

test("a 24 GB card shows 25.25 GB", () => {
  const { capacityBytes } = planMemory(targetOf({ accelerator: "rtx-4090", model: "llama-3.1-8b", stack: "vllm-v1" }))
  expect(capacityBytes / 25_250_627_584).toBeCloseTo(1, 3)
})

describe("one GPU", () => {
  test.each([
    ["mpt-30b", "a100-sxm-80gb", "bf16", true],
    ["mpt-30b", "a100-sxm-40gb", "int8", true],
    ["mpt-30b", "a100-sxm-40gb", "bf16", false],
    ["falcon-40b", "a100-sxm-80gb", "bf16", false],
    ["falcon-40b", "a100-sxm-40gb", "int8", false]
  ])("%s on %s in %s: fits %s", (model, accelerator, precision, fits) => {
    expect(planMemory(targetOf({ accelerator, model, precision, stack: "accelerate" })).fits).toBe(fits)
  })
})

/** huggingface.co/blog/bloom-inference-pytorch-scripts: prompts of about 8 tokens, 100 new ones. */
describe("BLOOM-176B in the scripts of its blog", () => {
  const pipeline = { pipeline: 8 }
  const half = { pipeline: 4 }
  test.each([
    ["accelerate", "bf16", pipeline, 32, true],
    ["accelerate", "bf16", pipeline, 64, false],
    ["accelerate-int8", "int8-llm", pipeline, 32, true],
    ["accelerate-int8", "int8-llm", pipeline, 64, false],
    ["accelerate-int8", "int8-llm", half, 16, true],
    ["accelerate-int8", "int8-llm", half, 32, false],
    ["deepspeed-inference", "fp16", { tensor: 8 }, 128, true],
    ["deepspeed-inference", "fp16", { tensor: 8 }, 256, false],
    ["deepspeed-inference-int8", "int8", { tensor: 8 }, 256, true],
    ["deepspeed-inference-int8", "int8", { tensor: 8 }, 512, false],
    ["deepspeed-inference-int8", "int8", { tensor: 4 }, 64, true],
    ["deepspeed-inference-int8", "int8", { tensor: 4 }, 128, false],
    ["deepspeed-zero-inference", "bf16", { dataAttention: 8 }, 64, true],
    ["deepspeed-zero-inference", "bf16", { dataAttention: 8 }, 128, false]
  ])("%s in %s over %o: a batch of %i fits %s", (stack, precision, layout, batch, fits) => {
    const room = tokens({ accelerator: "a100-sxm-80gb", model: "bloom-176b", stack, precision, layout })
    expect(room >= batch * 108).toBe(fits)
  })
})

test("Llama-3-70B in q4_k_m fits an M2 Ultra, in fp16 not an M1 Max", () => {
  const model = "llama-3-70b"
  const q4 = { accelerator: "apple-m2-ultra", model, stack: "llama-cpp", precision: "q4_k_m" }
  expect(planMemory(targetOf(q4)).fits).toBe(true)
  const fp16 = { accelerator: "apple-m1-max", model, stack: "llama-cpp", precision: "fp16" }
  expect(planMemory(targetOf(fp16)).fits).toBe(false)
})

test("q4_k_m of Llama-3-70B loads 42.5 GB, as llama.cpp prints 39.59 GiB", () => {
  const { loadSeconds } = planMemory(
    targetOf({ accelerator: "apple-m2-ultra", model: "llama-3-70b", stack: "llama-cpp", precision: "q4_k_m" })
  )
  const bytes = loadSeconds * stackOf("llama-cpp").memory.loadBytesPerSecond
  // The embedding table, which stays in host memory, is 0.6 GB of it.
  expect(bytes / 1e9).toBeGreaterThan(41.5)
  expect(bytes / 1e9).toBeLessThan(42.7)
})

test("tensor parallelism halves weights and keys; more ranks than key heads copy them", () => {
  const of = (tensor: number) =>
    planMemory(targetOf({ accelerator: "h100-sxm", model: "llama-3-70b", stack: "vllm-v1", layout: { tensor } }))
  expect(of(4).weights / of(8).weights).toBeCloseTo(2, 2)
  expect(of(4).keyValueBytesPerToken / of(8).keyValueBytesPerToken).toBe(2)
  expect(of(8).keyValueBytesPerToken).toBe(of(16).keyValueBytesPerToken)
})

test("fp8 keys and values take half; DeepSeek-V3's latent cache takes 70,272 bytes a token in 16 bits", () => {
  const server = { accelerator: "h200-sxm", stack: "vllm-v1", layout: { tensor: 8 } } as const
  const wide = planMemory(targetOf({ ...server, model: "llama-3-70b" }))
  const narrow = planMemory(targetOf({ ...server, model: "llama-3-70b", keyValuePrecision: "fp8" }))
  expect(wide.keyValueBytesPerToken).toBe(2 * narrow.keyValueBytesPerToken)
  expect(planMemory(targetOf({ ...server, model: "deepseek-v3", precision: "fp8" })).keyValueBytesPerToken).toBe(70_272)
})

test("data-parallel attention keeps each group's keys on its own rank", () => {
  const server = { accelerator: "h200-sxm", model: "qwen3-235b-a22b", stack: "tensorrt-llm", precision: "fp8" } as const
  const tensor = planMemory(targetOf({ ...server, layout: { tensor: 4 } }))
  const data = planMemory(targetOf({ ...server, layout: { dataAttention: 4, expert: 4 } }))
  expect(data.keyValueBytesPerToken).toBe(4 * tensor.keyValueBytesPerToken)
  expect(data.keyValueTokens / tensor.keyValueTokens).toBeGreaterThan(0.8)
  expect(data.keyValueTokens / tensor.keyValueTokens).toBeLessThan(1.1)
})

test("offloading a share of the weights leaves two layers' buffers of it", () => {
  const server = { accelerator: "a100-sxm-80gb", model: "bloom-176b", stack: "accelerate" } as const
  expect(planMemory(targetOf(server)).fits).toBe(false)
  const offload = { share: 1, from: "cpu", storageBytesPerSecond: 3e9 } as const
  const { fits, weights } = planMemory(targetOf({ ...server, offload }))
  expect(fits).toBe(true)
  // Two layers of 4.93 GB and the embedding of 7.19 GB.
  expect(weights / 1e9).toBeCloseTo(17.1, 0)
})

test("BLOOM loads in two minutes with accelerate and in one from DeepSpeed's shards", () => {
  const server = { accelerator: "a100-sxm-80gb", model: "bloom-176b" } as const
  expect(planMemory(targetOf({ ...server, stack: "accelerate" })).loadSeconds).toBeCloseTo(117.5, 0)
  expect(planMemory(targetOf({ ...server, stack: "deepspeed-inference" })).loadSeconds).toBeCloseTo(59.7, 0)
  expect(planMemory(targetOf({ ...server, stack: "transformers-tp" })).loadSeconds).toBeCloseTo(45.2, 0)
})
