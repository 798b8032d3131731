/**
 * A trace: what happened when, as columns of numbers.
 *
 * A track is a row of the timeline, named by its path (cluster > node > rank > stream). A slice is a stretch of time on
 * a track; a counter is a number that changes; a flow is an arrow from one slice to another. A slice with a template
 * stands for more slices inside it, written down once for all slices that share the template.
 *
 * Times and durations are seconds. Names are indices into the trace's names.
 */

export interface Counter {
  readonly track: number
  readonly name: number
}

export interface Trace {
  readonly names: ReadonlyArray<string>
  /** Paths, outermost first; every track that expanding a template needs is among them. */
  readonly tracks: ReadonlyArray<ReadonlyArray<string>>
  readonly counters: ReadonlyArray<Counter>
  readonly slices: Slices
  readonly samples: Samples
  readonly flows: Flows
  readonly templates: Templates
  readonly templateEntries: TemplateEntries
}

/** One row a slice. An argument that a slice does not have is -1 among the integers and 0 among bytes and FLOPs. */
export type Slices = {
  readonly track: Int32Array
  readonly name: Int32Array
  readonly template: Int32Array
  readonly microBatch: Int32Array
  readonly layer: Int32Array
  readonly stage: Int32Array
  readonly start: Float64Array
  readonly duration: Float64Array
  readonly bytes: Float64Array
  readonly flops: Float64Array
}

/** One row a change of a counter; the value holds until the counter's next row. */
export type Samples = {
  readonly counter: Int32Array
  readonly time: Float64Array
  readonly value: Float64Array
}

/** One row an arrow, from slice to slice. */
export type Flows = {
  readonly from: Int32Array
  readonly to: Int32Array
}

/** One row a template: its entries are the rows first ... first + count - 1 of the template entries. */
export type Templates = {
  readonly first: Int32Array
  readonly count: Int32Array
}

/** One row a slice inside a template: offset in seconds from the start of the outer slice, and the name of its stream. */
export type TemplateEntries = {
  readonly name: Int32Array
  readonly stream: Int32Array
  readonly microBatch: Int32Array
  readonly layer: Int32Array
  readonly stage: Int32Array
  readonly offset: Float64Array
  readonly duration: Float64Array
  readonly bytes: Float64Array
  readonly flops: Float64Array
}

/** The arguments that a slice may carry. */
export interface SliceArguments {
  readonly microBatch?: number
  readonly layer?: number
  /** Pipeline stage. */
  readonly stage?: number
  /** Bytes moved. */
  readonly bytes?: number
  /** Floating-point operations done. */
  readonly flops?: number
}

/** Argument value of the integer columns for a slice that does not have the argument. */
export const noIndex = -1
