/** What the viewer reads of a whole training run (`wholeRun` of result.json): how long it takes, and the course of one. */
import { makeRecorder, type Trace } from "../../src/trace/index.ts"
import type { BreakdownPart, RunResult } from "./run-result.ts"

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number.NaN)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Over the simulated runs; 5 and 95 of 100 are below `p5` and `p95`. */
export interface Spread {
  readonly mean: number
  readonly p5: number
  readonly p50: number
  readonly p95: number
}

/** A stretch of the course in which the run did one thing. */
export interface RunSpan {
  readonly doing: string
  readonly start: number
  readonly end: number
  /** Steps that were done when it began, when it ended, and the one that was safe by then. */
  readonly fromStep: number
  readonly toStep: number
  readonly savedStep: number
  /** When the checkpoints among its steps were copied. */
  readonly saves: readonly number[]
  /** The component whose failure ended it. */
  readonly cause: string | undefined
}

export interface WholeRunFigures {
  readonly steps: number
  readonly tokens: number
  readonly runs: number
  readonly unfinished: number
  readonly idealSeconds: number
  readonly seconds: Spread
  readonly goodput: Spread
  readonly acceleratorHours: Spread
  readonly kilowattHours: Spread
  readonly cost: Spread | undefined
  readonly lostSeconds: Spread
  readonly interruptions: Spread
  readonly byCause: readonly (readonly [cause: string, mean: number])[]
  /** Parts of the mean time. */
  readonly breakdown: readonly BreakdownPart[]
  readonly checkpoint:
    | {
        readonly intervalSeconds: number
        readonly tried: readonly (readonly [intervalSeconds: number, runSeconds: number])[]
      }
    | undefined
  /** Seconds in which no step runs for a checkpoint. */
  readonly pauseSeconds: number
  readonly spans: readonly RunSpan[]
  /** Whether the course goes on after the last span. */
  readonly isCut: boolean
}

const partNames: Readonly<Record<string, readonly [name: string, kind: BreakdownPart["kind"]]>> = {
  productive: ["training", "compute"],
  slowed: ["slowed down", "tensor"],
  lost: ["work done again", "expert"],
  checkpoint: ["checkpoints", "memory"],
  restart: ["restarting", "host"],
  swap: ["swapping nodes", "data"],
  detection: ["until noticed", "pipeline"],
  waiting: ["waiting for repair", "bubble"],
  planned: ["planned stops", "other"]
}

/** What the spans of a course are called, and the stream that gives them their colour. */
const doings: Readonly<Record<string, readonly [name: string, stream: string]>> = {
  running: ["steps", "steps"],
  saving: ["save before a stop", "saving"],
  finishing: ["last save", "saving"],
  detection: ["until the failure is noticed", "until noticed"],
  waiting: ["waiting for repair", "waiting for repair"],
  planned: ["planned stop", "planned stop"],
  swap: ["swapping nodes", "swapping nodes"],
  restart: ["restart", "restart"],
  reconfigure: ["regrouping replicas", "restart"]
}

export const doingName = (doing: string): string => doings[doing]?.[0] ?? doing.slice(0, 60)

const spreadOf = (value: unknown): Spread => {
  const { mean, p5, p50, p95 } = fieldsOf(value)
  return { mean: numberOf(mean), p5: numberOf(p5), p50: numberOf(p50), p95: numberOf(p95) }
}

export const readWholeRun = (result: RunResult | undefined): WholeRunFigures | undefined => {
  const run = fieldsOf(result?.document["wholeRun"])
  const seconds = spreadOf(run["seconds"])
  if (!(seconds.mean > 0)) return undefined
  const interruptions = fieldsOf(run["interruptions"])
  const checkpoint = fieldsOf(run["checkpoint"])
  const breakdown = fieldsOf(run["breakdown"])
  const course = fieldsOf(run["course"])
  return {
    steps: numberOf(run["steps"]),
    tokens: numberOf(run["tokens"]),
    runs: numberOf(run["runs"]),
    unfinished: numberOf(run["unfinished"]),
    idealSeconds: numberOf(run["idealSeconds"]),
    seconds,
    goodput: spreadOf(run["goodput"]),
    acceleratorHours: spreadOf(run["acceleratorHours"]),
    kilowattHours: spreadOf(run["kilowattHours"]),
    cost: run["cost"] === null || run["cost"] === undefined ? undefined : spreadOf(run["cost"]),
    lostSeconds: spreadOf(run["lostSeconds"]),
    interruptions: spreadOf(interruptions["total"]),
    byCause: [
      ...Object.entries(fieldsOf(interruptions["byComponent"])),
      ["planned stops", interruptions["planned"]] as const,
      ["slow nodes", interruptions["slowNodes"]] as const
    ].flatMap(([cause, mean]) => (typeof mean === "number" && mean > 0 ? [[cause.slice(0, 60), mean] as const] : [])),
    breakdown: Object.entries(partNames).flatMap(([part, [name, kind]]) => {
      const spent = numberOf(breakdown[part])
      return spent > 0 ? [{ name, kind, seconds: spent }] : []
    }),
    checkpoint:
      run["checkpoint"] === null || run["checkpoint"] === undefined
        ? undefined
        : {
            intervalSeconds: numberOf(checkpoint["intervalSeconds"]),
            tried: listOf(fieldsOf(checkpoint["advice"])["tried"])
              .map(fieldsOf)
              .map((one) => [numberOf(one["intervalSeconds"]), numberOf(one["runSeconds"])] as const)
              .filter(([interval, total]) => interval > 0 && total > 0)
          },
    pauseSeconds: numberOf(checkpoint["pauseSeconds"]) || 0,
    spans: spansOf(course),
    isCut: course["isCut"] === true
  }
}

