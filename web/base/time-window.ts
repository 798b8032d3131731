/** The stretch of time in sight: zooming, panning, and the time of a pixel. Seconds and CSS pixels. */

export interface TimeWindow {
  readonly start: number
  readonly end: number
}

export const spanOf = ({ start, end }: TimeWindow): number => end - start

/** Pixels from the left edge of a picture `width` wide. */
export const toPixel = ({ start, end }: TimeWindow, width: number, seconds: number): number =>
  ((seconds - start) / (end - start)) * width

export const toSeconds = ({ start, end }: TimeWindow, width: number, pixel: number): number =>
  start + (pixel / width) * (end - start)

/** Shortest stretch worth looking at: a nanosecond, or what a double still tells apart at that time. */
const leastSpan = ({ start, end }: TimeWindow): number =>
  Math.max(1e-9, Math.max(Math.abs(start), Math.abs(end)) * 2 ** -44)

/** A window moved into the bounds and no longer than they are; its length is kept where that is possible. */
export const within = (window: TimeWindow, bounds: TimeWindow): TimeWindow => {
  const span = Math.min(Math.max(spanOf(window), leastSpan(bounds)), spanOf(bounds))
  const middle = (window.start + window.end) / 2
  const start = Math.min(Math.max(middle - span / 2, bounds.start), bounds.end - span)
  return { start, end: start + span }
}

/** The window `factor` times as long, with the time `at` staying where it is on the screen. */
export const zoomed = (window: TimeWindow, at: number, factor: number, bounds: TimeWindow): TimeWindow => {
  const span = Math.min(Math.max(spanOf(window) * factor, leastSpan(bounds)), spanOf(bounds))
  const share = (at - window.start) / spanOf(window)
  const start = at - share * span
  return within({ start, end: start + span }, bounds)
}

/** The window moved by a share of its own length; positive is later. */
export const panned = (window: TimeWindow, share: number, bounds: TimeWindow): TimeWindow => {
  const move = share * spanOf(window)
  return within({ start: window.start + move, end: window.end + move }, bounds)
}

/** A window around a stretch with a tenth of room on both sides. */
export const around = ({ start, end }: TimeWindow, bounds: TimeWindow): TimeWindow => {
  const room = Math.max((end - start) * 0.1, leastSpan(bounds))
  return within({ start: start - room, end: end + room }, bounds)
}

/** Between two windows, share 0 the first and 1 the second; the length changes geometrically, as a zoom feels. */
export const between = (from: TimeWindow, to: TimeWindow, share: number): TimeWindow => {
  if (share >= 1) return to
  const [before, after] = [spanOf(from), spanOf(to)]
  const span = before * (after / before) ** share
  const moved = Math.abs(after - before) < 1e-9 * before ? share : (span - before) / (after - before)
  const start = from.start + (to.start - from.start) * moved
  return { start, end: start + span }
}

/** Seconds of a bucket: the greatest power of two that is no longer than a pixel, so that panning asks for the same ones. */
export const bucketSeconds = (window: TimeWindow, width: number): number =>
  2 ** Math.floor(Math.log2(spanOf(window) / Math.max(1, width)))
