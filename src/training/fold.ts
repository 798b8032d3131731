/**
 * An iteration of many micro-batches from one of few: where a schedule has reached its steady state, the periods between
 * its start and its end are all alike and need not be executed.
 *
 * The executor is deterministic and knows no absolute time, so what follows a state depends on that state and on the
 * lists ahead alone. Periods are taken out of the middle of every stage's list (`resized` of `parallel`), the short iteration
 * is executed, and its log is searched for an instant at which its state is that of R periods earlier
 * (`fold-recurrence.ts`). From that state the whole iteration runs the same R periods over and over, until its lists end
 * as those of the short one do: with P periods more, all that comes after the instant comes P / R times the recurrence
 * later, and every sum grows by P / R times what it grew by in one. What it grows by is read off a second execution that
 * is R periods longer, whose log must show the same recurrence.
 *
 * So a fold is never taken on trust. Three things are checked each time: that the lists are the whole lists with periods
 * taken out (by reading them); that the state comes back, to the rounding of the clock; that the two executions differ by
 * exactly the recurrence in their length and not at all in their peaks of memory. Where one fails (a slow drift
 * towards the bottleneck, memory that grows, operations of random length), twice as many periods are executed, and
 * in the end all of them.
 */
import { resized, resizedOperation, steadyScheduleOf, type SteadySchedule } from "../parallel/index.ts"
import { execute, type Execution } from "./execute.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import { recurrenceOf, type Recurrence } from "./fold-recurrence.ts"
import { peakDuring, type MemoryPeak } from "./memory-tracker.ts"
import { makeOperationLog } from "./operation-log.ts"
import type { StageTime } from "./stage-times.ts"

/** Micro-batches below which an iteration is executed whole: it takes milliseconds. */
const fewestMicroBatches = 512

/** Operations of all actors up to which a steady state is looked for. */
const mostTried = 4e6

/** An execution of few periods, and the recurrence that it showed. */
interface Trial {
  readonly plan: ExecutionPlan
  readonly execution: Execution
  readonly recurrence: Recurrence
}

/** The execution of an iteration from short ones, up to rounding; null where it has to be executed in full. */
export const folded = (plan: ExecutionPlan): Execution | null => {
  const { job, schedule, scales, variants } = plan
  if (job.leap === "off" || job.trace !== "off" || schedule.microBatches < fewestMicroBatches) return null
  // Who wants every event gets every event.
  if (plan.journal !== undefined) return null
  // Operations that last as chance has it come back to no state, and replicas with lists of their own not to one together.
  if (scales?.isVarying === true || variants.some((variant) => variant.schedule !== undefined)) return null
  const steady = steadyScheduleOf(schedule)
  return steady === null ? null : fold(plan, steady)
}

const fold = (plan: ExecutionPlan, steady: SteadySchedule): Execution | null => {
  // At least as many as are in flight, so that the first trial often does.
  const first = Math.ceil((2 * plan.schedule.stages) / steady.microBatches) + 8
  const perPeriod = plan.cast.actors.reduce((sum, { stage }) => sum + (steady.sections[stage]?.length ?? 0), 0)
  for (let kept = first; 3 * kept < steady.periods && kept * perPeriod <= mostTried; kept *= 2) {
    const trial = attempt(plan, steady, kept)
    if (trial === null) continue
    const { periods } = trial.recurrence
    // The periods taken out must be whole recurrences.
    const over = (steady.periods - kept) % periods
    const short = over === 0 ? trial : attempt(plan, steady, kept + over)
    const long = attempt(plan, steady, kept + over + periods)
    const made = short === null || long === null ? null : extended(plan, steady, short, long, kept + over)
    if (made !== null) return made
  }
  return null
}

const attempt = (plan: ExecutionPlan, steady: SteadySchedule, kept: number): Trial | null => {
  const gone = steady.periods - kept
  const schedule = resized(plan.schedule, steady, -gone)
  const sections = steady.sections.map(({ from, to, length }) => ({ from, to: to - gone * length, length }))
  const short = { ...plan, schedule }
  const log = makeOperationLog(
    schedule,
    plan.cast.actors.map((actor) => actor.stage)
  )
  const execution = execute(short, log)
  const recurrence = recurrenceOf(short, { ...steady, sections, periods: kept }, log)
  return recurrence === null ? null : { plan: short, execution, recurrence }
}

/** Relative difference that counts as rounding. */
const rounding = 1e-10

const alike = (a: number, b: number): boolean => Math.abs(a - b) <= rounding * Math.max(Math.abs(a), Math.abs(b))

/** The whole execution from two short ones that differ by one recurrence; null where they differ in more than that. */
const extended = (
  plan: ExecutionPlan,
  steady: SteadySchedule,
  short: Trial,
  long: Trial,
  kept: number
): Execution | null => {
  const [a, b] = [short.execution, long.execution]
  const { periods, seconds, atSeconds } = short.recurrence
  if (periods !== long.recurrence.periods || !alike(seconds, long.recurrence.seconds)) return null
  const grown = b.iterationSeconds - a.iterationSeconds
  if (Math.abs(grown - seconds) > rounding * a.iterationSeconds) return null
  const gone = steady.periods - kept
  const times = gone / periods
  const more = (from: number | undefined, to: number | undefined): number =>
    (from ?? 0) + times * ((to ?? 0) - (from ?? 0))
  const peaks: MemoryPeak[] = []
  for (const [stage, peak] of a.peaks.entries()) {
    const other = b.peaks[stage]
    if (other === undefined || !alike(peak.bytes, other.bytes) || !alike(peak.activations, other.activations))
      return null
    const isAfter = peak.atSeconds >= atSeconds
    const code = resizedOperation(peak.code, short.plan.schedule, plan.schedule, isAfter)
    peaks.push({
      ...peak,
      code,
      during: peakDuring(code),
      atSeconds: isAfter ? peak.atSeconds + times * seconds : peak.atSeconds
    })
  }
  return {
    ...a,
    iterationSeconds: more(a.iterationSeconds, b.iterationSeconds),
    stages: a.stages.map((stage, index) => longerStage(stage, b.stages[index] ?? stage, more)),
    peaks,
    groups: a.groups?.map((group, index) => longerStage(group, b.groups?.[index] ?? group, more)) ?? null,
    events: more(a.events, b.events)
  }
}

const longerStage = (
  from: StageTime,
  to: StageTime,
  more: (from: number | undefined, to: number | undefined) => number
): StageTime => ({
  composition: from.composition.map((value, index) => more(value, to.composition[index])),
  pipelineSeconds: more(from.pipelineSeconds, to.pipelineSeconds),
  dataSeconds: more(from.dataSeconds, to.dataSeconds),
  optimizerSeconds: more(from.optimizerSeconds, to.optimizerSeconds),
  flops: more(from.flops, to.flops),
  recomputedFlops: more(from.recomputedFlops, to.recomputedFlops)
})
