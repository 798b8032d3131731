import { describe, expect, test } from "vitest"
import { makeStepModel, type InferenceTarget, type StepLoad, type StepModel } from "../../src/inference/index.ts"
import { countParameters } from "../../src/transformer/index.ts"
import { decodeOf, modelOf, promptsOf, stackOf, targetOf, type Server } from "./targets.ts"

const seconds = (model: StepModel, load: StepLoad): number => {
  let sum = model.hostSeconds(load)
  for (let stage = 0; stage < model.stages; stage++) sum += model.stageSeconds(stage, load)
  return sum + (model.stages - 1) * model.hopSeconds(load)
}

const step = (server: Server, load: StepLoad): number => seconds(makeStepModel(targetOf(server)), load)

const bloom = (stack: string, rest: Partial<Server> = {}): Server => ({
  accelerator: "a100-sxm-80gb",
  model: "bloom-176b",
  stack,
  layout: { tensor: 8 },
  ...rest
})

/** A stack whose constants change nothing, so that a test can do the sum. */
const plain = (changes: Partial<InferenceTarget["stack"]["constants"]> = {}): InferenceTarget["stack"] => {
  const stack = stackOf("fastertransformer")
  const of = (value: number) => ({ value, origin: "assumed", source: "test" }) as const
  return {
    ...stack,
    promptAttention: "fused",
    constants: {
      kernelFactor: of(1),
      computeFactor: of(1),
      launchFactor: of(1),
      sequenceSecondsPerLayer: of(0),
      keyValueFactor: of(1),
      scoreFactor: of(0),
      hostSecondsPerLayer: of(0),
      hostSecondsPerStep: of(0),
      hostSecondsPerSequence: of(0),
      collectiveSeconds: of(0),
      firstTokenSeconds: of(0),
      hopSeconds: of(0),
      linearSeconds: of(0),
      ungroupedShare: of(0.6),
      gatherShare: of(0.66),
      ...changes
    }
  }
}

const constant = (value: number) => ({ value, origin: "assumed", source: "test" }) as const

const valueOf = (model: StepModel, name: string): number =>
  model.evidence.find((one) => one.name === name)?.constant.value ?? Number.NaN

