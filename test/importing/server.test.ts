import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import {
  importModel,
  importServer,
  isRefused,
  serverText,
  type ImportedServer,
  type ServerRequest
} from "../../src/importing/index.ts"
import { formatIssue, resolveServing, scenarioFromData } from "../../src/scenario/index.ts"
import { publishedConfigs } from "./published-configs.ts"

type More = Omit<ServerRequest, "source" | "command">

const outcome = (command: string, more: More = {}) => importServer({ source: "serve.sh", command, ...more })

const imported = (command: string, more: More = {}): ImportedServer => {
  const server = outcome(command, more)
  if (isRefused(server)) throw new Error(server.issues.map(formatIssue).join("\n"))
  return server
}

const servingOf = (command: string, more: More = {}) => imported(command, more).scenario["serving"]
const clusterOf = (command: string, more: More = {}) => imported(command, more).scenario["cluster"]

const remarksOf = (command: string, kind: string, more: More = {}): readonly string[] =>
  imported(command, more)
    .remarks.filter((remark) => remark.kind === kind)
    .map(({ text }) => text)

const refusalOf = (command: string, more: More = {}): string => {
  const server = outcome(command, more)
  return isRefused(server) ? server.issues.map(formatIssue).join("\n") : "accepted"
}

const llama = "meta-llama/Llama-3.1-8B-Instruct"
const large = "meta-llama/Llama-3.1-70B-Instruct"
const qwen = "Qwen/Qwen3-235B-A22B"

