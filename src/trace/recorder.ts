/**
 * The recorder: a simulation tells it what happens, and it answers with a trace.
 *
 * It is called for every operation, so it writes numbers into columns. When off it does nothing; with a window it keeps
 * what overlaps the window.
 */
import { flowsFrom, growingTable, samplesFrom, slicesFrom, templateEntriesFrom, templatesFrom } from "./columns.ts"
import { pathKey, siblingPath, templateStreams } from "./sibling-tracks.ts"
import { type Counter, noIndex, type SliceArguments, type Trace } from "./trace.ts"

/** What to record: nothing, everything, or what overlaps a stretch of simulated seconds. */
export type RecorderMode = "off" | "full" | { readonly window: readonly [fromSeconds: number, toSeconds: number] }

/** A slice inside a template. */
export interface TemplateEntry extends SliceArguments {
  readonly name: string
  /** Last part of the path of its track, which is under the same rank as the outer slice's track. */
  readonly stream: string
  /** Seconds from the start of the outer slice. */
  readonly offsetSeconds: number
  readonly durationSeconds: number
}

export interface RecordedArguments extends SliceArguments {
  /** Template of the slices inside, from `template`. */
  readonly template?: number
}

export interface Recorder {
  /** False when nothing will be kept, so that a caller may skip the work of describing it. */
  readonly isOn: boolean
  /** The track of a path, outermost part first (cluster, node, rank, stream); the same path gives the same track. */
  readonly track: (path: ReadonlyArray<string>) => number
  /** The number of a name; the same text gives the same number. */
  readonly name: (text: string) => number
  /** The slices inside an operation, for `slice` to refer to. -1 when off. */
  readonly template: (entries: ReadonlyArray<TemplateEntry>) => number
  /** Records a stretch of time on a track; answers the slice's number, or -1 when it is not kept. */
  readonly slice: (
    track: number,
    name: number,
    startSeconds: number,
    durationSeconds: number,
    values?: RecordedArguments
  ) => number
  /** A counter on a track, which may be a rank's own path. */
  readonly counter: (track: number, name: number) => number
  /** Records a counter's new value; the samples of one counter come in order of time. */
  readonly sample: (counter: number, timeSeconds: number, value: number) => void
  /** Records an arrow between two slices; nothing when either was not kept. */
  readonly flow: (fromSlice: number, toSlice: number) => void
  /** The trace so far. */
  readonly finish: () => Trace
}

/** A recorder with nothing in it. */
export const makeRecorder = ({ mode }: { readonly mode: RecorderMode }): Recorder => {
  if (mode === "off") return offRecorder
  const [from, to] = mode === "full" ? [-Infinity, Infinity] : mode.window
  return recordBetween(from, to)
}

const nothing = (): void => {}
const notKept = (): number => noIndex
const offRecorder: Recorder = {
  isOn: false,
  track: notKept,
  name: notKept,
  template: notKept,
  slice: notKept,
  counter: notKept,
  sample: nothing,
  flow: nothing,
  finish: () => recordBetween(Infinity, -Infinity).finish()
}

const noArguments: RecordedArguments = {}

const recordBetween = (fromSeconds: number, toSeconds: number): Recorder => {
  const names = interned<string>((text) => text)
  const tracks = interned<ReadonlyArray<string>>(pathKey)
  const counters = interned<Counter>(({ track, name }) => `${track} ${name}`)
  const slices = growingTable(slicesFrom)
  const flows = growingTable(flowsFrom)
  const templates = growingTable(templatesFrom)
  const entries = growingTable(templateEntriesFrom)
  const samples = windowedSamples(fromSeconds, toSeconds)

  return {
    isOn: true,
    track: (path) => tracks.numberOf(path),
    name: (text) => names.numberOf(text),
    counter: (track, name) => counters.numberOf({ track, name }),
    sample: samples.record,
    template: (described) => {
      const template = templates.append()
      templates.columns.first[template] = entries.count
      templates.columns.count[template] = described.length
      for (const entry of described) {
        const row = entries.append()
        const { columns } = entries
        columns.name[row] = names.numberOf(entry.name)
        columns.stream[row] = names.numberOf(entry.stream)
        columns.offset[row] = entry.offsetSeconds
        columns.duration[row] = entry.durationSeconds
        columns.microBatch[row] = entry.microBatch ?? noIndex
        columns.layer[row] = entry.layer ?? noIndex
        columns.stage[row] = entry.stage ?? noIndex
        columns.bytes[row] = entry.bytes ?? 0
        columns.flops[row] = entry.flops ?? 0
      }
      return template
    },
    slice: (track, name, startSeconds, durationSeconds, values = noArguments) => {
      if (startSeconds > toSeconds || startSeconds + durationSeconds < fromSeconds) return noIndex
      const row = slices.append()
      const { columns } = slices
      columns.track[row] = track
      columns.name[row] = name
      columns.start[row] = startSeconds
      columns.duration[row] = durationSeconds
      columns.template[row] = values.template ?? noIndex
      columns.microBatch[row] = values.microBatch ?? noIndex
      columns.layer[row] = values.layer ?? noIndex
      columns.stage[row] = values.stage ?? noIndex
      columns.bytes[row] = values.bytes ?? 0
      columns.flops[row] = values.flops ?? 0
      return row
    },
    flow: (fromSlice, toSlice) => {
      if (fromSlice < 0 || toSlice < 0) return
      const row = flows.append()
      flows.columns.from[row] = fromSlice
      flows.columns.to[row] = toSlice
    },
    finish: () => {
      const kept = { slices: slices.trimmed(), templates: templates.trimmed(), templateEntries: entries.trimmed() }
      for (const [track, stream] of templateStreams(kept.slices, kept.templates, kept.templateEntries)) {
        tracks.numberOf(siblingPath(tracks.items[track]!, names.items[stream]!))
      }
      return {
        names: [...names.items],
        tracks: [...tracks.items],
        counters: [...counters.items],
        ...kept,
        samples: samples.finish(),
        flows: flows.trimmed()
      }
    }
  }
}

/** Numbers 0, 1, 2 ... for different items in order of appearance. */
const interned = <Item>(keyOf: (item: Item) => string) => {
  const numbers = new Map<string, number>()
  const items: Array<Item> = []
  return {
    items,
    numberOf: (item: Item): number => {
      const key = keyOf(item)
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, items.length)
      return items.push(item) - 1
    }
  }
}

/** Samples within a window, and at its start the value that a counter had before it. */
const windowedSamples = (fromSeconds: number, toSeconds: number) => {
  const samples = growingTable(samplesFrom)
  const heldValues = new Map<number, number>()
  const append = (counter: number, time: number, value: number): void => {
    const row = samples.append()
    samples.columns.counter[row] = counter
    samples.columns.time[row] = time
    samples.columns.value[row] = value
  }
  const releaseHeld = (counter: number): void => {
    const held = heldValues.get(counter)
    if (held === undefined) return
    append(counter, fromSeconds, held)
    heldValues.delete(counter)
  }
  return {
    record: (counter: number, timeSeconds: number, value: number): void => {
      if (timeSeconds > toSeconds) return
      if (timeSeconds < fromSeconds) {
        heldValues.set(counter, value)
        return
      }
      if (timeSeconds === fromSeconds) heldValues.delete(counter)
      else if (heldValues.size > 0) releaseHeld(counter)
      append(counter, timeSeconds, value)
    },
    finish: () => {
      for (const counter of [...heldValues.keys()].sort((a, b) => a - b)) releaseHeld(counter)
      return samples.trimmed()
    }
  }
}