describe("a decode step", () => {
  test("of one token reads every weight of the layers once, at the fitted share of the memory rate", () => {
    const model = makeStepModel(targetOf({ accelerator: "a100-sxm-80gb", model: "llama-2-7b", stack: plain() }))
    const products = model.parts(0, decodeOf(1, 1)).find((part) => part.kind === "gemm")?.seconds ?? 0
    const layer = 4096 * (3 * 4096 + 4096 + 3 * 11_008)
    const launch = valueOf(model, "a100.inference.launch.bf16")
    const rate = valueOf(model, "a100.inference.memory.bf16") * 2039e9
    // Two products out of attention's four weights and two of the gated block: four launches a layer.
    const least = 32 * (4 * launch + (2 * layer) / rate)
    expect(products).toBeGreaterThan(least)
    // Compute of one token rounds the corner of the roofline a little.
    expect(products).toBeLessThan(1.01 * least)
  })

  test("reads 524,288 bytes of keys and values a token of context of Llama-2-7B", () => {
    const model = makeStepModel(targetOf({ accelerator: "a100-sxm-80gb", model: "llama-2-7b", stack: plain() }))
    const slope = model.decodeLine(0, 4)?.slope ?? 0
    const rate = valueOf(model, "a100.inference.keyValues.bf16") * 2039e9
    expect(slope).toBeCloseTo(524_288 / rate, 15)
    expect(seconds(model, decodeOf(4, 2000)) - seconds(model, decodeOf(4, 1000))).toBeCloseTo(4000 * slope, 12)
  })

  test("with fp8 keys and values reads half as much; with Llama-3's eight key heads of 32 a quarter", () => {
    const slope = (server: Partial<Server>): number =>
      makeStepModel(targetOf({ accelerator: "h100-sxm", model: "llama-2-7b", stack: plain(), ...server })).decodeLine(
        0,
        1
      )?.slope ?? 0
    expect(slope({}) / slope({ keyValuePrecision: "fp8" })).toBeCloseTo(2)
    expect(slope({}) / slope({ model: "llama-3-8b" })).toBeCloseTo(4)
  })

  test("of a stack that copies keys for every query head costs as many reads as heads", () => {
    const slope = (sharesQueries: "always" | "expanded"): number =>
      makeStepModel(
        targetOf({ accelerator: "a100-sxm-80gb", model: "falcon-7b", stack: { ...plain(), sharesQueries } })
      ).decodeLine(0, 1)?.slope ?? 0
    const shared = slope("expanded") / 71
    // 71 queries to one key: shared, the products bind and not the 8 KB a token.
    expect(slope("always")).toBeGreaterThan(shared)
    expect(slope("always")).toBeLessThan(slope("expanded"))
  })

  test("pads 9 sequences to 16 where CUDA graphs are captured, and not beyond the last graph", () => {
    const model = makeStepModel(targetOf({ accelerator: "h100-sxm", model: "llama-3-8b", stack: "vllm-v1" }))
    const at = (count: number): number => model.stageSeconds(0, { ...decodeOf(count, 100), decodeContext: 10_000 })
    expect(at(9)).toBe(at(16))
    expect(at(9)).toBeGreaterThan(at(8))
    expect(at(513)).toBeLessThan(at(520))
  })

  test("waits for the host where the host is slower: 80 layers of 1 ms", () => {
    const stack = plain({ hostSecondsPerLayer: constant(1e-3) })
    const server: Server = { accelerator: "a100-sxm-80gb", model: "llama-3-70b", stack, layout: { tensor: 8 } }
    const model = makeStepModel(targetOf(server))
    const line = model.decodeLine(0, 1)
    const end = model.parts(0, decodeOf(1, 1)).find((part) => part.kind === "head")?.seconds ?? 0
    expect(line?.floor).toBeCloseTo(0.08 + end, 9)
    expect(model.stageSeconds(0, decodeOf(1, 100))).toBeCloseTo(0.08 + end, 9)
  })

  test("waits for the host where no graph holds the step: with prompts, and beyond the largest captured batch", () => {
    const of = (seconds: number) =>
      makeStepModel(
        targetOf({
          accelerator: "a100-sxm-80gb",
          model: "llama-3-8b",
          stack: { ...plain({ hostSecondsPerLayer: constant(seconds) }), graphs: { sizes: [1, 8] } }
        })
      )
    const [free, slow] = [of(0), of(0.1)]
    // Eight decodes are a graph, nine are not: 32 layers of 100 ms.
    expect(slow.stageSeconds(0, decodeOf(8, 100))).toBe(free.stageSeconds(0, decodeOf(8, 100)))
    expect(slow.decodeLine(0, 8)?.floor).toBe(free.decodeLine(0, 8)?.floor)
    for (const load of [decodeOf(9, 100), promptsOf(1, 16), { ...promptsOf(1, 16), decodes: 8, decodeContext: 800 }]) {
      const end = slow.parts(0, load).find((part) => part.kind === "head")?.seconds ?? 0
      expect(slow.stageSeconds(0, load)).toBeCloseTo(3.2 + end, 9)
    }
    expect(slow.decodeLine(0, 9)?.floor).toBeGreaterThan(3.2)
  })

  test("adds 1 us a layer and sequence, 2 ms a step and 3 us a sequence where the stack says so", () => {
    const server: Server = { accelerator: "a100-sxm-80gb", model: "llama-2-7b", stack: plain() }
    const slow: Server = {
      ...server,
      stack: plain({
        sequenceSecondsPerLayer: constant(1e-6),
        hostSecondsPerStep: constant(2e-3),
        hostSecondsPerSequence: constant(3e-6)
      })
    }
    expect(step(slow, decodeOf(10, 10)) - step(server, decodeOf(10, 10))).toBeCloseTo(32 * 10e-6 + 2e-3 + 30e-6, 12)
  })
})

