import { describe, expect, test } from "vitest"
import { constantOf, withConstants } from "../../src/catalog/index.ts"
import { analyticGemmSeconds, fusedAttentionSeconds, makeDevice, parseKernelTable } from "../../src/kernels/index.ts"
import { fitKernelLaws, fitKernels } from "../../src/validation/kernel-fit.ts"
import { kernelsOfTable, shippedKernels, type MeasuredKernel } from "../../src/validation/measured-kernel.ts"
import { accelerator } from "./sites.ts"

const sizes = [1, 16, 64, 256, 1024, 4096, 16_384]
const widths = [512, 2048, 8192, 16_384]

/** A table of products that an accelerator with known constants would measure, in milliseconds. */
const tableUnder = (name: string, constants: Readonly<Record<string, number>>): string =>
  withConstants(constants, () => {
    const device = makeDevice(accelerator(name))
    const rows = sizes.flatMap((m) =>
      widths.flatMap((n) =>
        widths.map((k) => `bf16,${m},${n},${k},${1e3 * analyticGemmSeconds(device, { m, n, k, datatype: "bf16" }, 1)}`)
      )
    )
    return ["gemm_dtype,m,n,k,latency", ...rows].join("\n")
  })

const measuredUnder = (name: string, constants: Readonly<Record<string, number>>): readonly MeasuredKernel[] => {
  const tables = parseKernelTable("mine.csv", tableUnder(name, constants))
  if ("_tag" in tables) throw new Error(tables.expected)
  return tables.flatMap((table) => kernelsOfTable(accelerator(name), table))
}

/** Prefill attentions that an A100 with known constants would measure, alone. */
const attentionUnder = (constants: Readonly<Record<string, number>>): readonly MeasuredKernel[] => {
  const own = accelerator("a100-sxm-80gb")
  return withConstants({ ...constants, "a100.attentionSustained": 1 }, () => {
    const device = makeDevice(own)
    return [512, 1024, 2048, 4096, 8192].flatMap((sequence) =>
      [16, 32, 64].map((heads) => {
        const shape = { batch: 4, heads, headDimension: 128, sequence, context: 1, causalShare: 1 }
        return {
          kernel: "attention",
          accelerator: own,
          datatype: "bf16",
          group: String(heads),
          seconds: fusedAttentionSeconds(device, shape, "forward", 1),
          predict: (tried) => fusedAttentionSeconds(tried, shape, "forward", 1)
        } satisfies MeasuredKernel
      })
    )
  })
}

