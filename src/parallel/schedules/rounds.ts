/**
 * Zero-bubble orders of plain stages for given times under a memory limit: the heuristic of Qi et al. (2401.10241, section
 * 3.1), without its integer programme. Micro-batches go round by round: a forward on every stage from first to last, then
 * an input gradient on every stage from last to first. Weight gradients fill what would be idle, and make room where
 * the limit is reached; a stage that idles less than the unluckiest so far may go on idling.
 *
 * The published search tries the switches of `RoundRules` one against the other; so does `automatic.ts`. Weight gradients
 * go on being put off until the memory is full, which may take very many rounds; for a steady state of one micro-batch
 * every round in the middle may be made alike.
 */
import { backwardInputCode, backwardWeightCode, forwardCode, packCode } from "./schedule.ts"
import type { OperationTimes } from "./schedule.ts"

export interface RoundRules {
  /** Most micro-batches that a stage may hold, and the share of one that stays from input to weight gradient. */
  readonly limit: number
  readonly weightShare: number
  /** Whether the last forward of the warm-up may run into the arrival of the first gradient. */
  readonly overruns: boolean
  /** Whether a stage two forwards ahead of the next one leaves a forward out rather than delay a gradient. */
  readonly yieldsToGradient: boolean
  /** Whether a weight gradient that is longer than the gap before an arrival fills it even where idling costs nothing. */
  readonly fillsAlways: boolean
  /** Rounds at the beginning and at the end beside which every round is a forward, a gradient and a weight gradient. */
  readonly ends?: number
}

const slack = 1e-9

