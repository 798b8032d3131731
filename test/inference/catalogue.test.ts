import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import {
  accelerators,
  allConstants,
  constantOf,
  currentServingStack,
  find,
  inferenceClass,
  inferenceConstant,
  isUnknownName,
  namesOf,
  quantisations,
  QuantisationSchema,
  servingStacks,
  ServingStackSchema,
  withConstants,
  type Quantisation,
  type ServingStack
} from "../../src/catalog/index.ts"
import { acceleratorOf, stackOf } from "./targets.ts"

const strict = { errors: "all", onExcessProperty: "error" } as const

describe("serving stacks", () => {
  test.each(servingStacks.map((entry) => [entry.name, entry] as const))("%s is a whole entry", (_, entry) => {
    const decoded: ServingStack = Schema.decodeUnknownSync(ServingStackSchema, strict)(entry)
    expect(decoded).toEqual(entry)
    expect(entry.sources).toHaveProperty("default")
    const sizes = entry.graphs?.sizes ?? []
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
  })

  test("are found by alias, and a slip of the pen is answered with the nearest names", () => {
    expect(find("serving-stacks", "trtllm")).toMatchObject({ name: "tensorrt-llm" })
    expect(find("serving-stacks", "vllm")).toMatchObject({ name: "vllm-v1" })
    const slip = find("serving-stacks", "sg-lang")
    expect(isUnknownName(slip) && slip.nearest).toContain("sglang")
  })

  test("a version takes the constants of its release, a version nobody measured the priors", () => {
    const step = (version: string) => currentServingStack("vllm-v1", version)?.constants.hostSecondsPerStep
    expect(step("0.12.3")).toEqual(step("0.12"))
    expect(step("0.12")?.value).not.toBe(step("0.19")?.value)
    expect(step("0.15")?.value).toBe(constantOf("serving.vllm-v1.hostSecondsPerStep")?.value)
    expect(step("0.15")?.origin).toBe("assumed")
    expect(stackOf("vllm-v1").version).toBe("0.19")
  })

  test("a version nobody measured behaves as the newest release before it", () => {
    expect(stackOf("tensorrt-llm", "0.11").sharesQueries).toBe(stackOf("tensorrt-llm", "0.10").sharesQueries)
    expect(stackOf("tensorrt-llm", "0.7").sharesQueries).toBe("never")
    expect(stackOf("tensorrt-llm", "1.2").graphs).not.toBeNull()
    expect(stackOf("tensorrt-llm", "0.11").graphs).toBeNull()
  })

  test("naive stacks have one batch in flight, pipelined ones one a stage", () => {
    expect(stackOf("accelerate").batching).toMatchObject({ batchesInFlight: 1, policy: "none" })
    expect(stackOf("llama-cpp").batching.batchesInFlight).toBe(1)
    expect(stackOf("transformers-pipeline").batching.batchesInFlight).toBe("stages")
    expect(stackOf("vllm-v1").batching).toMatchObject({ batchesInFlight: "stages", policy: "continuous-chunked" })
  })

  test("vLLM 0.19 captures the sizes of its log: 51 of them, 1 to 512", () => {
    const sizes = stackOf("vllm-v1", "0.19").graphs?.sizes ?? []
    expect(sizes).toHaveLength(51)
    expect(sizes.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 24])
    expect(sizes.slice(-3)).toEqual([480, 496, 512])
  })
})

describe("quantisations", () => {
  test.each(quantisations.map((entry) => [entry.name, entry] as const))("%s is a whole entry", (_, entry) => {
    const decoded: Quantisation = Schema.decodeUnknownSync(QuantisationSchema, strict)(entry)
    expect(decoded).toEqual(entry)
    expect(entry.sources).toHaveProperty("default")
  })

  test("are those of the catalogue", () => {
    expect(namesOf("quantisations")).toEqual([
      "bf16",
      "fp16",
      "fp8",
      "fp8-block",
      "int8",
      "int8-llm",
      "int8-smoothquant",
      "int4-awq",
      "int4-gptq",
      "q4_k_m",
      "q8_0",
      "nvfp4",
      "mxfp4"
    ])
  })
})

describe("constants of served inference", () => {
  test("at most five are fitted for a stack and version, at most six for an accelerator and its kernels", () => {
    const counts = new Map<string, number>()
    for (const { key, constant } of allConstants()) {
      if (constant.origin !== "fitted") continue
      const stack = /^(serving\..+)\.[^.]+$/.exec(key)?.[1]
      const kernels = /^(.+\.inference)\.[^.]+\.([^.]+)$/.exec(key)
      const owner = stack ?? (kernels === null ? undefined : `${kernels[1]} ${kernels[2]}`)
      if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1)
    }
    expect(counts.size).toBeGreaterThan(15)
    for (const [owner, count] of counts) expect(count, owner).toBeLessThanOrEqual(owner.startsWith("serving.") ? 5 : 6)
  })

  test("every fitted one has its interval, its measurements and its residual, and the value lies inside", () => {
    for (const { key, constant } of allConstants()) {
      if (constant.origin !== "fitted" || !key.includes("inference")) continue
      const [low = Number.NaN, high = Number.NaN] = constant.interval ?? []
      expect(constant.points, key).toBeGreaterThan(0)
      expect(low, key).toBeLessThanOrEqual(high)
    }
  })

  test("every accelerator has all of them, its own or borrowed, which the constant then says", () => {
    for (const accelerator of accelerators)
      for (const name of ["gemm", "memory", "launch", "attention", "keyValues", "experts"])
        for (const kernels of ["bf16", "fp8", "nvfp4", "int4", "int8"] as const)
          expect(
            inferenceConstant(inferenceClass(accelerator), name, kernels),
            `${accelerator.name} ${name}`
          ).toBeDefined()
    const own = inferenceConstant("h200", "gemm", "fp8")
    expect(own?.key).toBe("h200.inference.gemm.fp8")
    const borrowed = inferenceConstant("h200", "gemm", "bf16")
    expect(borrowed?.key).toBe("h100.inference.gemm.bf16")
    expect(borrowed?.constant.source).toMatch(/^borrowed from h100/)
  })

  test("classes follow memory as well as cores", () => {
    const of = (name: string): string => inferenceClass(acceleratorOf(name))
    expect(of("h200-sxm")).toBe("h200")
    expect(of("gh200-144gb")).toBe("h200")
    expect(of("h100-sxm")).toBe("h100")
    expect(of("rtx-4090")).toBe("geforce")
    expect(of("rtx-3090")).toBe("geforce-ampere")
    expect(of("rtx-6000-ada")).toBe("l40s")
    expect(of("apple-m2-ultra")).toBe("apple")
  })

  test("a calibration's trial values reach a stack's constants", () => {
    const before = stackOf("accelerate").constants.kernelFactor.value
    const tried = withConstants(
      { "serving.accelerate@2022.kernelFactor": 2 },
      () => stackOf("accelerate").constants.kernelFactor.value
    )
    expect(tried).toBe(2)
    expect(stackOf("accelerate").constants.kernelFactor.value).toBe(before)
  })
})

test("a card under another name keeps the constants and the wires of the one that it extends", () => {
  for (const name of ["rtx-4090", "rtx-3090", "h200-sxm", "rtx-pro-6000-blackwell"]) {
    const card = acceleratorOf(name)
    expect(inferenceClass({ ...card, name: "mine" })).toBe(inferenceClass(card))
  }
  expect(inferenceClass(acceleratorOf("rtx-4090"))).toBe("geforce")
  expect(acceleratorOf("rtx-4090").peerToPeer).toBe(false)
})
