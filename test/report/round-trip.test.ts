import { describe, expect, test } from "vitest"
import { importServer, isRefused } from "../../src/importing/index.ts"
import { servingLaunch } from "../../src/report/index.ts"
import { serving } from "./resolved.ts"

/** The server that a report's command describes, imported again on the same machines. */
const imported = (data: { readonly cluster: { readonly system: string; readonly nodes?: number } }, engine: string) => {
  const file = servingLaunch(serving(data)).find(({ name }) => name === engine)
  const server = importServer({
    source: "report",
    command: file?.text ?? "",
    system: data.cluster.system,
    isStrict: true
  })
  if (isRefused(server)) throw new Error(server.issues.map(({ problem }) => problem).join("\n"))
  return server.scenario
}

const workload = { arrivals: { poisson: { rate: 1 } }, prompt: 128, output: 64, requests: 10 }

const scenario = (system: string, model: string, server: object) => ({
  cluster: { system },
  model,
  serving: server,
  workload
})

describe("a vLLM command made from a scenario, imported again", () => {
  const cases: Readonly<Record<string, ReturnType<typeof scenario>>> = {
    "tensor parallel, every limit written": scenario("dgx-h100", "llama-3.1-70b", {
      stack: "vllm-v1",
      parallelism: { tensor: 8 },
      precision: "fp8",
      batching: { maxBatchSize: 128, maxBatchTokens: 4096, chunkTokens: 2048, order: "priority" },
      kvCache: { blockTokens: 32, precision: "fp8", memoryUtilisation: 0.85, blocks: 9000, prefixCaching: true },
      maxSequence: 16384
    }),
    "a pipeline, without a cache of prefixes": scenario("dgx-a100", "llama-3.1-8b", {
      stack: "vllm-v1",
      parallelism: { tensor: 2, pipeline: 4 },
      precision: "bf16",
      kvCache: { prefixCaching: false }
    }),
    "replicas of a dense model": scenario("dgx-h100", "llama-3.1-70b", {
      stack: "vllm-v1",
      parallelism: { tensor: 4 },
      replicas: 2,
      router: "least-requests",
      precision: "int4-awq"
    }),
    "a mixture with attention apart": scenario("dgx-h100", "mixtral-8x7b", {
      stack: "vllm-v1",
      parallelism: { tensor: 2, expert: 8, dataAttention: 4 },
      precision: "bf16"
    }),
    "engine v0, chunked and swapping": scenario("dgx-a100", "llama-3.1-8b", {
      stack: "vllm-v0",
      precision: "fp16",
      parallelism: { tensor: 8 },
      batching: { policy: "sarathi", chunkTokens: 1024, maxBatchTokens: 1024 },
      kvCache: { preemption: "swap" }
    }),
    "without graphs and with NCCL": scenario("dgx-h100", "llama-3.1-8b", {
      stack: { extends: "vllm-v1", graphs: "none", allReduce: "nccl" },
      parallelism: { tensor: 8 }
    }),
    "a quarter of the weights on the host": scenario("dgx-a100", "llama-3.1-8b", {
      stack: "vllm-v1",
      parallelism: { tensor: 8 },
      precision: "bf16",
      offload: { share: 0.25, from: "cpu" }
    })
  }

  test.each(Object.entries(cases))("is the same server: %s", (_, data) => {
    const { cluster, model, serving: server } = imported(data, "vllm")
    expect(cluster).toMatchObject({ system: data.cluster.system })
    expect(model).toBe(data.model)
    expect(server).toEqual(data.serving)
  })
})

describe("the other engines' commands, imported again", () => {
  test("SGLang", () => {
    const data = scenario("dgx-h100", "llama-3.1-70b", {
      stack: "sglang",
      parallelism: { tensor: 8 },
      precision: "fp8",
      batching: { maxBatchSize: 64, maxBatchTokens: 8192, order: "priority" },
      kvCache: { precision: "fp8", memoryUtilisation: 0.8, prefixCaching: false },
      maxSequence: 8192
    })
    expect(imported(data, "sglang")["serving"]).toEqual(data.serving)
  })

  test("SGLang with attention apart: its sizes are those of the whole server", () => {
    const data = scenario("dgx-h100", "mixtral-8x7b", {
      stack: "sglang",
      parallelism: { tensor: 2, expert: 8, dataAttention: 4 },
      batching: { maxBatchSize: 32 }
    })
    expect(imported(data, "sglang")["serving"]).toEqual(data.serving)
  })

  test("TensorRT-LLM, whose options lie in a file that the script writes", () => {
    const data = scenario("dgx-h100", "llama-3.1-70b", {
      stack: "tensorrt-llm",
      parallelism: { tensor: 4, pipeline: 2 },
      batching: { maxBatchSize: 256, maxBatchTokens: 8192, chunkedPrefill: true },
      kvCache: { precision: "fp8", prefixCaching: true, blockTokens: 64 },
      maxSequence: 8192
    })
    expect(imported(data, "tensorrt-llm")["serving"]).toEqual(data.serving)
  })
})
