/**
 * The output of nccl-tests (and rccl-tests) as a measured collective: all_reduce_perf, all_gather_perf, reduce_scatter_perf,
 * alltoall_perf, broadcast_perf, sendrecv_perf (NVIDIA/nccl-tests, src/common.cu).
 *
 * A row is size, count, type, redop, root, then time (us), algbw, busbw and #wrong out of place, and the same in place. The size is that
 * of the larger buffer of a rank, as `planCollective` counts it.
 */
import type { CollectiveKind, MeasuredCollective } from "./measured-collective.ts"

export interface CollectiveTableError {
  readonly _tag: "CollectiveTableError"
  /** Counted from 1. */
  readonly line: number
  readonly given: string
  readonly expected: string
}

const programs: readonly (readonly [RegExp, CollectiveKind])[] = [
  [/all_?reduce/i, "allReduce"],
  [/all_?gather/i, "allGather"],
  [/reduce_?scatter/i, "reduceScatter"],
  [/all_?to_?all/i, "allToAll"],
  [/broadcast/i, "broadcast"],
  [/send_?recv/i, "sendReceive"]
]

/** Microseconds in eleven days, and a petabyte: nobody measures beyond. */
const longest = 1e12
const largest = 1e15

const refuse = (line: number, given: string, expected: string): CollectiveTableError => ({
  _tag: "CollectiveTableError",
  line,
  given: given.trim().slice(0, 60),
  expected
})

/** What mpirun puts in front of a line: `[1,0]<stdout>:`. */
const prefix = /^\[\d+,\d+\]<std(?:out|err)>:/
const rankLine = /^#\s+Rank\s+(\d+)\b.*?\bon\s+(\S+)\s+device/
const startLine = /^#\s*Collective test starting:\s*(\S+)/

interface Row {
  readonly bytes: number
  readonly seconds: number
  readonly redop: string
  /** Bus over algorithm bandwidth, which tells an all-reduce from its parts. */
  readonly ratio: number
  readonly line: number
}

/** Microseconds of a row: in place where that was measured, as frameworks run it. */
const rowOf = (text: string, line: number): Row | CollectiveTableError | undefined => {
  const cells = text.trim().split(/\s+/)
  if (!/^\d+$/.test(cells[0] ?? "")) return undefined
  // With the root 13 columns, or 9 of one run; without it, as it was before 2021, one fewer.
  const first = { 13: 5, 9: 5, 12: 4, 8: 4 }[cells.length]
  if (first === undefined)
    return refuse(
      line,
      text,
      "a row of nccl-tests: size, count, type, redop, root, and two times with their bandwidths"
    )
  const [outside, algorithm, bus] = [cells[first], cells[first + 1], cells[first + 2]].map(Number)
  const inside = Number(cells[first + 4])
  const time = inside > 0 ? inside : (outside ?? Number.NaN)
  if (!(time > 0 && time <= longest))
    return refuse(line, text, "a time above 0 us, and of days at most, out of place or in place")
  if (!(Number(cells[0]) <= largest)) return refuse(line, text, "a size of at most 1 PB")
  return {
    bytes: Number(cells[0]),
    seconds: time * 1e-6,
    redop: cells[3] ?? "",
    ratio: algorithm !== undefined && algorithm > 0 && bus !== undefined ? bus / algorithm : Number.NaN,
    line
  }
}

/**
 * Reads what one of its programs printed.
 *
 * @param name the file's name, which may say which program
 */
