/** LoRA adapters and speculative decoding of servers' command lines. */
import { describe, expect, test } from "vitest"
import { importServer, isRefused, type ImportedServer, type ServerRequest } from "../../src/importing/index.ts"
import { formatIssue, resolveServing, scenarioFromData } from "../../src/scenario/index.ts"

type More = Omit<ServerRequest, "source" | "command">

/** Imported, and known to run: a scenario that resolves. */
const imported = (command: string, more: More = {}): ImportedServer => {
  const server = importServer({ source: "serve.sh", command, ...more })
  if (isRefused(server)) throw new Error(server.issues.map(formatIssue).join("\n"))
  const loaded = scenarioFromData({ name: "x", data: server.scenario })
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded)
  if (resolved._tag === "Refused") throw new Error(resolved.issues.map(formatIssue).join("\n"))
  return server
}

const part = (name: string, command: string, more: More = {}): unknown =>
  Object.entries(imported(command, more).scenario["serving"] ?? {}).find(([key]) => key === name)?.[1]
const adapters = (command: string, more: More = {}) => part("adapters", command, more)
const speculation = (command: string, more: More = {}) => part("speculation", command, more)
const told = (command: string, kind: string, more: More = {}): readonly string[] =>
  imported(command, more).remarks.flatMap((remark) => (remark.kind === kind ? [remark.text] : []))

const llama = "meta-llama/Llama-3.1-8B-Instruct"
const large = "meta-llama/Llama-3.1-70B-Instruct"
const deepseek = "deepseek-ai/DeepSeek-V3"
const vllm = `vllm serve ${llama}`
const sglang = `python -m sglang.launch_server --model-path ${llama}`
const extra = (model: string, text: string) =>
  [`trtllm-serve ${model} --tp_size 8 --extra_llm_api_options extra.yml`, { readText: () => ({ text }) }] as const

describe("adapters", () => {
  test("of vLLM: those that are named, else as many as the host holds; one at once, of rank 16, unless said", () => {
    expect(
      adapters(`${vllm} --enable-lora --lora-modules sql=/a code=/b chat=/c --max-loras 2 --max-lora-rank 64`)
    ).toEqual({ count: 3, rank: 64, resident: 2 })
    expect(adapters(`${vllm} --enable-lora --max-loras 4 --max-cpu-loras 32`)).toEqual({
      count: 32,
      rank: 16,
      resident: 4
    })
    expect(adapters(`${vllm} --enable-lora`)).toEqual({ count: 1, rank: 16, resident: 1 })
    expect(told(`${vllm} --enable-lora`, "not modelled")).toEqual([])
    expect(told(`${vllm} --enable-lora --max-loras 4`, "assumed")).toContain(
      "4 adapters, as none are named, of attention's layers, each request asking for one by Zipf's law: set serving.adapters"
    )
  })

  test("there are none where --enable-lora is missing, nor on latent attention", () => {
    expect(adapters(`${vllm} --max-loras 4`)).toBeUndefined()
    expect(told(`${vllm} --max-loras 4`, "assumed")).toContain("no LoRA adapters, as there is no --enable-lora")
    const latent = `vllm serve ${deepseek} -tp 8 --enable-lora`
    expect(adapters(latent)).toBeUndefined()
    expect(told(latent, "not modelled")).toEqual([
      "serving.adapters: adapters of deepseek-v3 are not modelled: its attention is latent or linear"
    ])
  })

  test("of SGLang, eight at once unless said, and of TensorRT-LLM's file", () => {
    expect(adapters(`${sglang} --lora-paths a=/a b=/b`)).toEqual({ count: 2, resident: 8 })
    expect(adapters(`${sglang} --enable-lora --max-loras-per-batch 4 --max-lora-rank 32`)).toEqual({
      count: 4,
      rank: 32,
      resident: 4
    })
    expect(
      adapters(...extra(large, "lora_config: { lora_dir: [/a, /b, /c], max_lora_rank: 8, max_loras: 2 }"))
    ).toEqual({ count: 3, rank: 8, resident: 2 })
  })
})

