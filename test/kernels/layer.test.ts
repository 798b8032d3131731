import { describe, expect, test } from "vitest"
import { models } from "../../src/catalog/index.ts"
import { embedding, languageModelHead, layerOperators, makeDevice, memoryKernel } from "../../src/kernels/index.ts"
import { accelerator, flops, kernels, model, roundDevice, seconds, site } from "./sites.ts"

describe("a dense layer of hidden 1024 over 2048 tokens", () => {
  const { forward, backwardInput, backwardWeight } = layerOperators(site(), "dense")
  /** 24 b s h^2. */
  const products = 24 * 2048 * 1024 * 1024

  test("is 24 b s h^2 = 51.5 GFLOP of products and 4 b s^2 h = 17.2 GFLOP of unfused attention", () => {
    expect(flops(forward, "gemm")).toBe(51_539_607_552)
    expect(flops(forward, "gemm")).toBe(products)
    expect(flops(forward, "attention")).toBe(17_179_869_184)
    expect(flops(forward)).toBe(51_539_607_552 + 17_179_869_184)
  })

  test("is half of that attention when fused", () => {
    expect(flops(layerOperators(site({}, "nemo-24"), "dense").forward)).toBe(51_539_607_552 + 8_589_934_592)
  })

  test("computes the gradient of the input and of the weights with the same products each", () => {
    expect(flops(backwardInput, "gemm")).toBe(products)
    expect(flops(backwardWeight, "gemm")).toBe(products)
    expect(flops(backwardWeight, "attention")).toBe(0)
    expect(flops(backwardInput, "attention")).toBe(2 * 17_179_869_184)
  })

  test("names its four products forward in order", () => {
    const names = kernels(forward).flatMap(({ kind, name }) => (kind === "gemm" ? [name] : []))
    expect(names).toEqual(["QKV projection", "attention output projection", "feed-forward up", "feed-forward down"])
  })

  test("needs no collective on one rank", () => {
    expect([...forward, ...backwardInput, ...backwardWeight].filter(({ type }) => type === "communication")).toEqual([])
  })

  test("doubles its FLOPs with two sequences a micro-batch", () => {
    expect(flops(layerOperators(site({ microBatch: 2 }), "dense").forward)).toBe(2 * flops(forward))
  })

  test("reads and writes 3 x 2 more bytes an inner element and three projections when gated (Llama 3 8B)", () => {
    // 4096 tokens: QKV 4096 x 6144, output 4096 x 4096, three of 4096 x 14336.
    const weights = 4096 * 6144 + 4096 * 4096 + 3 * 4096 * 14_336
    const layer = layerOperators(site({ model: model("llama-3.1-8b"), sequence: 4096 }, "nemo-24"), "dense")
    expect(flops(layer.forward, "gemm")).toBe(2 * 4096 * weights)
  })
})

describe("tensor parallelism", () => {
  const whole = layerOperators(site(), "dense")

  test.each([2, 4, 8])("over %d ranks divides the FLOPs of every pass by as many", (tensor) => {
    const part = layerOperators(site({ tensor }), "dense")
    expect(flops(part.forward)).toBe(flops(whole.forward) / tensor)
    expect(flops(part.backwardInput)).toBe(flops(whole.backwardInput) / tensor)
    expect(flops(part.backwardWeight)).toBe(flops(whole.backwardWeight) / tensor)
  })

  test("sums 2048 x 1024 elements of two bytes twice forward and twice backward", () => {
    const part = layerOperators(site({ tensor: 4 }), "dense")
    for (const operators of [part.forward, part.backwardInput]) {
      const sums = operators.filter((operator) => operator.type === "communication")
      expect(sums.map(({ group, collective, bytes }) => [group, collective, bytes])).toEqual([
        ["tensor", "allReduce", 4_194_304],
        ["tensor", "allReduce", 4_194_304]
      ])
    }
  })

  test("sums once where attention and feed-forward run beside each other (Falcon)", () => {
    const { forward } = layerOperators(site({ tensor: 4, model: model("falcon-40b") }), "dense")
    expect(forward.filter(({ type }) => type === "communication")).toHaveLength(1)
  })

  test("repeats key/value heads that it cannot divide: 8 of 128 over 16 ranks (Llama 3 70B)", () => {
    const llama = model("llama-3-70b")
    const { forward } = layerOperators(site({ tensor: 16, model: llama, sequence: 1 }, "nemo-24"), "dense")
    // A rank has 4 query heads, one key head and one value head of 128.
    expect(kernels(forward).find(({ name }) => name === "QKV projection")?.flops).toBe(2 * 8192 * (4 + 1 + 1) * 128)
  })

  test("splits the norms only together with the sequence", () => {
    const norms = (sequenceParallel: boolean): number =>
      kernels(layerOperators(site({ tensor: 4, sequenceParallel }), "dense").forward)
        .filter(({ name }) => name === "norm and residual")
        .reduce((sum, { bytes }) => sum + bytes, 0)
    expect(norms(false) / norms(true)).toBe(4)
  })
})

