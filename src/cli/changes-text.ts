/**
 * Changes that were simulated, as lines of a message: what to set, and what comes of it.
 */
import { changeText, type Mended, type ServingAlternative } from "../scenario/index.ts"
import { formatBytes, formatCount, formatPercent, formatSeconds } from "../units/index.ts"
import { columns, wrapped } from "./wrapping.ts"

/** A change and what comes of it in columns; below it where the change is long. */
const inColumns = (changes: string, width: number, outcome: string): string => {
  if (changes.length < width) return `${changes.padEnd(width)}${outcome}`
  const lines = wrapped(changes.split(", "), ", ", columns - 6)
  return `${lines.join(",\n    ")}\n${" ".repeat(width + 2)}${outcome}`
}

/** "pipeline: 12            107 s  59.9 GB of 80 GB" */
export const trainingChangeLine = ({ changes, result }: Mended): string => {
  const { fullest, capacityBytes } = result.memory
  const memory = `${formatBytes(fullest.peakBytes)} of ${formatBytes(capacityBytes)}`
  return inColumns(changeText(changes), 44, `${formatSeconds(result.iterationSeconds).padStart(8)}  ${memory}`)
}

/** "recompute: full         58.2 GB  +31.0 % iteration" */
export const fittingChangeLine = ({ changes, result }: Mended, iterationSeconds: number): string => {
  const slower = result.iterationSeconds / iterationSeconds - 1
  const cost = `${slower > 0 ? "+" : ""}${formatPercent(slower)} iteration`
  return inColumns(changeText(changes), 44, `${formatBytes(result.memory.fullest.peakBytes).padStart(9)}  ${cost}`)
}

/** "tensor: 2            KV for 1,024 tokens     12.1 ms/token" */
export const servingChangeLine = ({ changes, job, tokenSeconds }: ServingAlternative): string => {
  const room = `KV for ${formatCount(job.cache.blocks * job.cache.blockTokens)} tokens`
  return inColumns(changeText(changes), 36, `${room.padEnd(24)}${formatSeconds(tokenSeconds)}/token`)
}