describe("vllm serve", () => {
  test("everything that a scenario knows", () => {
    const { scenario, engine, fits } = imported(
      `VLLM_USE_V1=1 vllm serve ${large} --tensor-parallel-size 4 -pp=2 --max-model-len 16k --max-num-seqs=128 \\
         --max_num_batched_tokens 4096 --gpu-memory-utilization .92 --block-size 32 --kv-cache-dtype fp8_e4m3 \\
         --quantization fp8 --dtype bfloat16 --no-enable-prefix-caching --enable-chunked-prefill \\
         --long-prefill-token-threshold 1024 --scheduling-policy priority --num-gpu-blocks-override 9000`
    )
    expect({ engine, fits }).toEqual({ engine: "vllm", fits: true })
    expect(scenario["model"]).toBe("llama-3.1-70b")
    expect(scenario["cluster"]).toEqual({ system: "dgx-h100", accelerators: 8 })
    expect(scenario["serving"]).toEqual({
      stack: "vllm-v1",
      parallelism: { tensor: 4, pipeline: 2 },
      precision: "fp8",
      batching: { maxBatchSize: 128, maxBatchTokens: 4096, chunkTokens: 1024, order: "priority" },
      kvCache: { blockTokens: 32, precision: "fp8", memoryUtilisation: 0.92, blocks: 9000, prefixCaching: false },
      maxSequence: 16_000
    })
  })

  test("the older entry point, with its model as a flag", () => {
    expect(servingOf(`python3 -m vllm.entrypoints.openai.api_server --model ${llama} -tp 2`)).toEqual({
      stack: "vllm-v1",
      parallelism: { tensor: 2 }
    })
  })

  test("engine v0 where the environment or the image says so", () => {
    expect(servingOf(`VLLM_USE_V1=0 vllm serve ${llama}`)).toEqual({ stack: "vllm-v0" })
    expect(servingOf(`export VLLM_USE_V1=0\nvllm serve ${llama}`)).toEqual({ stack: "vllm-v0" })
    expect(servingOf(`docker run --gpus all -p 8000:8000 vllm/vllm-openai:v0.6.3 --model ${llama}`)).toEqual({
      stack: "vllm-v0",
      version: "0.6.3"
    })
    expect(servingOf(`docker run -e VLLM_USE_V1=0 vllm/vllm-openai:v0.8.4 --model ${llama}`)).toMatchObject({
      stack: "vllm-v0",
      version: "0.8.4"
    })
    expect(servingOf(`docker run vllm/vllm-openai:v0.19.0 --model ${llama}`)).toMatchObject({ stack: "vllm-v1" })
    expect(servingOf(`docker run vllm/vllm-openai:v0.2.7 --model ${llama}`)).toMatchObject({ stack: "vllm-v0-eager" })
  })

  test("chunks under v0 are decodes first, as Sarathi", () => {
    expect(
      servingOf(`VLLM_USE_V1=0 vllm serve ${llama} --enable-chunked-prefill --max-num-batched-tokens 1024`)
    ).toEqual({
      stack: "vllm-v0",
      batching: { policy: "sarathi", maxBatchTokens: 1024, chunkTokens: 1024 }
    })
    const off = `VLLM_USE_V1=0 vllm serve ${llama} --enable-chunked-prefill=False`
    expect(servingOf(off)).toEqual({ stack: "vllm-v0" })
    expect(remarksOf(`vllm serve ${llama} --no-enable-chunked-prefill`, "not modelled")).toEqual([
      "--no-enable-chunked-prefill: engine v1 is taken with chunks"
    ])
  })

  test("swap space counts where v0 is told to swap", () => {
    expect(servingOf(`VLLM_USE_V1=0 vllm serve ${llama} --swap-space 16 --preemption-mode swap`)).toMatchObject({
      kvCache: { preemption: "swap", swapSpace: "16 GiB" }
    })
    expect(servingOf(`vllm serve ${llama} --swap-space 16`)).toEqual({ stack: "vllm-v1" })
    expect(remarksOf(`vllm serve ${llama} --swap-space 16`, "not modelled")).toHaveLength(1)
  })

  test("no graphs, and NCCL in place of the engine's own all-reduce", () => {
    expect(servingOf(`vllm serve ${llama} --enforce-eager --disable-custom-all-reduce`)).toEqual({
      stack: { extends: "vllm-v1", graphs: "none", allReduce: "nccl" }
    })
  })

  test("data parallelism copies a dense model, and parts the attention of a mixture", () => {
    expect(servingOf(`vllm serve ${llama} -tp 2 -dp 4`)).toEqual({
      stack: "vllm-v1",
      parallelism: { tensor: 2 },
      replicas: 4,
      router: "least-requests"
    })
    expect(clusterOf(`vllm serve ${llama} -tp 2 -dp 4`)).toEqual({ system: "dgx-h100", accelerators: 8 })
    // Limits are those of one of the two ranks, as a scenario has them.
    expect(
      servingOf(
        `vllm serve ${qwen} -tp 4 -dp 2 --enable-expert-parallel --max-num-seqs 256 --max-num-batched-tokens 4096`
      )
    ).toEqual({
      stack: "vllm-v1",
      parallelism: { tensor: 4, expert: 8, dataAttention: 2 },
      batching: { maxBatchSize: 256, maxBatchTokens: 4096 }
    })
    expect(servingOf(`vllm serve ${qwen} -tp 8 --no-enable-expert-parallel`)).toMatchObject({
      parallelism: { tensor: 8 }
    })
  })

  test("weights in host memory are a share of each accelerator's", () => {
    // 140 GB over 8 accelerators are 17.6 GB each; 8.2 GiB of them are half.
    expect(servingOf(`vllm serve ${large} -tp 8 --cpu-offload-gb 8.2`)).toMatchObject({
      offload: { share: 0.499, from: "cpu" }
    })
  })

  test("flags that no time depends on are listed, those that cannot be said are told, secrets are not", () => {
    const command = `vllm serve ${llama} --host 0.0.0.0 --port 8000 --api-key s3cret --served-model-name a b --trust-remote-code
      --speculative-config '{"method": "ngram"}' --lora-dtype auto`
    const joined = command.replace("\n", " ")
    expect(imported(joined).ignored).toEqual([
      "--host",
      "--port",
      "--api-key",
      "--served-model-name",
      "--trust-remote-code"
    ])
    expect(remarksOf(joined, "not modelled")).toEqual([
      '--speculative-config {"method": "ngram"}: times are those without speculation, as no number of proposals from 1 to 64 is said; add serving.speculation by hand',
      "--lora-dtype auto: a detail that serving.adapters does not have"
    ])
    expect(serverText(imported(joined))).not.toContain("s3cret")
    expect(serverText(imported(joined))).toContain("--api-key ***")
  })

  test("a file of options counts where the command line is silent", () => {
    const command = `vllm serve ${llama} --config serve.yaml -tp 4`
    const text =
      "tensor-parallel-size: 2\nmax_num_seqs: 64\nenable-prefix-caching: false\nenforce-eager: true\nhost: 0.0.0.0\nserved-model-name: [a, b]\n"
    const readText = () => ({ text })
    expect(servingOf(command, { readText })).toEqual({
      stack: { extends: "vllm-v1", graphs: "none" },
      parallelism: { tensor: 4 },
      batching: { maxBatchSize: 64 }
    })
    expect(servingOf("vllm serve --config=serve.yaml", { readText: () => ({ text: `model: ${llama}` }) })).toEqual({
      stack: "vllm-v1"
    })
    expect(remarksOf(command, "not modelled")).toEqual([
      "--config serve.yaml: a file that cannot be read here; what it says may matter"
    ])
    expect(remarksOf(command, "not modelled", { readText: () => ({ text: "- a" }) })[0]).toContain("not a YAML map")
  })

  test("the command is told from where the server starts", () => {
    const told = (text: string): string => imported(text).command
    expect(told(`A=1 nohup vllm serve ${llama} --port 1 > log &`)).toBe(`vllm serve ${llama} --port 1`)
    expect(told(`docker run -e HF_TOKEN=x vllm/vllm-openai:latest --model ${llama}`)).toBe(
      `vllm/vllm-openai:latest --model ${llama}`
    )
    expect(told(`mpirun -n 2 trtllm-serve ${llama}`)).toBe(`trtllm-serve ${llama}`)
    expect(told(`python3 -m sglang.launch_server --model ${llama} --api-key=x`)).toBe(
      `python3 -m sglang.launch_server --model ${llama} --api-key=***`
    )
    expect(imported(`python3 -m sglang.launch_server --model ${llama} --dist-init-addr a:1`).ignored).toEqual([
      "--dist-init-addr"
    ])
  })

  test("an unknown flag is a remark with near names, or refused when strict", () => {
    const command = `vllm serve ${llama} --max-num-sequences 5 --tensor-parallel 2`
    expect(remarksOf(command, "unknown")).toEqual([
      "--max-num-sequences: there is no such flag; did you mean --max-num-seqs?",
      "--tensor-parallel: there is no such flag; did you mean --tensor-parallel-size or --speculative-draft-tensor-parallel-size?"
    ])
    expect(refusalOf(command, { isStrict: true })).toMatch(
      /^serve\.sh\n {2}--max-num-sequences: there is no such flag\n/
    )
  })

  test("values that are none are refused together", () => {
    expect(
      refusalOf(`vllm serve ${llama} -tp eight --gpu-memory-utilization 90 --max-model-len long --block-size`)
    ).toBe(
      [
        "serve.sh\n  --block-size: its value is missing\n  expected a value after it",
        'serve.sh\n  --tensor-parallel-size: given "eight"\n  expected a whole number from 1',
        'serve.sh\n  --max-model-len: given "long"\n  expected tokens: a whole number, or one such as 8k (8,000) or 8K (8,192)',
        'serve.sh\n  --gpu-memory-utilization: given "90"\n  expected a number from 0.01 to 1'
      ].join("\n")
    )
    expect(refusalOf(`vllm serve ${llama} --quantization fp7`)).toContain("did you mean fp8")
  })

  test("sizes that the model cannot have are refused as the engine would", () => {
    expect(refusalOf(`vllm serve ${llama} -tp 3`)).toContain("does not divide 32 attention heads")
  })
})

