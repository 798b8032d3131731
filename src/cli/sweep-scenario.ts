/**
 * What the scenario of a sweep adds to its report: how sure the best point is, and what the scenario itself says of the
 * fields that were varied.
 */
import { asValue } from "../planner/index.ts"
import type { SweepFindings, SweepValue } from "../report/index.ts"
import {
  isServing,
  resolveServing,
  resolveTraining,
  scenarioWith,
  type Changes,
  type DecodedScenario
} from "../scenario/index.ts"
import { servingIntervals, trainingInterval } from "./prediction-intervals.ts"
import { readText } from "./text-file.ts"
import { readChunks } from "./read-chunks.ts"

type Intervals = NonNullable<SweepFindings["intervals"]>

/** A value of a row as the scenario takes it: maps and lists were kept as their text. */
const writtenValue = (value: SweepValue): unknown => {
  if (typeof value !== "string" || !/^[{[]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** Intervals of a point; undefined where the scenario cannot be read here, such as one whose files lie elsewhere. */
export const intervalsAt = async (
  scenario: DecodedScenario,
  values: Readonly<Record<string, SweepValue>>
): Promise<Intervals | undefined> => {
  const changes = Object.fromEntries(
    Object.entries(values).map(([path, value]) => [path, writtenValue(value)])
  ) as Changes
  const loaded = scenarioWith({ scenario }, changes)
  if (loaded._tag === "Refused") return undefined
  if (isServing(loaded.scenario)) {
    const resolved = resolveServing(loaded, { readText, readChunks })
    if (resolved._tag === "Refused") return undefined
    return defined(await servingIntervals(resolved))
  }
  const resolved = resolveTraining(loaded, { readText })
  if (resolved._tag === "Refused") return undefined
  return defined({ iteration: await trainingInterval(resolved) })
}

const defined = (intervals: { readonly [name in keyof Intervals]?: Intervals[name] | undefined }): Intervals =>
  Object.fromEntries(Object.entries(intervals).filter(([, interval]) => interval !== undefined)) as Intervals

/** The scenario's own values of some fields; those that it leaves to their defaults are left out. */
export const ownValues = (scenario: DecodedScenario, paths: readonly string[]): Readonly<Record<string, SweepValue>> =>
  Object.fromEntries(
    paths.flatMap((path): readonly (readonly [string, SweepValue])[] => {
      let value: unknown = scenario
      for (const step of path.split("."))
        value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[step] : undefined
      return value === undefined ? [] : [[path, asValue(value)]]
    })
  )
