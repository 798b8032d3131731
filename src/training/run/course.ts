/**
 * The course of one run: what it was doing from when to when, which step it had come to, and which one was safe.
 */
import type { ComponentName } from "./components.ts"
import { noSaves, type Saves } from "./stretch.ts"

/** What a run is doing: steps, or what keeps it from them. */
export type Doing =
  | "running"
  | "saving"
  | "finishing"
  | "detection"
  | "waiting"
  | "planned"
  | "swap"
  | "restart"
  | "reconfigure"

/** Spans in columns, one after the other without gaps: the first begins at 0 seconds. */
export interface RunCourse {
  readonly doing: readonly Doing[]
  /** End of each span, seconds from the start of the run. */
  readonly until: readonly number[]
  /** Steps that were done when it began, and when it ended; a fall back lies between two spans. */
  readonly fromStep: readonly number[]
  readonly toStep: readonly number[]
  /** Step whose checkpoint can be used at the end. */
  readonly savedStep: readonly number[]
  /** Checkpoints among its steps: when the first was copied, seconds from one to the next, and how many. */
  readonly firstSave: readonly number[]
  readonly savePeriod: readonly number[]
  readonly saves: readonly number[]
  /** The component whose failure ended it, where one did. */
  readonly cause: readonly (ComponentName | null)[]
  /** Whether the run went on after the last span: a course is recorded up to `mostSpans`. */
  readonly isCut: boolean
}

export interface CourseRecorder {
  readonly add: (
    doing: Doing,
    until: number,
    fromStep: number,
    progress: { readonly step: number; readonly savedStep: number; readonly saves: Saves },
    cause: ComponentName | null
  ) => void
  readonly course: () => RunCourse
}

export const mostSpans = 3000

export const makeCourseRecorder = (): CourseRecorder => {
  const doing: Doing[] = []
  const until: number[] = []
  const fromSteps: number[] = []
  const toSteps: number[] = []
  const savedSteps: number[] = []
  const saves: Saves[] = []
  const causes: (ComponentName | null)[] = []
  let isCut = false
  return {
    add: (what, end, fromStep, progress, cause) => {
      // Nothing happens in no time, unless it failed.
      if (end === (until.at(-1) ?? 0) && cause === null) return
      if (doing.length === mostSpans) isCut = true
      if (isCut) return
      doing.push(what)
      until.push(end)
      fromSteps.push(fromStep)
      toSteps.push(progress.step)
      savedSteps.push(progress.savedStep)
      saves.push(what === "running" ? progress.saves : noSaves)
      causes.push(cause)
    },
    course: () => ({
      doing,
      until,
      fromStep: fromSteps,
      toStep: toSteps,
      savedStep: savedSteps,
      firstSave: saves.map(({ first }) => first),
      savePeriod: saves.map(({ count, period }) => (count > 1 ? period : 0)),
      saves: saves.map(({ count }) => count),
      cause: causes,
      isCut
    })
  }
}
