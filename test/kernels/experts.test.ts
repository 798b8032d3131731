import { describe, expect, test } from "vitest"
import { expertLoad, layerOperators, type LayerOperators, type RankShape } from "../../src/kernels/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { flops, kernels, model, seconds, site } from "./sites.ts"

/** Mixtral 8x7B: hidden 4096, 8 experts of 14336, two a token, gated. */
const layer = (changes: Partial<RankShape> = {}): LayerOperators =>
  layerOperators(site({ model: model("mixtral-8x7b"), sequence: 4096, ...changes }, "megatron-bridge"), "mixture")

/** 4096 tokens, two experts each, three matrices of 4096 x 14336. */
const expertFlops = 2 * 4096 * 2 * 3 * 4096 * 14_336

describe("a mixture of 8 experts, two a token", () => {
  test("computes two experts a token", () => {
    expect(flops(layer().forward, "experts")).toBe(expertFlops)
  })

  test.each([2, 4, 8])("loses and invents no token over %d expert-parallel ranks", (expert) => {
    // Every rank brings 4096 tokens of its own and holds 8 / expert experts.
    expect(flops(layer({ expert }).forward, "experts")).toBe(expertFlops)
    expect(flops(layer({ expert }).backwardInput, "experts")).toBe(expertFlops)
    expect(flops(layer({ expert }).backwardWeight, "experts")).toBe(expertFlops)
  })

  test("shares out the same tokens over tensor-parallel ranks, whichever way the experts are folded", () => {
    expect(flops(layer({ tensor: 4, expert: 4 }).forward, "experts") * 4).toBe(expertFlops)
    expect(flops(layer({ tensor: 4, expertTensor: 4 }).forward, "experts") * 4).toBe(expertFlops)
    expect(flops(layer({ tensor: 4, expert: 2, expertTensor: 2 }).forward, "experts") * 4).toBe(expertFlops)
  })

  test("routes every token once: 2 x 4096 x 4096 x 8 FLOPs", () => {
    const router = kernels(layer({ expert: 8 }).forward).find(({ name }) => name === "router")
    expect(router?.flops).toBe(2 * 4096 * 4096 * 8)
  })

  test("exchanges 4096 x 2 copies of 4096 elements of two bytes, to the experts and back, in both passes", () => {
    const { forward, backwardInput } = layer({ expert: 8 })
    for (const operators of [forward, backwardInput]) {
      const exchanges = operators.filter((operator) => operator.type === "communication")
      expect(exchanges.map(({ group, collective, bytes }) => [group, collective, bytes])).toEqual([
        ["expert", "allToAll", 67_108_864],
        ["expert", "allToAll", 67_108_864]
      ])
    }
    expect(layer().forward.filter(({ type }) => type === "communication")).toEqual([])
  })

  test("gathers and scatters over the ranks that share an expert", () => {
    const names = layer({ tensor: 2, expert: 4, expertTensor: 2 })
      .forward.filter((operator) => operator.type === "communication")
      .map(({ group, collective }) => `${group} ${collective}`)
    expect(names).toEqual([
      "tensor allReduce",
      "expert allToAll",
      "expertTensor allGather",
      "expertTensor reduceScatter",
      "expert allToAll"
    ])
  })
})

