import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { models } from "../../src/catalog/index.ts"
import { importModel, isRefused, modelText, type ImportedModel } from "../../src/importing/index.ts"
import { formatIssue, resolveTraining, scenarioFromData } from "../../src/scenario/index.ts"
import { otherConfigs, publishedConfigs } from "./published-configs.ts"

const imported = (config: unknown, name?: string): ImportedModel => {
  const model = importModel("config.json", JSON.stringify(config), name)
  if (isRefused(model)) throw new Error(JSON.stringify(model.issues))
  return model
}

/** Fields that say who made an entry, not what it is. */
const unshaped = [
  "name",
  "title",
  "aliases",
  "family",
  "notes",
  "sources",
  "publishedParameters",
  "publishedActiveParameters"
]
const shapeOf = (entry: object): object =>
  Object.fromEntries(Object.entries(entry).filter(([key]) => !unshaped.includes(key)))

describe("published config.json files", () => {
  test.each(publishedConfigs)(
    "$entry has the catalogue's shapes and the published count",
    ({ entry, config, parameters }) => {
      const model = imported(config)
      const known = models.find(({ name }) => name === entry)
      expect(shapeOf(model.model)).toEqual(shapeOf(known ?? {}))
      expect(Math.abs(model.parameters.total / parameters - 1)).toBeLessThan(0.01)
    }
  )

  test.each(otherConfigs)("$name has the published count within 1 %", ({ config, parameters }) => {
    expect(Math.abs(imported(config).parameters.total / parameters - 1)).toBeLessThan(0.01)
  })
})

describe("what a config.json becomes", () => {
  const mixture = publishedConfigs.find(({ entry }) => entry === "qwen3-30b-a3b")?.config

  test("an entry that a scenario takes as it is, with the parameters above it", () => {
    const text = modelText(imported(mixture, "Qwen3-30B-A3B"))
    expect(text.split("\n").slice(0, 3)).toEqual([
      "# Qwen3-30B-A3B: 30.5 billion parameters (30,532,122,624), 3.35 billion active for a token",
      "# the catalogue's qwen3-30b-a3b has the same shapes",
      "model:"
    ])
    expect(text).toContain("\n  layers: 48\n")
    expect(text).toContain(
      "\n  experts: { count: 128, active: 8, feedForward: 768, sharedFeedForward: 0, denseLayers: 0 }\n"
    )
    const data: object = parse(text)
    const loaded = scenarioFromData({
      name: "test",
      data: { ...data, cluster: { system: "dgx-h100" }, training: { globalBatch: 8, sequenceLength: 4096 } }
    })
    if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
    const resolved = resolveTraining(loaded)
    if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
    expect(shapeOf(resolved.job.model)).toEqual(shapeOf(imported(mixture).model))
  })

  test("a name from the file's own, from the user, or from type and size", () => {
    expect(imported(mixture).model.name).toBe("qwen3-moe-30.5b")
    expect(imported({ ...mixture, _name_or_path: "Qwen/Qwen3-30B-A3B-Base" }).model.name).toBe("qwen3-30b-a3b-base")
    expect(imported({ ...mixture, _name_or_path: "/home/me/checkpoint" }).model.name).toBe("qwen3-moe-30.5b")
    expect(imported(mixture, "Mine-1").model).toMatchObject({ name: "mine-1", title: "Mine-1" })
  })

  test("the format of the released weights", () => {
    const stored = (fields: object) => imported({ ...mixture, ...fields }).stored?.precision
    const quantised = (quantization_config: object) => stored({ torch_dtype: "bfloat16", quantization_config })
    expect(stored({})).toBeUndefined()
    expect(stored({ torch_dtype: "bfloat16" })).toBe("bf16")
    expect(stored({ dtype: "float16" })).toBe("fp16")
    expect(quantised({ quant_method: "awq", bits: 4 })).toBe("int4-awq")
    expect(quantised({ quant_method: "gptq", bits: 4 })).toBe("int4-gptq")
    expect(quantised({ quant_method: "gptq", bits: 8 })).toBe("int8")
    expect(quantised({ quant_method: "gptq", bits: 3 })).toBeUndefined()
    expect(quantised({ quant_method: "fp8" })).toBe("fp8")
    expect(quantised({ quant_method: "fp8", weight_block_size: [128, 128] })).toBe("fp8-block")
    expect(quantised({ quant_method: "modelopt", quant_algo: "NVFP4" })).toBe("nvfp4")
    expect(quantised({ quant_method: "bitsandbytes", load_in_8bit: true })).toBe("int8-llm")
    const group = (weights: object, rest: object = {}) => ({
      quant_method: "compressed-tensors",
      config_groups: { group_0: { weights, ...rest } }
    })
    expect(quantised(group({ num_bits: 8, type: "float" }, { input_activations: {} }))).toBe("fp8")
    expect(quantised(group({ num_bits: 8, type: "int" }, { input_activations: { num_bits: 8 } }))).toBe(
      "int8-smoothquant"
    )
    expect(quantised(group({ num_bits: 4, type: "int" }))).toBe("int4-gptq")
  })

  test("dense layers that come first, every second, or elsewhere", () => {
    const experts = (fields: object) => imported({ ...mixture, ...fields }).model.experts?.denseLayers
    expect(experts({})).toBe(0)
    expect(experts({ decoder_sparse_step: 2 })).toBe(24)
    expect(experts({ mlp_only_layers: [0, 1, 2] })).toBe(3)
    expect(imported({ ...mixture, mlp_only_layers: [0, 1, 2] }).model.notes).toEqual([])
    expect(imported({ ...mixture, mlp_only_layers: [7] }).model.notes).toEqual([
      "the 1 dense layers are taken to come before the mixtures"
    ])
  })

  test("windows of some layers", () => {
    const gemma = publishedConfigs.find(({ entry }) => entry === "gemma-2-9b")?.config
    const window = (config: object) => imported(config).model.slidingWindow
    expect(window({ ...gemma, num_hidden_layers: 43 })).toEqual({ tokens: 4096, layers: 22 })
    const qwen = publishedConfigs.find(({ entry }) => entry === "qwen2.5-7b")?.config
    expect(window({ ...qwen, use_sliding_window: true, sliding_window: 4096, max_window_layers: 20 })).toEqual({
      tokens: 4096,
      layers: 8
    })
    expect(
      window({ ...gemma, layer_types: ["sliding_attention", ...Array<string>(41).fill("full_attention")] })
    ).toEqual({
      tokens: 4096,
      layers: 1
    })
  })

  test("a type that stands in architectures alone", () => {
    expect(imported({ ...mixture, model_type: undefined, architectures: ["Qwen3MoeForCausalLM"] }).architecture).toBe(
      "qwen3_moe"
    )
  })
})

