import { describe, expect, test } from "vitest"
import { find, isUnknownName, models, type Model } from "../../src/catalog/index.ts"
import { megatronHardwareFlops, modelFlopsPerToken } from "../../src/transformer/index.ts"

const model = (name: string): Model => {
  const found = find("models", name)
  if (isUnknownName(found)) throw new Error(`no model ${name}`)
  return found
}

describe("FLOPs of a token of GPT-3 175B at 2048 tokens", () => {
  const gpt3 = model("gpt3-175b")

  test("are six per matrix weight and 12 L h s of attention", () => {
    // 96 layers of 12 x 12288^2 and an LM head of 50257 x 12288 are 174,563,733,504 weights.
    expect(modelFlopsPerToken(gpt3, 2048, "model-full-attention")).toBe(6 * 174_563_733_504 + 12 * 96 * 12_288 * 2048)
    expect(modelFlopsPerToken(gpt3, 2048, "model-full-attention")).toBe(1_076_373_430_272)
  })

  test("lose half of the attention under the causal convention", () => {
    expect(modelFlopsPerToken(gpt3, 2048, "model-causal-attention")).toBe(1_076_373_430_272 - 6 * 96 * 12_288 * 2048)
  })

  test("are eight per parameter in the oldest BigScience logs", () => {
    expect(modelFlopsPerToken(gpt3, 2048, "estimate-8nt")).toBe(8 * 174_604_259_328)
  })
})

describe("FLOPs of a token of Llama 3 70B at 8192 tokens", () => {
  const llama = model("llama-3-70b")

  test("are the 481.6 GFLOP that NeMo counts", () => {
    expect(Math.abs(modelFlopsPerToken(llama, 8192, "model-full-attention") / 481.6e9 - 1)).toBeLessThan(0.001)
  })

  test("are the 449 GFLOP that Megatron-Bridge counts", () => {
    expect(Math.abs(modelFlopsPerToken(llama, 8192, "model-causal-attention") / 449e9 - 1)).toBeLessThan(0.001)
  })
})

describe("the Megatron formula of 2021", () => {
  // Lines of the BLOOM training log (bigscience, train/tr11-176B-ml/chronicles.md), 2048 sequences on 384 A100.
  test.each([
    [105.22, 149.02],
    [105.16, 149.1],
    [111.14, 141.09]
  ])("turns %d s an iteration of BLOOM-176B into the %d TFLOP/s of its log", (seconds, teraflops) => {
    const flops = megatronHardwareFlops(model("bloom-176b"), 2048, 2048)
    expect(Math.abs(flops / 384 / seconds / 1e12 - teraflops)).toBeLessThan(0.02)
  })

  test("is linear in the sequences of a batch", () => {
    const bloom = model("bloom-176b")
    expect(megatronHardwareFlops(bloom, 6, 2048)).toBeCloseTo(6 * megatronHardwareFlops(bloom, 1, 2048), -6)
  })

  // Table 1 of SC'21: 1008 billion parameters, batch 3072 on 3072 A100, 163 TFLOP/s, 102.63 s an iteration.
  test("turns 102.63 s on 3072 A100 into the 163 TFLOP/s of the 1008B model", () => {
    const flops = megatronHardwareFlops(model("gpt-sc21-1008b"), 3072, 2048)
    expect(Math.abs(flops / 3072 / 102.63 / 163e12 - 1)).toBeLessThan(0.005)
  })

  test.each(models.filter((entry) => entry.name.startsWith("gpt-sc21")).map((entry) => [entry.name, entry] as const))(
    "is 4/3 of the model FLOPs of %s, recomputing all but the LM head",
    (_, entry) => {
      const hardware = modelFlopsPerToken(entry, 2048, "hardware-megatron-2021")
      const needed = modelFlopsPerToken(entry, 2048, "model-full-attention")
      // The formula charges the head three passes: 96 L h^2 V / 16 L h = 6 h V.
      const head = 6 * entry.hidden * entry.vocabulary
      expect(Math.abs((hardware - head) / (needed - head) / (4 / 3) - 1)).toBeLessThan(1e-12)
    }
  )
})

describe("attention FLOPs", () => {
  test("of local layers stop growing at the window", () => {
    const mistral = model("mistral-7b-v0.1")
    const at = (tokens: number) => modelFlopsPerToken(mistral, tokens, "model-full-attention")
    expect(at(8192)).toBe(at(4096))
    expect(at(4096) - at(2048)).toBe(12 * 32 * 4096 * 2048)
  })

  test("of a causal window are w - w^2 / 2s keys a query", () => {
    const mistral = model("mistral-7b-v0.1")
    const without = modelFlopsPerToken({ ...mistral, slidingWindow: null }, 8192, "model-causal-attention")
    const local = modelFlopsPerToken(mistral, 8192, "model-causal-attention")
    // Full: 4096 keys on average; window of 4096: 4096 - 4096^2 / 16384 = 3072.
    expect(without - local).toBe(12 * 32 * 4096 * (4096 - 3072))
  })

  test("of latent attention count keys of 192 and values of 128", () => {
    const deepseek = model("deepseek-v3")
    const full = modelFlopsPerToken(deepseek, 4096, "model-full-attention")
    const causal = modelFlopsPerToken(deepseek, 4096, "model-causal-attention")
    expect(full - causal).toBe(6 * 61 * 128 * (192 + 128) * 2048)
  })

  test("of a mixture are counted beside its active experts only", () => {
    const mixtral = model("mixtral-8x7b")
    // Six per active matrix weight: 12.88 billion active less embedding and normalisations.
    const matrices = 12_879_925_248 - 32_000 * 4096 - 65 * 4096
    expect(modelFlopsPerToken(mixtral, 2048, "model-full-attention")).toBe(6 * matrices + 12 * 32 * 4096 * 2048)
  })
})
