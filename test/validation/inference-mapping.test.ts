import { describe, expect, test } from "vitest"
import {
  doubtOf,
  servingJobOf,
  shippedInference,
  isOdd,
  toServingScenario,
  isRefusal
} from "../../src/validation/index.ts"
import { bloomScript, changedScript, mappedOf, pointOf, reasonOf } from "./inference-points.ts"

const shipped = await shippedInference()

const shippedScenario = (id: string) => {
  const point = shipped.find((candidate) => candidate.id === id)
  if (point === undefined || isOdd(point)) throw new Error(`no point ${id}`)
  const mapped = toServingScenario(point)
  if (isRefusal(mapped)) throw new Error(mapped.reason)
  return mapped
}

/** The scenario of a point's own workload. */
const scenarioOf = (written: Readonly<Record<string, unknown>>) => mappedOf(written).runs[0]!.scenario

describe("a point becomes the scenario that it measured:", () => {
  test("BLOOM through accelerate, a naive pipeline over eight GPUs", () => {
    const mapped = mappedOf(bloomScript)
    expect(mapped.runs).toEqual([
      {
        name: "serve",
        scenario: {
          name: "bloom_8xA100_accelerate_bf16_bs1",
          cluster: { system: "jean-zay-a100", accelerators: 8 },
          model: "bloom-176b",
          serving: {
            stack: "accelerate",
            parallelism: { tensor: 1, pipeline: 8, expert: 1, dataAttention: 1 },
            replicas: 1,
            precision: "bf16",
            batching: { policy: "static", maxBatchSize: 1, maxBatchTokens: 8 },
            kvCache: { prefixCaching: false },
            maxSequence: 108
          },
          workload: { arrivals: { batch: {} }, prompt: 8, output: 100, requests: 1 }
        }
      }
    ])
    expect(mapped.assumptions).toEqual([
      "version of accelerate not stated: the newest",
      "prompts of 8 tokens, not stated"
    ])
  })

  test("8-bit accelerate is LLM.int8(), 8-bit DeepSpeed is ZeroQuant", () => {
    const engine = (engine: string) => scenarioOf(changedScript({ engine, precision: "int8" })).serving
    expect(engine("HF accelerate + bitsandbytes LLM.int8()")).toMatchObject({
      stack: "accelerate-int8",
      precision: "int8-llm"
    })
    expect(engine("DeepSpeed-Inference 0.7.x (ZeroQuant)")).toMatchObject({
      stack: "deepspeed-inference-int8",
      precision: "int8"
    })
  })

  test("ZeRO gives each of its eight ranks the batch", () => {
    const { serving, workload } = scenarioOf(
      changedScript({
        engine: "DeepSpeed ZeRO-3 inference",
        parallel: { tp: 1, pp: 1, replicas: 1 },
        workload: { output_len: 100, batch: 8 }
      })
    )
    expect(serving).toMatchObject({ stack: "deepspeed-zero-inference", replicas: 1 })
    expect(serving.parallelism).toEqual({ tensor: 1, pipeline: 1, expert: 1, dataAttention: 8 })
    expect(workload.requests).toBe(64)
  })

  test("TensorRT-LLM's static benchmark keeps keys and values in fp8 as well", () => {
    const { scenario } = shippedScenario("trtllm0.5.0_H100-80GB_GPT-J-6B_tp1_bs64_in128_out128").runs[0]!
    expect(scenario).toMatchObject({
      cluster: { system: "dgx-h100", accelerators: 1 },
      model: { parallelAttention: true, layers: 28, headDimension: 256, vocabulary: 50400 },
      serving: {
        stack: "tensorrt-llm",
        version: "0.5.0",
        precision: "fp8",
        kvCache: { precision: "fp8" },
        batching: { policy: "static", maxBatchSize: 64, maxBatchTokens: 8192 }
      },
      workload: { arrivals: { batch: {} }, prompt: 128, output: 128, requests: 64 }
    })
  })

  test("in-flight batching at maximum load: 2000 requests at once, as many in a step as fit", () => {
    const { scenario } = shippedScenario("trtllm0.10.0_ifb_H200-141GB_fp8_Llama-2-7B_tp1_2048_2048").runs[0]!
    expect(scenario.serving).toMatchObject({ version: "0.10.0", batching: { maxBatchSize: 2048 } })
    expect(scenario.workload).toEqual({ arrivals: { batch: {} }, prompt: 2048, output: 2048, requests: 2000 })
  })

  test("mixtures of experts under TensorRT-LLM 1.0 attend data-parallel", () => {
    const { scenario } = shippedScenario("trtllm1.0_H200_FP8_Qwen3-235B-A22B_tp8pp1_128_128").runs[0]!
    expect(scenario.serving.parallelism).toEqual({ tensor: 1, pipeline: 1, expert: 8, dataAttention: 8 })
  })

  test("InferenceMAX: a closed loop of ten requests a client, lengths uniform in [0.8 L, L]", () => {
    const { scenario } = shippedScenario("aic_2026_04_06_llama_3_1_70b_h200_sxm_vllm_fp8_agg_1024x8192_c64_tp4_ep1_367")
      .runs[0]!
    expect(scenario.serving).toMatchObject({ stack: "vllm-v1", version: "0.12", parallelism: { tensor: 4 } })
    expect(scenario.workload).toEqual({
      arrivals: { closedLoop: { users: 64 } },
      prompt: { uniform: [820, 1024] },
      output: { uniform: [6554, 8192] },
      requests: 640
    })
  })

  test("closed loops of other clients have the lengths that they state", () => {
    const { workload } = scenarioOf(
      changedScript({
        engine: "vllm 0.12.0",
        parallel: { tp: 8, pp: 1 },
        workload: { input_len: 1000, output_len: 200, concurrency: 4 }
      })
    )
    expect(workload).toMatchObject({ prompt: 1000, output: 200, requests: 40 })
  })

  test("InferenceMAX' TensorRT-LLM: prompts wait for others where its script says so, 1024 in and out on fewer than 8 GPUs", () => {
    const batching = (tp: number, output: number, precision = "nvfp4") =>
      scenarioOf(
        changedScript({
          engine: "trtllm ?",
          notes: "InferenceMAX/InferenceX run (random lengths uniform in [0.8L, L])",
          cluster: { gpu: "B200-180GB", n: tp },
          precision,
          parallel: { tp, pp: 1 },
          workload: { input_len: 1024, output_len: output, concurrency: 16 }
        })
      ).serving.batching
    expect(batching(2, 1024)).toEqual({
      maxBatchTokens: 2248,
      chunkedPrefill: false,
      promptWait: { steps: 20, tokens: 0.9 }
    })
    expect(batching(8, 1024)).toEqual({ maxBatchTokens: 2248, chunkedPrefill: false })
    expect(batching(2, 8192)).toEqual({ maxBatchTokens: 9416, chunkedPrefill: false })
    expect(batching(8, 8192, "fp8")).toEqual({ maxBatchTokens: 16_384, chunkedPrefill: false })
  })

  test("AIConfigurator's own servers take clients + prompt + 1500 tokens a step, as its generator writes", () => {
    const batching = (engine: string) =>
      scenarioOf(
        changedScript({
          engine,
          notes: "NVIDIA in-house gap-analysis run; workload generator not documented.",
          parallel: { tp: 8, pp: 1 },
          workload: { input_len: 4096, output_len: 200, concurrency: 8 }
        })
      ).serving.batching
    expect(batching("vllm 0.12.0")).toEqual({ maxBatchTokens: 5604 })
    expect(batching("trtllm 1.0.0rc3")).toEqual({ maxBatchTokens: 5604, chunkedPrefill: false })
    expect(batching("sglang 0.5.1.post1")).toEqual({})
  })

  test("a beam search of four is four sequences that read the prompt they share", () => {
    const { runs, workload, copies } = shippedScenario("mlperf4.1_Lenovo_SR650_V3_3xL40S_TRT_gptj_Offline")
    expect(workload.beams).toBe(4)
    // Four rounds of 13,368 articles in four beams, on three replicas, of which one is simulated.
    expect(copies).toBe(3)
    expect(runs[0]!.scenario.workload.requests).toBe((4 * 4 * 13_368) / 3)
    expect(runs[0]!.scenario.serving.stack).toMatchObject({ extends: "tensorrt-llm" })
  })

  test("MLPerf offline: the smallest tensor size that fits, as many replicas as the GPUs leave, one simulated", () => {
    const offline = shippedScenario("mlperf4.1_ASUSTeK_ESC8000A_E12_H100x8_TRT_llama2-70b_Offline")
    expect(offline.runs[0]!.scenario).toMatchObject({
      cluster: { system: "h100-pcie-8x", accelerators: 2 },
      serving: { stack: "tensorrt-llm", version: "0.11", parallelism: { tensor: 2 }, replicas: 1, precision: "fp8" },
      // Four rounds of 24,576 questions over four replicas.
      workload: { arrivals: { batch: {} }, requests: 24_576 }
    })
    expect(offline).toMatchObject({ copies: 4, accelerators: 8 })
    expect(offline.assumptions).toContain("precision not stated: fp8")
    expect(offline.assumptions).toContain("4 replicas, not stated")
  })

  test("MLPerf server: Poisson arrivals at the target rate", () => {
    const { scenario } = shippedScenario("mlperf4.1_AMD_1xMI300X_2xEPYC-9374F_llama2-70b_Server").runs[0]!
    expect(scenario.cluster).toEqual({ system: "mi300x-8x", accelerators: 1 })
    expect(scenario.serving).toMatchObject({ stack: "vllm-v0", version: "0.4.3" })
    expect(scenario.workload.arrivals).toEqual({ poisson: { rate: 8.6 } })
  })

  test("llama-bench times generation from an empty context and a prompt of 1024 tokens apart", () => {
    const { runs } = shippedScenario("llamacpp_apple-m2-ultra-76x1_8b_q4_k_m")
    expect(runs.map(({ name }) => name)).toEqual(["decode", "prefill"])
    expect(runs[0]!.scenario).toMatchObject({
      cluster: { system: "apple-m2-ultra-machine", accelerators: 1 },
      serving: { stack: "llama-cpp", precision: "q4_k_m" },
      workload: { prompt: 1, output: 1024, requests: 1 }
    })
    expect(runs[1]!.scenario.workload).toMatchObject({ prompt: 1024, output: 1, requests: 1 })
  })

  test("FasterTransformer splits a batch over the stages of its pipeline", () => {
    const { scenario } = shippedScenario("ft_GPT-530B_FasterTransformer_tp8pp3_bs64_in20_out8").runs[0]!
    expect(scenario.cluster).toEqual({ system: "selene", accelerators: 24 })
    expect(scenario.serving).toMatchObject({
      parallelism: { tensor: 8, pipeline: 3 },
      batching: { policy: "static", maxBatchSize: 22 }
    })
    expect(scenario.model).toMatchObject({ layers: 105, headDimension: 160 })
  })

  test("an unknown model with its sizes is a decoder like Llama; unknown software takes a generic preset", () => {
    const mapped = mappedOf({
      id: "new",
      model: { name: "Zephyrine-12B", layers: 40, hidden: 5120, heads: 40, kv_heads: 8, ffn: 14336, vocab: 131072 },
      cluster: { gpu: "NVIDIA RTX 6000 Ada Generation", n: 2 },
      parallel: { tp: 2 },
      engine: "MagicServe 3.1",
      precision: "awq",
      workload: { input_len: 500, output_len: 100, concurrency: 8 },
      measured: { tpot_ms: 20 }
    })
    expect(mapped.runs[0]!.scenario).toMatchObject({
      cluster: { system: "workstation-rtx-6000-ada", accelerators: 2, acceleratorsPerNode: 2 },
      model: { extends: "llama-3.1-8b", layers: 40, hidden: 5120, vocabulary: 131072 },
      serving: { stack: "generic-continuous", precision: "int4-awq", parallelism: { tensor: 2 } },
      workload: { arrivals: { closedLoop: { users: 8 } }, requests: 80 }
    })
    expect(mapped.assumptions).toContain("a gated decoder like Llama")
    expect(mapped.assumptions).toContain("unknown engine: generic-continuous")
  })

  test.each([
    ["vllm 0.2.1", "vllm-v0-eager", "0.2.1"],
    ["vLLM v0.6.4.post1", "vllm-v0", "0.6.4.post1"],
    ["vLLM 0.11.0", "vllm-v1", "0.11.0"],
    ["TensorRT-LLM v0.11.0", "tensorrt-llm", "0.11.0"],
    ["TensorRT 10.8.0, CUDA 12.8", "tensorrt-llm", "0.17"],
    ["sglang 0.5.1.post1", "sglang", "0.5.1.post1"],
    ["HF generate (torch attention)", "hf-generate", undefined],
    ["llama.cpp b3000", "llama-cpp", undefined],
    ["Megatron-LM", "megatron-generate", undefined]
  ])("%s is %s", (engine, stack, version) => {
    const { serving } = scenarioOf(changedScript({ engine, parallel: { tp: 8, pp: 1 }, group: "x", source: "x" }))
    expect(serving.stack).toBe(engine.startsWith("HF") ? "hf-generate-deepspeed" : stack)
    expect(serving.version).toBe(version)
  })

  test.each([
    ["NVIDIA H100-PCIe-80GB", null, "h100-pcie"],
    ["NVIDIA H100-NVL-94GB", null, "h100-nvl"],
    ["H100-80GB", "PCIe Gen5", "h100-pcie"],
    ["H100-80GB (power-capped)", "NVLink", "h100-sxm"],
    ["a100-sxm4-80", "PCIe (rented hosts)", "a100-sxm-80gb"],
    ["A100-40GB", null, "a100-sxm-40gb"],
    ["NVIDIA GH200 Grace Hopper Superchip 144GB", null, "gh200-144gb"],
    ["AMD Instinct MI300X-NPS1-SPX-192GB-750W", "XGMI", "mi300x"],
    ["RTX PRO 6000 Blackwell Server 96GB", "PCIe 5", "rtx-pro-6000-blackwell"],
    ["NVIDIA GeForce RTX 4090", null, "rtx-4090"],
    ["rtx-3080-ti", null, "rtx-3080-ti"],
    ["apple-m3-max-40", "unified memory", "apple-m3-max"],
    ["NVIDIA L40S", null, "l40s"],
    ["B200-180GB", null, "b200-sxm"]
  ])("%s (%s) is %s", (gpu, intra, accelerator) => {
    const mapped = mappedOf(
      changedScript({
        cluster: { gpu, n: 1, intra },
        parallel: { tp: 1, pp: 1 },
        engine: "llama.cpp",
        precision: "fp16"
      })
    )
    expect(mapped.accelerator.name).toBe(accelerator)
  })
})