describe("context parallelism over 4 ranks", () => {
  const { forward, backwardInput } = layerOperators(site({ context: 4 }, "nemo-24"), "dense")

  test("divides every product and the attention by 4", () => {
    expect(flops(forward)).toBe((51_539_607_552 + 8_589_934_592) / 4)
  })

  test("passes the keys and values of 512 tokens on three times, with their gradients backward", () => {
    const ring = [...forward, ...backwardInput].filter((operator) => operator.type === "communication")
    expect(ring.map(({ collective, bytes, repeats }) => [collective, bytes, repeats])).toEqual([
      ["sendReceive", 2 * 512 * 1024 * 2, 3],
      ["sendReceive", 2 * 2 * 512 * 1024 * 2, 3]
    ])
  })
})

describe("selective recompute", () => {
  test("runs the unfused attention core again, and nothing where it is fused", () => {
    expect(layerOperators(site(), "dense").core.map((operator) => operator.name)).toEqual([
      "attention products",
      "attention softmax"
    ])
    expect(layerOperators(site({}, "nemo-24"), "dense").core).toEqual([])
  })

  test("of operators runs all elementwise work and every second product again (torchtitan)", () => {
    const { forward, core } = layerOperators(site({ tensor: 2 }, "torchtitan"), "dense")
    const gemms = kernels(core).filter(({ kind }) => kind === "gemm")
    expect(gemms.map(({ name }) => name)).toEqual(["QKV projection", "feed-forward up"])
    expect(seconds(core, "elementwise")).toBe(seconds(forward, "elementwise"))
    expect(core.filter((operator) => operator.type === "communication" || operator.kind === "attention")).toEqual([])
  })
})

describe("8-bit layers", () => {
  const casts = (datatype: "bf16" | "fp8"): readonly string[] =>
    kernels(layerOperators(site({ datatype }), "dense").forward).flatMap(({ name }) =>
      name.endsWith("cast") ? [name] : []
    )

  test("cast the input of each of the four products, 16-bit layers none", () => {
    expect(casts("fp8")).toEqual([
      "QKV projection cast",
      "attention output projection cast",
      "feed-forward up cast",
      "feed-forward down cast"
    ])
    expect(casts("bf16")).toEqual([])
  })

  test("keep their FLOPs, and on H100 gain time", () => {
    const layer = (datatype: "bf16" | "fp8") =>
      layerOperators(
        site({ datatype, model: model("llama-3-70b"), sequence: 8192 }, "nemo-24", makeDevice(accelerator("h100-sxm"))),
        "dense"
      ).forward
    expect(flops(layer("fp8"))).toBe(flops(layer("bf16")))
    expect(seconds(layer("fp8"))).toBeLessThan(seconds(layer("bf16")))
  })

  test("leave the LM head in 16 bits", () => {
    const names = kernels(languageModelHead(site({ datatype: "fp8" })).forward).map(({ name }) => name)
    expect(names).toEqual(["final norm", "LM head", "cross entropy"])
  })
})

