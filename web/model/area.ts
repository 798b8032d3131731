/** What is inside of an area: a table of slices by name. */
import type { TimeWindow } from "../base/time-window.ts"
import { gallop } from "./longest.ts"
import type { Streams } from "./streams.ts"
import type { Timeline } from "./timeline.ts"

export interface AreaRow {
  readonly name: string
  readonly colour: number
  readonly count: number
  /** Seconds inside of the area. */
  readonly total: number
  /** Of whole slices, as are the quantiles. */
  readonly mean: number
  readonly p99: number
  /** Of the area's time on its tracks. */
  readonly share: number
}

export interface AreaTable {
  readonly rows: readonly AreaRow[]
  readonly slices: number
  readonly tracks: number
  /** Track-seconds, and those of them in which no slice runs. */
  readonly seconds: number
  readonly idle: number
}

interface Sum {
  readonly name: string
  readonly colour: number
  total: number
  readonly durations: number[]
}

/** Operations of a schedule differ by their micro-batch alone: "F 0,12" counts as "F". */
export const groupName = (name: string): string =>
  name
    .replace(/^(send )?(F|B|Bi|W) \d[\d,]*/, "$1$2")
    .replace(/(\D)\d+$/, "$1")
    .trim() || name

/**
 * The table of an area, by descending time.
 *
 * @param tracks  with slices of their own, or filled by templates
 */
export const areaTable = (
  timeline: Timeline,
  streams: Streams,
  tracks: readonly number[],
  { start: from, end: to }: TimeWindow
): AreaTable => {
  const { trace, start, end, order, colour } = timeline
  const { names, slices, templateEntries: entries } = trace
  const sums = new Map<string, Sum>()
  let [count, busy] = [0, 0]
  const add = (name: string, inColour: number, begin: number, duration: number): void => {
    const inside = Math.min(begin + duration, to) - Math.max(begin, from)
    if (inside < 0 || (inside === 0 && duration > 0)) return
    const key = groupName(name)
    const sum = sums.get(key) ?? { name: key, colour: inColour, total: 0, durations: [] }
    sums.set(key, sum)
    sum.total += inside
    sum.durations.push(duration)
    count++
  }
  for (const track of tracks) {
    const lanes = timeline.lanesOfTrack[track] ?? []
    lanes.forEach((lane, depth) => {
      const { first, count: inLane } = timeline.lanes[lane]!
      for (let at = gallop(end, first, first + inLane, from); at < first + inLane && start[at]! <= to; at++) {
        const slice = order[at]!
        add(names[slices.name[slice]!]!, colour[slice]!, start[at]!, end[at]! - start[at]!)
        if (depth === 0) busy += Math.max(0, Math.min(end[at]!, to) - Math.max(start[at]!, from))
      }
    })
    const stream = streams.byTrack.get(track)
    for (const source of stream?.sources ?? [])
      for (const lane of timeline.lanesOfTrack[source] ?? []) {
        const { first, count: inLane } = timeline.lanes[lane]!
        for (let at = gallop(end, first, first + inLane, from); at < first + inLane && start[at]! <= to; at++) {
          const part = stream?.parts.get(slices.template[order[at]!]!)
          for (const row of part?.rows ?? []) {
            const begin = start[at]! + entries.offset[row]!
            add(names[entries.name[row]!]!, streams.entryColour[row]!, begin, entries.duration[row]!)
            busy += Math.max(0, Math.min(begin + entries.duration[row]!, to) - Math.max(begin, from))
          }
        }
      }
  }
  const seconds = tracks.length * (to - from)
  const rows = [...sums.values()]
    .map(({ durations, ...sum }): AreaRow => {
      const sorted = Float64Array.from(durations).sort()
      const mean = sorted.reduce((a, b) => a + b, 0) / sorted.length
      const p99 = sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)]!
      return { ...sum, count: sorted.length, mean, p99, share: seconds > 0 ? sum.total / seconds : 0 }
    })
    .sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1))
  return { rows, slices: count, tracks: tracks.length, seconds, idle: Math.max(0, seconds - busy) }
}
