/** What is open and how it is looked at: everything that the views read, with one way to change it. */
import type { Trace } from "../../src/trace/index.ts"
import type { TimeWindow } from "../base/time-window.ts"
import { counterSeries, type CounterSeries } from "../model/counters.ts"
import { flowIndex, type FlowIndex } from "../model/flows.ts"
import type { Hit } from "../model/hit.ts"
import type { Kind } from "../model/kinds.ts"
import { mergeTraces } from "../model/merge.ts"
import type { RunResult } from "../model/run-result.ts"
import { streamsOf, type Streams } from "../model/streams.ts"
import { coloursOf, timelineOf, type Timeline } from "../model/timeline.ts"
import { requestLanes, type RequestLane } from "../model/requests.ts"
import { readServing, type Metric, type ServingFigures } from "../model/serving-result.ts"
import { courseTrace, readWholeRun, type WholeRunFigures } from "../model/whole-run.ts"
import { foldedAtFirst, treeOf, type TreeNode } from "../model/tree.ts"
import type { ReadTrace } from "../reading/chrome-events.ts"

/** One run or recording. */
export interface Run {
  readonly name: string
  readonly read: ReadTrace
  readonly result?: RunResult
  /** The scenario as YAML or JSON, where the run can be simulated again. */
  readonly scenario?: string
  /** Of a whole run whose course is in the timeline: the iteration that was there before. */
  readonly iteration?: ReadTrace
}

/** A trace made ready: everything that depends on the files alone. */
export interface Scene {
  readonly runs: readonly Run[]
  readonly read: ReadTrace
  readonly colour: Uint8Array
  readonly whole: Timeline
  readonly streams: Streams
  readonly tree: readonly TreeNode[]
  readonly startsFolded: ReadonlySet<string>
  readonly counters: readonly CounterSeries[]
  readonly flows: FlowIndex
  /** Lanes of requests by track; none in training, or where they were not recorded. */
  readonly requests: ReadonlyMap<number, RequestLane>
  /** Of the first run, where it serves. */
  readonly serving: ServingFigures | undefined
  /** Of the first run, where it is a whole training run. */
  readonly wholeRun: WholeRunFigures | undefined
}

export interface View {
  readonly window: TimeWindow
  readonly selection: Hit | undefined
  readonly area: (TimeWindow & { readonly tracks: readonly number[]; readonly rows: readonly string[] }) | undefined
  readonly folded: ReadonlySet<string>
  readonly pinned: ReadonlySet<string>
  readonly hidden: ReadonlySet<Kind>
  readonly filter: string
  /** Requests that are shown, chosen by a latency; undefined shows all. */
  readonly requests:
    | {
        readonly metric: Metric
        readonly range: readonly [number, number]
        readonly label: string
        readonly tracks: ReadonlySet<number>
      }
    | undefined
  readonly search: string
  readonly match: number
  readonly marks: readonly TimeWindow[]
  readonly tab: string
  readonly showsPath: boolean
  /** Row under the keyboard. */
  readonly row: string | undefined
}

const readOf = (runs: readonly Run[]): ReadTrace => {
  const [first, second] = runs
  if (first === undefined) throw new Error("a scene needs a run")
  if (second === undefined) return first.read
  const names = first.name === second.name ? ["A", "B"] : [`A · ${first.name}`, `B · ${second.name}`]
  const trace: Trace = mergeTraces(first.read.trace, second.read.trace, names[0]!, names[1]!)
  const slices = first.read.trace.slices.track.length
  const ofSlice =
    <Answer>(answer: (read: ReadTrace, slice: number) => Answer) =>
    (slice: number): Answer =>
      slice < slices ? answer(first.read, slice) : answer(second.read, slice - slices)
  return {
    trace,
    categoryOf: ofSlice((read, slice) => read.categoryOf(slice)),
    argumentsOf: ofSlice((read, slice) => read.argumentsOf(slice)),
    remarks: [...first.read.remarks, ...second.read.remarks]
  }
}

/** A run with the course of the whole of it in the timeline, or with an iteration again; itself where it has no course. */
export const withCourse = (run: Run, isShown: boolean): Run => {
  const { iteration, ...rest } = run
  if (!isShown) return iteration === undefined ? run : { ...rest, read: iteration }
  const figures = readWholeRun(run.result)
  if (iteration !== undefined || figures === undefined || figures.spans.length === 0) return run
  const remarks = figures.isCut ? ["the course of the run was recorded for its first part only"] : []
  const read: ReadTrace = {
    trace: courseTrace(figures),
    categoryOf: () => "",
    argumentsOf: () => ({}),
    remarks
  }
  return { ...rest, read, iteration: run.read }
}

/** One run, or two to compare. */
export const sceneOf = (runs: readonly Run[]): Scene => {
  const read = readOf(runs)
  const { trace } = read
  const colour = coloursOf(trace, read.categoryOf)
  const whole = timelineOf(trace, colour)
  const streams = streamsOf(trace)
  const tree = treeOf(whole, streams)
  return {
    runs,
    read,
    colour,
    whole,
    streams,
    tree,
    startsFolded: foldedAtFirst(tree),
    counters: counterSeries(trace),
    flows: flowIndex(trace),
    requests: requestLanes(trace),
    serving: readServing(runs[0]?.result),
    wholeRun: readWholeRun(runs[0]?.result)
  }
}

/** One set, so that views without hidden kinds are known to be alike. */
export const nothingHidden: ReadonlySet<Kind> = new Set()

export const firstView = (scene: Scene): View => ({
  window: scene.whole.bounds,
  selection: undefined,
  area: undefined,
  folded: scene.startsFolded,
  pinned: new Set(),
  hidden: nothingHidden,
  filter: "",
  requests: undefined,
  search: "",
  match: -1,
  marks: [],
  tab: "overview",
  showsPath: false,
  row: undefined
})