export const parseNcclTests = (name: string, text: string): MeasuredCollective | CollectiveTableError => {
  const rows: Row[] = []
  const hosts = new Set<string>()
  const ranks = new Set<number>()
  let started: string | undefined
  let devices: number | undefined
  const lines = text.split(/\r?\n/)
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] ?? "").replace(prefix, "").trim()
    const [, rank, host] = rankLine.exec(line) ?? []
    if (rank !== undefined && host !== undefined) {
      ranks.add(Number(rank))
      hosts.add(host)
    }
    started ??= startLine.exec(line)?.[1] ?? /(?:^|[\s/])(\w+_perf)\b/.exec(line)?.[1]
    devices ??= devicesOf(line)
    if (line === "" || line.startsWith("#")) continue
    const row = rowOf(line, index + 1)
    if (row === undefined) continue
    if ("_tag" in row) return row
    // Time for nothing cannot be interpolated.
    if (row.bytes > 0) rows.push(row)
  }
  const [first] = rows
  if (first === undefined)
    return refuse(1, lines[0] ?? "", "the output of nccl-tests: at least one row of sizes and times under its header")
  const kind = kindOf(started, name, rows)
  const listed = ranks.size > 0 ? ranks.size : (devices ?? 0)
  const count = listed > 1 ? listed : ranksBy(kind, rows)
  if (kind !== undefined && (count === undefined || count < 2))
    return refuse(
      1,
      lines[0] ?? "",
      "the header of nccl-tests, with a line such as `#  Rank  0 ... on node1 device  0` for each of at least two ranks"
    )
  if (kind === undefined || count === undefined)
    return refuse(
      first.line,
      lines[first.line - 1] ?? "",
      "which collective it is: name the file after its program, such as all_gather_perf.txt"
    )
  return table(name, kind, count, hosts.size === 0 ? undefined : hosts.size, rows)
}

/** `# nThread 1 nGpus 8 minBytes ...`: ranks of one process, where the ranks are not listed. */
const devicesOf = (line: string): number | undefined => {
  const [, threads, gpus] = /^#\s*nThreads?:?\s+(\d+)\s+nGpus:?\s+(\d+)/.exec(line) ?? []
  return threads === undefined || gpus === undefined ? undefined : Number(threads) * Number(gpus)
}

/** By the program's name; an all-reduce also by its bus bandwidth, which alone may be above its algorithm bandwidth. */
const kindOf = (started: string | undefined, name: string, rows: readonly Row[]): CollectiveKind | undefined => {
  for (const said of [started, name.replace(/^.*[/\\]/, "")])
    for (const [pattern, kind] of programs) if (said !== undefined && pattern.test(said)) return kind
  return rows.every(({ redop }) => redop !== "none") && ratioOf(rows) > 1.05 ? "allReduce" : undefined
}

/** Bus over algorithm bandwidth at the largest size, where rounding matters least. */
const ratioOf = (rows: readonly Row[]): number =>
  rows.filter(({ ratio }) => Number.isFinite(ratio)).toSorted((one, other) => other.bytes - one.bytes)[0]?.ratio ?? 0

/** Ranks that the two bandwidths tell: their ratio is 2 (n - 1) / n of an all-reduce, (n - 1) / n of its parts. */
const ranksBy = (kind: CollectiveKind | undefined, rows: readonly Row[]): number | undefined => {
  if (kind === undefined || kind === "broadcast" || kind === "sendReceive") return undefined
  const share = ratioOf(rows) / (kind === "allReduce" ? 2 : 1)
  const ranks = Math.round(1 / (1 - share))
  // Of many ranks the ratio says too little.
  return ranks >= 2 && ranks <= 64 ? ranks : undefined
}

/** Rows by size; of several runs of a size their geometric mean. */
const table = (
  name: string,
  kind: CollectiveKind,
  ranks: number,
  nodes: number | undefined,
  rows: readonly Row[]
): MeasuredCollective => {
  const logs = new Map<number, number[]>()
  for (const { bytes, seconds } of rows) logs.set(bytes, [...(logs.get(bytes) ?? []), Math.log(seconds)])
  const sizes = [...logs.keys()].toSorted((one, other) => one - other)
  const mean = (values: readonly number[]): number =>
    Math.exp(values.reduce((sum, value) => sum + value, 0) / values.length)
  return {
    name,
    kind,
    ranks,
    nodes,
    bytes: Float64Array.from(sizes),
    seconds: Float64Array.from(sizes, (size) => mean(logs.get(size) ?? []))
  }
}
