/**
 * How often to save: steps between checkpoints by segment, and the interval after which the run is over soonest.
 */
import { mean } from "../../statistics/index.ts"
import type { PlayedRun } from "./play-run.ts"
import type { CheckpointAdvice, RunPlan } from "./types.ts"
import { dalyInterval, youngInterval } from "./young-daly.ts"

/** Steps between checkpoints in each segment: as many as come nearest to the interval, at least one. */
export const stepsBetween = (
  { segments }: Pick<RunPlan, "segments">,
  interval: { readonly seconds: number } | { readonly steps: number }
): readonly number[] =>
  segments.map(({ stepSeconds }) =>
    "steps" in interval ? interval.steps : Math.max(1, Math.round(interval.seconds / stepSeconds))
  )

/** Mean seconds between failures of the whole job, all components together; null where nothing fails. */
export const failureSecondsOf = ({ failures }: Pick<RunPlan, "failures">): number | null => {
  const rate = failures.reduce((sum, { units, meanSeconds }) => sum + units / meanSeconds, 0)
  return rate === 0 ? null : 1 / rate
}

/** Factors on the closed form that are simulated: half powers of two from a quarter to four. */
const factors = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((exponent) => 2 ** (exponent / 2))

/**
 * Starts from Daly's interval, simulates others around it with the same failures, and takes the best; a parabola through it
 * and its neighbours in (log interval, seconds) says where the minimum lies between them.
 *
 * @param play  plays some runs with so many seconds between checkpoints
 */
export const adviseInterval = (
  plan: RunPlan,
  play: (intervalSeconds: number) => readonly PlayedRun[]
): CheckpointAdvice | null => {
  const { checkpoint, segments } = plan
  const failureSeconds = failureSecondsOf(plan)
  if (checkpoint === null || failureSeconds === null) return null
  const { pauseSeconds, uploadSeconds } = checkpoint
  const step = segments.at(-1)!.stepSeconds
  const work = segments.reduce((sum, { steps, stepSeconds }) => sum + steps * stepSeconds, 0)
  const daly = dalyInterval(pauseSeconds, failureSeconds)
  // A checkpoint cannot be more frequent than a step, nor than the upload of the one before it.
  const start = Math.min(work, Math.max(daly, step, uploadSeconds))
  const tried = [...new Set(factors.map((factor) => Math.min(work, Math.max(step, start * factor))))]
    .map((intervalSeconds) => ({ intervalSeconds, runSeconds: mean(play(intervalSeconds).map(secondsTo(work))) }))
    .filter(({ runSeconds }) => runSeconds < Infinity)
  if (tried.length === 0) return null
  const best = tried.reduce((least, each, index) => (each.runSeconds < tried[least]!.runSeconds ? index : least), 0)
  const found = { intervalSeconds: lowest(tried, best), runSeconds: tried[best]!.runSeconds }
  return { young: youngInterval(pauseSeconds, failureSeconds), daly, ...found, tried }
}

/** Seconds of a run; of one that was given up, what it would take if it went on like that. */
const secondsTo =
  (work: number) =>
  ({ isFinished, seconds, parts }: PlayedRun): number =>
    isFinished ? seconds : parts.productive > 0 ? (seconds * work) / parts.productive : Infinity

type Tried = CheckpointAdvice["tried"]

const lowest = (tried: Tried, best: number): number => {
  const [below, at, above] = [tried[best - 1], tried[best]!, tried[best + 1]]
  if (below === undefined || above === undefined) return at.intervalSeconds
  const [x0, x1, x2] = [below, at, above].map(({ intervalSeconds }) => Math.log(intervalSeconds)) as [
    number,
    number,
    number
  ]
  const left = (at.runSeconds - below.runSeconds) / (x1 - x0)
  const right = (above.runSeconds - at.runSeconds) / (x2 - x1)
  const curvature = (right - left) / (x2 - x0)
  return curvature > 0 ? Math.exp((x0 + x1) / 2 - left / (2 * curvature)) : at.intervalSeconds
}
