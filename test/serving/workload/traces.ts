/** Reads traces from literal text, for the tests. */
import {
  isTraceRefusal,
  makeTraceReader,
  type TraceReaderOptions,
  type TraceRefusal
} from "../../../src/serving/workload/index.ts"
import type { RequestTrace } from "../../../src/serving/types.ts"

/** Pushes the pieces one after the other. */
export const readPieces = (
  pieces: readonly string[],
  options: Partial<TraceReaderOptions> = {}
): RequestTrace | TraceRefusal => {
  const reader = makeTraceReader({ name: "sample", onBadRow: "refuse", ...options })
  for (const piece of pieces) reader.push(piece)
  return reader.finish()
}

export const readText = (text: string, options: Partial<TraceReaderOptions> = {}): RequestTrace => {
  const trace = readPieces([text], options)
  if (isTraceRefusal(trace)) throw new Error(JSON.stringify(trace))
  return trace
}

export const refusalOf = (text: string, options: Partial<TraceReaderOptions> = {}): TraceRefusal => {
  const refusal = readPieces([text], options)
  if (!isTraceRefusal(refusal)) throw new Error(`read ${refusal.arrivalSeconds.length} rows`)
  return refusal
}

/** The numbers of a trace, a row a request. */
export const rowsOf = (trace: RequestTrace): readonly (readonly number[])[] =>
  Array.from(trace.arrivalSeconds, (seconds, row) => [seconds, trace.promptTokens[row]!, trace.outputTokens[row]!])

/** The first lines of published traces, and of our own formats. */
export const samples = {
  azure2023:
    "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:17:03.9799600,4808,10\r\n2023-11-16 18:17:04.0319600,3180,8\r\n2023-11-16 18:17:04.0781490,110,27",
  azure2024:
    "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00.009930+00:00,2162,5\n2024-05-10 00:00:00.017335+00:00,2399,6\n2024-05-10 02:00:01.009930+02:00,76,15\n",
  mooncake:
    '{"timestamp": 0, "input_length": 600, "output_length": 500, "hash_ids": [0, 1]}\n{"timestamp": 3000, "input_length": 512, "output_length": 490, "hash_ids": [0]}\n{"timestamp": 3000, "input_length": 1025, "output_length": 3, "hash_ids": [0, 2, 3]}\n',
  burstgpt:
    "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,230,1317,Conversation log\n118,GPT-4,417,0,417,Conversation log\n185,ChatGPT,1360,126,1486,API log\n",
  sharegpt:
    '{"input_toks": 2358, "output_toks": 531, "arrival_time_ns": 46926808, "prefix_hit_toks_upper_bound": 0}\n{"input_toks": 1034, "output_toks": 769, "arrival_time_ns": 347938951, "prefix_hit_toks_upper_bound": 0}\n',
  vllm: '{"request_id": "bench-0", "input_toks": 2358, "output_toks": 531, "arrival_time": 1787267980.0827403, "queued_ts": 27536.66, "scheduled_ts": 27536.66, "first_token_ts": 27537.35, "last_token_ts": 27554.23}\n{"request_id": "bench-1", "input_toks": 1034, "output_toks": 769, "arrival_time": 1787267980.3478317, "queued_ts": 27537.04, "scheduled_ts": 27537.04, "first_token_ts": 27537.35, "last_token_ts": 27562.27}\n',
  vidur: "num_prefill_tokens,num_decode_tokens,num_total_tokens,pd_ratio\n3772,54,3826,69.85\n2015,156.0,2171,12.91\n",
  plain: "arrival_seconds,prompt_tokens,output_tokens,class\n0,100,10,chat\n0.5,200,20,code\n1e1,300,30,chat\n",
  plainLines:
    '{"arrival_seconds": 0, "prompt_tokens": 100, "output_tokens": 10, "class": "chat"}\n{"arrival_seconds": 0.5, "prompt_tokens": 200, "output_tokens": 20, "class": "code"}\n'
} as const