describe("biases of experts", () => {
  const oss = (name: string) =>
    layerOperators(site({ model: model(name), sequence: 4096, expert: 8 }, "megatron-bridge"), "mixture")
  const bytes = (operators: LayerOperators["forward"]) =>
    kernels(operators)
      .filter(({ name }) => name.startsWith("expert bias"))
      .map((kernel) => kernel.bytes)

  test("pass 28 bytes forward and 40 backward per element of 4096 x 4 outputs of 2880", () => {
    expect(bytes(oss("gpt-oss-120b").forward)).toEqual([28 * 16_384 * 2880])
    expect(bytes(oss("gpt-oss-120b").backwardInput)).toEqual([40 * 16_384 * 2880])
    expect(bytes(oss("gpt-oss-120b").backwardWeight)).toEqual([])
  })

  test("are launched expert by expert: 14 experts of 16 more cost 4 x 14 launches of 3 us", () => {
    const of = (expert: number) => {
      const shape = { model: model("gpt-oss-120b"), sequence: 4096, expert }
      return kernels(layerOperators(site(shape, "megatron-bridge"), "mixture").forward).find(
        ({ name }) => name === "expert bias"
      )
    }
    expect((of(8)?.seconds ?? 0) - (of(64)?.seconds ?? 0)).toBeCloseTo(4 * 14 * 3e-6, 9)
  })

  test("cost models nothing that have none, nor kernels that add them inside", () => {
    expect(bytes(oss("qwen3-30b-a3b").forward)).toEqual([])
    const shape = { model: model("gpt-oss-120b"), sequence: 4096, expert: 8, datatype: "mxfp8" } as const
    expect(bytes(layerOperators(site(shape, "megatron-bridge-2606"), "mixture").forward)).toEqual([])
  })
})

describe("experts whose products apply the activation and cast its result", () => {
  const names = (stackName: string, datatype: RankShape["datatype"]) => {
    const { forward, backwardInput } = layerOperators(
      site({ model: model("qwen3-30b-a3b"), sequence: 4096, expert: 8, datatype }, stackName),
      "mixture"
    )
    return kernels([...forward, ...backwardInput])
      .map(({ name }) => name)
      .filter((name) => name.startsWith("expert"))
  }
  const products = ["experts up", "experts down", "experts down input gradient", "experts up input gradient"]

  test("leave no kernel between the two products, and one cast before the first", () => {
    expect(names("megatron-bridge-2606", "mxfp8").filter((name) => !products.includes(name))).toEqual([
      "expert permutation",
      "experts up cast",
      "expert permutation gradient"
    ])
  })

  test.each([
    ["megatron-bridge", "mxfp8", 2],
    ["megatron-bridge-2606", "bf16", 0]
  ] as const)("are apart in %s with %s", (stackName, datatype, casts) => {
    const all = names(stackName, datatype)
    expect(all).toEqual(expect.arrayContaining(["expert activation", "expert activation gradient", ...products]))
    expect(all.filter((name) => name.endsWith("cast"))).toHaveLength(casts)
  })

  test("compute what the others compute", () => {
    const shape = { model: model("qwen3-30b-a3b"), sequence: 4096, expert: 8, datatype: "mxfp8" } as const
    const of = (stackName: string) => flops(layerOperators(site(shape, stackName), "mixture").forward)
    expect(of("megatron-bridge-2606")).toBe(of("megatron-bridge"))
  })
})

describe("an imbalance of 1.5", () => {
  const balanced = layer({ expert: 8, sequence: 16_384 })
  const skewed = layer({ expert: 8, sequence: 16_384, expertImbalance: 1.5 })

  test("makes the busiest rank's experts compute half as much again", () => {
    expect(flops(skewed.forward, "experts")).toBe(1.5 * flops(balanced.forward, "experts"))
    expect(seconds(skewed.forward, "experts") / seconds(balanced.forward, "experts")).toBeCloseTo(1.5, 2)
    expect(seconds(skewed.backwardWeight, "experts") / seconds(balanced.backwardWeight, "experts")).toBeCloseTo(1.5, 2)
  })

  test("leaves attention and router as they are", () => {
    expect(seconds(skewed.forward, "gemm")).toBe(seconds(balanced.forward, "gemm"))
    expect(seconds(skewed.forward, "attention")).toBe(seconds(balanced.forward, "attention"))
  })
})

