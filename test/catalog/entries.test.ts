import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import {
  AcceleratorSchema,
  LinkSchema,
  ModelSchema,
  SystemSchema,
  accelerators,
  catalogue,
  find,
  isUnknownName,
  links,
  models,
  systems,
  type Accelerator,
  type Link,
  type Model,
  type System
} from "../../src/catalog/index.ts"

const strict = { errors: "all", onExcessProperty: "error" } as const

const linkNames = new Set(links.map((link) => link.name))

describe("every accelerator", () => {
  test.each(accelerators.map((entry) => [entry.name, entry] as const))("%s is a whole entry", (_, entry) => {
    const decoded: Accelerator = Schema.decodeUnknownSync(AcceleratorSchema, strict)(entry)
    expect(decoded).toEqual(entry)
    expect(entry.sources).toHaveProperty("default")
    expect(linkNames).toContain(entry.scaleUp)
    expect(linkNames).toContain(entry.host)
  })

  test.each(accelerators.map((entry) => [entry.name, entry] as const))("%s has peaks in proportion", (_, entry) => {
    const { fp32 = 0, bf16 = 0, fp16 = 0, fp8 = Infinity, nvfp4 = Infinity } = entry.peakFlops
    const half = Math.max(bf16, fp16)
    expect(half).toBeGreaterThanOrEqual(fp32)
    expect(fp8).toBeGreaterThanOrEqual(half)
    expect(nvfp4).toBeGreaterThan(half)
    // Operations a byte of memory traffic: outside of this range a unit slipped.
    const balance = half / entry.memory.bytesPerSecond
    expect(balance).toBeGreaterThan(20)
    expect(balance).toBeLessThan(700)
    // Seconds to read the whole memory once.
    const sweep = entry.memory.bytes / entry.memory.bytesPerSecond
    expect(sweep).toBeGreaterThan(0.005)
    expect(sweep).toBeLessThan(0.3)
    if (entry.pricePerHour !== undefined) expect(entry.pricePerHour.low).toBeLessThanOrEqual(entry.pricePerHour.high)
  })

  test("an A100 80 GB computes 312 bf16 TFLOP/s and reads 2039 GB/s", () => {
    const a100 = accelerators.find((entry) => entry.name === "a100-sxm-80gb")
    expect(a100?.peakFlops.bf16).toBe(312e12)
    expect(a100?.memory).toEqual({ bytes: 80e9, bytesPerSecond: 2039e9, type: "HBM2e" })
  })
})

describe("every link", () => {
  test.each(links.map((entry) => [entry.name, entry] as const))("%s is a whole entry", (_, entry) => {
    const decoded: Link = Schema.decodeUnknownSync(LinkSchema, strict)(entry)
    expect(decoded).toEqual(entry)
    expect(entry.sources).toHaveProperty("default")
    expect(entry.latencySeconds).toBeLessThanOrEqual(20e-6)
  })

  test("four Omni-Path adapters give an all-reduce 10 to 17 GB/s a node: between trials and what users measured", () => {
    const omniPath = links.find((entry) => entry.name === "omni-path-100")
    const bytesPerSecond = 4 * (omniPath?.bytesPerSecond ?? 0) * (omniPath?.collectiveShare ?? 0)
    expect(bytesPerSecond).toBeGreaterThan(10e9)
    expect(bytesPerSecond).toBeLessThan(17e9)
  })

  test("only switched NVLink 4 and 5 and InfiniBand from HDR on reduce in the network", () => {
    expect(
      links
        .filter((link) => link.inNetworkReduction)
        .map((link) => link.name)
        .toSorted()
    ).toEqual(["nvlink4", "nvlink4-h800", "nvlink5", "ib-hdr", "ib-ndr", "ib-xdr"].toSorted())
  })
})