describe("trtllm-serve", () => {
  const command =
    "trtllm-serve serve deepseek-ai/DeepSeek-V3 --tp_size 8 --ep_size 8 --max_batch_size 128 --max_num_tokens 2048"

  test("flags", () => {
    expect(
      servingOf(`${command} --max_seq_len 8192 --enable_chunked_prefill --kv_cache_free_gpu_memory_fraction 0.8`)
    ).toEqual({
      stack: "tensorrt-llm",
      parallelism: { tensor: 8, expert: 8 },
      precision: "fp8-block",
      batching: { maxBatchSize: 128, maxBatchTokens: 2048, chunkedPrefill: true },
      // 84.1 GB of weights in 141 GB, and 0.8 of what they leave.
      kvCache: { memoryUtilisation: 0.919 },
      maxSequence: 8192
    })
  })

  test("the file of extra options goes before the flags; without it there is a remark", () => {
    const extra = `${command} --extra_llm_api_options extra.yml`
    const text =
      "enable_attention_dp: true\nmax_batch_size: 64\nkv_cache_config:\n  dtype: fp8\n  free_gpu_memory_fraction: 0.8\n  enable_block_reuse: false\nspeculative_config: { decoding_type: MTP }\nprint_iter_log: true\nstrange: 1"
    const readText = (path: string) => (path === "extra.yml" ? { text } : { failure: "no such file" })
    expect(servingOf(extra, { readText })).toEqual({
      stack: "tensorrt-llm",
      parallelism: { expert: 8, dataAttention: 8 },
      precision: "fp8-block",
      batching: { maxBatchSize: 64, maxBatchTokens: 2048 },
      kvCache: { precision: "fp8", prefixCaching: false, memoryUtilisation: 0.919 }
    })
    expect(remarksOf(extra, "not modelled", { readText })).toEqual([
      "speculative_config of extra.yml: times are those without speculation, as no number of proposals from 1 to 64 is said; add serving.speculation by hand",
      "strange of extra.yml"
    ])
    const script = `cat > extra.yml <<EOF\n${text}\nEOF\n${extra}`
    expect(servingOf(script)).toEqual(servingOf(extra, { readText }))
    expect(remarksOf(extra, "not modelled")[0]).toContain("a file that cannot be read here")
  })
})

