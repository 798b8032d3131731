/**
 * Which measurement would settle whether one layout beats another: both, on as few accelerators as still show the difference.
 *
 * Fewer data-parallel replicas take fewer nodes; tensor, pipeline, context and expert sizes, the micro-batch and the
 * micro-batches of a replica stay, so that what is measured is what was planned. Each smaller size is simulated, the smallest first, until
 * one shows the difference: its ratio of times is within half of the difference in question from that of the plan.
 *
 * What a layout's time is off by at the small size, it is taken to be off by at the full one. So the layouts are as good as each
 * other where measured seconds of the second over those of the first are
 *
 *     even = (second / first, small, predicted) / (second / first of the objective, planned)
 *
 * and one is better beyond even x exp(+-margin). The margin is the noise of a measured ratio over the root of the runs, which
 * are as many as make the margin half of the difference.
 */
import {
  resolveTraining,
  scenarioWith,
  type Changes,
  type LoadedScenario,
  type ReadText,
  type ResolvedTraining
} from "../../scenario/index.ts"
import { isImpossible, simulateTraining, type TrainingResult } from "../../training/index.ts"
import type { PlannedLayout } from "./plan.ts"

export interface SmallRun {
  /** The layout on the machines that it is measured on. */
  readonly resolved: ResolvedTraining
  readonly loaded: LoadedScenario
  readonly result: TrainingResult
}

export interface Experiment {
  /** The first of the plan, and the other. */
  readonly runs: readonly [SmallRun, SmallRun]
  /** Data-parallel replicas of the plan for each of these; 1 = at full size. */
  readonly reduction: number
  /** Seconds of the second over those of the first, as predicted there, and at which both layouts are equally good. */
  readonly predicted: number
  readonly even: number
  /** The ratio has to be this factor beyond `even` to tell. */
  readonly margin: number
  /** Runs of each layout, in turns. */
  readonly repeats: number
  /** Iterations of a run that are not counted, and that are. */
  readonly warmUp: number
  readonly counted: number
  /** Of all runs together. */
  readonly acceleratorHours: number
}

/** Why none is proposed. */
export type NoExperiment =
  /** The layouts are predicted to be as good as each other to more than measurements repeat. */
  | { readonly kind: "indistinct"; readonly repeats: number }
  /** No size that can be simulated shows the difference. */
  | { readonly kind: "none" }

/** Runs of each layout beyond which nobody measures. */
const mostRepeats = 6
/** Iterations until allocator, autotuning and connections have settled; then so many, of at least this time. */
const warmUp = 10
const leastCounted = 30
const leastSeconds = 60

const divisorsOf = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => count - index).filter((size) => count % size === 0)

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** The fields that make a layout a smaller one; undefined where its replicas do not fill whole nodes. */
const smaller = ({ job, accelerators, changes, candidate }: PlannedLayout, reduction: number): Changes | undefined => {
  const perNode = job.fabric.acceleratorsPerNode
  const count = accelerators / reduction
  const isWhole = count % perNode === 0 || count < perNode
  if (!isWhole || candidate.data % reduction !== 0 || job.globalBatch % reduction !== 0) return undefined
  return {
    ...changes,
    ...(reduction === 1
      ? {}
      : count % perNode === 0
        ? { "cluster.nodes": count / perNode, "cluster.accelerators": null }
        : { "cluster.nodes": null, "cluster.accelerators": count }),
    "training.parallelism.data": candidate.data / reduction,
    "training.globalBatch": job.globalBatch / reduction,
    // What happens to the whole run is not what is measured.
    "training.run": null,
    "training.tokens": null
  }
}

const runOf = (
  loaded: LoadedScenario,
  layout: PlannedLayout,
  reduction: number,
  readText: ReadText
): SmallRun | undefined => {
  const changes = smaller(layout, reduction)
  const small = changes === undefined ? undefined : scenarioWith(loaded, { plan: null, ...changes })
  if (small === undefined || small._tag === "Refused") return undefined
  const resolved = resolveTraining(small, { readText })
  if (resolved._tag === "Refused") return undefined
  const result = simulateTraining(resolved.job)
  return isImpossible(result) || !result.memory.fits ? undefined : { resolved, loaded: small, result }
}

/** The run with as many tokens as its iterations have. */
const lasting = (run: SmallRun, iterations: number, readText: ReadText): SmallRun => {
  const { globalBatch, sequenceLength } = run.resolved.job
  const loaded = scenarioWith(run.loaded, { "training.tokens": iterations * globalBatch * sequenceLength })
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded, { readText })
  return loaded._tag === "Refused" || resolved._tag === "Refused" ? run : { ...run, loaded, resolved }
}

const timesOf = (
  one: Pick<TrainingResult, "iterationSeconds">,
  other: Pick<TrainingResult, "iterationSeconds">
): number => other.iterationSeconds / one.iterationSeconds

/**
 * @param ratio  of the objective, the other's over the first's: above 1
 * @param noise  |log| by which two measurements of one and the same setup differ
 */
export const experimentOf = (
  loaded: LoadedScenario,
  [first, other]: readonly [PlannedLayout, PlannedLayout],
  ratio: number,
  noise: number,
  readText: ReadText
): Experiment | NoExperiment => {
  const difference = Math.log(ratio)
  const repeats = Math.max(1, Math.ceil(((2 * noise) / difference) ** 2 - 1e-9))
  if (!(difference > 0) || repeats > mostRepeats) return { kind: "indistinct", repeats }
  const planned = timesOf(first.result, other.result)
  for (const reduction of divisorsOf(gcd(first.candidate.data, other.candidate.data))) {
    const one = runOf(loaded, first, reduction, readText)
    const two = one === undefined ? undefined : runOf(loaded, other, reduction, readText)
    if (one === undefined || two === undefined) continue
    const predicted = timesOf(one.result, two.result)
    if (Math.abs(Math.log(predicted / planned)) > difference / 2) continue
    const slower = Math.max(one.result.iterationSeconds, two.result.iterationSeconds)
    const counted = Math.max(leastCounted, Math.ceil(leastSeconds / slower))
    const hoursOf = ({ resolved, result }: SmallRun): number =>
      (resolved.accelerators * repeats * (warmUp + counted) * result.iterationSeconds) / 3600
    return {
      runs: [lasting(one, warmUp + counted, readText), lasting(two, warmUp + counted, readText)],
      reduction,
      predicted,
      even: predicted / ratio,
      margin: Math.exp(noise / Math.sqrt(repeats)),
      repeats,
      warmUp,
      counted,
      acceleratorHours: hoursOf(one) + hoursOf(two)
    }
  }
  return { kind: "none" }
}

export const isExperiment = (made: Experiment | NoExperiment): made is Experiment => !("kind" in made)
