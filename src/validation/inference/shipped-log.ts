/**
 * The request log that ships with the product (one RTX 4090), and the kernel profile of the same machine as files in the
 * format in which it was published.
 */
import { logOfRows, type LogMeta, type RequestLogFile } from "./request-log.ts"

/** A file that is not on any disk. */
export interface VirtualFile {
  readonly name: string
  readonly text: string
}

interface PackedCurves {
  readonly layers: Readonly<Record<string, readonly number[]>>
}

interface PackedProfile {
  readonly name: string
  readonly dense: PackedCurves & { readonly tokens: readonly number[] }
  readonly perSequence: PackedCurves & { readonly sequences: readonly number[] }
  /** Seconds on the grid of the four axes, the last one fastest; null where nothing was measured. */
  readonly attention: {
    readonly prefillChunk: readonly number[]
    readonly prefillContext: readonly number[]
    readonly decodes: readonly number[]
    readonly decodeContext: readonly number[]
    readonly rows: readonly (readonly (number | null)[])[]
  }
}

export const shippedRequestLog = async (): Promise<RequestLogFile> => {
  const packed = (await import("../data/inference/rtx4090-request-log.json", { with: { type: "json" } })).default
  const meta: LogMeta = packed.meta
  const rows = packed.rows.map(([arrival = 0, input = 0, output = 0, queued = 0, first = 0, last = 0]) => ({
    arrival_time: arrival,
    input_toks: input,
    output_toks: output,
    queued_ts: queued,
    first_token_ts: first,
    last_token_ts: last
  }))
  return logOfRows(packed.name, meta, rows)
}

/** The profile's CSV files, named as LLMServingSim names them. */
export const shippedKernelProfile = async (): Promise<{
  readonly prefix: string
  readonly files: readonly VirtualFile[]
}> => {
  const packed: PackedProfile = (
    await import("../data/inference/rtx4090-kernel-profile.json", { with: { type: "json" } })
  ).default
  const curves = (head: string, at: readonly number[], { layers }: PackedCurves): string =>
    [
      `layer,${head},time_us`,
      ...Object.entries(layers).flatMap(([layer, times]) =>
        times.map((time, index) => `${layer},${at[index] ?? ""},${time}`)
      )
    ].join("\n")
  const files = [
    { name: `${packed.name}_dense.csv`, text: curves("tokens", packed.dense.tokens, packed.dense) },
    {
      name: `${packed.name}_per_sequence.csv`,
      text: curves("sequences", packed.perSequence.sequences, packed.perSequence)
    },
    { name: `${packed.name}_attention.csv`, text: attentionText(packed.attention) }
  ]
  return { prefix: packed.name, files }
}

const attentionText = ({
  prefillChunk,
  prefillContext,
  decodes,
  decodeContext,
  rows
}: PackedProfile["attention"]): string => {
  const lines = ["prefill_chunk,kv_prefill,n_decode,kv_decode,time_us"]
  let row = 0
  for (const chunk of prefillChunk)
    for (const context of prefillContext) {
      const times = rows[row++] ?? []
      let cell = 0
      for (const sequences of decodes)
        for (const cached of decodeContext) {
          const time = times[cell++]
          if (time !== null && time !== undefined) lines.push(`${chunk},${context},${sequences},${cached},${time}`)
        }
    }
  return lines.join("\n")
}
