/**
 * Where the operation lists of a schedule repeat, and the same schedule with periods taken out or put in.
 *
 * A list is steady over [from, to) with a period of `length` operations when each operation there, moved on by q
 * micro-batches, is the one `length` places further on. Whole periods may be taken out of it anywhere, or put in: what
 * results is a schedule of fewer or more micro-batches, which runs in the same order before, and, renumbered, after the
 * cut. It can run if the first could: up to an instant at which every stage is in its steady part, what has run is
 * closed under what operations wait for, and so it is with a period more or less.
 */
import {
  backwardInputCode,
  backwardWeightCode,
  forwardCode,
  isPaired,
  operationChunk,
  operationKindCode,
  operationMicroBatch,
  packCode,
  pairWithNext
} from "./schedule.ts"
import type { Schedule } from "./schedule.ts"

/** The part of a stage's list that repeats. */
export interface Section {
  readonly from: number
  readonly to: number
  /** Operations of a period. */
  readonly length: number
}

export interface SteadySchedule {
  /** Micro-batches of a period, in each direction of the pipeline. */
  readonly microBatches: number
  readonly sections: readonly Section[]
  /** Whole periods that every stage's section holds. */
  readonly periods: number
}

/** Micro-batches that the chunk of an operation begins with: those of the second direction follow the first's. */
const firstOf = ({ layout, microBatches }: Pick<Schedule, "layout" | "microBatches">, chunk: number): number =>
  layout === "bidirectional" && chunk === 1 ? Math.ceil(microBatches / 2) : 0

/** Place of the micro-batch in a packed operation: what is below it tells kind, pair and chunk. */
const microBatchShift = Math.log2(packCode(forwardCode, 1, 0))
const kindMask = (1 << microBatchShift) - 1

/** The lists with micro-batches counted from the first of their direction. */
const counted = (schedule: Schedule): readonly Int32Array[] => {
  const moved = new Map<Int32Array, Int32Array>()
  return schedule.operations.map((list) => {
    const known = moved.get(list)
    if (known !== undefined) return known
    const first = firstOf(schedule, 1)
    const made =
      first === 0 ? list : list.map((code) => (operationChunk(code) === 1 ? code - (first << microBatchShift) : code))
    moved.set(list, made)
    return made
  })
}

/** Longest period looked for, in operations. */
const longestPeriod = 1 << 14

/** The steady section around the middle of a list, and the micro-batches of its period; null where nothing repeats. */
const sectionOf = (list: Int32Array): (Section & { readonly microBatches: number }) | null => {
  const middle = list.length >> 1
  const here = list[middle] ?? 0
  const most = Math.min(longestPeriod, list.length >> 3)
  for (let length = 1; length <= most; length++) {
    const there = list[middle + length] ?? 0
    if ((there & kindMask) !== (here & kindMask)) continue
    const step = there - here
    if (step <= 0) continue
    let to = middle
    while (to + length < list.length && (list[to + length] ?? 0) - (list[to] ?? 0) === step) to++
    if (to - middle < length) continue
    let from = middle
    while (from > 0 && (list[from - 1 + length] ?? 0) - (list[from - 1] ?? 0) === step) from--
    // Inside a long period there are short ones: what counts is what carries most of the list.
    if (4 * (to + length - from) < list.length) continue
    return { from, to: to + length, length, microBatches: step >>> microBatchShift }
  }
  return null
}

/** Whether a period runs as many micro-batches forward and backward in every chunk. */
const isWhole = (list: Int32Array, { from, length }: Section, microBatches: number, chunks: number): boolean => {
  const forwards = new Map<number, number>()
  const backwards = new Map<number, number>()
  const waiting = new Map<number, number>()
  const add = (counts: Map<number, number>, chunk: number, by: number): void =>
    void counts.set(chunk, (counts.get(chunk) ?? 0) + by)
  for (let at = from; at < from + length; at++) {
    const kind = operationKindCode(list[at] ?? 0)
    const chunk = operationChunk(list[at] ?? 0)
    if (kind === forwardCode) add(forwards, chunk, 1)
    else if (kind === backwardWeightCode) add(waiting, chunk, -1)
    else add(backwards, chunk, 1)
    if (kind === backwardInputCode) add(waiting, chunk, 1)
  }
  return Array.from({ length: chunks }, (_, chunk) => chunk).every(
    (chunk) =>
      forwards.get(chunk) === microBatches && backwards.get(chunk) === microBatches && (waiting.get(chunk) ?? 0) === 0
  )
}

