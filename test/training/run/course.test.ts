/** The course of a run: what it did and when, beside what the whole of it came to. */
import { describe, expect, test } from "vitest"
import { makeCourseRecorder, mostSpans, type RunCourse } from "../../../src/training/run/course.ts"
import { noSaves } from "../../../src/training/run/stretch.ts"
import type { PlayedRun } from "../../../src/training/run/play-run.ts"
import type { RunPlan } from "../../../src/training/run/types.ts"
import { failing, hour, planOf, play, restarting, saving } from "./plans.ts"

const courseOf = (plan: RunPlan, every: number): { readonly run: PlayedRun; readonly course: RunCourse } => {
  const recorder = makeCourseRecorder()
  const run = play(plan, every, { course: recorder })
  return { run, course: recorder.course() }
}

/** Seconds of the spans in which a run did this. */
const secondsOf = ({ doing, until }: RunCourse, what: string): number =>
  doing.reduce((sum, one, index) => sum + (one === what ? until[index]! - (until[index - 1] ?? 0) : 0), 0)

describe("the course of a run", () => {
  test("in which nothing happens is one span", () => {
    const { course } = courseOf(planOf(), Infinity)
    expect(course).toEqual({
      doing: ["running"],
      until: [100_000],
      fromStep: [0],
      toStep: [10_000],
      savedStep: [0],
      firstSave: [0],
      savePeriod: [0],
      saves: [0],
      cause: [null],
      isCut: false
    })
  })

  test("tells a planned stop in its order: steps, save, stop, restart, steps, the last save", () => {
    const plan = planOf({
      checkpoint: saving(50),
      restart: restarting(600),
      stops: [{ atSeconds: 5005, lastingSeconds: 1000 }]
    })
    const { course } = courseOf(plan, 1e6)
    // The step that the stop finds under way is the 501st; it ends at 5,010 s.
    expect(course.doing).toEqual(["running", "saving", "planned", "restart", "running", "finishing"])
    expect(course.until).toEqual([5010, 5060, 6060, 6660, 6660 + 94_990, 6660 + 94_990 + 50])
    expect(course.fromStep).toEqual([0, 501, 501, 501, 501, 10_000])
    expect(course.savedStep).toEqual([0, 0, 501, 501, 501, 501])
  })

  test("falls back to the safe step after every failure, and accounts for all of the time", () => {
    const plan = planOf({
      checkpoint: saving(50),
      restart: restarting(600),
      failures: [failing(5 * hour, { detectionSeconds: 30 })]
    })
    const { run, course } = courseOf(plan, 100)
    const failures = course.cause.filter((cause) => cause === "gpu").length
    expect(failures).toBeGreaterThan(2)
    expect(failures).toBe(run.interruptions["gpu"])
    expect(course.until.at(-1)).toBe(run.seconds)
    expect(course.toStep.at(-1)).toBe(10_000)
    expect(secondsOf(course, "restart")).toBeCloseTo(run.parts.restart, 6)
    expect(secondsOf(course, "detection")).toBeCloseTo(run.parts.detection, 6)
    for (const [index, what] of course.doing.entries())
      if (what === "running" && index > 0) expect(course.fromStep[index]).toBe(course.savedStep[index - 1])
    expect(course.savedStep.every((step) => step % 100 === 0)).toBe(true)
  })

  test("has the times of the checkpoints among the steps", () => {
    // 10,000 steps of 10 s, saved every 1,000: the copy of the first ends at 10,050 s, the others 10,050 s apart.
    const { course } = courseOf(planOf({ checkpoint: saving(50) }), 1000)
    expect(course).toMatchObject({ doing: ["running"], firstSave: [10_050], savePeriod: [10_050], saves: [10] })
    expect(course.until).toEqual([100_500])
  })

  test("is recorded up to a number of spans, and says that it went on", () => {
    const recorder = makeCourseRecorder()
    for (let index = 1; index <= mostSpans + 5; index++)
      recorder.add("running", index, index - 1, { step: index, savedStep: 0, saves: noSaves }, null)
    const { until, isCut } = recorder.course()
    expect(until).toHaveLength(mostSpans)
    expect(isCut).toBe(true)
  })
})
