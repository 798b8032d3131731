/** Requests of a server, read from their lanes in the trace: when each waited, was read and answered. */
import type { Trace } from "../../src/trace/index.ts"
import type { Metric } from "./serving-result.ts"

export interface RequestLane {
  readonly track: number
  readonly request: number
  /** Tokens of its prompt and its answer; NaN where the lane does not say. */
  readonly prompt: number
  readonly output: number
  /** Replica that served it; the only one where the lane names none. */
  readonly replica: number
  readonly arrival: number
  /** End of waiting, of the first token, and of the answer; NaN for what never came. */
  readonly scheduled: number
  readonly firstToken: number
  readonly end: number
  readonly preempted: readonly { readonly start: number; readonly end: number }[]
  /** Slices of the lane in order of time. */
  readonly slices: readonly number[]
}

const pattern = /^request (\d+)(?:: (\d+) \+ (\d+) tokens(?: on replica (\d+))?)?$/

/** Lanes by track; none where the trace was recorded without them. */
export const requestLanes = (trace: Trace): ReadonlyMap<number, RequestLane> => {
  const { track: trackOf, name, start, duration } = trace.slices
  const named = new Map<number, RegExpExecArray>()
  trace.tracks.forEach((path, track) => {
    const found = path.at(-2) === "requests" ? pattern.exec(path.at(-1) ?? "") : null
    if (found !== null) named.set(track, found)
  })
  if (named.size === 0) return new Map()
  const slicesOf = new Map<number, number[]>()
  for (let slice = 0; slice < trackOf.length; slice++) {
    const track = trackOf[slice]!
    if (!named.has(track)) continue
    const own = slicesOf.get(track)
    if (own === undefined) slicesOf.set(track, [slice])
    else own.push(slice)
  }
  return new Map(
    [...slicesOf].map(([track, slices]) => {
      const [, request, prompt, output, replica] = named.get(track)!
      const ordered = slices.sort((a, b) => start[a]! - start[b]!)
      const prefill = ordered.find((slice) => trace.names[name[slice]!] === "prefill")
      const lane: RequestLane = {
        track,
        request: Number(request),
        prompt: Number(prompt ?? Number.NaN),
        output: Number(output ?? Number.NaN),
        replica: Number(replica ?? 0),
        arrival: start[ordered[0]!]!,
        scheduled: prefill === undefined ? Number.NaN : start[prefill]!,
        firstToken: prefill === undefined ? Number.NaN : start[prefill]! + duration[prefill]!,
        end: Math.max(...ordered.map((slice) => start[slice]! + duration[slice]!)),
        preempted: ordered
          .filter((slice) => trace.names[name[slice]!] === "preempted")
          .map((slice) => ({ start: start[slice]!, end: start[slice]! + duration[slice]! })),
        slices: ordered
      }
      return [track, lane] as const
    })
  )
}

/** A latency of a request in seconds; NaN where it has none. */
export const latencyOf = ({ arrival, scheduled, firstToken, end, output }: RequestLane, metric: Metric): number => {
  switch (metric) {
    case "ttft":
      return firstToken - arrival
    case "tpot":
      return output > 1 ? (end - firstToken) / (output - 1) : Number.NaN
    case "queueing":
      return scheduled - arrival
    default:
      return end - arrival
  }
}

/** Tracks of the requests whose latency is in a range. */
export const requestsBetween = (
  lanes: ReadonlyMap<number, RequestLane>,
  metric: Metric,
  [from, to]: readonly [number, number]
): ReadonlySet<number> =>
  new Set(
    [...lanes.values()].flatMap((lane) => {
      const seconds = latencyOf(lane, metric)
      return seconds >= from && seconds <= to ? [lane.track] : []
    })
  )

export interface RequestStep {
  readonly slice: number
  /** What the step did for the request: read its prompt, made its next token, or only kept it waiting. */
  readonly phase: "prefill" | "decode" | "wait"
  /** Steps that the slice stands for: a long leap is one slice. */
  readonly steps: number
}

/**
 * Steps of the request's replica while it was at work, on the replica's first stage; those of a preemption left out.
 *
 * The trace does not say who is in a step, but it follows: an answer of n tokens is n - 1 steps that decode, the last
 * ones; before them, and first after a preemption, steps that prefill are the request's; all others were someone else's.
 */
export const stepsOfRequest = (trace: Trace, lane: RequestLane): readonly RequestStep[] => {
  const root = trace.tracks[lane.track]?.slice(0, -2) ?? []
  const wanted = JSON.stringify([...root, `replica ${lane.replica}`, "stage 0", "steps"])
  const steps = trace.tracks.findIndex((path) => JSON.stringify(path) === wanted)
  if (steps < 0 || Number.isNaN(lane.scheduled)) return []
  const { track, start, duration, name } = trace.slices
  const slack = 1e-9
  const own: number[] = []
  for (let slice = 0; slice < track.length; slice++) {
    if (track[slice] !== steps) continue
    const [from, to] = [start[slice]!, start[slice]! + duration[slice]!]
    if (from < lane.scheduled - slack || from >= lane.end - slack) continue
    if (lane.preempted.some((gap) => from >= gap.start - slack && to <= gap.end + slack)) continue
    own.push(slice)
  }
  own.sort((a, b) => start[a]! - start[b]!)
  const textOf = (slice: number): string => trace.names[name[slice]!] ?? ""
  const standsFor = (slice: number): number => Number(/^(\d+) decode steps/.exec(textOf(slice))?.[1] ?? 1)
  const firstDecode = firstOfDecodes(own, lane, (slice) => (/decode/.test(textOf(slice)) ? standsFor(slice) : 0))
  const isFirstAfterGap = (index: number): boolean =>
    lane.preempted.some(
      (gap) => start[own[index]!]! >= gap.end - slack && !(index > 0 && start[own[index - 1]!]! >= gap.end - slack)
    )
  return own.map((slice, index): RequestStep => {
    const [prefills, decodes] = [/prefill/.test(textOf(slice)), /decode/.test(textOf(slice))]
    const reads = prefills && (index < firstDecode || isFirstAfterGap(index))
    const phase = reads ? "prefill" : decodes && index >= firstDecode ? "decode" : "wait"
    return { slice, phase, steps: standsFor(slice) }
  })
}

/** Index of the first of the last `output - 1` steps that decode; the first that decodes at all where the answer's length is not known. */
const firstOfDecodes = (
  steps: readonly number[],
  { output, preempted }: RequestLane,
  decodesOf: (slice: number) => number
): number => {
  if (Number.isNaN(output))
    return Math.max(
      0,
      steps.findIndex((slice) => decodesOf(slice) > 0)
    )
  // What is computed again after a preemption ends with a token as well.
  let [left, at] = [output - 1 - preempted.length, steps.length]
  while (at > 0 && left > 0) left -= decodesOf(steps[--at]!)
  return at
}