describe("speculation", () => {
  const config = (model: string, json: object) =>
    `vllm serve ${model} -tp 4 --speculative-config '${JSON.stringify(json)}'`

  test("of vLLM: a draft model in the format of its release, a head, n-grams", () => {
    const draft = config(large, { model: "meta-llama/Llama-3.2-1B-Instruct", num_speculative_tokens: 5 })
    expect(speculation(`${draft} --quantization fp8`)).toEqual({
      tokens: 5,
      acceptance: 0.7,
      draft: { model: { model: "llama-3.2-1b", precision: "bf16" } }
    })
    expect(told(draft, "not modelled")).toEqual([])
    expect(told(draft, "assumed")).toContain(
      "serving.speculation.acceptance 0.7, which no command line says: to be replaced by what the server measures"
    )
    const head = { tokens: 3, acceptance: 0.7, draft: { head: {} } }
    for (const json of [
      { method: "eagle3", model: "yuhuili/EAGLE3-LLaMA3.3-Instruct-70B", num_speculative_tokens: 3 },
      { model: "yuhuili/EAGLE-LLaMA3-Instruct-70B", num_speculative_tokens: 3 }
    ])
      expect(speculation(config(large, json))).toEqual(head)
    expect(
      speculation(`vllm serve ${deepseek} -tp 8 -sc '{"method": "deepseek_mtp", "num_speculative_tokens": 1}'`)
    ).toEqual({
      ...head,
      tokens: 1
    })
    expect(speculation(config(llama, { method: "ngram", num_speculative_tokens: 4, prompt_lookup_max: 4 }))).toEqual({
      tokens: 4,
      acceptance: 0.7,
      draft: { ngram: {} }
    })
  })

  test("of vLLM's older flags", () => {
    const old = (model: string) => `${vllm} --speculative-model ${model} --num-speculative-tokens 5`
    expect(speculation(old("'[ngram]' --ngram-prompt-lookup-max 4"))).toEqual({
      tokens: 5,
      acceptance: 0.7,
      draft: { ngram: {} }
    })
    expect(speculation(old("meta-llama/Llama-3.2-1B"))).toMatchObject({ draft: { model: { model: "llama-3.2-1b" } } })
    expect(told(old("'[ngram]' --ngram-prompt-lookup-max 4"), "not modelled")).toEqual([
      "--ngram-prompt-lookup-max 4: a detail that serving.speculation does not have"
    ])
  })

  test("what is missing is told, and nothing is taken over", () => {
    const reason = (command: string, more: More = {}): string => {
      expect(speculation(command, more)).toBeUndefined()
      return told(command, "not modelled", more)[0] ?? ""
    }
    expect(reason(config(llama, { method: "medusa", num_speculative_tokens: 3 }))).toContain(
      "as a scenario has a draft model, a head or n-grams alone; add serving.speculation by hand"
    )
    expect(reason(config(llama, { model: "mine/tiny", num_speculative_tokens: 3 }))).toContain(
      'the catalogue has no model "mine/tiny" for the draft'
    )
    expect(reason(config(llama, { method: "eagle" }))).toContain("no number of proposals from 1 to 64 is said")
    expect(reason(`${vllm} --speculative-config.method ngram`)).toContain("its value is not a JSON object")
    expect(reason(`${vllm} --num-speculative-tokens 3`)).toContain("no draft is named")
    // Another vocabulary: the scenario would be refused.
    expect(reason(config(llama, { model: "Qwen/Qwen3-0.6B", num_speculative_tokens: 3 }))).toBe(
      "serving.speculation: qwen3-0.6b has a vocabulary of 151936, llama-3.1-8b one of 128256"
    )
    expect(reason(`${sglang} --speculative-algorithm EAGLE --speculative-num-steps 3 --speculative-eagle-topk 4`)).toBe(
      "--speculative-algorithm EAGLE: times are those without speculation, as its guesses are a tree unless --speculative-eagle-topk is 1, and a scenario's are a chain; add serving.speculation by hand"
    )
  })

  test("of SGLang, a chain of steps, and of TensorRT-LLM's file", () => {
    const chain = "--speculative-num-steps 3 --speculative-eagle-topk 1 --speculative-num-draft-tokens 4"
    expect(speculation(`${sglang} --speculative-algo EAGLE3 --speculative-draft-model x/y ${chain}`)).toEqual({
      tokens: 3,
      acceptance: 0.7,
      draft: { head: {} }
    })
    expect(
      speculation(
        `${sglang} --speculative-algorithm STANDALONE --speculative-draft-model-path unsloth/Llama-3.2-1B ${chain}`
      )
    ).toMatchObject({ tokens: 3, draft: { model: { model: "llama-3.2-1b" } } })
    expect(
      speculation(...extra(deepseek, "speculative_config: { decoding_type: MTP, num_nextn_predict_layers: 3 }"))
    ).toEqual({ tokens: 3, acceptance: 0.7, draft: { head: {} } })
    expect(
      speculation(
        ...extra(
          large,
          "speculative_config: { decoding_type: DraftTarget, max_draft_len: 4, speculative_model: meta-llama/Llama-3.2-1B }"
        )
      )
    ).toMatchObject({ tokens: 4, draft: { model: { model: "llama-3.2-1b" } } })
  })
})
