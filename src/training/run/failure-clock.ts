/**
 * When units of one component fail: n equal units, each replaced by a new one when it fails.
 *
 * Exponential units have no memory, so the next failure of all of them is one draw. Weibull units have: of those that have
 * never failed, the next one to fail is an order statistic of their common law, found with one draw through the cumulative
 * hazard (t / scale)^shape; those that were replaced wait in a heap, each with a draw of its own. Either costs O(log
 * failures) a failure and nothing a unit.
 */
import type { RandomStream } from "../../random/index.ts"
import type { FailureLaw } from "./types.ts"

/** Gives the calendar time of the next failure, each later than the last; Infinity when none will come. */
export type FailureClock = () => number

// 1 - u lies in (0, 1], so the logarithm is finite.
const exponential = (stream: RandomStream): number => -Math.log(1 - stream())

export const failureClock = (
  { units, meanSeconds, shape }: Pick<FailureLaw, "units" | "meanSeconds" | "shape">,
  stream: RandomStream
): FailureClock => {
  if (units === 0) return () => Infinity
  return shape === 1
    ? exponentialClock(meanSeconds / units, stream)
    : weibullClock(units, meanSeconds / gamma(1 + 1 / shape), shape, stream)
}

const exponentialClock = (meanSeconds: number, stream: RandomStream): FailureClock => {
  let now = 0
  return () => {
    now += meanSeconds * exponential(stream)
    return now
  }
}

const weibullClock = (units: number, scale: number, shape: number, stream: RandomStream): FailureClock => {
  const replaced: number[] = []
  let untouched = units
  // Cumulative hazard of an original unit up to the next failure among them.
  let hazard = exponential(stream) / untouched
  return () => {
    const original = untouched > 0 ? scale * hazard ** (1 / shape) : Infinity
    let failed = original
    if (replaced.length > 0 && replaced[0]! < original) failed = takeLeast(replaced)
    else {
      untouched--
      if (untouched > 0) hazard += exponential(stream) / untouched
    }
    insert(replaced, failed + scale * exponential(stream) ** (1 / shape))
    return failed
  }
}

const insert = (heap: number[], value: number): void => {
  let hole = heap.push(value) - 1
  for (; hole > 0; hole = (hole - 1) >> 1) {
    const above = heap[(hole - 1) >> 1]!
    if (above <= value) break
    heap[hole] = above
  }
  heap[hole] = value
}

const takeLeast = (heap: number[]): number => {
  const least = heap[0]!
  const last = heap.pop()!
  if (heap.length === 0) return least
  let hole = 0
  for (let child = 1; child < heap.length; child = 2 * hole + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++
    if (heap[child]! >= last) break
    heap[hole] = heap[child]!
    hole = child
  }
  heap[hole] = last
  return least
}

const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7
] as const

/** The gamma function from 0.5 on (Lanczos 1964, g = 7, nine terms), good to 1e-14. */
export const gamma = (value: number): number => {
  const x = value - 1
  const t = x + 7.5
  const sum = lanczos.reduce((total, term, index) => total + term / (x + index + 1), 0.9999999999998099)
  return Math.sqrt(2 * Math.PI) * t ** (x + 0.5) * Math.exp(-t) * sum
}
