/**
 * Memory of a replica's accelerators over a run: what is set aside for good, and the keys and values that come and go.
 */
import type { Server, ServingJob, ServingLog } from "../types.ts"

export interface ServingMemoryPart {
  readonly kind: "weights" | "activations" | "overhead" | "keyValue"
  readonly name: string
  readonly bytes: number
}

/** Of the fullest accelerator of a replica. */
export interface ServingMemory {
  readonly replica: number
  readonly capacityBytes: number
  /** What the engine lets itself use. */
  readonly usableBytes: number
  /** What the engine sets aside when it starts, the largest first; the cache with all its blocks. */
  readonly parts: readonly ServingMemoryPart[]
  /** The most blocks in use, and when about: as far as the recorded series shows. */
  readonly peak: { readonly seconds: number; readonly blocks: number; readonly bytes: number }
  readonly course: { readonly seconds: Float64Array; readonly keyValueBytes: Float64Array }
}

/** Replicas of all pools, in the order of the log. */
const serversOf = (job: ServingJob): readonly Server[] =>
  (job.pools ?? [job]).flatMap((pool) => Array.from({ length: pool.replicas }, () => pool))

/**
 * Memory of a replica, else of the one that used most of its cache.
 *
 * @returns undefined where there is no such replica
 */
export const servingMemory = (
  job: ServingJob,
  { replicas }: Pick<ServingLog, "replicas">,
  wanted?: number
): ServingMemory | undefined => {
  const servers = serversOf(job)
  const all = replicas.flatMap((log, replica) => {
    const server = servers[replica] ?? servers[0]
    return server === undefined ? [] : [courseOf(server, replica, log)]
  })
  if (wanted !== undefined) return all[wanted]
  return all.reduce<ServingMemory | undefined>(
    (most, one) => (most === undefined || one.peak.bytes > most.peak.bytes ? one : most),
    undefined
  )
}

const courseOf = (
  { memory, cache, target }: Server,
  replica: number,
  { totals, series: { time, usedBlocks } }: ServingLog["replicas"][number]
): ServingMemory => {
  // Blocks of a replica are those of all its data-attention groups; an accelerator holds those of one.
  const bytesPerBlock = (cache.blockTokens * memory.keyValueBytesPerToken) / target.layout.dataAttention
  const at = usedBlocks.reduce((best, blocks, index) => (blocks > (usedBlocks[best] ?? 0) ? index : best), 0)
  // Long runs thin their series: the peak itself is a total.
  const blocks = Math.max(totals.peakBlocks, usedBlocks[at] ?? 0)
  const parts: readonly ServingMemoryPart[] = [
    { kind: "weights", name: `weights in ${target.precision}`, bytes: memory.weights },
    { kind: "activations", name: "activations of the largest step", bytes: memory.activations },
    { kind: "overhead", name: "context, communicators, captured graphs", bytes: memory.overhead },
    {
      kind: "keyValue",
      name: `${cache.blocks} blocks of ${cache.blockTokens} tokens`,
      bytes: cache.blocks * cache.blockTokens * memory.keyValueBytesPerToken
    }
  ]
  return {
    replica,
    capacityBytes: memory.capacityBytes,
    usableBytes: memory.usableBytes,
    parts: parts.filter(({ bytes }) => bytes > 0).toSorted((one, other) => other.bytes - one.bytes),
    peak: { seconds: time[at] ?? 0, blocks, bytes: blocks * bytesPerBlock },
    course: { seconds: time, keyValueBytes: usedBlocks.map((used) => used * bytesPerBlock) }
  }
}
