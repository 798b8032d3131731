/** Memory of a rank by kind over time: the counters of the kinds beside the counter of their sum. */
import type { Trace } from "../../src/trace/index.ts"
import { toSeconds, type TimeWindow } from "../base/time-window.ts"
import { valueAt, type CounterSeries } from "./counters.ts"
import { gallop } from "./longest.ts"

/** Kinds from what stays all the time to what comes and goes. */
export const memoryKinds = [
  "weights",
  "gradients",
  "optimizer",
  "buffers",
  "context",
  "activations",
  "working",
  "logits"
] as const

/** Counters that sum up memory: the one called so, else any of bytes or of KV blocks. */
export const memoryTotals = ({ counters, names }: Trace): readonly number[] => {
  const called = (pattern: RegExp): readonly number[] =>
    counters.flatMap(({ name }, index) => (pattern.test(names[name]!) ? [index] : []))
  const sums = called(/^memory \(bytes\)$/)
  return sums.length > 0 ? sums : called(/memory|bytes|kv/i)
}

export interface KindCounter {
  readonly kind: string
  readonly counter: number
}

/** Counters of the kinds whose sum a counter is: on the track `memory` below its own; none where they were not recorded. */
export const kindCounters = ({ counters, names, tracks }: Trace, total: number): readonly KindCounter[] => {
  const path = tracks[counters[total]!.track]!
  const order = new Map<string, number>(memoryKinds.map((kind, index) => [kind, index]))
  const place = ({ kind }: KindCounter): number => order.get(kind) ?? order.size
  return counters
    .flatMap(({ track, name }, counter): KindCounter[] => {
      const own = tracks[track]!
      const kind = /^(.{1,60}) \(bytes\)$/.exec(names[name]!)?.[1]
      const isBelow =
        own.length === path.length + 1 && own.at(-1) === "memory" && path.every((part, at) => part === own[at])
      return isBelow && kind !== undefined ? [{ kind, counter }] : []
    })
    .sort((a, b) => place(a) - place(b))
}

/** The sample of a counter at which it was greatest in a stretch of time, or -1 before the first. */
const greatestIn = ({ value }: CounterSeries, from: number, to: number, isHeld: boolean): number => {
  let best = isHeld ? from - 1 : -1
  for (let index = from; index < to; index++) if (best < 0 || value[index]! > value[best]!) best = index
  return best
}

/**
 * At each pixel the kinds as they were when their sum was greatest there, so that what is stacked has been at one time.
 *
 * @returns  by kind, bytes by pixel; NaN before the first sample
 */
export const memoryStack = (
  total: CounterSeries,
  kinds: readonly CounterSeries[],
  window: TimeWindow,
  width: number
): readonly Float64Array[] => {
  const pixels = Math.max(0, Math.floor(width))
  const bytes = kinds.map(() => new Float64Array(pixels).fill(Number.NaN))
  let at = gallop(total.time, 0, total.time.length, window.start)
  for (let pixel = 0; pixel < pixels; pixel++) {
    const next = gallop(total.time, at, total.time.length, toSeconds(window, width, pixel + 1))
    const isReplaced = next > at && total.time[at]! <= toSeconds(window, width, pixel)
    const best = greatestIn(total, at, next, at > 0 && !isReplaced)
    if (best >= 0) kinds.forEach((kind, index) => (bytes[index]![pixel] = valueOf(kind, total, best)))
    at = next
  }
  return bytes
}

/** The kinds when their sum was greatest of all. */
export const atPeak = (total: CounterSeries, kinds: readonly CounterSeries[]): readonly number[] => {
  const best = greatestIn(total, 0, total.value.length, false)
  return kinds.map((kind) => (best < 0 ? 0 : valueOf(kind, total, best)))
}

/** What moves is recorded whenever the sum is, and then has a sample for each of its samples; what stays is told once. */
const valueOf = (kind: CounterSeries, total: CounterSeries, sample: number): number =>
  (kind.time.length === total.time.length ? kind.value[sample] : valueAt(kind, total.time[sample]!)) ?? 0
