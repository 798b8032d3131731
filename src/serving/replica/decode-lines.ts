/** Seconds of a decode-only step as lines in its context, looked up once for each number of sequences, in all and in the fullest group. */
import type { StepLoad, StepModel } from "../../inference/index.ts"
import { makeStepLoad } from "../../inference/index.ts"

/** All stages of a decode-only step, for a fixed number of sequences. */
export interface BatchLine {
  /** Host and hops, which depend on the number of sequences alone. */
  readonly hostSeconds: number
  readonly hopSeconds: number
  readonly stages: readonly StageLine[]
}

/** max(floor, base + slope x context + windowSlope x windowed context). */
export interface StageLine {
  readonly floor: number
  readonly base: number
  readonly slope: number
  readonly windowSlope: number
}

/** The line of a number of sequences, those of a load; null where the model has none. */
export type DecodeLines = (decodes: number, load: StepLoad) => BatchLine | null

export const makeDecodeLines = (steps: StepModel): DecodeLines => {
  // Groups that are alike, or only one; and those that are not, by both numbers.
  const known: (BatchLine | null | undefined)[] = []
  const uneven = new Map<number, BatchLine | null>()
  return (decodes, load) => {
    const { fullestDecodes = 0 } = load
    const key = fullestDecodes * 2 ** 26 + decodes
    const line = fullestDecodes === 0 ? known[decodes] : uneven.get(key)
    if (line !== undefined) return line
    const made = lineOf(steps, decodes, load)
    if (fullestDecodes === 0) known[decodes] = made
    else uneven.set(key, made)
    return made
  }
}

const lineOf = (steps: StepModel, decodes: number, load: StepLoad): BatchLine | null => {
  const stages: StageLine[] = []
  for (let stage = 0; stage < steps.stages; stage++) {
    const line = steps.decodeLine(stage, decodes, load.fullestDecodes)
    if (line === undefined) return null
    stages.push({ floor: line.floor, base: line.base, slope: line.slope, windowSlope: line.windowSlope })
  }
  const only: StepLoad = { ...makeStepLoad(), ...load }
  return { hostSeconds: steps.hostSeconds(only), hopSeconds: steps.hopSeconds(only) * (steps.stages - 1), stages }
}

/** Seconds of the first step, what each later step takes more, and for how many steps that holds. Written by `stretch`. */
export interface Stretch {
  first: number
  increment: number
  steps: number
  /** Of `first`: what stages work. */
  stageSeconds: number
}

/** What the first step of a leap attends to, and what each later one attends to more. */
export interface GrowingLoad {
  readonly load: StepLoad
  readonly contextGrowth: number
  readonly windowGrowth: number
}

/**
 * How long the next steps take.
 *
 * @param limit  most steps; fewer are answered when a stage crosses from its floor to its line
 */
export const stretch = (
  line: BatchLine,
  { load, contextGrowth, windowGrowth }: GrowingLoad,
  limit: number,
  into: Stretch
): void => {
  let seconds = 0
  let increment = 0
  let steps = limit
  for (let stage = 0; stage < line.stages.length; stage++) {
    const { floor, base, slope, windowSlope } = line.stages[stage]!
    const value = base + slope * load.decodeContext + windowSlope * load.decodeWindow
    const growth = slope * contextGrowth + windowSlope * windowGrowth
    if (value >= floor) {
      seconds += value
      increment += growth
    } else {
      seconds += floor
      // Steps 0 ... floor((floor - value) / growth) are on the floor.
      if (growth > 0) steps = Math.min(steps, Math.floor((floor - value) / growth) + 1)
    }
  }
  into.stageSeconds = seconds
  into.first = seconds + line.hostSeconds + line.hopSeconds
  into.increment = increment
  into.steps = Math.max(1, steps)
}
