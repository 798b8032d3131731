/** Traces: recording slices, counters and flows as columns, the trace file, and the export to Chrome trace events. */
export { chromeTraceJson, type ChromeTraceOptions } from "./chrome-trace.ts"
export { decodeTrace, type TraceError } from "./decode-trace.ts"
export { expandTemplates, type InnerSlice, sliceExpander, type SliceExpander } from "./expand-templates.ts"
export {
  makeRecorder,
  type RecordedArguments,
  type Recorder,
  type RecorderMode,
  type TemplateEntry
} from "./recorder.ts"
export { encodeTrace } from "./trace-file.ts"
export type { Counter, Flows, Samples, SliceArguments, Slices, TemplateEntries, Templates, Trace } from "./trace.ts"