describe("every system", () => {
  test.each(systems.map((entry) => [entry.name, entry] as const))("%s is a whole entry", (_, entry) => {
    const decoded: System = Schema.decodeUnknownSync(SystemSchema, strict)(entry)
    expect(decoded).toEqual(entry)
    expect(entry.sources).toHaveProperty("default")
    const accelerator = accelerators.find((candidate) => candidate.name === entry.accelerator)
    expect(accelerator?.scaleUp).toBe(entry.scaleUp.link)
    expect(entry.scaleUp.domain % entry.acceleratorsPerNode).toBe(0)
    if (entry.network !== null) {
      const link = links.find((candidate) => candidate.name === entry.network?.link)
      expect(link?.kind).toBe("network")
    }
  })

  test("Jean Zay has 52 nodes of 8 A100 and 50 GB/s of Omni-Path each", () => {
    const jeanZay = systems.find((entry) => entry.name === "jean-zay-a100")
    expect(jeanZay?.nodes).toBe(52)
    expect(jeanZay?.acceleratorsPerNode).toBe(8)
    expect(jeanZay?.network).toEqual({ link: "omni-path-100", nicsPerNode: 4, oversubscription: 1 })
  })

  test("a published topology is of one kind, with its source", () => {
    const known = systems.filter(({ network }) => network?.topology !== undefined)
    expect(known.map(({ name }) => name).sort()).toEqual([
      "dgx-a100",
      "dgx-h100",
      "meta-llama3",
      "mi250x-frontier",
      "selene"
    ])
    for (const { network, sources } of known) {
      expect(Object.keys(network?.topology ?? {})).toHaveLength(1)
      expect(sources["network.topology"]).toMatch(/./)
    }
  })

  test("a group of Frontier sends 57 % of what its nodes could to the others: 73 x 4 links for 128 x 4 cards", () => {
    const frontier = systems.find((entry) => entry.name === "mi250x-frontier")?.network
    const shape = frontier?.topology?.dragonfly
    const cards = (shape?.nodesPerRouter ?? 0) * (shape?.routersPerGroup ?? 0) * (frontier?.nicsPerNode ?? 0)
    expect((((shape?.groups ?? 0) - 1) * (shape?.globalLinks ?? 0)) / cards).toBeCloseTo(0.57, 2)
  })

  test("an NVL72 has 18 trays of 4 in one NVLink domain", () => {
    const rack = systems.find((entry) => entry.name === "gb200-nvl72")
    expect((rack?.scaleUp.domain ?? 0) / (rack?.acceleratorsPerNode ?? 1)).toBe(18)
  })

  test("AWS machines have 400 GB/s of EFA from p5 to p6-b200", () => {
    const bytesPerSecond = ["aws-p5", "aws-p5en", "aws-p6-b200"].map((name) => {
      const network = systems.find((entry) => entry.name === name)?.network
      const link = links.find((candidate) => candidate.name === network?.link)
      return (network?.nicsPerNode ?? 0) * (link?.bytesPerSecond ?? 0)
    })
    expect(bytesPerSecond).toEqual([400e9, 400e9, 400e9])
  })
})

describe("every model", () => {
  test.each(models.map((entry) => [entry.name, entry] as const))("%s is a whole entry", (_, entry) => {
    const decoded: Model = Schema.decodeUnknownSync(ModelSchema, strict)(entry)
    expect(decoded).toEqual(entry)
    expect(entry.sources).toHaveProperty("default")
    expect(entry.heads % entry.keyValueHeads).toBe(0)
    expect(entry.slidingWindow?.layers ?? 0).toBeLessThanOrEqual(entry.layers)
    if (entry.experts === null) expect(entry.feedForward).toBeGreaterThan(0)
    else {
      expect(entry.experts.active).toBeLessThanOrEqual(entry.experts.count)
      expect(entry.experts.denseLayers).toBeLessThan(entry.layers)
      expect(entry.feedForward > 0).toBe(entry.experts.denseLayers > 0)
    }
  })
})

describe("names", () => {
  const kinds = ["accelerators", "links", "systems", "models"] as const

  test.each(kinds)("of %s are kebab-case, and no spelling means two entries", (kind) => {
    const owners = new Map<string, string>()
    for (const entry of catalogue[kind]) {
      expect(entry.name).toMatch(/^[a-z0-9.]+(-[a-z0-9.]+)*$/)
      for (const spelled of [entry.name, ...(entry.aliases ?? [])]) {
        const key = spelled.toLowerCase()
        expect(owners.get(key) ?? entry.name, `"${spelled}" in ${kind}`).toBe(entry.name)
        owners.set(key, entry.name)
        const found = find(kind, spelled)
        expect(isUnknownName(found) ? undefined : found.name).toBe(entry.name)
      }
    }
  })
})

describe("a slip of a unit in an inline entry is refused", () => {
  const a100 = accelerators.find((entry) => entry.name === "a100-sxm-80gb")

  test.each([
    ["no memory", { ...a100, memory: { bytes: 0, bytesPerSecond: 2039e9, type: "HBM2e" } }],
    ["an infinite rate", { ...a100, memory: { bytes: 80e9, bytesPerSecond: Infinity, type: "HBM2e" } }],
    ["a peak of 10^24 FLOP/s", { ...a100, peakFlops: { bf16: 312e24 } }],
    ["an unknown field", { ...a100, tdp: 400 }],
    ["an unknown number format", { ...a100, peakFlops: { bf16: 312e12, fp7: 624e12 } }]
  ])("%s", (_, entry) => {
    expect(Schema.is(AcceleratorSchema)(a100)).toBe(true)
    expect(() => Schema.decodeUnknownSync(AcceleratorSchema, strict)(entry)).toThrow()
  })

  test("a share of a link above one", () => {
    const nvlink3 = links.find((link) => link.name === "nvlink3")
    expect(Schema.is(LinkSchema)(nvlink3)).toBe(true)
    expect(Schema.is(LinkSchema)({ ...nvlink3, collectiveShare: 78 })).toBe(false)
  })

  test("half a layer", () => {
    const bloom = models.find((model) => model.name === "bloom-176b")
    expect(Schema.is(ModelSchema)(bloom)).toBe(true)
    expect(Schema.is(ModelSchema)({ ...bloom, layers: 70.5 })).toBe(false)
  })
})