describe("an expert's places", () => {
  test("1.25 of the mean: the busiest of 1.5 computes 1.25, the copies beyond are dropped and not sent", () => {
    const capped = layer({ expert: 8, expertImbalance: 1.5, expertCapacity: { factor: 1.25, padded: false } })
    expect(flops(capped.forward, "experts")).toBe(1.25 * expertFlops)
    const { dropped } = expertLoad(8, 1.5, { factor: 1.25, padded: false })
    expect(dropped).toBeGreaterThan(0.02)
    expect(dropped).toBeLessThan(0.25 / 4)
    const dispatch = capped.forward.find((operator) => operator.type === "communication")
    expect(dispatch?.bytes).toBeCloseTo((1 - dropped) * 67_108_864, 0)
  })

  test("padded to 2: twice the mean is computed and sent whatever the routing, nothing is dropped", () => {
    const padded = layer({ expert: 8, expertImbalance: 1.5, expertCapacity: { factor: 2, padded: true } })
    expect(flops(padded.forward, "experts")).toBe(2 * expertFlops)
    const dispatch = padded.forward.find((operator) => operator.type === "communication")
    expect(dispatch?.bytes).toBe(2 * 67_108_864)
    expect(expertLoad(8, 1.5, { factor: 2, padded: true }).dropped).toBe(0)
  })

  test("two experts, one with 1.5 of the mean and so the other with 0.5: a factor of 1 drops a quarter", () => {
    expect(expertLoad(2, 1.5, { factor: 1, padded: false }).dropped).toBeCloseTo(0.25, 9)
  })

  test("balanced experts drop what is beyond the factor: a fifth at 0.8, nothing from 1 up", () => {
    expect(expertLoad(64, 1, { factor: 0.8, padded: false })).toEqual({
      busiest: 0.8,
      exchanged: 0.8,
      dropped: 1 - 0.8
    })
    expect(expertLoad(64, 1, { factor: 1, padded: false })).toEqual({ busiest: 1, exchanged: 1, dropped: 0 })
  })

  test("a tighter factor and a worse imbalance drop more, never all", () => {
    const random = randomStream(7, "expert places")
    for (let draw = 0; draw < 200; draw++) {
      const experts = 2 + Math.floor(random() * 255)
      const imbalance = 1 + random() * (experts - 1)
      const factor = 0.1 + random() * 3
      const { dropped } = expertLoad(experts, imbalance, { factor, padded: false })
      expect(dropped).toBeGreaterThanOrEqual(0)
      expect(dropped).toBeLessThan(1)
      expect(expertLoad(experts, imbalance, { factor: factor * 0.9, padded: false }).dropped).toBeGreaterThanOrEqual(
        dropped
      )
      const worse = Math.min(experts, imbalance * 1.1)
      expect(expertLoad(experts, worse, { factor, padded: false }).dropped).toBeGreaterThanOrEqual(dropped - 1e-9)
    }
  })
})

describe("shared experts and dense layers", () => {
  const deepseek = (kind: "dense" | "mixture") =>
    kernels(
      layerOperators(site({ model: model("deepseek-v3"), sequence: 4096, expert: 64 }, "megatron-bridge"), kind).forward
    )

  test("every token of DeepSeek-V3 passes a shared expert of 2048", () => {
    const shared = deepseek("mixture").filter(({ name }) => /^shared expert (up|down)$/.test(name))
    expect(flops(shared)).toBe(2 * 4096 * 3 * 7168 * 2048)
  })

  test("its eight routed experts of 2048 compute eight times as much", () => {
    expect(flops(deepseek("mixture"), "experts")).toBe(8 * 2 * 4096 * 3 * 7168 * 2048)
  })

  test("its first layers keep a dense block of 18432", () => {
    const block = deepseek("dense").filter(({ name }) => /^feed-forward (up|down)$/.test(name))
    expect(flops(block)).toBe(2 * 4096 * 3 * 7168 * 18_432)
    expect(deepseek("dense").filter(({ kind }) => kind === "experts")).toEqual([])
  })
})
