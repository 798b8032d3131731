/**
 * Formats of recorded workloads, as they are published. Each row is a request; a format says which columns (CSV) or keys (one
 * JSON object a line) hold its time and its tokens, and in which unit.
 *
 * - `azure`: Azure LLM inference traces 2023 (Patel et al., Splitwise) and 2024 (Stojkovic et al., DynamoLLM); CSV, dates.
 *   github.com/Azure/AzurePublicDataset
 * - `mooncake`: traces of Moonshot AI's Kimi (Qin et al. 2024, Mooncake); JSON lines, milliseconds, each prompt's content as
 *   ids of blocks of 512 tokens. github.com/kvcache-ai/Mooncake
 * - `burstgpt`: BurstGPT (Wang et al. 2024); CSV, seconds. A request that failed has 0 response tokens; the publishers'
 *   files "without fails" leave these rows out, and so does the reader.
 * - `sharegpt`: lengths of ShareGPT conversations as LLMServingSim prepares them; JSON lines, nanoseconds.
 * - `vllm`: one line a request as logged while vLLM ran a benchmark; JSON lines, seconds since 1970.
 * - `vidur`: lengths as Vidur uses them; CSV, with times (`arrived_at`, seconds) or without: then all requests come at 0.
 * - `plain`: our own; CSV or JSON lines, seconds. The table of requests that a run writes is one.
 */
import { dateTime, numericTime, type TimeReader } from "./timestamp.ts"

export const traceFormatNames = ["azure", "mooncake", "burstgpt", "sharegpt", "vllm", "vidur", "plain"] as const
export type TraceFormatName = (typeof traceFormatNames)[number]

/** What a column means. */
export type Role = "time" | "prompt" | "output" | "blocks" | "class"

export interface TraceFormat {
  /** Names of the columns, as published; compared without case, spaces and underscores. */
  readonly columns: Readonly<Partial<Record<Role, string>>>
  /** Other names for a column. */
  readonly aliases?: Readonly<Partial<Record<Role, string>>>
  /** Columns that a trace of the format may lack. */
  readonly optional: readonly Role[]
  readonly makeTimeReader: () => TimeReader
  /** The right time, for a refusal. */
  readonly timeExpected: string
  /** Tokens of a block of `blocks`. */
  readonly blockTokens: number
  /** Rows of 0 output tokens are requests that failed, to be left out. */
  readonly areFailuresListed: boolean
}

const seconds = {
  optional: [],
  makeTimeReader: () => numericTime(1),
  timeExpected: "seconds of at least 0",
  blockTokens: 0,
  areFailuresListed: false
}

export const traceFormats: Readonly<Record<TraceFormatName, TraceFormat>> = {
  azure: {
    ...seconds,
    columns: { time: "TIMESTAMP", prompt: "ContextTokens", output: "GeneratedTokens" },
    makeTimeReader: dateTime,
    timeExpected: "a date and time such as 2023-11-16 18:17:03.9799600"
  },
  mooncake: {
    ...seconds,
    columns: { time: "timestamp", prompt: "input_length", output: "output_length", blocks: "hash_ids" },
    optional: ["blocks"],
    makeTimeReader: () => numericTime(1000),
    timeExpected: "milliseconds of at least 0",
    blockTokens: 512
  },
  burstgpt: {
    ...seconds,
    columns: { time: "Timestamp", prompt: "Request tokens", output: "Response tokens" },
    areFailuresListed: true
  },
  sharegpt: {
    ...seconds,
    columns: { time: "arrival_time_ns", prompt: "input_toks", output: "output_toks" },
    makeTimeReader: () => numericTime(1e9),
    timeExpected: "nanoseconds of at least 0"
  },
  vllm: { ...seconds, columns: { time: "arrival_time", prompt: "input_toks", output: "output_toks" } },
  vidur: {
    ...seconds,
    columns: { time: "arrived_at", prompt: "num_prefill_tokens", output: "num_decode_tokens" },
    optional: ["time"]
  },
  plain: {
    ...seconds,
    columns: { time: "arrival_seconds", prompt: "prompt_tokens", output: "output_tokens", class: "class" },
    aliases: { time: "arrival_s" },
    optional: ["class"]
  }
}

/** Where each role's column stands in a header: its name as the file writes it, and its place. */
export type Placement = Readonly<Partial<Record<Role, { readonly name: string; readonly place: number }>>>

/** The columns of a format in a header, or the name of the first one that is missing. */
export const placeColumns = (format: TraceFormat, header: readonly string[]): Placement | string => {
  const known = header.map(plainName)
  const placement: Partial<Record<Role, { readonly name: string; readonly place: number }>> = {}
  for (const [role, name] of Object.entries(format.columns) as [Role, string][]) {
    const names = [name, format.aliases?.[role] ?? name].map(plainName)
    const place = known.findIndex((column) => names.includes(column))
    if (place >= 0) placement[role] = { name: header[place]!, place }
    else if (!format.optional.includes(role)) return name
  }
  return placement
}

/** The first format whose required columns are all in a header. */
export const recognise = (header: readonly string[]): TraceFormatName | undefined =>
  traceFormatNames.find((name) => typeof placeColumns(traceFormats[name], header) !== "string")

/** All formats with their columns, for a refusal. */
export const formatList = (): string =>
  traceFormatNames
    .map((name) => {
      const { columns, optional } = traceFormats[name]
      const required = (Object.entries(columns) as [Role, string][]).filter(([role]) => !optional.includes(role))
      return `${name} (${required.map(([, column]) => column).join(", ")})`
    })
    .join("; ")

const plainName = (name: string): string => name.toLowerCase().replaceAll(/[\s_]/g, "")