describe("a point that no scenario can express says why:", () => {
  test.each([
    [{ cluster: { gpu: "TPU v5e", n: 8 } }, "the accelerator is not in the catalogue"],
    [{ cluster: { n: 8 } }, "the accelerator is not given"],
    [{ cluster: { gpu: "H100" }, parallel: {} }, "the number of accelerators is not given"],
    [{ cluster: { gpu: "H100", n: 2.5 } }, "cluster.n is not a size"],
    [{ workload: { batch: -1 } }, "workload.batch is not a size"],
    [{ workload: { rate: -3 } }, "workload.rate is not a rate"],
    [{ workload: { input_len: "long" } }, "workload.input_len is not a number"],
    [{ precision: "q3_k_s" }, "the number format q3_k_s is not in the catalogue"],
    [{ precision: "ternary" }, 'the number format "ternary" is not one we know'],
    [{ model: { name: "no-such-model" } }, "the model is not in the catalogue"],
    [{ model: { ...bloomScript.model, layers: 0.5 } }, "model.layers is not a size"],
    [{ notes: "DISAGGREGATED: prefill 5x tp1" }, "separate pools for prompts and answers are not modelled"],
    [{ parallel: { tp: 16, pp: 1 } }, "a replica of 16 accelerators does not fit in 8"]
  ])("%j", (changes, reason) => {
    expect(reasonOf(changedScript(changes))).toBe(reason)
  })
})

