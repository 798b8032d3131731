import { beforeAll, describe, expect, test } from "vitest"
import {
  compareLog,
  mappedLogOf,
  predictServing,
  readLogMeta,
  readRequestLog,
  shippedKernelProfile,
  shippedLogRows,
  shippedRequestLog,
  type InferenceRow,
  type LogMeta,
  type RequestLogFile
} from "../../src/validation/index.ts"

const metaText = JSON.stringify({
  model: "meta-llama/Llama-3.1-8B",
  vllm_version: "0.19.0",
  engine_kwargs: { tensor_parallel_size: 1, max_num_seqs: 256, max_num_batched_tokens: 2048, surprising: {} },
  kv_cache: { num_gpu_blocks: 2588, block_size: 16 },
  hardware: { device_name: "NVIDIA GeForce RTX 4090", device_count: 1 }
})

const meta = readLogMeta(metaText, "meta.json") as LogMeta

const row = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    request_id: "bench-0",
    input_toks: 100,
    output_toks: 11,
    arrival_time: 1000,
    queued_ts: 5,
    first_token_ts: 5.5,
    last_token_ts: 6.5,
    ...changes
  })

describe("the log of a real vLLM server, replayed with its arrival times", () => {
  let rows: readonly InferenceRow[]
  beforeAll(async () => {
    rows = await shippedLogRows(predictServing)
  })
  const error = (metric: string, id = "RTX4090_Llama-3.1-8B"): number => {
    const found = rows.find((one) => one.id === id && one.metric === metric)
    if (found?.error === undefined || found.error === null)
      throw new Error(`${id} ${metric}: ${found?.reason ?? "no row"}`)
    return Math.abs(found.error)
  }

  test("is what was measured: 300 requests, 65.5 s to the first token, 32.4 ms a token, 1,066 tokens/s", () => {
    const measured = (metric: string) => rows.find((one) => one.metric === metric)?.measured
    expect(measured("ttft_ms")).toBeCloseTo(65_486, -1)
    expect(measured("tpot_ms")).toBeCloseTo(32.45, 1)
    expect(measured("tokens_per_s")).toBeCloseTo(1066.4, 0)
  })

  test("with the analytic kernels: mean time a token within 8 %, to the first token 20 %, throughput 5 %", () => {
    expect(error("tpot_ms")).toBeLessThan(0.08)
    expect(error("ttft_ms")).toBeLessThan(0.2)
    expect(error("tokens_per_s")).toBeLessThan(0.05)
  })

  test("with the measured kernels of its machine: mean time a token within 2 %, its p99 4 %, to the first token 6 %", () => {
    const id = "RTX4090_Llama-3.1-8B with measured kernels"
    expect(error("tpot_ms", id)).toBeLessThan(0.02)
    expect(error("tpot_p99_ms", id)).toBeLessThan(0.04)
    expect(error("ttft_ms", id)).toBeLessThan(0.06)
  })
})

describe("a log of one's own", () => {
  test("is read line by line, in any order, with the engine's clock laid over the client's", () => {
    const text = [row({ arrival_time: 1002, queued_ts: 7.25, first_token_ts: 8, last_token_ts: 9 }), "", row()].join(
      "\r\n"
    )
    const log = readRequestLog(text, "some/where/mine_requests.jsonl", meta) as RequestLogFile
    expect(log).toMatchObject({ name: "mine", arrival: [0, 2], prompt: [100, 100], output: [11, 11] })
    // The second request was queued 0.25 s after it arrived, the first one at once.
    expect(log.firstToken[0]).toBeCloseTo(0.5)
    expect(log.firstToken[1]).toBeCloseTo(3)
  })

  test("becomes a scenario with the server's own limits and its arrivals as a trace", () => {
    const log = readRequestLog(`${row()}\n${row({ arrival_time: 1001 })}`, "mine.jsonl", meta) as RequestLogFile
    const mapped = mappedLogOf(log)
    expect("runs" in mapped && mapped.runs[0]?.scenario).toMatchObject({
      cluster: { accelerators: 1 },
      model: "llama-3.1-8b",
      serving: {
        stack: "vllm-v1",
        version: "0.19.0",
        precision: "bf16",
        batching: { maxBatchSize: 256, maxBatchTokens: 2048 },
        kvCache: { blocks: 2588, blockTokens: 16 }
      },
      workload: { arrivals: { trace: { format: "plain" } }, requests: 2 }
    })
  })

  test.each([
    ["{", 1, /not JSON/],
    [`${row()}\n${row({ input_toks: 0 })}`, 2, /input_toks/],
    [`${row()}\n${row({ arrival_time: "noon" })}`, 2, /arrival_time/],
    [`${row()}\n\n${row({ last_token_ts: 1 })}`, 3, /before first_token_ts/],
    ["", 0, /no requests/]
  ])("%j is refused with its line", (text, line, problem) => {
    const read = readRequestLog(text, "mine.jsonl", meta)
    expect(read).toMatchObject({ _tag: "LogIssue", line })
    expect("problem" in read && read.problem).toMatch(problem)
  })

  test.each([
    ["[", /not JSON/],
    ["{}", /model/],
    [JSON.stringify({ model: "m", hardware: { device_name: 5 } }), /hardware\.device_name/]
  ])("the description %j is refused", (text, problem) => {
    const read = readLogMeta(text, "meta.json")
    expect("problem" in read && read.problem).toMatch(problem)
  })

  test("of a mixture of experts on two workstation cards is replayed on them", () => {
    const other = {
      ...meta,
      model: "Qwen/Qwen3-30B-A3B-Instruct-2507",
      engine_kwargs: { tensor_parallel_size: 2, enable_expert_parallel: true, dtype: "auto" },
      kv_cache: null,
      hardware: { device_name: "NVIDIA RTX PRO 6000 Blackwell Server Edition", device_count: 2 }
    }
    const log = readRequestLog(`${row()}\n${row({ arrival_time: 1001 })}`, "mine.jsonl", other) as RequestLogFile
    const rows = compareLog(log, predictServing)
    expect(rows.map(({ accelerator }) => accelerator)).toEqual(rows.map(() => "rtx-pro-6000-blackwell"))
    expect(rows.find(({ metric }) => metric === "tpot_ms")?.predicted).toBeGreaterThan(1)
  })

  test("on a machine that nobody knows is one row with the reason", async () => {
    const log = await shippedRequestLog()
    const strange = { ...log, meta: { ...log.meta, hardware: { device_name: "TPU v7" } } }
    expect(compareLog(strange, predictServing)).toMatchObject([
      { predicted: null, reason: "the accelerator is not in the catalogue" }
    ])
  })
})

test("the kernel profile of the same machine is shipped as the three files that were published", async () => {
  const { prefix, files } = await shippedKernelProfile()
  expect(files.map(({ name }) => name)).toEqual([
    `${prefix}_dense.csv`,
    `${prefix}_per_sequence.csv`,
    `${prefix}_attention.csv`
  ])
  const lines = files.map(({ text }) => text.split("\n"))
  expect(lines.map(({ length }) => length)).toEqual([1369, 81, 8644])
  expect(lines[0]?.slice(0, 2)).toEqual(["layer,tokens,time_us", "act_fn,1,2.592"])
  expect(lines[2]?.[1]).toBe("0,0,1,16,9.31067")
})