/** Index of the first operation that is its chunk's last forward or last backward: there the end begins to be felt. */
const firstFinal = (list: Int32Array, chunks: number): number => {
  const isSeen = new Uint8Array(2 * chunks)
  let first = list.length
  let left = isSeen.length
  for (let at = list.length - 1; at >= 0 && left > 0; at--) {
    const code = list[at] ?? 0
    const key = 2 * operationChunk(code) + (operationKindCode(code) === forwardCode ? 0 : 1)
    if (isSeen[key] === 1) continue
    isSeen[key] = 1
    first = at
    left--
  }
  return first
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** Where a schedule repeats; null where some stage's list does not. */
export const steadyScheduleOf = (schedule: Schedule): SteadySchedule | null => {
  const lists = counted(schedule)
  const found = new Map<Int32Array, ReturnType<typeof sectionOf>>()
  for (const list of new Set(lists)) {
    const section = sectionOf(list)
    if (section === null || !isWhole(list, section, section.microBatches, schedule.chunks)) return null
    found.set(list, {
      ...section,
      to: Math.min(section.to, firstFinal(list, schedule.chunks)),
      from: Math.max(1, section.from)
    })
  }
  let microBatches = 1
  for (const section of found.values()) {
    const own = section?.microBatches ?? 1
    microBatches = (microBatches * own) / greatestCommonDivisor(microBatches, own)
  }
  const sections = lists.flatMap((list): readonly Section[] => {
    const section = found.get(list)
    if (section === undefined || section === null) return []
    return [{ from: section.from, to: section.to, length: (section.length * microBatches) / section.microBatches }]
  })
  const periods = Math.min(...sections.map(({ from, to, length }) => Math.floor((to - from) / length)))
  return { microBatches, sections, periods }
}

/** A schedule with so many steady periods more, or, below 0, fewer. */
export const resized = (schedule: Schedule, steady: SteadySchedule, periods: number): Schedule => {
  const directions = schedule.layout === "bidirectional" ? 2 : 1
  const step = steady.microBatches << microBatchShift
  const changed = { ...schedule, microBatches: schedule.microBatches + directions * periods * steady.microBatches }
  const first = firstOf(changed, 1)
  const operations = counted(schedule).map((list, stage) => {
    const { from, length } = steady.sections[stage] as Section
    const made = new Int32Array(list.length + periods * length)
    // The list up to a first period, which is repeated where there are to be more, and the list after it, renumbered.
    made.set(list.subarray(0, Math.min(made.length, from + length)))
    const added = periods > 0 ? from + length + periods * length : from
    for (let at = from + length; at < added; at++) made[at] = (made[at - length] ?? 0) + step
    for (let at = added; at < made.length; at++) made[at] = (list[at - periods * length] ?? 0) + periods * step
    return first === 0
      ? made
      : made.map((code) => (operationChunk(code) === 1 ? code + (first << microBatchShift) : code))
  })
  return { ...changed, operations }
}

/** The operation of a resized schedule that one of the original stands for, in what lies before or after the change. */
export const resizedOperation = (code: number, from: Schedule, to: Schedule, isAfter: boolean): number => {
  const chunk = operationChunk(code)
  const directions = from.layout === "bidirectional" ? 2 : 1
  const microBatch =
    operationMicroBatch(code) -
    firstOf(from, chunk) +
    firstOf(to, chunk) +
    (isAfter ? (to.microBatches - from.microBatches) / directions : 0)
  const moved = packCode(operationKindCode(code), microBatch, chunk)
  return isPaired(code) ? pairWithNext(moved) : moved
}
