import { describe, expect, test } from "vitest"
import { makeTraceReader } from "../../../src/serving/workload/index.ts"
import { readPieces, readText, refusalOf, rowsOf, samples } from "./traces.ts"

const header = "arrival_seconds,prompt_tokens,output_tokens\n"
const tokens = "a whole number of tokens, at least 1"

describe("a bad row", () => {
  // Each stands in line 3, between two good rows.
  const rows: readonly (readonly [string, row: string, column: string | undefined, given: string, expected: string])[] =
    [
      ["negative tokens", "1,-5,10", "prompt_tokens", "-5", tokens],
      ["no tokens", "1,5,0", "output_tokens", "0", tokens],
      ["half a token", "1,5.5,10", "prompt_tokens", "5.5", tokens],
      ["more tokens than 2^31", "1,5,3e9", "output_tokens", "3e9", tokens],
      ["NaN", "NaN,5,10", "arrival_seconds", "NaN", "seconds of at least 0"],
      ["infinite time", "Infinity,5,10", "arrival_seconds", "Infinity", "seconds of at least 0"],
      ["infinite by its exponent", "1e999,5,10", "arrival_seconds", "1e999", "seconds of at least 0"],
      ["negative time", "-1,5,10", "arrival_seconds", "-1", "seconds of at least 0"],
      ["hexadecimal", "1,0x10,10", "prompt_tokens", "0x10", tokens],
      ["a word", "1,many,10", "prompt_tokens", "many", tokens],
      ["an empty field", "1,,10", "prompt_tokens", "nothing", tokens],
      [
        "time before the row above",
        "0.5,5,10",
        "arrival_seconds",
        "0.5",
        "a time not before the row above: sort the rows by time"
      ],
      ["a field short", "1,5", undefined, "1,5", "3 fields, as the header has"],
      ["a decimal comma", "1,0,5,10", undefined, "1,0,5,10", "3 fields, as the header has"],
      ["NUL", "1,5\0,10", undefined, "1,5\u00b7,10", "UTF-8 text: this is binary, or UTF-16"]
    ]
  test.each(rows)("with %s is refused with its line, or skipped and counted", (_what, row, column, given, expected) => {
    const text = `${header}1,100,10\n${row}\n2,200,20\n`
    expect(refusalOf(text)).toEqual({
      _tag: "BadTrace",
      name: "sample",
      line: 3,
      given,
      expected,
      ...(column === undefined ? {} : { column })
    })
    const trace = readText(text, { onBadRow: "skip" })
    expect(trace.skippedRows).toBe(1)
    expect(rowsOf(trace)).toEqual([
      [0, 100, 10],
      [1, 200, 20]
    ])
  })

  test.each([
    [
      "NaN",
      '{"timestamp": NaN, "input_length": 6, "output_length": 5}',
      "a JSON object, in which NaN and Infinity are no numbers"
    ],
    ["no JSON", '{"timestamp": 1, "input_le', "a whole JSON object on one line"],
    ["an array", "[1, 2, 3]", "a whole JSON object on one line"],
    [
      "a key missing",
      '{"timestamp": 1, "output_length": 5, "hash_ids": []}',
      "a key input_length, as in the first row"
    ],
    [
      "content of another length",
      '{"timestamp": 1, "input_length": 512, "output_length": 5, "hash_ids": [1, 2]}',
      "at most 1 whole numbers, one a block of 512 tokens of the prompt"
    ],
    [
      "content that is no list",
      '{"timestamp": 1, "input_length": 512, "output_length": 5, "hash_ids": 7}',
      "at most 1 whole numbers, one a block of 512 tokens of the prompt"
    ],
    [
      "content that is no number",
      '{"timestamp": 1, "input_length": 512, "output_length": 5, "hash_ids": [-1]}',
      "at most 1 whole numbers, one a block of 512 tokens of the prompt"
    ],
    ["null", '{"timestamp": 1, "input_length": null, "output_length": 5, "hash_ids": []}', tokens]
  ])("of JSON lines: %s", (_what, row, expected) => {
    const text = `${samples.mooncake.split("\n")[0]}\n${row}\n${samples.mooncake.split("\n")[1]}\n`
    expect(refusalOf(text)).toMatchObject({ line: 2, expected })
    const trace = readText(text, { onBadRow: "skip" })
    expect([trace.arrivalSeconds.length, trace.skippedRows]).toEqual([2, 1])
    // Nothing of the bad row is left in the columns of its content.
    expect(trace.prefixes!.first).toEqual(Int32Array.of(0, 2, 3))
  })

  test.each([
    "2023-02-30 10:00:00",
    "2023-13-01 10:00:00",
    "2023-01-01 24:00:00",
    "2023-01-01",
    "1700000000",
    "16.11.2023 18:17"
  ])("of Azure with the date %s", (date) => {
    const text = `TIMESTAMP,ContextTokens,GeneratedTokens\n${date},5,5\n2023-11-16 18:17:03.97,4,4\n`
    expect(refusalOf(text)).toMatchObject({ line: 2, column: "TIMESTAMP", given: date })
    expect(rowsOf(readText(text, { onBadRow: "skip" }))).toEqual([[0, 4, 4]])
  })

  test("a class without a name", () => {
    expect(refusalOf("arrival_seconds,prompt_tokens,output_tokens,class\n1,2,3,\n")).toMatchObject({
      line: 2,
      column: "class"
    })
  })

  test("cut off in the last line of the file", () => {
    expect(refusalOf(`${header}1,100,10\n2,2`)).toMatchObject({ line: 3, given: "2,2" })
    expect(refusalOf(samples.vllm.slice(0, -20))).toMatchObject({
      line: 2,
      expected: "a whole JSON object on one line"
    })
    expect(readText(`${header}1,100,10\n2,2`, { onBadRow: "skip" }).skippedRows).toBe(1)
  })

  test("the first of a trace that has no good row is what is told", () => {
    expect(refusalOf(`${header}1,-1,10\n2,2,x\n`, { onBadRow: "skip" })).toMatchObject({ line: 2, given: "-1" })
  })

  test("with CRLF is shown without its line end", () => {
    expect(refusalOf("arrival_seconds,prompt_tokens,output_tokens\r\n1,5\r\n").given).toBe("1,5")
  })

  test("a long field is shortened", () => {
    expect(refusalOf(`${header}1,${"9".repeat(500)},1\n`).given).toBe(`${"9".repeat(80)}...`)
  })
})