describe("tensor parallelism", () => {
  const communication = (server: Server, load: StepLoad): number =>
    makeStepModel(targetOf(server))
      .parts(0, load)
      .find((part) => part.kind === "communication")?.seconds ?? 0

  test("adds two all-reduces a layer, one where attention and feed-forward are parallel", () => {
    const extra = (model: string): number => {
      const server = { accelerator: "a100-sxm-80gb", model, layout: { tensor: 2 } } as const
      const of = (value: number): number =>
        communication({ ...server, stack: plain({ collectiveSeconds: constant(value) }) }, decodeOf(1, 1))
      return (of(1e-3) - of(0)) / modelOf(model).layers
    }
    expect(extra("llama-2-7b")).toBeCloseTo(2e-3, 9)
    expect(extra("falcon-7b")).toBeCloseTo(1e-3, 9)
  })

  test("inside a captured graph costs 17.3 us for 1 MiB on 8 H100", () => {
    const load = decodeOf(64, 1)
    const server: Server = { accelerator: "h100-sxm", model: "llama-3-70b", stack: "vllm-v1", layout: { tensor: 8 } }
    // 64 tokens of 8192 16-bit elements are 1 MiB; two all-reduces in each of 80 layers.
    expect(communication(server, load) / 160).toBeCloseTo(17.3e-6, 8)
  })

  test("over PCIe moves 2 (n - 1) / n of the buffer at 17 GB/s; through the host, eight cards are far slower", () => {
    const of = (accelerator: string, tensor: number): number => {
      const server: Server = { accelerator, model: "llama-2-7b", stack: plain(), layout: { tensor } }
      return communication(server, promptsOf(1, 2048)) / 64
    }
    const bytes = 2048 * 4096 * 2
    expect(of("l40s", 2)).toBeCloseTo(7e-6 + bytes / (0.54 * 31.5e9), 6)
    expect(of("l40s", 8)).toBeCloseTo(24e-6 + (1.75 * bytes) / (0.54 * 31.5e9), 6)
    expect(of("rtx-4090", 8)).toBeGreaterThan(5 * of("l40s", 8))
  })

  test("dominates a prompt of eight cards without peer-to-peer", () => {
    const parts = makeStepModel(
      targetOf({ accelerator: "rtx-4090", model: "llama-2-7b", stack: plain(), layout: { tensor: 8 } })
    ).parts(0, promptsOf(1, 2048))
    const all = parts.reduce((sum, part) => sum + part.seconds, 0)
    expect((parts.find((part) => part.kind === "communication")?.seconds ?? 0) / all).toBeGreaterThan(0.8)
  })
})

