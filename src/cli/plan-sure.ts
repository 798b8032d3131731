/**
 * Whether the first of a plan beats the others beyond what predictions are off by, and which measurement would settle it.
 */
import { repeatNoise, shippedResiduals } from "../intervals/index.ts"
import {
  comparisonsOf,
  experimentOf,
  isExperiment,
  type Comparison,
  type Experiment,
  type NoExperiment,
  type SmallRun,
  type TrainingPlan
} from "../planner/index.ts"
import { trainingLaunch } from "../report/index.ts"
import { launchedFiles } from "./plan-files.ts"
import type { LoadedScenario, ReadText } from "../scenario/index.ts"
import { formatCount, formatPercent, formatSeconds } from "../units/index.ts"

/** The layout that is measured against the first, by its place in the list: 2 = the second. */
export interface Settling {
  readonly against: number
  readonly experiment: Experiment
}

export interface PlanSure {
  /** Of every listed layout but the first, in their order. */
  readonly comparisons: readonly Comparison[]
  /** The nearest rival that a measurement can tell from the first; null where none can. */
  readonly settling: Settling | null
  /** Rivals before it that none can. */
  readonly passed: readonly NoExperiment[]
  /** By how much measurements of one setup differ, as a share, and of how many pairs of measurements that is. */
  readonly noise: { readonly share: number; readonly pairs: number; readonly sources: number } | null
}

export const planSure = async (loaded: LoadedScenario, plan: TrainingPlan, readText: ReadText): Promise<PlanSure> => {
  const residuals = await shippedResiduals()
  const comparisons = comparisonsOf(plan, residuals)
  const noise = repeatNoise(residuals)
  const [first, ...others] = plan.layouts
  const passed: NoExperiment[] = []
  const known = noise === undefined ? null : { ...noise, share: Math.expm1(noise.score) }
  for (const [index, other] of others.entries()) {
    const comparison = comparisons[index]
    if (first === undefined || comparison === undefined || noise === undefined) break
    if (comparison.verdict === "certain") continue
    const made = experimentOf(loaded, [first, other], comparison.ratio, noise.score, readText)
    if (isExperiment(made))
      return { comparisons, settling: { against: index + 2, experiment: made }, passed, noise: known }
    passed.push(made)
  }
  return { comparisons, settling: null, passed, noise: known }
}

/** "in 87 of 100 such cases" */
export const chanceText = (chance: number): string =>
  chance >= 0.995 ? "in more than 99 of 100 such cases" : `in ${Math.round(100 * chance)} of 100 such cases`

const bandOf = ({ spread }: Comparison, level: number) => spread?.bands.find((band) => band.level === level)

/** A line under a listed layout. */
export const verdictText = ({ verdict, chance }: Comparison): string => {
  if (verdict === "certain") return "takes more accelerators, whatever predictions are off by"
  if (chance === null) return "no pair of measurements is like these two: nothing says how sure that is"
  const words = `the first is better ${chanceText(chance)}`
  return verdict === "equal" ? `as good as equal: ${words}` : words
}

/** What a comparison rests on, and how sure it is. */
export const spreadText = (comparison: Comparison): string => {
  const { spread, verdict, chance } = comparison
  const band = bandOf(comparison, 0.8)
  if (spread === undefined || band === undefined || chance === null) return verdictText(comparison)
  const { pairs, sources, isFar } = spread.basis
  const far = isFar ? "; few pairs are like them, so the range is widened" : ""
  const sentence = `pairs that differ like these two were predicted within ±${formatPercent(band.factor - 1)} of each other in 80 % of ${formatCount(pairs)} measured pairs of ${formatCount(sources)} sources${far}: the first is better ${chanceText(chance)}`
  return verdict === "equal" ? `${sentence}, so they are as good as equal` : sentence
}