describe("a config.json that is none", () => {
  const refusal = (text: string) => {
    const outcome = importModel("config.json", text)
    return isRefused(outcome) ? outcome.issues.map(formatIssue) : ["accepted"]
  }
  const llama = publishedConfigs.find(({ entry }) => entry === "llama-2-7b")?.config
  const lines = (config: object) => JSON.stringify(config, null, 2)

  test.each([
    ["", "config.json\n  the file is empty\n  expected a config.json of Hugging Face: a JSON object"],
    [
      "[1, 2]",
      "config.json:1:1\n  the document is a list, not a map of fields\n  expected a config.json of Hugging Face: a JSON object"
    ],
    ["\u0000\u0001PK", "config.json\n  the file is not text\n  expected a config.json of Hugging Face: a JSON object"]
  ])("%j", (text, message) => {
    expect(refusal(text)).toEqual([message])
  })

  test("text cut off in the middle is refused with its line", () => {
    expect(refusal('{\n  "model_type": "llama",\n  "hidden_size": ')[0]).toMatch(
      /^config\.json:\d:\d+\n {2}not valid YAML or JSON: /
    )
  })

  test("a missing field says what was expected there", () => {
    const { hidden_size: _, ...rest } = { hidden_size: 0, ...llama }
    expect(refusal(lines(rest))).toEqual([
      "config.json:1:1\n  hidden_size: is missing\n  expected the hidden width: a whole number from 1 to 10,000,000"
    ])
  })

  test("a field of the wrong type is pointed at, in the spelling of the file", () => {
    expect(refusal(lines({ ...llama, num_attention_heads: "32" }))).toEqual([
      'config.json:6:26\n  num_attention_heads: given "32"\n  expected the number of attention heads: a whole number from 1 to 100,000'
    ])
    expect(refusal(lines({ model_type: "gpt2", n_embd: 0, n_head: 12, n_layer: 12, vocab_size: 50257 }))).toEqual([
      "config.json:3:13\n  n_embd: given 0\n  expected the hidden width: a whole number from 1 to 10,000,000"
    ])
  })

  test("a field inside of a text tower keeps its path", () => {
    expect(refusal(lines({ model_type: "gemma3", text_config: { num_hidden_layers: -1 } }))[0]).toContain(
      "text_config.num_hidden_layers: given -1"
    )
  })

  test("an unknown type has near names; a missing one is said to be", () => {
    expect(refusal(lines({ ...llama, model_type: "qwen3moe" }))[0]).toContain("did you mean qwen3_moe")
    expect(refusal(lines({ hidden_size: 1 }))[0]).toContain("model_type: is missing")
  })

  test("fields that disagree", () => {
    expect(refusal(lines({ ...llama, num_key_value_heads: 5 }))[0]).toContain(
      "5 key-value heads do not divide 32 heads"
    )
  })

  test("a new decoder of Falcon needs its groups", () => {
    const falcon = publishedConfigs.find(({ entry }) => entry === "falcon-40b")?.config
    expect(refusal(lines({ ...falcon, num_kv_heads: null }))[0]).toContain("num_kv_heads: is missing")
  })
})