describe("BLOOM's stacks", () => {
  const pipeline = { pipeline: 8 }

  test("a naive pipeline reads 345 GB one GPU after another: about 230 ms a token", () => {
    expect(step(bloom("accelerate", { layout: pipeline }), decodeOf(1, 50))).toBeCloseTo(0.235, 2)
  })

  test("more GPUs make a naive pipeline no faster", () => {
    const of = (stages: number): number =>
      step(bloom("accelerate-int8", { layout: { pipeline: stages }, precision: "int8-llm" }), decodeOf(1, 50))
    expect(of(8)).toBeGreaterThanOrEqual(of(4))
  })

  test("LLM.int8() is slower than 16 bits: its 280 linear layers search outliers", () => {
    const int8 = step(bloom("accelerate-int8", { layout: pipeline, precision: "int8-llm" }), decodeOf(1, 50))
    expect(int8).toBeGreaterThan(step(bloom("accelerate", { layout: pipeline }), decodeOf(1, 50)))
    const search = stackOf("accelerate-int8").constants.linearSeconds.value
    expect(search * 280).toBeGreaterThan(0.13)
    expect(search * 280).toBeLessThan(0.2)
  })

  test("DeepSpeed's int8 dequantises in memory: twice its fp16 on 8 GPUs, and 4 GPUs take 1.6 to 1.8 times as long as 8", () => {
    const int8 = (tensor: number): number =>
      step(bloom("deepspeed-inference-int8", { layout: { tensor }, precision: "int8" }), decodeOf(1, 50))
    const fp16 = step(bloom("deepspeed-inference", { precision: "fp16" }), decodeOf(1, 50))
    expect(int8(8) / fp16).toBeGreaterThan(1.8)
    expect(int8(8) / fp16).toBeLessThan(2.2)
    expect(int8(4) / int8(8)).toBeGreaterThan(1.6)
    expect(int8(4) / int8(8)).toBeLessThan(1.8)
  })

  test("ZeRO-Inference takes as long as gathering the weights, whatever the batch", () => {
    const of = (batch: number): number =>
      step(bloom("deepspeed-zero-inference", { layout: { dataAttention: 8 } }), decodeOf(batch, 50))
    expect(of(8)).toBeGreaterThan(2)
    expect(of(8)).toBeLessThan(2.6)
    expect(of(64) / of(8)).toBeCloseTo(1, 1)
  })

  test("the story: naive 350 ms, rewritten 300, tensor parallel 91, GeLU fused 81, softmax fused 71, each within 12 %", () => {
    const of = (stack: string, version: string, layout: Server["layout"] & object): number =>
      step({ accelerator: "a100-sxm-40gb", model: "bloom-176b", stack, version, layout }, decodeOf(1, 25)) * 1000
    const told = [
      [of("accelerate", "2022", { pipeline: 16 }), 350],
      [of("transformers-pipeline", "2", { pipeline: 16 }), 300],
      [of("transformers-tp", "1", { tensor: 16 }), 91],
      [of("transformers-tp", "2", { tensor: 16 }), 81],
      [of("transformers-tp", "3", { tensor: 16 }), 71]
    ] as const
    for (const [predicted, measured] of told) expect(Math.abs(predicted / measured - 1)).toBeLessThan(0.12)
    expect(told.map(([predicted]) => predicted)).toEqual(told.map(([predicted]) => predicted).toSorted((a, b) => b - a))
  })

  test("offloaded to the host, every token streams 345 GB over PCIe: an order of magnitude slower", () => {
    const offload = { share: 1, from: "cpu", storageBytesPerSecond: 3e9 } as const
    const server = bloom("accelerate", { layout: { pipeline: 1 }, offload })
    const streamed = step(server, decodeOf(1, 50))
    expect(streamed).toBeGreaterThan(345e9 / (0.8 * 31.5e9))
    expect(streamed).toBeGreaterThan(10 * step(bloom("accelerate", { layout: pipeline }), decodeOf(1, 50)))
    const fromDisk = step({ ...server, offload: { ...offload, from: "nvme" } }, decodeOf(1, 50))
    expect(fromDisk / streamed).toBeGreaterThan(7)
  })

  test("an engine that overlaps hides its computing behind the streamed weights", () => {
    const offload = { share: 1, from: "cpu", storageBytesPerSecond: 3e9 } as const
    const of = (overlapsOffload: boolean): number =>
      step(bloom("accelerate", { stack: { ...plain(), overlapsOffload }, layout: {}, offload }), decodeOf(1, 50))
    const without = step(bloom("accelerate", { stack: plain(), layout: {} }), decodeOf(1, 50))
    expect(of(false) - of(true)).toBeGreaterThan(0.9 * without)
  })
})