describe("sglang", () => {
  test("flags", () => {
    expect(
      servingOf(
        `python -m sglang.launch_server --model-path ${llama} --tp 2 --dp 2 --mem-fraction-static 0.85 --page-size 16
          --chunked-prefill-size 4096 --max-running-requests 300 --schedule-policy fcfs --kv-cache-dtype fp8_e5m2
          --quantization w8a8_int8 --disable-radix-cache --context-length 8192 --load-balance-method shortest_queue`.replaceAll(
          "\n",
          " "
        )
      )
    ).toEqual({
      stack: "sglang",
      parallelism: { tensor: 2 },
      replicas: 2,
      router: "least-requests",
      precision: "int8-smoothquant",
      batching: { maxBatchSize: 300, maxBatchTokens: 4096 },
      kvCache: { blockTokens: 16, precision: "fp8", memoryUtilisation: 0.85, prefixCaching: false },
      maxSequence: 8192
    })
  })

  test("attention apart divides the ranks; experts are on all of them", () => {
    expect(
      servingOf(
        "python3 -m sglang.launch_server --model deepseek-ai/DeepSeek-V3 --tp 16 --dp 4 --enable-dp-attention --enable-ep-moe --max-running-requests 512 --chunked-prefill-size 16384"
      )
    ).toMatchObject({
      parallelism: { tensor: 4, expert: 16, dataAttention: 4 },
      batching: { maxBatchSize: 128, maxBatchTokens: 4096 }
    })
  })
})

describe("the model", () => {
  const nameOf = (model: string) => imported(`vllm serve ${model} -tp 8`).scenario["model"]

  test.each([
    ["meta-llama/Llama-3.3-70B-Instruct", "llama-3.1-70b"],
    ["/data/models/Meta-Llama-3.1-8B-Instruct/", "llama-3.1-8b"],
    ["hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4", "llama-3.1-70b"],
    ["Qwen/Qwen3-235B-A22B-Instruct-2507", "qwen3-235b-a22b"],
    ["Qwen/Qwen2.5-72B-Instruct-GPTQ-Int4", "qwen2.5-72b"],
    ["google/gemma-3-27b-it", "gemma-3-27b"],
    ["mistralai/Mistral-Large-Instruct-2411", "mistral-large-2407"],
    ["openai/gpt-oss-120b", "gpt-oss-120b"]
  ])("%s is the catalogue's %s", (name, entry) => {
    expect(nameOf(name)).toBe(entry)
  })

  test.each([
    ["hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4", "int4-awq"],
    ["RedHatAI/Llama-3.1-70B-Instruct-FP8-dynamic", "fp8"],
    ["nvidia/Llama-3.1-70B-Instruct-NVFP4", "nvfp4"],
    ["RedHatAI/Llama-3.1-70B-Instruct-quantized.w8a8", "int8-smoothquant"],
    ["openai/gpt-oss-120b", "mxfp4"],
    ["deepseek-ai/DeepSeek-V3", "fp8-block"]
  ])("%s is released in %s", (name, precision) => {
    expect(servingOf(`vllm serve ${name} -tp 8`)).toMatchObject({ precision })
  })

  test("one that the catalogue has not is refused with near names", () => {
    expect(refusalOf("vllm serve deepseek-ai/DeepSeek-R1-Distill-Llama-70B")).toMatch(
      /the catalogue has no model "deepseek-ai\/DeepSeek-R1-Distill-Llama-70B"\n.*--config config\.json; did you mean .*70b/
    )
  })

  test("or is described by its config.json", () => {
    const config = publishedConfigs.find(({ entry }) => entry === "qwen3-30b-a3b")?.config
    const model = importModel(
      "config.json",
      JSON.stringify({ ...config, quantization_config: { quant_method: "fp8" } }),
      "Mine"
    )
    if (isRefused(model)) throw new Error("refused")
    const { scenario } = imported("vllm serve some/finetune", { model })
    expect(scenario).toMatchObject({
      name: "Mine on 8 x L40S over PCIe",
      model: { name: "mine", layers: 48 },
      serving: { precision: "fp8" }
    })
  })
})

