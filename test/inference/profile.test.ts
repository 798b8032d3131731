import { describe, expect, test } from "vitest"
import {
  isProfileError,
  makeStepModel,
  parseKernelProfile,
  UnusableProfile,
  type KernelProfile,
  type ProfileFiles
} from "../../src/inference/index.ts"
import { decodeOf, promptsOf, targetOf } from "./targets.ts"

/** A made-up profile: products of 90 us at one token, 1.5 us a token from 64 on; norms of 5 us; attention 10 us + 1 ns a token of context. */
const dense = [
  "layer,tokens,time_us",
  ...[1, 64, 128, 2048].flatMap((tokens) => [
    `qkv_proj,${tokens},${Math.max(30, tokens * 0.5)}`,
    `layernorm,${tokens},5`,
    `gate_up_proj,${tokens},${Math.max(60, tokens)}`,
    `embedding,${tokens},3`,
    `final_layernorm,${tokens},4`
  ])
].join("\n")
const perSequence = "layer,sequences,time_us\nlm_head,1,1000\nlm_head,256,1510\nsampler,1,20\nsampler,256,20\n"
const attention = [
  "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us",
  ...[1, 64].flatMap((count) => [16, 4096].map((context) => `0,0,${count},${context},${10 + count * context * 1e-3}`)),
  ...[16, 2048].flatMap((chunk) => [0, 4096].map((context) => `${chunk},${context},0,0,${10 + chunk * 0.1}`)),
  ...[16, 2048].flatMap((chunk) =>
    [0, 4096].flatMap((cached) =>
      [1, 64].flatMap((count) =>
        [16, 4096].map(
          (context) => `${chunk},${cached},${count},${context},${2 * (20 + chunk * 0.1 + count * context * 1e-3)}`
        )
      )
    )
  )
].join("\n")

const parsed = (files: ProfileFiles, tensor = 1): KernelProfile => {
  const profile = parseKernelProfile("made up", files, tensor)
  if (isProfileError(profile)) throw new Error(`${profile.file}:${profile.line} ${profile.expected}`)
  return profile
}

const server = {
  accelerator: "rtx-4090",
  model: "llama-3.1-8b",
  stack: "tensorrt-llm",
  version: "0.10",
  maximumStepTokens: 8192
} as const
const withProfile = (files: ProfileFiles) => makeStepModel(targetOf({ ...server, profiles: [parsed(files)] }))
const whole = { dense, perSequence, attention }

describe("a measured profile replaces the laws", () => {
  test("32 layers of two norms and two products, attention, and the ends", () => {
    // 30 + 60 + 2 x 5 us a layer; attention of 1 sequence at 16 tokens 10.016 us; embedding 3, norm 4, head 1000, sampler 20.
    const seconds = withProfile(whole).stageSeconds(0, decodeOf(1, 16))
    expect(seconds).toBeCloseTo(32 * (100 + 10.016) * 1e-6 + 1027e-6, 12)
  })

  test("interpolated between sizes: 96 tokens, 20 sequences", () => {
    // 19 of the 63 tokens from 1 to 64, over which the products rise by 2 and 4 us; attention is a product of count and context.
    const seconds = withProfile(whole).stageSeconds(0, decodeOf(20, 1000))
    const layer = 100 + ((2 + 4) * 19) / 63 + 10 + 20
    expect(seconds).toBeCloseTo(32 * layer * 1e-6 + (3 + 4 + 1000 + (510 * 19) / 255 + 20) * 1e-6, 12)
    const prompt = withProfile(whole).stageSeconds(0, promptsOf(1, 96))
    expect(prompt).toBeCloseTo(32 * (48 + 96 + 10 + 10 + 9.6) * 1e-6 + 1027e-6, 9)
  })

  test("a chunk beside decodes costs what was measured for both together", () => {
    const together = { ...promptsOf(1, 16), decodes: 64, decodeContext: 64 * 16, decodeWindow: 64 * 16, sampled: 65 }
    const attended = withProfile(whole)
      .parts(0, together)
      .find((part) => part.kind === "attention")
    expect(attended?.seconds).toBeCloseTo(32 * 2 * (20 + 1.6 + 1.024) * 1e-6, 12)
  })

  test("several short prompts count as one chunk of as many query-key pairs", () => {
    const of = (count: number, tokens: number): number =>
      withProfile(whole)
        .parts(0, promptsOf(count, tokens))
        .find((part) => part.kind === "attention")?.seconds ?? 0
    expect(of(4, 100)).toBeLessThan(of(1, 400))
    expect(of(4, 100)).toBeGreaterThan(of(1, 100))
  })

  test("beyond its last size the law goes on from the measured value", () => {
    const model = withProfile({ dense })
    const law = makeStepModel(targetOf(server))
    const gemm = (of: typeof model, tokens: number): number =>
      of
        .parts(0, promptsOf(1, tokens))
        .reduce((sum, part) => sum + (part.kind === "attention" || part.kind === "head" ? 0 : part.seconds), 0)
    expect(gemm(model, 2048)).toBeCloseTo(32 * (1024 + 2048 + 10) * 1e-6, 9)
    expect(gemm(model, 4096) / gemm(model, 2048)).toBeGreaterThan(1.9)
    expect(gemm(model, 4096) / gemm(model, 2048)).toBeLessThan(2.1)
    expect(law.decodeLine(0, 4)).toBeDefined()
  })

  test("steps of a measured server are no line: the scheduler steps", () => {
    expect(withProfile(whole).decodeLine(0, 4)).toBeUndefined()
  })

  test("a profile of another tensor-parallel size is refused", () => {
    const profiles = [parsed(whole, 2)]
    expect(() => makeStepModel(targetOf({ ...server, profiles }))).toThrow(UnusableProfile)
  })

  test("experts are looked up by tokens and by how many they reach", () => {
    const experts = "tokens,activated_experts,time_us\n1,8,50\n64,8,70\n64,128,800\n1,128,790\n"
    const target = targetOf({
      ...server,
      accelerator: "rtx-pro-6000-blackwell",
      model: "qwen3-30b-a3b",
      profiles: [parsed({ dense, experts })]
    })
    const step = makeStepModel(target).stageSeconds(0, decodeOf(1, 16))
    const without = makeStepModel({
      ...target,
      profiles: [parsed({ dense, experts: experts.replace("1,8,50", "1,8,150") })]
    }).stageSeconds(0, decodeOf(1, 16))
    expect(without - step).toBeCloseTo(48 * 100e-6, 9)
  })
})