/** The first against the second. */
export const sureText = (comparison: Comparison): string => {
  const { ratio, verdict } = comparison
  if (verdict === "certain")
    return "the first takes fewer accelerators than the second, whatever predictions are off by"
  const loses =
    ratio - 1 < 5e-5 ? "the second is predicted to be as good" : `the second loses by ${formatPercent(ratio - 1)}`
  return `${loses}; ${spreadText(comparison)}`
}

const sizeText = ({ resolved: { job, accelerators } }: SmallRun): string =>
  `${formatCount(accelerators)} GPUs with DP ${job.layout.data} and ${formatCount(job.globalBatch)} sequences`

/** What to run, and what its outcome means. */
export const settleText = ({ settling, passed, noise }: PlanSure): string | undefined => {
  const near =
    noise === null || passed.length === 0
      ? []
      : [
          passed.every(({ kind }) => kind === "indistinct")
            ? `${passed.length === 1 ? "#2 is" : `#2 to #${passed.length + 1} are`} nearer to #1 than measurements repeat (${formatCount(noise.pairs)} repeated ones differ by ${formatPercent(noise.share)} in the median): take either.`
            : `No smaller size that can be simulated shows how ${passed.length === 1 ? "#2 differs" : `#2 to #${passed.length + 1} differ`} from #1.`
        ]
  if (settling === null) return near.length === 0 ? undefined : near.join(" ")
  const { against, experiment } = settling
  const { runs, predicted, even, margin, repeats, warmUp, counted, acceleratorHours, reduction } = experiment
  const [one, two] = runs
  const scale = reduction === 1 ? "at full size" : `one replica in ${reduction}`
  const sizes =
    sizeText(one) === sizeText(two)
      ? `both on ${sizeText(one)}`
      : `#1 on ${sizeText(one)}, #${against} on ${sizeText(two)}`
  const times = repeats === 1 ? "a run of each" : `${repeats} runs of each in turns`
  return [
    ...near,
    `#1 against #${against}: ${sizes}, ${scale}; ${times}, ${warmUp} iterations to settle and ${counted} counted, ${formatCount(Math.ceil(acceleratorHours))} GPU-hours in all.`,
    `Predicted ${formatSeconds(one.result.iterationSeconds)} and ${formatSeconds(two.result.iterationSeconds)}, ratio ${ratioText(predicted)}: measured above ${ratioText(even * margin)} #1 is better, below ${ratioText(even / margin)} #${against} is, between them they are equal.`
  ].join(" ")
}

const ratioText = (ratio: number): string => ratio.toFixed(3)

/** The scenarios of a measurement and what launches them, by file name. */
export const settleFiles = ({ settling }: PlanSure): ReadonlyMap<string, string> =>
  new Map(
    (settling?.experiment.runs ?? []).flatMap(({ resolved }, index) =>
      launchedFiles(`measure-${index + 1}`, resolved.scenario, trainingLaunch(resolved)[0])
    )
  )

export const comparisonDocument = ({ ratio, spread, chance, verdict }: Comparison) => ({
  ratio,
  verdict,
  chance,
  ...(spread === undefined
    ? {}
    : {
        spread: Object.fromEntries(
          spread.bands.map(({ level, factor }) => [String(Math.round(100 * level)), [ratio / factor, ratio * factor]])
        ),
        pairs: spread.basis.pairs,
        sources: spread.basis.sources,
        medianError: spread.basis.medianError,
        isFar: spread.basis.isFar
      })
})

const runDocument = ({ resolved, result }: SmallRun) => ({
  accelerators: resolved.accelerators,
  iterationSeconds: result.iterationSeconds,
  scenario: resolved.scenario
})

/** As `plan.json` has it. */
export const sureDocument = ({ comparisons, settling, passed, noise }: PlanSure) => ({
  comparisons: comparisons.map(comparisonDocument),
  noise,
  tooNear: passed.length,
  settle:
    settling === null
      ? null
      : {
          against: settling.against,
          ...settling.experiment,
          betterAbove: settling.experiment.even * settling.experiment.margin,
          worseBelow: settling.experiment.even / settling.experiment.margin,
          runs: settling.experiment.runs.map(runDocument)
        }
})
