/** Traces of PyTorch's profiler as measured products. */
import { describe, expect, test } from "vitest"
import { kernelTableText, parseKernelTable, type KernelTable } from "../../src/kernels/index.ts"
import { resolveTraining, scenarioFromData } from "../../src/scenario/index.ts"
import { randomStream } from "../../src/random/index.ts"

const operator = (name: string, id: number, dims: unknown, type = "c10::BFloat16") => ({
  ph: "X",
  cat: "cpu_op",
  name,
  ts: id,
  dur: 9,
  args: { "External id": id, "Input Dims": dims, "Input type": [type, type, type] }
})
const kernel = (id: number, dur: number, correlation = id) => ({
  ph: "X",
  cat: "kernel",
  name: "ampere_bf16_s16816gemm_bf16_128x256",
  dur,
  args: { "External id": id, correlation, device: 0, stream: 7 }
})

/** A projection twice, a linear layer with its bias, an attention's batched product, an elementwise kernel. */
const events = [
  operator("aten::linear", 1, [[2, 512, 1024], [4096, 1024], [4096]]),
  operator("aten::addmm", 2, [[4096], [1024, 1024], [1024, 4096], []]),
  kernel(2, 100),
  operator("aten::mm", 3, [
    [1024, 4096],
    [4096, 1024]
  ]),
  kernel(3, 60),
  // Two kernels of one product: split over k, then summed.
  operator("aten::mm", 4, [
    [1024, 4096],
    [4096, 1024]
  ]),
  kernel(4, 70),
  kernel(4, 10),
  operator(
    "aten::mm",
    5,
    [
      [8, 16],
      [16, 32]
    ],
    "c10::Half"
  ),
  { ph: "X", cat: "cuda_runtime", name: "cudaLaunchKernel", dur: 2, args: { "External id": 5, correlation: 77 } },
  { ...kernel(0, 5, 77), args: { correlation: 77 } },
  operator("aten::bmm", 6, [
    [16, 64, 64],
    [16, 64, 64]
  ]),
  kernel(6, 30),
  operator("aten::add", 7, [[1024], [1024]]),
  kernel(7, 3),
  { ph: "M", name: "process_name", args: { name: "python" } }
]
const trace = (traceEvents: readonly unknown[]): string => JSON.stringify({ schemaVersion: 1, traceEvents })

const parsed = (text: string): readonly KernelTable[] => {
  const tables = parseKernelTable("trace.json", text)
  if ("_tag" in tables) throw new Error(tables.expected)
  return tables
}

const rows = (table: KernelTable | undefined): readonly (readonly number[])[] =>
  Array.from(table?.m ?? [], (m, row) => [
    m,
    table?.n[row] ?? 0,
    table?.k[row] ?? 0,
    Math.round((table?.seconds[row] ?? 0) * 1e9)
  ])

describe("a trace", () => {
  test("is a table a format: shapes with the median of the kernels' times, in nanoseconds here", () => {
    const [half, full] = [...parsed(trace(events))].reverse()
    expect(full?.datatype).toBe("bf16")
    expect(rows(full)).toEqual([
      [1024, 4096, 1024, 100_000],
      // 60 and 70 + 10 us.
      [1024, 1024, 4096, 70_000]
    ])
    expect([half?.datatype, rows(half)]).toEqual(["fp16", [[8, 32, 16, 5000]]])
  })

  test("a linear layer of which the kernels are its own has the tokens of all its dimensions", () => {
    const own = [operator("aten::linear", 1, [[2, 512, 1024], [4096, 1024], []]), kernel(1, 50)]
    expect(rows(parsed(trace(own))[0])).toEqual([[1024, 4096, 1024, 50_000]])
    expect(rows(parsed(JSON.stringify(own))[0])).toHaveLength(1)
  })

  test.each([
    [
      "without shapes",
      trace(events.map((event) => ({ ...event, args: { ...event.args, "Input Dims": undefined } }))),
      "5 matrix multiplications without shapes",
      /record_shapes=True/
    ],
    [
      "without kernels",
      trace(events.filter((event) => event.cat !== "kernel")),
      "5 matrix multiplications",
      /activities=\[CPU, CUDA\]/
    ],
    ["of something else", trace([{ ph: "X", name: "sleep", args: {} }]), "1 events", /aten::mm/],
    ["without events", '{"a": 1}', '{"a": 1}', /traceEvents/],
    ["cut off", trace(events).slice(0, 500), /^\{"schemaVersion/, /JSON, whole/]
  ])("%s is refused", (_, text, given, expected) => {
    expect(parseKernelTable("t.json", text)).toMatchObject({
      _tag: "KernelTableError",
      given: typeof given === "string" ? given : expect.stringMatching(given),
      expected: expect.stringMatching(expected)
    })
  })

  test("as CSV says the same", () => {
    const tables = parsed(trace(events))
    const again = parsed(kernelTableText(tables))
    expect(again.map(({ name: _name, ...rest }) => rest)).toEqual(tables.map(({ name: _name, ...rest }) => rest))
  })

  test("corrects a scenario, which keeps its table rather than the trace", () => {
    const loaded = scenarioFromData({
      name: "x",
      data: { cluster: { system: "dgx-a100" }, model: "gpt2", training: { globalBatch: 8, kernels: ["trace.json"] } }
    })
    if (loaded._tag === "Refused") throw new Error(loaded.issues[0]?.problem)
    const resolved = resolveTraining(loaded, { readText: () => ({ text: trace(events) }) })
    if (resolved._tag === "Refused") throw new Error(resolved.issues[0]?.problem)
    expect(resolved.job.kernelTables.map(({ datatype, m }) => [datatype, m.length])).toEqual([
      ["bf16", 2],
      ["fp16", 1]
    ])
    expect(resolved.scenario.training.kernels).toEqual([
      { table: expect.stringMatching(/^gemm_dtype,m,n,k,seconds\nbf16,1024,4096,1024,0\.0001/) }
    ])
  })

  test("changed by lot is read or refused", () => {
    const draw = randomStream(2, "traces")
    const values = [
      null,
      -1,
      0,
      "x",
      [],
      {},
      [[1]],
      [
        [0, 2],
        [2, 1]
      ],
      1e308,
      true
    ]
    for (let round = 0; round < 500; round++) {
      const changed = events.map((event) => {
        if (draw() > 0.3) return event
        const value = values[Math.floor(draw() * values.length)]
        return draw() < 0.5
          ? { ...event, dur: value }
          : { ...event, args: draw() < 0.3 ? value : { ...event.args, "Input Dims": value, "External id": value } }
      })
      const tables = parseKernelTable("t", trace(changed))
      expect(
        "_tag" in tables ||
          tables.every(({ seconds, m }) => seconds.every((time) => time > 0) && m.every((size) => size > 0))
      ).toBe(true)
    }
  })
})
