/** Sweeps of matrix multiplications under the column names of common benchmarks. */
import { describe, expect, test } from "vitest"
import { parseKernelTable, type KernelTable } from "../../src/kernels/index.ts"

const parsed = (text: string): readonly KernelTable[] => {
  const tables = parseKernelTable("sweep.csv", text)
  if ("_tag" in tables) throw new Error(`${tables.line}: ${tables.expected}`)
  return tables
}

describe("a sweep", () => {
  test.each([
    ["in microseconds", "M,N,K,time_us\n1024,2048,4096,100\n"],
    ["in milliseconds", "M,N,K,time_ms\n1024,2048,4096,0.1\n"],
    ["with a unit in brackets, tab-separated", "M\tN\tK\tTime (us)\n1024\t2048\t4096\t100\n"],
    ["with a unit alone, semicolons and a byte-order mark", "\uFEFFm;n;k;ms\n1024;2048;4096;0.1\n"],
    ["with a mean of several", "dtype,m,n,k,mean_time_us,tflops\ntorch.bfloat16,1024,2048,4096,100,1\n"],
    ["in quotes", '"m","n","k","latency"\n"1024","2048","4096","0.1"\n'],
    ["in nanoseconds", "m,n,k,duration_ns\n1024,2048,4096,100000\n"],
    ["in seconds, which go before a latency", "m,n,k,latency,seconds\n1024,2048,4096,9,1e-4\n"],
    // 2 x 1024 x 2048 x 4096 FLOPs in 100 us.
    ["as a rate", "m,n,k,TFLOPS\n1024,2048,4096,171.79869184\n"],
    ["as a rate a second", "m,n,k,TFLOP/s\n1024,2048,4096,171.79869184\n"]
  ])("%s", (_, text) => {
    const [table] = parsed(text)
    expect([table?.datatype, table?.m[0], table?.n[0], table?.k[0]]).toEqual(["bf16", 1024, 2048, 4096])
    expect(table?.seconds[0]).toBeCloseTo(1e-4, 12)
  })

  test("of several formats is a table each", () => {
    const text = "precision,m,n,k,us\nfloat8_e4m3fn,1,2,3,4\nc10::Half,1,2,3,5\nunknown,1,2,3,6\n"
    expect(parsed(text).map(({ datatype }) => datatype)).toEqual(["fp8", "fp16"])
  })
})
