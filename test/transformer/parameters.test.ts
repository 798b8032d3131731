import { it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { find, isUnknownName, models, type Model } from "../../src/catalog/index.ts"
import {
  countParameters,
  layerCounts,
  layerKinds,
  layerParameters,
  matrixParameters
} from "../../src/transformer/index.ts"

const model = (name: string): Model => {
  const found = find("models", name)
  if (isUnknownName(found)) throw new Error(`no model ${name}`)
  return found
}

describe("the published parameter count", () => {
  const published = models.flatMap((entry) =>
    entry.publishedParameters === null ? [] : [[entry.name, entry, entry.publishedParameters] as const]
  )

  test.each(published)("of %s follows from its shapes within 1 %%", (_, entry, parameters) => {
    expect(Math.abs(countParameters(entry).total / parameters - 1)).toBeLessThan(0.01)
  })

  test("is known for all but the entries whose notes tell why not", () => {
    const unknown = models.filter((entry) => entry.publishedParameters === null)
    expect(unknown.map((entry) => entry.name)).toEqual([
      "gpt3-1.3b",
      "gpt3-2.7b",
      "gpt3-13b",
      "gpt-sc21-1.7b",
      "gpt-sc21-3.6b",
      "deepseek-v3.2"
    ])
    for (const entry of unknown) expect(entry.notes.join()).toContain("published as")
  })

  test.each([
    ["bloom-560m", 559_214_592],
    ["bloom-176b", 176_247_271_424],
    ["falcon-7b", 6_921_720_704],
    ["gpt2-xl", 1_557_611_200],
    ["llama-2-70b", 68_976_648_192],
    ["llama-3.1-405b", 405_853_388_800],
    ["qwen2.5-7b", 7_615_616_512],
    ["qwen3-0.6b", 596_049_920],
    ["gemma-2-9b", 9_241_705_984],
    ["mixtral-8x7b", 46_702_792_704],
    ["deepseek-v2", 235_741_434_880]
  ])("of %s is met to the last parameter: %i", (name, parameters) => {
    expect(countParameters(model(name)).total).toBe(parameters)
  })
})

describe("the published active count", () => {
  const published = models.flatMap((entry) =>
    entry.publishedActiveParameters === null ? [] : [[entry.name, entry, entry.publishedActiveParameters] as const]
  )

  // Publications round to two digits and differ in whether they count the embedding.
  test.each(published)("of %s lies between the counts with and without embedding", (_, entry, parameters) => {
    const { active, embedding } = countParameters(entry)
    expect(parameters).toBeGreaterThan(0.96 * (active - embedding))
    expect(parameters).toBeLessThan(1.01 * active)
  })

  test("of a dense model is its total", () => {
    const { active, total } = countParameters(model("bloom-176b"))
    expect(active).toBe(total)
  })
})

describe("BLOOM-176B", () => {
  const bloom = countParameters(model("bloom-176b"))

  test("has 250,880 x 14,336 embeddings and two normalisations around its layers", () => {
    expect(bloom.embedding).toBe(250_880 * 14_336 + 2 * 14_336)
    expect(bloom.finalNormalization).toBe(2 * 14_336)
    expect(bloom.lmHead).toBe(0)
  })

  test("has 12 h^2 + 13 h parameters in a layer", () => {
    const layer = layerParameters(model("bloom-176b"), "dense")
    expect(layer?.total).toBe(12 * 14_336 ** 2 + 13 * 14_336)
    expect(layer?.attention).toBe(4 * 14_336 ** 2 + 4 * 14_336)
    expect(layer?.feedForward).toBe(8 * 14_336 ** 2 + 5 * 14_336)
    expect(layer?.normalization).toBe(4 * 14_336)
    expect(layer?.matrix).toBe(12 * 14_336 ** 2)
  })

  test("multiplies a token with its layers' matrices and the tied LM head", () => {
    expect(matrixParameters(model("bloom-176b"))).toBe(70 * 12 * 14_336 ** 2 + 250_880 * 14_336)
  })
})

describe("a layer of a mixture", () => {
  test("of Mixtral 8x7B routes to 2 of 8 experts of 3 x 4096 x 14336", () => {
    const layer = layerParameters(model("mixtral-8x7b"), "mixture")
    const expert = 3 * 4096 * 14_336
    expect(layer?.feedForward).toBe(8 * expert)
    expect(layer?.router).toBe(4096 * 8)
    expect((layer?.total ?? 0) - (layer?.active ?? 0)).toBe(6 * expert)
    expect(layerParameters(model("mixtral-8x7b"), "dense")).toBeNull()
  })

  test("of DeepSeek-V3 has 187,105,280 parameters of latent attention", () => {
    // q: 7168 x 1536 + 1536 x 128 x 192; kv: 7168 x 576 + 512 x 128 x 256; out: 128 x 128 x 7168.
    const q = 7168 * 1536 + 1536 * 24_576
    const keyValue = 7168 * 576 + 512 * 32_768
    expect(layerParameters(model("deepseek-v3"), "mixture")?.attention).toBe(q + keyValue + 16_384 * 7168)
    expect(q + keyValue + 16_384 * 7168).toBe(187_105_280)
  })
})

describe("layers", () => {
  test("of DeepSeek-V3 are 3 dense ones, then 58 mixtures", () => {
    expect(layerCounts(model("deepseek-v3"))).toEqual({ dense: 3, mixture: 58 })
    const kinds = layerKinds(model("deepseek-v3"))
    expect(kinds.slice(0, 4)).toEqual(["dense", "dense", "dense", "mixture"])
    expect(kinds.filter((kind) => kind === "mixture")).toHaveLength(58)
  })

  test("of Llama 4 Maverick alternate", () => {
    const kinds = layerKinds(model("llama-4-maverick"))
    expect(kinds.slice(0, 4)).toEqual(["dense", "mixture", "dense", "mixture"])
    expect(kinds).toHaveLength(48)
  })

  test.each(models.map((entry) => [entry.name, entry] as const))("of %s add up to the model", (_, entry) => {
    const count = countParameters(entry)
    const layers = layerKinds(entry).map((kind) => layerParameters(entry, kind)?.total ?? Number.NaN)
    const outside = count.embedding + count.finalNormalization + count.lmHead
    expect(layers.reduce((sum, layer) => sum + layer, outside)).toBe(count.total)
    for (const layer of [count.perLayer.dense, count.perLayer.mixture]) {
      if (layer === null) continue
      expect(layer.attention + layer.feedForward + layer.router + layer.normalization).toBe(layer.total)
      expect(layer.matrix).toBeLessThan(layer.active)
    }
  })
})

const layersAdded = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))

it.prop("each further layer costs the parameters of one layer", [layersAdded], ([added]) => {
  const base = model("llama-3.1-8b")
  const deeper = countParameters({ ...base, layers: base.layers + added })
  const layer = deeper.perLayer.dense?.total ?? 0
  return deeper.total === countParameters(base).total + added * layer
})

it.prop("more experts weigh more and cost a token only their routing", [layersAdded], ([added]) => {
  const base = model("mixtral-8x7b")
  const experts = base.experts ?? { count: 1, active: 1, feedForward: 1, sharedFeedForward: 0, denseLayers: 0 }
  const wider = { ...base, experts: { ...experts, count: experts.count + added } }
  const routing = 32 * added * 4096
  return (
    countParameters(wider).total > countParameters(base).total &&
    countParameters(wider).active === countParameters(base).active + routing &&
    matrixParameters(wider) === matrixParameters(base) + routing
  )
})