test("the first layout of the profiler is read: nanoseconds, the rows of one tensor-parallel size, prompts apart", () => {
  const profile = parsed(
    {
      dense: [
        "gpu,model,tp,layer,tokens,latency_ns",
        "H100,Llama-3.1-70B,4,q_proj,1,18314",
        "H100,Llama-3.1-70B,8,q_proj,1,9000",
        "H100,Llama-3.1-70B,4,attn,1,9395",
        "H100,Llama-3.1-70B,4,lm_head,1,182235"
      ].join("\n"),
      attention: [
        "n_q_head,n_kv_head,n_embd,tp,batch_size,prefill_chunk_size,kv_cache_size,is_prefill,median_ms",
        "64,8,8192,4,1,32,64,True,0.005312",
        "64,8,8192,4,2,0,128,False,0.0072"
      ].join("\n")
    },
    4
  )
  expect(profile.dense.map((curve) => [curve.operator, [...curve.seconds]])).toEqual([["q_proj", [18_314e-9]]])
  expect(profile.perSequence.map((curve) => curve.operator)).toEqual(["lm_head"])
  expect(profile.attention?.prefillChunk).toEqual(Float64Array.of(32, 0))
  expect(profile.attention?.decodes).toEqual(Float64Array.of(0, 2))
  expect(profile.attention?.decodeContext).toEqual(Float64Array.of(0, 128))
  expect(profile.attention?.seconds[0]).toBeCloseTo(5.312e-6, 12)
})

describe("a profile that cannot be read is refused with file and line", () => {
  test.each([
    [{ dense: "layer,tokens\nqkv,1" }, "dense", 1, "layer,tokens"],
    [{ dense: "layer,tokens,time_us\nqkv,1,fast" }, "dense", 2, "fast"],
    [{ dense: "layer,tokens,time_us\nqkv,1,-3" }, "dense", 2, "-3"],
    [{ dense: "layer,tokens,time_us\nqkv,1,3\nqkv,2" }, "dense", 3, "qkv,2"],
    [{ dense: "layer,tokens,time_us\n" }, "dense", 2, ""],
    [{ dense, perSequence: "layer,tokens,time_us\nlm_head,1,2" }, "perSequence", 1, "layer,tokens,time_us"],
    [{ dense, attention: "prefill_chunk,kv_prefill\n0,0" }, "attention", 1, "prefill_chunk,kv_prefill"],
    [{ dense, experts: "tokens,time_us\n1,2" }, "experts", 1, "tokens,time_us"]
  ] as const)("%o", (files, file, line, given) => {
    expect(parseKernelProfile("bad", files, 1)).toMatchObject({ _tag: "KernelProfileError", file, line, given })
  })

  test("a byte order mark and Windows line ends are no reason", () => {
    expect(parsed({ dense: `\uFEFF${dense.replaceAll("\n", "\r\n")}` }).dense).toHaveLength(5)
  })
})