describe("the fit of kernel constants", () => {
  const known = { "a100.gemm.bf16": 0.7, "a100.memory": 0.6, "a100.launch": 8e-6, "a100.corner": 2.5 }

  test("finds the constants that made a table of products", () => {
    const { constants, isolated } = fitKernelLaws({ kernels: measuredUnder("a100-sxm-80gb", known) })
    const found = Object.fromEntries([...constants, ...isolated].map(({ key, value }) => [key, value]))
    expect(Object.keys(found).sort()).toEqual(Object.keys(known).sort())
    for (const [key, value] of Object.entries(known)) expect((found[key] ?? 0) / value, key).toBeCloseTo(1, 2)
  })

  test("finds the constants of attention, whatever training says of it", () => {
    const kernels = attentionUnder({ "a100.attention": 0.4, "a100.attentionRamp": 900 })
    const found = withConstants({ "a100.attentionSustained": 0.5 }, () => fitKernels({ kernels }))
    expect(found.map(({ key }) => key)).toEqual(["a100.attention", "a100.attentionRamp"])
    expect((found[0]?.value ?? 0) / 0.4).toBeCloseTo(1, 2)
    expect((found[1]?.value ?? 0) / 900).toBeCloseTo(1, 1)
  })

  test("charges attention the launch that the products fixed", () => {
    const slow = { ...known, "a100.launch": 60e-6 }
    const attention = attentionUnder({ ...slow, "a100.attention": 0.4, "a100.attentionRamp": 900 })
    const found = fitKernels({ kernels: measuredUnder("a100-sxm-80gb", slow).concat(attention) })
    const value = (key: string): number => found.find((constant) => constant.key === key)?.value ?? 0
    expect(value("a100.launch") / 60e-6).toBeCloseTo(1, 2)
    expect(value("a100.attention") / 0.4).toBeCloseTo(1, 2)
    expect(value("a100.attentionRamp") / 900).toBeCloseTo(1, 1)
  })

  test("is not moved by one product in eleven that takes five times as long", () => {
    const clean = measuredUnder("a100-sxm-80gb", known)
    const slow = clean.filter((_, index) => index % 11 === 0)
    const kernels = clean
      .filter((kernel) => !slow.includes(kernel))
      .concat(slow.map((kernel) => Object.assign({}, kernel, { seconds: 5 * kernel.seconds })))
    for (const { key, value } of fitKernels({ kernels }))
      expect(value / (Object.entries(known).find(([name]) => name === key)?.[1] ?? 0), key).toBeCloseTo(1, 1)
  })

  test("keeps to itself the share that training decides, and leaves the catalogue as it was", () => {
    const before = constantOf("a100.memory")
    const { constants, isolated } = fitKernelLaws({ kernels: measuredUnder("a100-sxm-80gb", known) })
    expect(isolated.map(({ key }) => key)).toEqual(["a100.gemm.bf16"])
    expect(constants.map(({ key }) => key)).toEqual(["a100.memory", "a100.launch", "a100.corner"])
    expect(constantOf("a100.memory")).toBe(before)
  })

  test("gives a class without measurements constants of its own", () => {
    // The RTX 4090 borrows from L40S and A100 until somebody measures it.
    expect(constantOf("ada.memory")).toBeUndefined()
    const found = fitKernels({
      kernels: measuredUnder("rtx-4090", {
        "ada.gemm.bf16": 0.9,
        "ada.memory": 0.7,
        "ada.launch": 4e-6,
        "ada.corner": 2
      })
    })
    expect(found.map(({ key }) => key)).toEqual(["ada.gemm.bf16", "ada.memory", "ada.launch", "ada.corner"])
    expect(found[0]?.value).toBeCloseTo(0.9, 2)
    expect(found[2]?.value).toBeCloseTo(4e-6, 7)
  })

  test("holds the constants it is told to", () => {
    const kernels = measuredUnder("a100-sxm-80gb", known)
    const found = fitKernels({ kernels, fixed: ["a100.corner", "a100.launch"] })
    expect(found.map(({ key }) => key)).toEqual(["a100.memory"])
  })

  test("takes no products of a format that the hardware lacks", () => {
    const tables = parseKernelTable("mine.csv", "gemm_dtype,m,n,k,latency\nfp8,512,512,512,0.1\n")
    if ("_tag" in tables) throw new Error(tables.expected)
    expect(tables.flatMap((table) => kernelsOfTable(accelerator("v100-sxm2-32gb"), table))).toEqual([])
    expect(fitKernels({ kernels: [] })).toEqual([])
  })

  test("of the shipped kernels gives physical constants with intervals around them", async () => {
    const found = fitKernels({ kernels: await shippedKernels() })
    const names = ["memory", "launch", "corner", "attention", "attentionRamp"]
    const keys = ["a100", "h100", "b200", "l40s"].flatMap((kind) => names.map((name) => `${kind}.${name}`))
    expect(found.map(({ key }) => key).sort()).toEqual([...keys, "l40s.gemm.bf16"].sort())
    for (const { key, value, interval, points } of found) {
      expect(interval[0], key).toBeLessThanOrEqual(value)
      expect(interval[1], key).toBeGreaterThanOrEqual(value)
      expect(interval[1] / interval[0], key).toBeLessThan(1.4)
      expect(points, key).toBeGreaterThan(190)
    }
  })
})
