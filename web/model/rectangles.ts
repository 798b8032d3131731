/**
 * The rectangles of a lane at a resolution: slices of a bucket or longer as they are; shorter ones of the same bucket as
 * one rectangle in the colour of the longest, as high as the share of the bucket that they fill. Neighbours of one colour
 * and height without a gap become one.
 *
 * Buckets are powers of two of seconds from time zero, so a list serves every window at its resolution; it covers more than
 * the window, and panning asks for a new one only at its edge. Measured over 1,000,000 slices on 64 lanes: see
 * test/bench/viewer.bench.ts.
 */
import type { TimeWindow } from "../base/time-window.ts"
import { gallop, longestIn } from "./longest.ts"
import type { Timeline } from "./timeline.ts"

/** Columns of rectangles; rows up to `count` are in use. */
export interface Rectangles {
  readonly count: number
  readonly start: Float64Array
  readonly end: Float64Array
  /** Slice drawn: the longest of those that the rectangle stands for. */
  readonly slice: Int32Array
  /** Entry of the slice's template, or -1 for the slice itself. */
  readonly entry: Int32Array
  /** How many slices the rectangle stands for. */
  readonly members: Uint32Array
  readonly colour: Uint8Array
  /** Height in 255ths of the lane. */
  readonly level: Uint8Array
}

export interface RectangleList extends Rectangles {
  readonly push: (
    start: number,
    end: number,
    slice: number,
    entry: number,
    members: number,
    colour: number,
    level: number
  ) => void
}

/** An empty list that grows by doubling. */
export const rectangleList = (): RectangleList => {
  let capacity = 64
  let count = 0
  let start = new Float64Array(capacity)
  let end = new Float64Array(capacity)
  let slice = new Int32Array(capacity)
  let entry = new Int32Array(capacity)
  let members = new Uint32Array(capacity)
  let colour = new Uint8Array(capacity)
  let level = new Uint8Array(capacity)
  const grown = <Column extends { set: (from: Column) => void }>(from: Column, to: Column): Column => {
    to.set(from)
    return to
  }
  const grow = (): void => {
    capacity *= 2
    start = grown(start, new Float64Array(capacity))
    end = grown(end, new Float64Array(capacity))
    slice = grown(slice, new Int32Array(capacity))
    entry = grown(entry, new Int32Array(capacity))
    members = grown(members, new Uint32Array(capacity))
    colour = grown(colour, new Uint8Array(capacity))
    level = grown(level, new Uint8Array(capacity))
  }
  return {
    get count() {
      return count
    },
    get start() {
      return start
    },
    get end() {
      return end
    },
    get slice() {
      return slice
    },
    get entry() {
      return entry
    },
    get members() {
      return members
    },
    get colour() {
      return colour
    },
    get level() {
      return level
    },
    push: (from, to, ofSlice, ofEntry, stands, inColour, atLevel) => {
      if (count === capacity) grow()
      start[count] = from
      end[count] = to
      slice[count] = ofSlice
      entry[count] = ofEntry
      members[count] = stands
      colour[count] = inColour
      level[count] = atLevel
      count++
    }
  }
}

/** Eighths of the lane, so that neighbours often have the same; a quarter at least, so that nothing is overlooked. */
const levelOf = (share: number): number => Math.round((255 * Math.min(8, Math.max(2, Math.ceil(share * 8 - 1e-6)))) / 8)

/** Rectangles of a lane in a window, of slices that touch it. */
export const laneRectangles = (timeline: Timeline, lane: number, window: TimeWindow, bucket: number): Rectangles => {
  const { order, start, end, longest, seconds, colour } = timeline
  const { first, count } = timeline.lanes[lane]!
  const after = first + count
  const list = rectangleList()
  // The last run of buckets of one colour and height, not yet written.
  let [from, to, best, stands, shade, height] = [0, 0, -1, 0, 0, 0]
  const flush = (): void => {
    if (stands > 0) list.push(from, to, order[best]!, -1, stands, shade, height)
    stands = 0
  }
  let at = gallop(end, first, after, window.start)
  while (at < after && start[at]! <= window.end) {
    if (end[at]! - start[at]! >= bucket) {
      flush()
      list.push(start[at]!, end[at]!, order[at]!, -1, 1, colour[order[at]!]!, 255)
      at++
      continue
    }
    const bucketStart = Math.floor(start[at]! / bucket) * bucket
    const next = gallop(start, at + 1, after, bucketStart + bucket)
    // A long slice that begins in this bucket has a rectangle of its own.
    let stop = next
    const longestHere = longestIn(longest, start, end, first, count, at, next)
    let chosen = longestHere
    if (end[longestHere]! - start[longestHere]! >= bucket) {
      stop = at
      while (end[stop]! - start[stop]! < bucket) stop++
      chosen = longestIn(longest, start, end, first, count, at, stop)
    }
    const inColour = colour[order[chosen]!]!
    const level = levelOf((seconds[stop]! - seconds[at]!) / bucket)
    if (stands > 0 && shade === inColour && height === level && to >= bucketStart - bucket * 1e-6) {
      to = bucketStart + bucket
      stands += stop - at
      if (end[chosen]! - start[chosen]! > end[best]! - start[best]!) best = chosen
    } else {
      flush()
      from = bucketStart
      to = bucketStart + bucket
      best = chosen
      stands = stop - at
      shade = inColour
      height = level
    }
    at = stop
  }
  flush()
  return list
}

/**
 * Windows that a list has on either side of its own. At a new resolution all lanes are made in one frame, so little more than
 * what is seen; where the window moves on, more, and of each lane another share, so that no frame makes them all again. Of
 * 64 lanes a frame makes 83 windows at most, where three of each lane were 192; in all they are up to two fifths more.
 */
const marginOf = (lane: number, isMoving: boolean): number => {
  const share = (lane * 0.618_033_988_7) % 1
  return isMoving ? 0.5 + share : 0.3 * share
}

/** Lists by lane that stay valid while the window moves within them. */
export const rectangleCache = (make: (lane: number, window: TimeWindow, bucket: number) => Rectangles) => {
  const kept = new Map<number, { readonly window: TimeWindow; readonly bucket: number; readonly list: Rectangles }>()
  return {
    get: (lane: number, window: TimeWindow, bucket: number): Rectangles => {
      const known = kept.get(lane)
      if (
        known !== undefined &&
        known.bucket === bucket &&
        known.window.start <= window.start &&
        known.window.end >= window.end
      )
        return known.list
      if (kept.size > 4096) kept.clear()
      const margin = marginOf(lane, known?.bucket === bucket) * (window.end - window.start)
      const wide = { start: window.start - margin, end: window.end + margin }
      const list = make(lane, wide, bucket)
      kept.set(lane, { window: wide, bucket, list })
      return list
    },
    clear: () => kept.clear()
  }
}
