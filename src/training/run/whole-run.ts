/**
 * The whole run, many times: days, goodput, energy and cost, each with how much it varies, and how often to save.
 */
import { quantileOfSorted, mean } from "../../statistics/index.ts"
import type { ImpossibleLayout, TrainingJob, TrainingResult } from "../types.ts"
import { adviseInterval, failureSecondsOf, stepsBetween } from "./checkpoint-interval.ts"
import { componentNames, type ComponentName } from "./components.ts"
import { makeCourseRecorder, type CourseRecorder } from "./course.ts"
import { playRun, type PlayedRun } from "./play-run.ts"
import { makeRunPlan } from "./run-plan.ts"
import { runParts, type RunPart, type RunPlan, type RunSettings, type Spread, type WholeRun } from "./types.ts"

/** Runs that take longer than this many times the undisturbed run are given up. */
const mostTimesIdeal = 50
/** Events of one run after which it is given up, and of all runs after which no further one is begun. */
const mostEventsOfRun = 300_000
const mostEvents = 10_000_000
/** Where so many were given up the others would be as well. */
const mostGivenUp = 3
/** Runs that try out an interval between checkpoints. */
const mostTrials = 40

const joulesPerKilowattHour = 3.6e6

/** Simulates the run that a job's scenario asks for, on top of its simulated iteration. */
export const simulateWholeRun = (
  job: TrainingJob,
  iteration: TrainingResult,
  settings: RunSettings
): WholeRun | ImpossibleLayout => {
  const plan = makeRunPlan(job, iteration, settings)
  if ("_tag" in plan) return plan
  const ideal = idealSecondsOf(plan)
  const play = (index: number, every: readonly number[], course?: CourseRecorder): PlayedRun =>
    playRun(plan, {
      ...(course === undefined ? {} : { course }),
      seed: job.seed,
      index,
      every,
      mostSeconds: ideal * mostTimesIdeal,
      mostEvents: mostEventsOfRun
    })
  const several = (
    count: number,
    interval: { readonly seconds: number } | { readonly steps: number },
    course?: CourseRecorder
  ) => {
    const every = stepsBetween(plan, interval)
    const runs: PlayedRun[] = []
    let [events, givenUp] = [0, 0]
    for (let index = 0; index < count && events < mostEvents && givenUp < mostGivenUp; index++) {
      const run = play(index, every, index === 0 ? course : undefined)
      runs.push(run)
      events += run.events
      if (!run.isFinished) givenUp++
    }
    return runs
  }
  const trials = Math.min(settings.runs, mostTrials)
  const advice = adviseInterval(plan, (seconds) => several(trials, { seconds }))
  const given = plan.checkpoint?.interval ?? { steps: Infinity }
  const interval = given === "best" ? { seconds: advice?.intervalSeconds ?? ideal } : given
  // Without chance one run is like the other.
  const isRandom = plan.failures.some(({ units }) => units > 0) || plan.slowNodes !== null
  const first = makeCourseRecorder()
  const runs = several(isRandom ? settings.runs : 1, interval, first)
  return {
    ...countedRun(job, settings, plan, runs),
    course: first.course(),
    checkpoint:
      plan.checkpoint === null
        ? null
        : {
            bytes: plan.checkpoint.bytes,
            pauseSeconds: plan.checkpoint.pauseSeconds,
            uploadSeconds: plan.checkpoint.uploadSeconds,
            intervalSeconds: intervalSecondsOf(plan, stepsBetween(plan, interval)),
            advice
          }
  }
}

const idealSecondsOf = ({ segments }: RunPlan): number =>
  segments.reduce((sum, { steps, stepSeconds }) => sum + steps * stepSeconds, 0)

/** Seconds of work between checkpoints in the last segment, which is the longest of most runs. */
const intervalSecondsOf = ({ segments }: RunPlan, every: readonly number[]): number =>
  (every.at(-1) ?? 1) * (segments.at(-1)?.stepSeconds ?? 0)

const spreadOf = (values: readonly number[]): Spread => {
  const sorted = Float64Array.from(values).sort()
  return {
    mean: mean(values),
    p5: quantileOfSorted(sorted, 0.05),
    p50: quantileOfSorted(sorted, 0.5),
    p95: quantileOfSorted(sorted, 0.95)
  }
}

const unplannedOf = ({ interruptions }: PlayedRun): number =>
  componentNames.reduce((sum, name) => sum + (interruptions[name] ?? 0), 0)

const countedRun = (
  job: TrainingJob,
  { tokens }: RunSettings,
  plan: RunPlan,
  runs: readonly PlayedRun[]
): Omit<WholeRun, "checkpoint" | "course"> => {
  const { accelerators, segments, power } = plan
  const over = (value: (run: PlayedRun) => number): Spread => spreadOf(runs.map(value))
  const meanOf = (value: (run: PlayedRun) => number): number => mean(runs.map(value))
  const hoursOf = ({ seconds }: PlayedRun): number => (seconds / 3600) * accelerators
  const effectiveness = job.price?.powerUsageEffectiveness ?? 1
  const kilowattHoursOf = ({ joules }: PlayedRun): number => (joules * effectiveness) / joulesPerKilowattHour
  const { perAcceleratorHour, perKilowattHour, gramsPerKilowattHour } = job.price ?? {}
  const spareAccelerators = (plan.spares?.nodes ?? 0) * plan.acceleratorsPerNode
  const costOf = (run: PlayedRun): number =>
    (perAcceleratorHour ?? 0) * (run.seconds / 3600) * (accelerators + spareAccelerators) +
    (perKilowattHour ?? 0) * kilowattHoursOf(run)
  const { schedulerSeconds, initialisationSeconds, loadSeconds, warmUpSeconds } = plan.restart
  return {
    tokens,
    steps: segments.reduce((sum, { steps }) => sum + steps, 0),
    runs: runs.length,
    unfinished: runs.filter(({ isFinished }) => !isFinished).length,
    idealSeconds: idealSecondsOf(plan),
    seconds: over(({ seconds }) => seconds),
    goodput: over(({ seconds, parts }) => parts.productive / seconds),
    acceleratorHours: over(hoursOf),
    breakdown: recordOf<RunPart>(runParts, (part) => meanOf(({ parts }) => parts[part])),
    lostSeconds: over(({ parts }) => parts.lost),
    interruptions: {
      total: over((run) => unplannedOf(run) + run.planned + run.slowNodes),
      unplanned: over(unplannedOf),
      byComponent: recordOf<ComponentName>(componentNames, (name) => meanOf((run) => run.interruptions[name] ?? 0)),
      planned: meanOf(({ planned }) => planned),
      slowNodes: meanOf(({ slowNodes }) => slowNodes)
    },
    failureSeconds: failureSecondsOf(plan),
    kilowattHours: over(kilowattHoursOf),
    ratedKilowattHours: meanOf(({ seconds }) => (power.rated * seconds) / joulesPerKilowattHour),
    gramsCarbon: gramsPerKilowattHour === undefined ? null : over((run) => gramsPerKilowattHour * kilowattHoursOf(run)),
    cost: perAcceleratorHour === undefined && perKilowattHour === undefined ? null : over(costOf),
    restartSeconds: schedulerSeconds + initialisationSeconds + loadSeconds + warmUpSeconds,
    segments,
    events: runs.reduce((sum, { events }) => sum + events, 0)
  }
}

const recordOf = <Name extends string>(names: readonly Name[], value: (name: Name) => number) =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Readonly<Record<Name, number>>