/** Lists of a split backward (F, Bi, W) in one chunk; undefined where the limit is too tight for the rules. */
export const roundOperations = (
  stages: number,
  microBatches: number,
  times: OperationTimes,
  rules: RoundRules
): readonly Int32Array[] | undefined => {
  const { forward, backwardInput, backwardWeight, communication } = times
  const { limit, weightShare } = rules
  const lists = Array.from({ length: stages }, () => new Int32Array(3 * microBatches))
  const counts = new Int32Array(stages)
  const forwards = new Int32Array(stages)
  const backwards = new Int32Array(stages)
  const weights = new Int32Array(stages)
  const held = new Float64Array(stages)
  const free = new Float64Array(stages)
  const idle = new Float64Array(stages)
  const forwardEnd = new Float64Array(stages * microBatches)
  const backwardEnd = new Float64Array(stages * microBatches)
  let mostIdle = 0
  const last = stages - 1

  const forwardArrival = (stage: number): number =>
    stage === 0 ? 0 : (forwardEnd[(stage - 1) * microBatches + (forwards[stage] ?? 0)] ?? 0) + communication
  const gradientArrival = (stage: number): number =>
    stage === last ? 0 : (backwardEnd[(stage + 1) * microBatches + (backwards[stage] ?? 0)] ?? 0) + communication
  const append = (stage: number, kind: number, index: number, from: number, seconds: number, change: number): void => {
    const list = lists[stage]
    const count = counts[stage] ?? 0
    if (list !== undefined) list[count] = packCode(kind, index, 0)
    counts[stage] = count + 1
    // What a stage waits for before its first operation is no bubble of its own span.
    if (count > 0) idle[stage] = (idle[stage] ?? 0) + from - (free[stage] ?? 0)
    mostIdle = Math.max(mostIdle, idle[stage] ?? 0)
    free[stage] = from + seconds
    held[stage] = (held[stage] ?? 0) + change
  }
  const runForward = (stage: number): void => {
    const index = forwards[stage] ?? 0
    append(stage, forwardCode, index, Math.max(free[stage] ?? 0, forwardArrival(stage)), forward, 1)
    forwardEnd[stage * microBatches + index] = free[stage] ?? 0
    forwards[stage] = index + 1
  }
  const runGradient = (stage: number): void => {
    const index = backwards[stage] ?? 0
    const from = Math.max(free[stage] ?? 0, gradientArrival(stage))
    append(stage, backwardInputCode, index, from, backwardInput, weightShare - 1)
    backwardEnd[stage * microBatches + index] = free[stage] ?? 0
    backwards[stage] = index + 1
  }
  const runWeight = (stage: number): void => {
    const index = weights[stage] ?? 0
    append(stage, backwardWeightCode, index, free[stage] ?? 0, backwardWeight, -weightShare)
    weights[stage] = index + 1
  }
  const hasWeight = (stage: number): boolean => (weights[stage] ?? 0) < (backwards[stage] ?? 0)
  /** Weight gradients before an arrival: those that fit, and one more where idling would set a new worst. */
  const fill = (stage: number, arrival: number): void => {
    while (hasWeight(stage) && (free[stage] ?? 0) + backwardWeight <= arrival + slack) runWeight(stage)
    const gap = arrival - (free[stage] ?? 0)
    if (!hasWeight(stage) || gap <= slack) return
    if (rules.fillsAlways || gap > mostIdle - (idle[stage] ?? 0) + slack) runWeight(stage)
  }

  /** The first micro-batch: forwards while the first gradient is on its way, fewer on every later stage. */
  const warmUp = (): void => {
    for (let stage = 0; stage < stages; stage++) runForward(stage)
    const extra = new Int32Array(stages)
    let gradientEnd = (forwardEnd[last * microBatches] ?? 0) + backwardInput
    for (let stage = last - 1; stage >= 0; stage--) {
      const arrival = gradientEnd + communication
      let end = free[stage] ?? 0
      let count = 0
      while (1 + count < microBatches && (held[stage] ?? 0) + count + 1 <= limit + slack) {
        if (rules.overruns ? end >= arrival : end + forward > arrival + slack) break
        end += forward
        count++
      }
      extra[stage] = count
      gradientEnd = Math.max(end, arrival) + backwardInput
    }
    for (let stage = 0; stage < stages; stage++) {
      const bound = stage === 0 ? Infinity : Math.max(0, (extra[stage - 1] ?? 0) - 1)
      extra[stage] = Math.min(extra[stage] ?? 0, bound)
      for (let count = 0; count < (extra[stage] ?? 0); count++) runForward(stage)
    }
    for (let stage = last; stage >= 0; stage--) runGradient(stage)
  }

  const runsForward = new Uint8Array(stages)
  const wantsForward = (stage: number): boolean => {
    if ((forwards[stage] ?? 0) >= microBatches) return false
    if (!rules.yieldsToGradient || stage === last || (forwards[stage] ?? 0) < (forwards[stage + 1] ?? 0) + 2)
      return true
    // When the next stage can send its gradient, if it takes a forward first.
    const gradient = (free[stage + 1] ?? 0) + forward + backwardInput + communication
    if ((free[stage] ?? 0) >= gradient) return false
    let load = (held[stage] ?? 0) + 1
    let seconds = forward
    for (let count = weights[stage] ?? 0; load > limit + slack && count < (backwards[stage] ?? 0); count++) {
      load -= weightShare
      seconds += backwardWeight
    }
    if ((free[stage] ?? 0) + seconds <= gradient) return true
    return gradient - (free[stage] ?? 0) > mostIdle - (idle[stage] ?? 0)
  }

  warmUp()
  const { ends = microBatches } = rules
  for (let round = 1; round < microBatches; round++) {
    if (round >= ends && round < microBatches - ends) {
      for (let stage = 0; stage < stages; stage++) runForward(stage)
      for (let stage = last; stage >= 0; stage--) {
        runGradient(stage)
        runWeight(stage)
      }
      continue
    }
    for (let stage = last; stage >= 0; stage--)
      runsForward[stage] = wantsForward(stage) && (stage === last || runsForward[stage + 1] === 1) ? 1 : 0
    for (let stage = 0; stage < stages; stage++) {
      if (runsForward[stage] === 0) continue
      while ((held[stage] ?? 0) + 1 > limit + slack) {
        if (!hasWeight(stage)) return undefined
        runWeight(stage)
      }
      if (stage > 0) fill(stage, forwardArrival(stage))
      runForward(stage)
    }
    for (let stage = last; stage >= 0; stage--) {
      if (stage < last) fill(stage, gradientArrival(stage))
      // The last gradients come late to stage 0: what it has put off goes before them.
      if (stage === 0 && forwards[0] === microBatches) while (hasWeight(0)) runWeight(0)
      runGradient(stage)
    }
  }
  for (let stage = 0; stage < stages; stage++) while (hasWeight(stage)) runWeight(stage)
  return lists
}
