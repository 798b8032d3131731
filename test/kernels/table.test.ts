import { describe, expect, test } from "vitest"
import {
  analyticGemmSeconds,
  gemmSeconds,
  makeDevice,
  parseKernelTable,
  tableRatio,
  type KernelTable
} from "../../src/kernels/index.ts"
import { accelerator } from "./sites.ts"

const a100 = accelerator("a100-sxm-80gb")

const parsed = (text: string): readonly KernelTable[] => {
  const tables = parseKernelTable("mine.csv", text)
  if ("_tag" in tables) throw new Error(`line ${tables.line}: expected ${tables.expected}`)
  return tables
}

/** Four products, in milliseconds, none of which the law foretells. */
const measured = `gemm_dtype,m,n,k,latency
bfloat16,1024,4096,4096,0.31
bfloat16,2048,4096,4096,0.52
bfloat16,1024,8192,4096,0.44
fp16,1024,4096,4096,0.9
`

describe("a table of measured matrix multiplications", () => {
  const tables = parsed(measured)
  const device = makeDevice(a100, tables)

  test("is one table a number format, in seconds", () => {
    expect(tables.map(({ datatype, m }) => [datatype, m.length])).toEqual([
      ["bf16", 3],
      ["fp16", 1]
    ])
    const milliseconds = [0.31, 0.52, 0.44]
    milliseconds.forEach((time, row) => expect(tables[0]?.seconds[row]).toBeCloseTo(time * 1e-3, 15))
  })

  test.each([
    [1024, 4096, 0.31],
    [2048, 4096, 0.52],
    [1024, 8192, 0.44]
  ])("gives back its own point: %d x %d x 4096 in %d ms", (m, n, milliseconds) => {
    expect(gemmSeconds(device, { m, n, k: 4096, datatype: "bf16" }, 1) / (milliseconds * 1e-3)).toBeCloseTo(1, 12)
  })

  test("keeps the formats apart", () => {
    expect(gemmSeconds(device, { m: 1024, n: 4096, k: 4096, datatype: "fp16" }, 1)).toBeCloseTo(0.9e-3, 12)
  })

  test("answers between two measured shapes with a time between theirs", () => {
    const time = gemmSeconds(device, { m: 1536, n: 4096, k: 4096, datatype: "bf16" }, 1)
    expect(time).toBeGreaterThan(0.31e-3)
    expect(time).toBeLessThan(0.52e-3)
  })

  test("leaves the law alone two doublings beyond its edge, and for formats it does not hold", () => {
    for (const gemm of [
      { m: 8192, n: 4096, k: 4096, datatype: "bf16" },
      { m: 1024, n: 4096, k: 1024, datatype: "bf16" },
      { m: 65_536, n: 65_536, k: 65_536, datatype: "bf16" },
      { m: 1024, n: 4096, k: 4096, datatype: "fp32" }
    ] as const) {
      expect(tableRatio(device, gemm)).toBe(1)
      expect(gemmSeconds(device, gemm, 1)).toBe(analyticGemmSeconds(device, gemm, 1))
    }
  })

  test("matters less the farther a shape is from it", () => {
    const slow = makeDevice(a100, parsed("m,n,k,seconds\n1024,1024,1024,1\n"))
    // Up to a doubling away the ratio is the same but for the last bits.
    const ratios = [1024, 1500, 2048, 3000].map((m) =>
      Number(tableRatio(slow, { m, n: 1024, k: 1024, datatype: "bf16" }).toPrecision(12))
    )
    expect(ratios).toEqual([...ratios].sort((a, b) => b - a))
    expect(ratios.at(-1)).toBeGreaterThan(1)
  })

  test("is read with columns in any order, in seconds, with blank lines and Windows line ends", () => {
    const [table] = parsed("K, seconds ,N,M\r\n512,0.002,256,128\r\n\r\n")
    expect([table?.datatype, table?.m[0], table?.n[0], table?.k[0], table?.seconds[0]]).toEqual([
      "bf16",
      128,
      256,
      512,
      0.002
    ])
  })
})

describe("a table that cannot be read", () => {
  test.each([
    ["has no column k", "m,n,latency\n1,2,3\n", 1, "m,n,latency", /columns m, n, k/],
    ["has no time", "m,n,k\n1,2,3\n", 1, "m,n,k", /latency \(ms\) or seconds/],
    ["is empty", "", 1, "", /a header/],
    ["has no rows", "m,n,k,latency\n", 2, "", /at least one row/],
    ["has a word for a number", "m,n,k,latency\n1,2,3,4\n1,two,3,4\n", 3, "1,two,3,4", /positive numbers/],
    ["has a negative time", "m,n,k,latency\n1,2,3,-4\n", 2, "1,2,3,-4", /positive numbers/],
    ["has a row of zero tokens", "m,n,k,latency\n0,2,3,4\n", 2, "0,2,3,4", /positive numbers/],
    ["has a short row", "m,n,k,latency\n1,2,3,4\n\n1,2,3\n", 4, "1,2,3", /positive numbers/]
  ])("because it %s is refused with line, text and what was expected", (_, text, line, given, expected) => {
    const refusal = parseKernelTable("mine.csv", text)
    if (!("_tag" in refusal)) throw new Error("the table was read")
    expect(refusal._tag).toBe("KernelTableError")
    expect(refusal.line).toBe(line)
    expect(refusal.given).toBe(given)
    expect(refusal.expected).toMatch(expected)
  })
})
