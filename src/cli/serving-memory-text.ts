/**
 * The memory of a replica, as a table that a terminal shows, as rows over time and for a document.
 */
import type { ServingMemory } from "../serving/index.ts"
import { formatBytes, formatCount, formatPercent, formatSeconds } from "../units/index.ts"
import { hanging } from "./wrapping.ts"

const allOf = ({ parts }: ServingMemory): number => parts.reduce((sum, { bytes }) => sum + bytes, 0)

export const servingMemoryText = (memory: ServingMemory): string => {
  const { replica, capacityBytes, usableBytes, parts, peak } = memory
  const all = allOf(memory)
  const cache = parts.find(({ kind }) => kind === "keyValue")?.bytes ?? 0
  return [
    ...hanging(
      "memory",
      `replica ${replica} sets ${formatBytes(all)} aside on its fullest accelerator, which has ${formatBytes(capacityBytes)} that software sees; the engine may use ${formatBytes(usableBytes)}`,
      8
    ),
    `${"bytes".padStart(10)}${"share".padStart(8)}  set aside when the server starts`,
    ...parts.map(
      ({ name, bytes }) => `${formatBytes(bytes).padStart(10)}${formatPercent(bytes / all).padStart(8)}  ${name}`
    ),
    ...hanging(
      "",
      `of the cache at most ${formatBytes(peak.bytes)} (${formatPercent(cache === 0 ? 0 : peak.bytes / cache)}) were in use: ${formatCount(peak.blocks)} blocks, around ${formatSeconds(peak.seconds)}`,
      2
    )
  ].join("\n")
}

/** Bytes on the fullest accelerator over time: what stays, and the part of the cache that is in use. */
export function* servingMemoryCsv({ parts, course }: ServingMemory): Generator<string> {
  const of = (kind: string): number => parts.find((part) => part.kind === kind)?.bytes ?? 0
  const fixed = [of("weights"), of("activations"), of("overhead")].join(",")
  yield "seconds,weights,activations,overhead,kv_cache,kv_in_use\n"
  for (const [index, seconds] of course.seconds.entries())
    yield `${seconds},${fixed},${of("keyValue")},${course.keyValueBytes[index] ?? 0}\n`
}

/** Without its course, which is a table of its own. */
export const servingMemoryDocument = ({ course: _inFile, ...memory }: ServingMemory) => memory