describe("the machines", () => {
  test("the smallest usual ones on which weights and the longest sequence fit", () => {
    expect(clusterOf(`vllm serve ${llama}`)).toEqual({ system: "l40s-8x-pcie", accelerators: 1 })
    expect(clusterOf(`vllm serve ${large} -tp 2`)).toEqual({ system: "dgx-h200", accelerators: 2 })
    expect(remarksOf(`vllm serve ${large}`, "assumed")[0]).toMatch(/^the machines: dgx-b300, the smallest/)
  })

  test("those of the user, with copies on every node", () => {
    expect(clusterOf(`vllm serve ${llama}`, { system: "dgx-a100" })).toEqual({ system: "dgx-a100", accelerators: 1 })
    expect(clusterOf(`vllm serve ${large} -tp 8`, { system: "dgx-h100", nodes: 3 })).toEqual({
      system: "dgx-h100",
      nodes: 3
    })
    expect(remarksOf(`vllm serve ${large}`, "assumed", { system: "dgx-a100" })[0]).toBe(
      "the machines: dgx-a100, as --system says; the model does not fit there"
    )
    expect(refusalOf(`vllm serve ${llama}`, { system: "dgx-h1000" })).toContain("did you mean dgx-h100")
  })
})

describe("what is no server's command", () => {
  test.each([
    ["", "serve.sh\n  it is empty"],
    ["# nothing\n\n", "serve.sh\n  it is empty"],
    ["ls -la /models", 'serve.sh\n  no server is started: given "ls -la /models"'],
    ["vllm bench serve --model x", "serve.sh\n  `vllm bench` starts no server"],
    ["\u0000ELF", "serve.sh\n  the file is not text"],
    ["vllm serve", "serve.sh\n  no model is named"],
    ["echo start\nvllm serve 'x --port 1", "serve.sh:2:12\n  a single quote is opened and never closed"]
  ])("%j", (command, message) => {
    expect(refusalOf(command).startsWith(message)).toBe(true)
  })
})

describe("the text", () => {
  const commands = [
    `vllm serve ${llama} --max-model-len 8192`,
    `vllm serve ${qwen} -tp 4 -dp 2 --enable-expert-parallel --quantization fp8`,
    `VLLM_USE_V1=0 vllm serve ${large} -tp 4 -pp 2 --enforce-eager`,
    "docker run vllm/vllm-openai:v0.12 --model openai/gpt-oss-20b",
    "trtllm-serve meta-llama/Llama-3.1-405B-Instruct --tp_size 8 --pp_size 2 --max_seq_len 4096",
    "python -m sglang.launch_server --model deepseek-ai/DeepSeek-V3 --tp 8 --ep 8 --chunked-prefill-size -1"
  ]

  test.each(commands)("%s: is read back as the scenario, which resolves to a job", (command) => {
    const server = imported(command)
    const data: unknown = parse(serverText(server))
    expect(data).toEqual(server.scenario)
    const loaded = scenarioFromData({ name: "text", data })
    if (loaded._tag === "Refused") throw new Error(loaded.issues.map(formatIssue).join("\n"))
    const resolved = resolveServing(loaded)
    if (resolved._tag === "Refused") throw new Error(resolved.issues.map(formatIssue).join("\n"))
    expect(resolved.job.memory.fits).toBe(true)
  })

  test("every remark is one comment line above", () => {
    const text = serverText(imported(`vllm serve ${llama} --hf-overrides '{\n "a": 1\n}' --port 1`))
    const comments = text.split("\n").filter((line) => line.startsWith("#"))
    expect(text.startsWith(comments.join("\n"))).toBe(true)
    expect(comments).toContain(
      '# not modelled: --hf-overrides { "a": 1 }: changes of the model\'s configuration: import its config.json'
    )
    expect(comments.at(-1)).toBe("# no time depends on: --port")
  })
})