describe("the ends of the model", () => {
  test("the LM head is 2 T h V = 1.05 TFLOP forward and twice that backward (vocabulary 250,880)", () => {
    const head = languageModelHead(site())
    expect(flops(head.forward)).toBe(1_052_266_987_520)
    expect(flops(head.backwardInput)).toBe(1_052_266_987_520)
    expect(flops(head.backwardWeight)).toBe(1_052_266_987_520)
  })

  test("the LM head divides the vocabulary by the tensor-parallel ranks and then sums its gradient", () => {
    const head = languageModelHead(site({ tensor: 4 }))
    expect(flops(head.forward)).toBe(1_052_266_987_520 / 4)
    expect(head.backwardInput.filter(({ type }) => type === "communication")).toHaveLength(1)
  })

  test("the cross entropy moves 8 bytes a logit forward and 12 backward", () => {
    const head = languageModelHead(site())
    const bytes = (operators: typeof head.forward, name: string) =>
      kernels(operators).find((kernel) => kernel.name === name)?.bytes
    expect(bytes(head.forward, "cross entropy")).toBe(8 * 2048 * 250_880)
    expect(bytes(head.backwardInput, "cross entropy gradient")).toBe(12 * 2048 * 250_880)
  })

  test("the embedding gathers 6 bytes an element and multiplies nothing", () => {
    const gather = embedding(site())
    expect(kernels(gather.forward).map(({ bytes }) => bytes)).toEqual([6 * 2048 * 1024])
    expect(flops([...gather.forward, ...gather.backwardInput, ...gather.backwardWeight])).toBe(0)
  })
})

describe("a kernel bound by memory", () => {
  test("takes 3 us a launch and 8 GB at 800 GB/s in 10 ms", () => {
    expect(memoryKernel(site(), "copy", 8e9).seconds).toBeCloseTo(0.010003, 12)
    expect(memoryKernel(site(), "copy", 8e9, { launches: 3 }).seconds).toBeCloseTo(0.010009, 12)
  })
})

describe("every kernel of every model", () => {
  test.each(["a100-sxm-80gb", "h100-sxm", "b200-sxm", "v100-sxm2-32gb", "mi300x"])(
    "on %s lasts at least its launch, and moves or computes something",
    (name) => {
      const own = accelerator(name)
      const device = makeDevice(own)
      const shortest = Math.min(device.gemmLaunchSeconds, device.elementwiseLaunchSeconds)
      const datatype = own.peakFlops.bf16 === undefined ? "fp16" : "bf16"
      for (const model of models) {
        for (const stackName of ["megatron-deepspeed", "nemo-24"]) {
          const place = site({ model, datatype }, stackName, device)
          const layer = layerOperators(place, model.experts === null ? "dense" : "mixture")
          const ends = [embedding(place), languageModelHead(place)]
          const all = [layer, ...ends].flatMap(({ forward, backwardInput, backwardWeight }) =>
            forward.concat(backwardInput, backwardWeight)
          )
          for (const kernel of kernels(all)) {
            expect(kernel.seconds, `${model.name} ${kernel.name}`).toBeGreaterThanOrEqual(shortest)
            expect(kernel.seconds, `${model.name} ${kernel.name}`).toBeLessThan(60)
            expect(kernel.flops + kernel.bytes, `${model.name} ${kernel.name}`).toBeGreaterThan(0)
          }
        }
      }
    }
  )

  test("a layer of BLOOM launches 4 products forward, each paying its 2 us", () => {
    const short = kernels(layerOperators(site({ sequence: 8 }), "dense").forward)
    const gemms = short.filter(({ kind }) => kind === "gemm")
    expect(gemms).toHaveLength(4)
    // 8 tokens multiply at most 4 M weights: 8.4 MB at 500 GB/s are 17 us.
    for (const gemm of gemms) expect(gemm.seconds).toBeGreaterThan(roundDevice.gemmLaunchSeconds)
    for (const gemm of gemms) expect(gemm.seconds).toBeLessThan(2e-6 + 17.2e-6)
  })
})
