/**
 * What the ranks of an area do with its time: work, communication that nothing hides, and nothing at all (the bubble).
 * A moment in which anything works is work; of the rest a moment with communication is exposed, to the first kind that is
 * under way.
 */
import type { TimeWindow } from "../base/time-window.ts"
import { kindOfColour, type Kind } from "./kinds.ts"
import { gallop } from "./longest.ts"
import type { Streams } from "./streams.ts"
import type { Timeline } from "./timeline.ts"

const communication = ["tensor", "context", "expert", "pipeline", "data"] as const satisfies readonly Kind[]
const working: ReadonlySet<Kind> = new Set(["compute", "memory", "host"])

export interface AreaTime {
  readonly ranks: number
  /** Rank-seconds of the area; work, exposed communication and bubble add up to it. */
  readonly seconds: number
  readonly work: number
  readonly exposed: readonly (readonly [kind: (typeof communication)[number], seconds: number])[]
  readonly bubble: number
}

/** Stretches of time as pairs of start and end, one after the other. */
type Stretches = readonly number[]

/** Stretches as they are found; they may overlap. */
interface Collected {
  readonly starts: number[]
  readonly ends: number[]
}

const nothing = (): Collected => ({ starts: [], ends: [] })

const union = ({ starts, ends }: Collected): Stretches => {
  const order = Uint32Array.from(starts, (_, index) => index)
  const isSorted = starts.every((start, index) => index === 0 || start >= starts[index - 1]!)
  if (!isSorted) order.sort((a, b) => starts[a]! - starts[b]!)
  const merged: number[] = []
  for (const index of order) {
    const [start, end] = [starts[index]!, ends[index]!]
    if (merged.length > 0 && start <= merged.at(-1)!) merged[merged.length - 1] = Math.max(merged.at(-1)!, end)
    else merged.push(start, end)
  }
  return merged
}

const lengthOf = (stretches: Stretches): number =>
  stretches.reduce((sum, time, index) => (index % 2 === 0 ? sum - time : sum + time), 0)

const both = (one: Stretches, other: Stretches): Stretches => {
  const collected = nothing()
  let [at, atOther] = [0, 0]
  while (at < one.length || atOther < other.length) {
    const isOne = atOther >= other.length || (at < one.length && one[at]! <= other[atOther]!)
    const from = isOne ? one : other
    const index = isOne ? at : atOther
    collected.starts.push(from[index]!)
    collected.ends.push(from[index + 1]!)
    if (isOne) at += 2
    else atOther += 2
  }
  return union(collected)
}

const rankOf = (path: readonly string[]): string => JSON.stringify(path.slice(0, -1))

/** @param tracks  of the area; the other streams of their ranks count as well */
export const areaTime = (
  timeline: Timeline,
  { entryColour }: Streams,
  tracks: readonly number[],
  { start: from, end: to }: TimeWindow
): AreaTime => {
  const { trace, lanes, order, start, end, colour } = timeline
  const { slices, templates, templateEntries: entries } = trace
  const chosen = new Set(tracks.map((track) => rankOf(trace.tracks[track]!)))
  const lanesOfRank = Map.groupBy(
    lanes.map((_, lane) => lane),
    (lane) => rankOf(trace.tracks[lanes[lane]!.track]!)
  )
  let [ranks, work, bubble] = [0, 0, 0]
  const exposed = new Map<Kind, number>()
  for (const [rank, own] of lanesOfRank) {
    if (!chosen.has(rank)) continue
    ranks++
    const byKind = new Map<Kind, Collected>()
    const add = (kind: Kind, begin: number, finish: number): void => {
      const [low, high] = [Math.max(begin, from), Math.min(finish, to)]
      if (high <= low) return
      const known = byKind.get(kind) ?? nothing()
      byKind.set(kind, known)
      known.starts.push(low)
      known.ends.push(high)
    }
    for (const lane of own) {
      const { first, count } = lanes[lane]!
      for (let at = gallop(end, first, first + count, from); at < first + count && start[at]! <= to; at++) {
        const slice = order[at]!
        const template = slices.template[slice]!
        if (template < 0) {
          const kind = kindOfColour(colour[slice]!)
          add(working.has(kind) ? "compute" : kind, start[at]!, end[at]!)
          continue
        }
        const row = templates.first[template]!
        for (let entry = row; entry < row + templates.count[template]!; entry++) {
          const kind = kindOfColour(entryColour[entry]!)
          const begin = start[at]! + entries.offset[entry]!
          add(working.has(kind) ? "compute" : kind, begin, begin + entries.duration[entry]!)
        }
      }
    }
    let covered = union(byKind.get("compute") ?? nothing())
    let known = lengthOf(covered)
    work += known
    for (const kind of communication) {
      const collected = byKind.get(kind)
      if (collected === undefined) continue
      covered = both(covered, union(collected))
      const all = lengthOf(covered)
      exposed.set(kind, (exposed.get(kind) ?? 0) + all - known)
      known = all
    }
    bubble += to - from - known
  }
  return {
    ranks,
    seconds: ranks * (to - from),
    work,
    exposed: communication.flatMap((kind) => {
      const seconds = exposed.get(kind) ?? 0
      return seconds > 0 ? [[kind, seconds] as const] : []
    }),
    bubble: Math.max(0, bubble)
  }
}
