/**
 * Counters: a value that holds until its next change. At a resolution, each pixel has the least and the greatest value
 * in its stretch and the one at its end.
 */
import type { Trace } from "../../src/trace/index.ts"
import { toSeconds, type TimeWindow } from "../base/time-window.ts"
import { gallop } from "./longest.ts"

export interface CounterSeries {
  readonly time: Float64Array
  readonly value: Float64Array
  readonly least: number
  readonly greatest: number
  /** Least and greatest of each run of `blockLength` values. */
  readonly blockLeast: Float64Array
  readonly blockGreatest: Float64Array
}

const blockLength = 64

/** The counters of a trace, each with its samples in order of time. */
export const counterSeries = (trace: Trace): readonly CounterSeries[] => {
  const { samples, counters } = trace
  const counts = new Uint32Array(counters.length)
  for (const counter of samples.counter) counts[counter]!++
  const rows = counters.map((_, counter) => new Uint32Array(counts[counter]!))
  const next = new Uint32Array(counters.length)
  samples.counter.forEach((counter, row) => {
    rows[counter]![next[counter]!++] = row
  })
  return rows.map((own) => {
    let isSorted = true
    for (let index = 1; index < own.length && isSorted; index++)
      isSorted = samples.time[own[index - 1]!]! <= samples.time[own[index]!]!
    if (!isSorted) own.sort((a, b) => samples.time[a]! - samples.time[b]! || a - b)
    return seriesFrom(
      Float64Array.from(own, (row) => samples.time[row]!),
      Float64Array.from(own, (row) => samples.value[row]!)
    )
  })
}

export const seriesFrom = (time: Float64Array, value: Float64Array): CounterSeries => {
  const blocks = Math.ceil(value.length / blockLength)
  const blockLeast = new Float64Array(blocks).fill(Infinity)
  const blockGreatest = new Float64Array(blocks).fill(-Infinity)
  value.forEach((one, index) => {
    const block = Math.floor(index / blockLength)
    if (one < blockLeast[block]!) blockLeast[block] = one
    if (one > blockGreatest[block]!) blockGreatest[block] = one
  })
  return {
    time,
    value,
    least: blockLeast.reduce((a, b) => Math.min(a, b), Infinity),
    greatest: blockGreatest.reduce((a, b) => Math.max(a, b), -Infinity),
    blockLeast,
    blockGreatest
  }
}

export interface CounterBand {
  /** Per pixel; NaN before the first sample. */
  readonly least: Float64Array
  readonly greatest: Float64Array
  readonly last: Float64Array
}

/** The band of a counter over a picture `width` pixels wide. */
export const counterBand = (series: CounterSeries, window: TimeWindow, width: number): CounterBand => {
  const { time, value, blockLeast, blockGreatest } = series
  const pixels = Math.max(0, Math.floor(width))
  const least = new Float64Array(pixels).fill(Number.NaN)
  const greatest = new Float64Array(pixels).fill(Number.NaN)
  const last = new Float64Array(pixels).fill(Number.NaN)
  let at = gallop(time, 0, time.length, window.start)
  let held = at > 0 ? value[at - 1]! : Number.NaN
  for (let pixel = 0; pixel < pixels; pixel++) {
    const until = toSeconds(window, width, pixel + 1)
    const next = gallop(time, at, time.length, until)
    // A change at the pixel's very start leaves no time to the value before it.
    const isReplaced = next > at && time[at]! <= toSeconds(window, width, pixel)
    let [low, high] = Number.isNaN(held) || isReplaced ? [Infinity, -Infinity] : [held, held]
    for (let index = at; index < next;) {
      if (index % blockLength === 0 && index + blockLength <= next) {
        const block = index / blockLength
        low = Math.min(low, blockLeast[block]!)
        high = Math.max(high, blockGreatest[block]!)
        index += blockLength
      } else {
        low = Math.min(low, value[index]!)
        high = Math.max(high, value[index]!)
        index++
      }
    }
    if (next > at) held = value[next - 1]!
    if (low <= high) {
      least[pixel] = low
      greatest[pixel] = high
      last[pixel] = held
    }
    at = next
  }
  return { least, greatest, last }
}

/** Value at a time; undefined before the first sample. */
export const valueAt = ({ time, value }: CounterSeries, seconds: number): number | undefined => {
  const at = gallop(time, 0, time.length, seconds)
  return time[at] === seconds ? value[at] : value[at - 1]
}