/** Spans up to the first one that cannot be: times go forward, and are numbers. */
const spansOf = (course: Fields): readonly RunSpan[] => {
  const column = (name: string): readonly unknown[] => listOf(course[name])
  const [doing, until, fromStep, toStep] = [column("doing"), column("until"), column("fromStep"), column("toStep")]
  const [savedStep, cause] = [column("savedStep"), column("cause")]
  const [firstSave, savePeriod, saves] = [column("firstSave"), column("savePeriod"), column("saves")]
  const spans: RunSpan[] = []
  let start = 0
  for (const [index, value] of until.entries()) {
    const span: RunSpan = {
      doing: String(doing[index]).slice(0, 60),
      start,
      end: numberOf(value),
      fromStep: numberOf(fromStep[index]),
      toStep: numberOf(toStep[index]),
      savedStep: numberOf(savedStep[index]),
      saves: savesOf(numberOf(firstSave[index]), numberOf(savePeriod[index]), numberOf(saves[index])),
      cause: typeof cause[index] === "string" ? cause[index].slice(0, 60) : undefined
    }
    if (!(span.end >= start && span.end < Infinity && span.fromStep >= 0 && span.toStep >= 0)) break
    spans.push(span)
    start = span.end
  }
  return spans
}

const mostSaves = 100_000

const savesOf = (first: number, period: number, count: number): readonly number[] =>
  first >= 0 && count > 0 && count <= mostSaves && (period > 0 || count === 1)
    ? Array.from({ length: count }, (_, index) => first + index * period)
    : []

/** A failure of the course: when, what it took, and when steps went on. */
export interface RunFailure {
  readonly at: number
  readonly cause: string
  readonly step: number
  readonly stepsLost: number
  /** Seconds until steps ran again; NaN where they did not. */
  readonly outSeconds: number
}

export const failuresOf = ({ spans }: WholeRunFigures): readonly RunFailure[] =>
  spans.flatMap(({ cause, end, toStep }, index) => {
    if (cause === undefined) return []
    const next = spans.slice(index + 1).find(({ doing }) => doing === "running")
    return [
      {
        at: end,
        cause,
        step: toStep,
        stepsLost: next === undefined ? 0 : Math.max(0, toStep - next.fromStep),
        outSeconds: next === undefined ? Number.NaN : next.start - end
      }
    ]
  })

/** Path of the tracks of a course. */
const root = "whole run"

/** Samples of the counter of steps over the whole course. */
const mostSamples = 2000

/**
 * The course as a trace, so that it is looked at like any other: a row for its steps and one for each thing that kept it
 * from them, with the steps that are done as a counter. Arrows go from a failure to what came of it.
 */
export const courseTrace = ({ spans, pauseSeconds }: WholeRunFigures): Trace => {
  const recorder = makeRecorder({ mode: "full" })
  const trackOf = (stream: string): number => recorder.track([root, stream])
  const length = spans.at(-1)?.end ?? 1
  const home = trackOf("steps")
  const done = recorder.counter(recorder.track([root]), recorder.name("steps done"))
  let broken = -1
  for (const { doing, start, end, fromStep, toStep, saves, cause } of spans) {
    const [what, stream] = doings[doing] ?? [doing, "other"]
    const name =
      doing === "running"
        ? `steps ${fromStep} to ${toStep}${cause === undefined ? "" : `, ended by a failure: ${cause}`}`
        : what
    const slice = recorder.slice(doing === "running" ? home : trackOf(stream), recorder.name(name), start, end - start)
    if (broken >= 0) recorder.flow(broken, slice)
    broken = doing !== "running" || cause !== undefined ? slice : -1
    for (const at of saves)
      recorder.slice(trackOf("saving"), recorder.name("checkpoint"), Math.max(start, at - pauseSeconds), pauseSeconds)
    // Steps come one after the other: the counter climbs in as many samples as can be seen.
    const samples = Math.max(1, Math.min(toStep - fromStep, Math.ceil((mostSamples * (end - start)) / length)))
    for (let sample = 0; sample < samples; sample++)
      recorder.sample(
        done,
        start + ((end - start) * sample) / samples,
        Math.round(fromStep + ((toStep - fromStep) * sample) / samples)
      )
    recorder.sample(done, end, toStep)
  }
  return recorder.finish()
}
