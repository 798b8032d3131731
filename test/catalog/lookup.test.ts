import { describe, expect, test } from "vitest"
import {
  find,
  isUnknownName,
  namesOf,
  nearestNames,
  override,
  type EntryOf,
  type Kind
} from "../../src/catalog/index.ts"

const nameFound = (kind: Kind, written: string): string | undefined => {
  const found: EntryOf[Kind] | ReturnType<typeof find> = find(kind, written)
  return isUnknownName(found) ? undefined : found.name
}

describe("a lookup", () => {
  test.each([
    ["accelerators", "a100-sxm-80gb", "a100-sxm-80gb"],
    ["accelerators", "a100-sxm4-80", "a100-sxm-80gb"],
    ["accelerators", "H100_SXM", "h100-sxm"],
    ["accelerators", "NVIDIA GH200 Grace Hopper Superchip 144GB", "gh200-144gb"],
    ["links", "PCIe4", "pcie4x16"],
    ["systems", "hgx-h200", "dgx-h200"],
    ["systems", "Jean Zay A100", "jean-zay-a100"],
    ["models", "bigscience/bloom", "bloom-176b"],
    ["models", "meta-llama/Llama-3.1-70B-Instruct", "llama-3.1-70b"],
    ["models", "Qwen/Qwen3-30B-A3B", "qwen3-30b-a3b"],
    ["stacks", "megatron-deepspeed", "megatron-deepspeed"]
  ] as const)("in %s finds %s as %s", (kind, written, name) => {
    expect(nameFound(kind, written)).toBe(name)
  })

  test("keeps the type of its kind", () => {
    const found = find("accelerators", "h200")
    expect(isUnknownName(found) ? 0 : found.memory.bytes).toBe(141e9)
  })

  test("of an unknown name says what was asked and names the three nearest", () => {
    expect(find("systems", "jeanzay")).toEqual({
      _tag: "UnknownName",
      kind: "systems",
      name: "jeanzay",
      nearest: ["jean-zay-a100", "jean-zay-h100", "jean-zay-v100-quad"]
    })
  })

  test("does not find what objects inherit", () => {
    expect(nameFound("models", "constructor")).toBeUndefined()
    expect(nameFound("models", "")).toBeUndefined()
  })
})

describe("the nearest names", () => {
  test("forgive a missing letter", () => {
    expect(nearestNames("nvlnk3", namesOf("links"))[0]).toBe("nvlink3")
    expect(nearestNames("lama3.1-70b", namesOf("models"))[0]).toBe("llama-3.1-70b")
  })

  test("know a name by a part of it", () => {
    expect(nearestNames("4090", ["rtx-3090", "rtx-4090", "a40"], 1)).toEqual(["rtx-4090"])
  })

  test("are as many as asked for, or as there are", () => {
    expect(nearestNames("h100", ["dgx-h100", "hgx-h100", "h100-nvl-8x", "mosaic-h100"])).toHaveLength(3)
    expect(nearestNames("h100", ["dgx-h100"], 5)).toEqual(["dgx-h100"])
    expect(nearestNames("x", [])).toEqual([])
  })

  test("are none where nothing is spelled alike", () => {
    expect(nearestNames("blahblah", namesOf("systems"))).toEqual([])
    expect(nearestNames("xyz", namesOf("systems"))).toEqual([])
    expect(nearestNames("zzz", ["zeroStage", "run", "stack"])).toEqual([])
    expect(nearestNames("", ["a", "bc"])).toEqual(["a"])
  })

  test("know a name inside of what was written", () => {
    expect(nearestNames("llama-3.1-70b-instruct-awq", namesOf("models"))[0]).toBe("llama-3.1-70b")
  })
})

describe("an override", () => {
  const base = { name: "a100", memory: { bytes: 80e9, type: "HBM2e" }, notes: ["one", "two"], experts: { count: 8 } }

  test("changes a nested field and keeps its neighbours", () => {
    expect(override(base, { memory: { bytes: 40e9 } })).toEqual({ ...base, memory: { bytes: 40e9, type: "HBM2e" } })
  })

  test("replaces lists whole", () => {
    expect(override(base, { notes: ["three"] })).toEqual({ ...base, notes: ["three"] })
  })

  test("sets null, adds fields and skips undefined ones", () => {
    expect(override(base, { experts: null, year: 2020, name: undefined })).toEqual({
      ...base,
      experts: null,
      year: 2020
    })
  })

  test("gives a record in place of null", () => {
    expect(override({ experts: null }, { experts: { count: 4 } })).toEqual({ experts: { count: 4 } })
  })

  test("leaves the base as it was", () => {
    override(base, { memory: { bytes: 1 } })
    expect(base.memory.bytes).toBe(80e9)
  })

  test("does not let outside data reach a prototype", () => {
    const changed = override(base, JSON.parse('{ "__proto__": { "polluted": true } }'))
    expect(Object.getPrototypeOf(changed)).toBe(Object.prototype)
    expect("polluted" in {}).toBe(false)
  })
})
