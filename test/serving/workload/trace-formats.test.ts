import { describe, expect, test } from "vitest"
import { readText, rowsOf, samples } from "./traces.ts"

describe("published traces are read as they are", () => {
  test("Azure 2023: CRLF, no line end at the end, seven decimals of a second", () => {
    const trace = readText(samples.azure2023)
    expect(rowsOf(trace)).toEqual([
      [0, 4808, 10],
      [expect.closeTo(0.052, 9), 3180, 8],
      [expect.closeTo(0.098189, 9), 110, 27]
    ])
    expect(trace.prefixes).toBeNull()
    expect(trace.notes).toEqual(["times are counted from the first request, at TIMESTAMP 2023-11-16 18:17:03.9799600"])
  })

  test("Azure 2024: dates with an offset from UTC", () => {
    expect(rowsOf(readText(samples.azure2024))).toEqual([
      [0, 2162, 5],
      [expect.closeTo(0.007405, 9), 2399, 6],
      [1, 76, 15]
    ])
  })

  test("Mooncake: milliseconds, and the content in blocks of 512 tokens", () => {
    const trace = readText(samples.mooncake)
    expect(rowsOf(trace)).toEqual([
      [0, 600, 500],
      [3, 512, 490],
      [3, 1025, 3]
    ])
    expect(trace.prefixes).toEqual({
      first: Int32Array.of(0, 2, 3, 6),
      ids: Float64Array.of(0, 1, 0, 0, 2, 3),
      blockTokens: 512
    })
    expect(trace.notes).toEqual([])
  })

  test("BurstGPT: a failed request, which has no response tokens, is left out and noted", () => {
    const trace = readText(samples.burstgpt)
    expect(rowsOf(trace)).toEqual([
      [0, 472, 18],
      [40, 1087, 230],
      [180, 1360, 126]
    ])
    expect(trace.skippedRows).toBe(0)
    expect(trace.notes).toEqual([
      "times are counted from the first request, at Timestamp 5",
      "1 requests that failed when recorded are left out"
    ])
  })

  test("ShareGPT lengths: nanoseconds", () => {
    expect(rowsOf(readText(samples.sharegpt))).toEqual([
      [0, 2358, 531],
      [expect.closeTo(0.301012143, 12), 1034, 769]
    ])
  })

  test("vLLM's request log: seconds since 1970", () => {
    expect(rowsOf(readText(samples.vllm))).toEqual([
      [0, 2358, 531],
      [expect.closeTo(0.2650914, 6), 1034, 769]
    ])
  })

  test("Vidur's lengths without times all come at 0", () => {
    const trace = readText(samples.vidur)
    expect(rowsOf(trace)).toEqual([
      [0, 3772, 54],
      [0, 2015, 156]
    ])
    expect(trace.notes).toEqual(["the trace has no times: every request comes at 0 s"])
    expect(rowsOf(readText("arrived_at,num_prefill_tokens,num_decode_tokens\n2.5,10,3\n4,20,5\n"))).toEqual([
      [0, 10, 3],
      [1.5, 20, 5]
    ])
  })

  test("our own, with classes, as CSV and as JSON lines", () => {
    const trace = readText(samples.plain)
    expect(rowsOf(trace)).toEqual([
      [0, 100, 10],
      [0.5, 200, 20],
      [10, 300, 30]
    ])
    expect(trace.classes).toEqual({ names: ["chat", "code"], index: Int32Array.of(0, 1, 0) })
    const lines = readText(samples.plainLines)
    expect(rowsOf(lines)).toEqual(rowsOf(trace).slice(0, 2))
    expect(lines.classes).toEqual({ names: ["chat", "code"], index: Int32Array.of(0, 1) })
  })
})

test("the table of requests that a run wrote can be replayed", () => {
  const trace = readText(
    "request,class,replica,state,arrival_s,scheduled_s,prompt_tokens,cached_tokens,output_tokens\n0,chat,0,finished,0.25,0.3,100,0,10\n1,code,,rejected,1.25,,200,0,20\n"
  )
  expect(rowsOf(trace)).toEqual([
    [0, 100, 10],
    [1, 200, 20]
  ])
  expect(trace.classes!.names).toEqual(["chat", "code"])
})

describe("what does not matter", () => {
  test("the order of columns, more columns, case, spaces, quotes", () => {
    expect(
      rowsOf(readText('Output Tokens , note, "ARRIVAL_SECONDS",prompttokens\n7,"a, b ""c""",2, 5\n 8 ,,"3",6\n'))
    ).toEqual([
      [0, 5, 7],
      [1, 6, 8]
    ])
  })

  test("a byte-order mark, empty lines, no line end at the end", () => {
    expect(rowsOf(readText("\ufeff\n\narrival_seconds,prompt_tokens,output_tokens\n\n1,2,3\n\n2,3,4"))).toEqual([
      [0, 2, 3],
      [1, 3, 4]
    ])
  })

  test("more rows than fit at first", () => {
    const rows = Array.from({ length: 5000 }, (_, row) => `${row},${row + 1},7`).join("\n")
    const trace = readText(`arrival_seconds,prompt_tokens,output_tokens\n${rows}\n`)
    expect(trace.arrivalSeconds).toHaveLength(5000)
    expect(trace.promptTokens[4999]).toBe(5000)
  })

  test("a Mooncake trace without hash ids has no content", () => {
    expect(readText('{"timestamp": 1000, "input_length": 6, "output_length": 5}\n').prefixes).toBeNull()
  })
})

test("a format that is named is not guessed", () => {
  expect(rowsOf(readText(samples.plain, { format: "plain" }))).toHaveLength(3)
})