describe("a bad file", () => {
  // Whatever is to be done with bad rows.
  describe.each(["refuse", "skip"] as const)("onBadRow: %s", (onBadRow) => {
    test.each([
      ["nothing", "", "an empty file"],
      ["empty lines", "\n\r\n \n", "an empty file"],
      ["a header alone", header, "a header without rows"],
      [
        "failed requests alone",
        `${samples.burstgpt.split("\n")[0]}\n1,ChatGPT,5,0,5,API log\n`,
        "failed requests alone"
      ]
    ])("%s", (_what, text, given) => {
      expect(refusalOf(text, { onBadRow })).toMatchObject({ line: 0, given, expected: "at least one request" })
    })

    test.each([
      ["gzip", "\u001f\ufffd\b\0\0\0"],
      ["gzip", "\u001f\u008b\b\0\0\0"],
      ["zip", "PK\u0003\u0004\n"],
      ["zstd", "(\ufffd/\ufffd\u0004"],
      ["xz", "\ufffd7zXZ\0"],
      ["bzip2", "BZh91AY&SY"],
      ["Parquet", "PAR1\u0015\u0004"]
    ])("compressed with %s", (compression, text) => {
      const expected = { line: 1, given: `a ${compression} file`, expected: "text: decompress it first" }
      expect(refusalOf(text, { onBadRow })).toMatchObject(expected)
      expect(readPieces(text.split(""), { onBadRow })).toMatchObject(expected)
    })

    test("compressed is seen at once, before its first line ends", () => {
      const reader = makeTraceReader({ name: "big.csv.gz", onBadRow })
      expect(reader.push("\u001f")).toBeUndefined()
      expect(reader.push("\ufffd")).toMatchObject({ name: "big.csv.gz", given: "a gzip file" })
      expect(reader.push(header)).toMatchObject({ given: "a gzip file" })
      expect(reader.finish()).toMatchObject({ given: "a gzip file" })
    })

    test("binary, or UTF-16", () => {
      expect(refusalOf("\ufffd\ufffda\0r\0r\0\n\0", { onBadRow }).expected).toBe(
        "UTF-8 text: this is binary, or UTF-16"
      )
    })

    test("a column is missing", () => {
      expect(
        refusalOf("TIMESTAMP,ContextTokens\n2023-11-16 18:17:03.97,5\n", { onBadRow, format: "azure" })
      ).toMatchObject({
        line: 1,
        column: "GeneratedTokens",
        given: "TIMESTAMP, ContextTokens",
        expected: "a column GeneratedTokens, as azure traces have"
      })
    })

    test("columns of no format are answered with those of all", () => {
      const refusal = refusalOf("a,b\n1,2\n", { onBadRow })
      expect(refusal).toMatchObject({ line: 1, given: "a, b" })
      expect(refusal.expected).toMatch(
        /azure \(TIMESTAMP, ContextTokens, GeneratedTokens\); mooncake \(timestamp, input_length/
      )
    })

    test("no header", () => {
      expect(refusalOf("0,100,10\n1,200,20\n", { onBadRow })).toMatchObject({ line: 1, given: "0, 100, 10" })
    })

    test("a JSON array", () => {
      expect(refusalOf(`[${samples.vllm.split("\n")[0]}]`, { onBadRow })).toMatchObject({
        expected: "one JSON object a line, not a JSON array"
      })
    })
  })

  test("a line without end is refused after a million characters, in its first line and in a later one", () => {
    const piece = "1".repeat(2 ** 16)
    for (const [beginning, line] of [
      ["", 1],
      [`${header}0,1,2\n`, 3]
    ] as const) {
      const reader = makeTraceReader({ name: "endless", onBadRow: "refuse" })
      let pushed = 0
      let refusal = reader.push(beginning)
      while (refusal === undefined && pushed < 100) {
        refusal = reader.push(piece)
        pushed++
      }
      expect(refusal).toMatchObject({ line, expected: "one request a line, of at most 1,048,576 characters" })
      expect(pushed).toBe(17)
    }
  })

  test("a row without end is passed over where rows may be skipped", () => {
    const piece = "1".repeat(2 ** 16)
    const endless = Array.from({ length: 40 }, () => piece)
    const trace = readPieces([`${header}0,1,2\n`, ...endless, "\n3,4,5\n", ...endless], { onBadRow: "skip" })
    expect(trace).toMatchObject({ skippedRows: 2, promptTokens: Int32Array.of(1, 4) })
  })
})