describe("measurements in doubt", () => {
  test("power-capped Splitwise rows are generated; prefill of a slow host is ignored, its decode is not", () => {
    const capped = pointOf(changedScript({ cluster: { gpu: "H100-80GB (power-capped)", n: 8 } }))
    expect(doubtOf(capped, "ttft_ms")).toMatch(/exactly 1.300 times/)
    const slow = pointOf(changedScript({ notes: "prefill figure is implausibly low: ignore prefill" }))
    expect(doubtOf(slow, "prefill_tokens_per_s")).toMatch(/tenth/)
    expect(doubtOf(slow, "decode_tokens_per_s")).toBeUndefined()
    expect(doubtOf(pointOf(bloomScript), "ms_per_token")).toBeUndefined()
  })
})

describe("the shipped points", () => {
  test("are 1,540 with different ids, none odd, of 17 sources", () => {
    expect(shipped).toHaveLength(1540)
    expect(new Set(shipped.map(({ id }) => id)).size).toBe(1540)
    expect(shipped.filter(isOdd)).toEqual([])
    expect(new Set(shipped.map(({ group }) => group)).size).toBe(17)
  })

  test("all but a handful become scenarios that resolve", () => {
    const reasons = shipped.flatMap((point) => {
      if (isOdd(point)) return [point.reason]
      const mapped = toServingScenario(point)
      if (isRefusal(mapped)) return [mapped.reason]
      const refused = mapped.runs.flatMap(({ scenario }) => {
        const job = servingJobOf(scenario)
        return "reason" in job ? [`${point.id}: ${job.reason}`] : []
      })
      return refused.slice(0, 1)
    })
    expect(new Set(reasons)).toEqual(new Set(["separate pools for prompts and answers are not modelled"]))
    expect(reasons).toHaveLength(3)
  })
})
