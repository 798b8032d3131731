/**
 * The memory of a rank at its peak, as a table that a terminal shows: what is alive, how much, since when and until when.
 */
import type { Allocation, MemorySnapshot } from "../training/index.ts"
import { formatBytes, formatSeconds } from "../units/index.ts"
import { hanging } from "./wrapping.ts"

/** Allocations that are alike, in one line. */
interface Line {
  readonly name: string
  readonly bytes: number
  readonly since: string
  readonly until: string
}

const mostLines = 24
/** Columns of a name: with bytes, share and two times a line has 80. */
const nameWidth = 45

export const memoryText = (snapshot: MemorySnapshot): string => {
  const { rank, stage, capacityBytes, peak } = snapshot
  const lines = linesOf(snapshot)
  const shown = lines.slice(0, mostLines)
  const rest = lines.slice(mostLines).reduce((sum, { bytes }) => sum + bytes, 0)
  const row = ({ name, bytes, since, until }: Line): string =>
    `${formatBytes(bytes).padStart(9)}${`${((100 * bytes) / peak.bytes).toFixed(0)} %`.padStart(6)}  ${name.padEnd(nameWidth)}${since.padStart(9)}${until.padStart(9)}`.trimEnd()
  return [
    ...hanging(
      "memory",
      `rank ${rank} (stage ${stage}) holds ${formatBytes(peak.bytes)} of ${formatBytes(capacityBytes)} at its peak, ${formatSeconds(peak.seconds)}, during ${peak.during}`,
      8
    ),
    `${"bytes".padStart(9)}${"share".padStart(6)}  ${"alive then".padEnd(nameWidth)}${"since".padStart(9)}${"until".padStart(9)}`,
    ...shown.map(row),
    ...(rest > 0 ? [row({ name: `${lines.length - mostLines} more`, bytes: rest, since: "", until: "" })] : []),
    ...hanging("", explanation(snapshot), 2)
  ].join("\n")
}

const linesOf = ({ peak, events }: MemorySnapshot): readonly Line[] => {
  const at = (event: number | undefined, otherwise: string): string =>
    event === undefined || event < 0 ? otherwise : formatSeconds(events.seconds[event] ?? 0)
  const groups = Map.groupBy(peak.alive, ({ group }) => group)
  return [...groups.values()]
    .map((alike): Line => {
      const bytes = alike.reduce((sum, one) => sum + one.bytes, 0)
      const from = Math.min(...alike.map((one) => one.from))
      const untils = alike.map(({ until }) => until ?? Infinity)
      const until = Math.max(...untils)
      const [first] = alike
      const isOfPeak = first?.kind === "fragmentation"
      return {
        name: alike.length === 1 || first === undefined ? (first?.name ?? "") : severalText(first, alike),
        bytes,
        since: isOfPeak ? "then" : at(from, "start"),
        until: isOfPeak ? "" : at(until === Infinity ? undefined : until, "end")
      }
    })
    .toSorted((one, other) => other.bytes - one.bytes)
}

/** "activations of micro-batches 0 to 11, chunk 1", or of so many where their numbers have gaps. */
const severalText = ({ group }: Allocation, alike: readonly Allocation[]): string => {
  const numbers = alike.map(({ microBatch }) => microBatch ?? 0).toSorted((one, other) => one - other)
  const [first = 0] = numbers
  const last = numbers.at(-1) ?? 0
  const [noun = group, chunk] = group.split(",")
  const text = (which: string): string => `${noun} ${which}${chunk === undefined ? "" : `,${chunk}`}`
  const range = text(`of micro-batches ${first} to ${last}`)
  const isRange = last - first === numbers.length - 1 && range.length <= nameWidth
  return isRange ? range : text(`of ${numbers.length} micro-batches`)
}

/** What makes the peak. */
const explanation = ({ peak }: MemorySnapshot): string => {
  const held = new Set(
    peak.alive.flatMap(({ kind, microBatch }) =>
      kind === "activations" && microBatch !== undefined ? [microBatch] : []
    )
  ).size
  const stays = peak.alive.filter(({ from }) => from < 0).reduce((sum, { bytes }) => sum + bytes, 0)
  const moving = peak.bytes - stays
  const passing = peak.alive.filter(({ kind }) => kind === "working" || kind === "logits")
  const most = passing.map(({ kind, bytes }) =>
    kind === "working" ? `${formatBytes(bytes)} to run a layer again` : `${formatBytes(bytes)} of logits`
  )
  return [
    `${formatBytes(stays)} stay for the whole iteration, ${formatBytes(moving)} come and go: ${held} micro-batch${held === 1 ? "" : "es"} in flight`,
    ...most
  ].join(", ")
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Every allocation of the iteration, a line each. */
export function* memoryCsv({ allocations, peak, events }: MemorySnapshot): Generator<string> {
  yield "kind,name,bytes,allocated_s,allocated_by,freed_s,freed_by,alive_at_peak\n"
  const alive = new Set(peak.alive)
  // Fragmentation is of the peak alone.
  const all = [...allocations, ...peak.alive.filter(({ kind }) => kind === "fragmentation")]
  const seconds = (event: number | undefined): string =>
    event === undefined || event < 0 ? "" : String(events.seconds[event] ?? "")
  const by = (event: number | undefined): string => (event === undefined || event < 0 ? "" : (events.name[event] ?? ""))
  for (const allocation of all) {
    const { kind, name, bytes, from, until } = allocation
    const fields = [
      kind,
      name,
      String(bytes),
      seconds(from),
      by(from),
      seconds(until),
      by(until),
      alive.has(allocation) ? "1" : "0"
    ]
    yield `${fields.map(quoted).join(",")}\n`
  }
}

/** The peak as `result.json` has it. */
export const memoryDocument = ({ stage, rank, capacityBytes, peak, events }: MemorySnapshot) => ({
  stage,
  rank,
  capacityBytes,
  peakBytes: peak.bytes,
  atSeconds: peak.seconds,
  during: peak.during,
  alive: peak.alive.map(({ kind, name, bytes, from, until }) => ({
    kind,
    name,
    bytes,
    allocatedSeconds: from < 0 ? null : (events.seconds[from] ?? null),
    freedSeconds: until === undefined ? null : (events.seconds[until] ?? null)
  }))
})