describe("a mixture of experts", () => {
  const server = { accelerator: "h100-sxm", model: "mixtral-8x7b", stack: plain() } as const
  const experts = (load: StepLoad, rest: Partial<Server> = {}): number =>
    makeStepModel(targetOf({ ...server, ...rest }))
      .parts(0, load)
      .find((part) => part.kind === "experts")?.seconds ?? 0

  test("reads 2 of 8 experts for one token and 3.5 for two", () => {
    const one = experts(decodeOf(1, 1))
    const two = experts(decodeOf(2, 1))
    expect(two / one).toBeGreaterThan(1.6)
    expect(two / one).toBeLessThan(1.75)
  })

  test("waits for the busiest expert", () => {
    const load = promptsOf(4, 2048)
    const layout = { tensor: 4, expert: 4 }
    const even = experts(load, { layout })
    expect(experts(load, { layout, expertImbalance: 1.5 }) / even).toBeGreaterThan(1.4)
    expect(experts(load, { layout, expertImbalance: 1.5 }) / even).toBeLessThan(1.5)
  })

  test("under data-parallel attention exchanges every token once a layer, and reads keys of its own requests only", () => {
    const of = (layout: Server["layout"] & object) =>
      makeStepModel(targetOf({ ...server, layout, stack: plain({ collectiveSeconds: constant(1) }) }))
    const collectives = (model: StepModel): number =>
      Math.floor((model.parts(0, decodeOf(64, 100)).find((part) => part.kind === "communication")?.seconds ?? 0) / 32)
    expect(collectives(of({ tensor: 8 }))).toBe(2)
    expect(collectives(of({ dataAttention: 8, expert: 8 }))).toBe(1)
    const slope = (model: StepModel): number => model.decodeLine(0, 64)?.slope ?? 0
    expect(slope(of({ dataAttention: 8 })) / slope(of({ tensor: 8 }))).toBeCloseTo(1, 6)
  })
})

describe("a prompt", () => {
  test("of 2048 tokens of Llama-2-7B keeps the A100 at the fitted share of its peak", () => {
    const model = makeStepModel(targetOf({ accelerator: "a100-sxm-80gb", model: "llama-2-7b", stack: plain() }))
    const products = model.parts(0, promptsOf(1, 2048)).find((part) => part.kind === "gemm")?.seconds ?? 0
    const flops = 2 * 2048 * 32 * 4096 * (4 * 4096 + 3 * 11_008)
    const share = flops / products / 312e12
    expect(share).toBeLessThan(valueOf(model, "a100.inference.gemm.bf16"))
    expect(share).toBeGreaterThan(0.85 * valueOf(model, "a100.inference.gemm.bf16"))
  })

  test("in a pipeline of four passes in pieces of 512: the later stages only add the last piece's way", () => {
    const server = { accelerator: "l40s", model: "llama-3-8b", stack: "llama-cpp", layout: { pipeline: 4 } } as const
    const model = makeStepModel(targetOf(server))
    const first = model.stageSeconds(0, promptsOf(1, 2048))
    expect(first / model.stageSeconds(1, promptsOf(1, 2048))).toBeGreaterThan(3)
    const alone = makeStepModel(targetOf({ ...server, layout: { pipeline: 1 } })).stageSeconds(0, promptsOf(1, 2048))
    // 4 pieces over 4 stages: (4 + 3) / 16 of the time of one card.
    const four = [0, 1, 2, 3].reduce((sum, stage) => sum + model.stageSeconds(stage, promptsOf(1, 2048)), 0)
    expect(four / alone).toBeGreaterThan(7 / 16)
    expect(four / alone).toBeLessThan(0.55)
  })

  test("beside decodes in one kernel slows the decodes' attention by the measured 1.75 on an RTX 4090", () => {
    const model = makeStepModel(
      targetOf({ accelerator: "rtx-4090", model: "llama-3.1-8b", stack: "vllm-v1", version: "0.19" })
    )
    const beside = (context: number): number =>
      model.stageSeconds(0, {
        ...promptsOf(1, 512),
        decodes: 32,
        decodeContext: 32 * context,
        decodeWindow: 32 * context
      })
    const slope = (beside(2000) - beside(1000)) / 32_000
    expect(slope / (model.decodeLine(0, 32)?.slope ?? 0)).toBeCloseTo(1.75, 6)
  })
})

test("work of a token of BLOOM is two FLOPs a parameter and 345 GB of reading", () => {
  const model = makeStepModel(targetOf(bloom("deepspeed-inference")))
  const work = { flops: 0, bytes: 0, communicationSeconds: 0 }
  model.addWork(decodeOf(1, 1), work)
  const parameters = countParameters(modelOf("bloom-176b"))
  expect(work.flops / (2 * parameters.total)).toBeCloseTo(1, 2)
  expect(work.bytes / (2 * parameters.total)).toBeCloseTo(1, 2)
  expect(work.communicationSeconds).toBeGreaterThan(140 * 15e-6)
})
