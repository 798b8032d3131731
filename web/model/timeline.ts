/**
 * A trace made ready to be looked at: slices in lanes in order of time, each lane with a tree of its longest slices.
 *
 * Positions number the slices in this order; `order` tells the slice at a position. Times are seconds.
 */
import type { Trace } from "../../src/trace/index.ts"
import type { TimeWindow } from "../base/time-window.ts"
import { colourOf, kindOfColour, type Kind } from "./kinds.ts"
import { lanesOf } from "./lanes.ts"
import { plantLongest } from "./longest.ts"

export interface Lane {
  readonly track: number
  /** Positions first ... first + count - 1. */
  readonly first: number
  readonly count: number
}

export interface Timeline {
  readonly trace: Trace
  /** From the first start to the last end; one second where there is nothing. */
  readonly bounds: TimeWindow
  readonly lanes: readonly Lane[]
  /** Lanes of each track. */
  readonly lanesOfTrack: readonly (readonly number[])[]
  readonly order: Uint32Array
  readonly start: Float64Array
  readonly end: Float64Array
  readonly longest: Uint32Array
  /** Seconds of all slices before a position: a difference of two is the time of a range. */
  readonly seconds: Float64Array
  /** Colour class of each slice of the trace. */
  readonly colour: Uint8Array
}

/** What a recorded trace knows of a slice beyond the columns. */
export type CategoryOf = (slice: number) => string

const noCategory: CategoryOf = () => ""

/** Streams times names up to which a table is faster than a map; and what it has where nothing was asked yet. */
const largestTable = 4_000_000
const unknownColour = 255

/** Colour classes of all slices; the same name on the same kind of stream is looked at once. */
export const coloursOf = (trace: Trace, categoryOf: CategoryOf = noCategory): Uint8Array => {
  const { track, name } = trace.slices
  const known = new Map<string, number>()
  const streams = trace.tracks.map((path) => path.at(-1) ?? "")
  const streamIds = new Map<string, number>()
  const idOf = streams.map((stream) => {
    const id = streamIds.get(stream) ?? streamIds.size
    streamIds.set(stream, id)
    return id
  })
  const colours = new Uint8Array(track.length)
  const cells = streamIds.size * trace.names.length
  if (categoryOf === noCategory && cells <= largestTable) {
    const table = new Uint8Array(cells).fill(unknownColour)
    for (let slice = 0; slice < colours.length; slice++) {
      const cell = idOf[track[slice]!]! * trace.names.length + name[slice]!
      let colour = table[cell]!
      if (colour === unknownColour) table[cell] = colour = colourOf(streams[track[slice]!]!, trace.names[name[slice]!]!)
      colours[slice] = colour
    }
    return colours
  }
  for (let slice = 0; slice < colours.length; slice++) {
    const category = categoryOf(slice)
    const key = `${idOf[track[slice]!]!} ${name[slice]!} ${category}`
    let colour = known.get(key)
    if (colour === undefined) {
      colour = colourOf(streams[track[slice]!]!, trace.names[name[slice]!]!, category)
      known.set(key, colour)
    }
    colours[slice] = colour
  }
  return colours
}

const boundsOf = ({ slices, samples }: Trace): TimeWindow => {
  let [start, end] = [Infinity, -Infinity]
  for (let slice = 0; slice < slices.start.length; slice++) {
    const from = slices.start[slice]!
    if (from < start) start = from
    if (from + slices.duration[slice]! > end) end = from + slices.duration[slice]!
  }
  if (start === Infinity)
    for (const time of samples.time) {
      if (time < start) start = time
      if (time > end) end = time
    }
  if (!(start < end)) return Number.isFinite(start) ? { start, end: start + 1 } : { start: 0, end: 1 }
  return { start: start > 0 && start < (end - start) * 0.2 ? 0 : start, end }
}

/** Prepares a trace; slices of hidden kinds are left out. */
export const timelineOf = (
  trace: Trace,
  colour: Uint8Array = coloursOf(trace),
  hidden: ReadonlySet<Kind> = new Set()
): Timeline => {
  const { slices } = trace
  const isShown = new Uint8Array(256)
  for (let index = 0; index < isShown.length; index++) isShown[index] = hidden.has(kindOfColour(index)) ? 0 : 1
  const perTrack = new Uint32Array(trace.tracks.length + 1)
  let shown = 0
  for (let slice = 0; slice < slices.track.length; slice++) {
    if (isShown[colour[slice]!] === 0) continue
    perTrack[slices.track[slice]! + 1]!++
    shown++
  }
  for (let track = 0; track < trace.tracks.length; track++) perTrack[track + 1]! += perTrack[track]!
  const next = perTrack.slice()
  const order = new Uint32Array(shown)
  for (let slice = 0; slice < slices.track.length; slice++)
    if (isShown[colour[slice]!] === 1) order[next[slices.track[slice]!]!++] = slice

  const start = new Float64Array(shown)
  const end = new Float64Array(shown)
  const fill = (first: number, after: number): void => {
    for (let at = first; at < after; at++) {
      const slice = order[at]!
      start[at] = slices.start[slice]!
      end[at] = slices.start[slice]! + slices.duration[slice]!
    }
  }
  const lanes: Lane[] = []
  const lanesOfTrack: number[][] = trace.tracks.map(() => [])
  for (let track = 0; track < trace.tracks.length; track++) {
    const [first, after] = [perTrack[track]!, perTrack[track + 1]!]
    if (first === after) continue
    sortByTime(order.subarray(first, after), slices.start, slices.duration)
    fill(first, after)
    const assigned = lanesOf(start, end, first, after - first)
    const counts = assigned === null ? [after - first] : regroup(order.subarray(first, after), assigned)
    if (assigned !== null) fill(first, after)
    let from = first
    for (const count of counts) {
      lanesOfTrack[track]!.push(lanes.push({ track, first: from, count }) - 1)
      from += count
    }
  }
  const longest = new Uint32Array(shown)
  for (const { first, count } of lanes) plantLongest(longest, start, end, first, count)
  const seconds = new Float64Array(shown + 1)
  for (let at = 0; at < shown; at++) seconds[at + 1] = seconds[at]! + end[at]! - start[at]!
  return { trace, bounds: boundsOf(trace), lanes, lanesOfTrack, order, start, end, longest, seconds, colour }
}

/** By start, the longest first among equals. Most traces are in order already, which is looked at first. */
const sortByTime = (order: Uint32Array, start: Float64Array, duration: Float64Array): void => {
  let isSorted = true
  for (let index = 1; index < order.length && isSorted; index++) {
    const [a, b] = [order[index - 1]!, order[index]!]
    const gap = start[b]! - start[a]!
    isSorted = gap > 0 || (gap === 0 && duration[a]! >= duration[b]!)
  }
  if (!isSorted) order.sort((a, b) => start[a]! - start[b]! || duration[b]! - duration[a]! || a - b)
}

/** Puts slices lane by lane, in order of time within a lane; answers how many each lane has. */
const regroup = (order: Uint32Array, lanes: Uint8Array): readonly number[] => {
  const most = lanes.reduce((a, b) => Math.max(a, b), 0)
  const counts = Array.from({ length: most + 1 }, () => 0)
  for (const lane of lanes) counts[lane]!++
  const next = counts.map((_, lane) => counts.slice(0, lane).reduce((a, b) => a + b, 0))
  const before = order.slice()
  for (let index = 0; index < before.length; index++) order[next[lanes[index]!]!++] = before[index]!
  return counts
}
