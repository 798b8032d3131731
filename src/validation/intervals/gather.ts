/**
 * Residuals of every believed speed, as `windtunnel validate --write-residuals` keeps them: each predicted twice, by the
 * shipped constants and by those that its source had no part in.
 */
import { find, isUnknownName, withConstants } from "../../catalog/index.ts"
import { resolveServing, scenarioFromData, servingSetup, trainingSetup } from "../../scenario/index.ts"
import { countParameters } from "../../transformer/index.ts"
import { trainingWithout } from "../calibration.ts"
import { servingWithout } from "../inference-fit/index.ts"
import { toServingScenario, type MappedInference } from "../inference/mapping.ts"
import { isOdd, type InferenceEntry } from "../inference/point.ts"
import type { PredictServing } from "../inference/predict.ts"
import { compareInference, type InferenceRow } from "../inference/rows.ts"
import { toScenario, type MappedPoint } from "../mapping.ts"
import type { Measurement } from "../measurement.ts"
import type { MeasurementSet } from "../measurement-file.ts"
import { jobOf } from "../predict.ts"
import { isRefusal } from "../reading.ts"
import { compare, type SimulateScenario } from "../run.ts"
import type { AcceleratorKind, Quantity, Residual, Setup } from "../../intervals/index.ts"

interface Compared {
  readonly metric: string | null
  readonly measured: number | null
  readonly predicted: number | null
  readonly timeError: number | null
}

/** log of measured over predicted seconds. */
const logOf = ({ timeError }: Compared): number | undefined =>
  timeError === null || !(timeError > -1) ? undefined : -Math.log1p(timeError)

export interface Gathering {
  readonly simulate: SimulateScenario
  readonly predict: PredictServing
  /** Told after each point. */
  readonly onPoint?: () => void
}

export const gatherResiduals = (
  { training, inference }: MeasurementSet,
  { simulate, predict, onPoint }: Gathering
): readonly Residual[] => [
  ...trainingResiduals(training, simulate, onPoint),
  ...servingResiduals(inference, predict, onPoint)
]

const trainingResiduals = (
  points: readonly Measurement[],
  simulate: SimulateScenario,
  onPoint?: () => void
): readonly Residual[] => {
  const without = trainingWithout(points)
  return points.flatMap((point): readonly Residual[] => {
    onPoint?.()
    const mapped = toScenario(point)
    if (isRefusal(mapped)) return []
    const [row] = compare(point, simulate)
    const accelerator = kindOf(mapped.accelerator)
    if (row === undefined || row.trust > 2 || accelerator === undefined) return []
    const [unseen] = withConstants(without(mapped.family), () => compare(point, simulate))
    return residual(row, unseen, {
      quantity: "iteration",
      load: "training",
      id: row.id,
      source: mapped.family,
      model: mapped.model.title,
      stack: row.stack,
      accelerator,
      accelerators: row.accelerators,
      parameters: countParameters(mapped.model).total,
      isMixture: mapped.model.experts !== null,
      ...placed(setupOfTraining(mapped))
    })
  })
}

const servingResiduals = (
  entries: readonly InferenceEntry[],
  predict: PredictServing,
  onPoint?: () => void
): readonly Residual[] => {
  const without = servingWithout(entries)
  return entries.flatMap((entry): readonly Residual[] => {
    onPoint?.()
    if (isOdd(entry) || entry.trust > 2) return []
    const mapped = toServingScenario(entry)
    if (isRefusal(mapped)) return []
    const rows = compareInference(entry, predict)
    const setup = placed(setupOfServing(mapped))
    const unseen = withConstants(without(entry.group), () => compareInference(entry, predict))
    return rows
      .filter((row) => row.counts && row.doubt === undefined)
      .flatMap((row): readonly Residual[] => {
        const quantity = quantityOf(row)
        if (quantity === undefined || row.load === null) return []
        return residual(
          row,
          unseen.find(({ metric }) => metric === row.metric),
          {
            quantity,
            load: row.load,
            id: row.id,
            source: entry.group,
            model: mapped.model.title,
            stack: row.stack,
            accelerator: kindOfEntry(mapped.accelerator),
            accelerators: row.accelerators,
            parameters: countParameters(mapped.model).total,
            isMixture: mapped.model.experts !== null,
            ...setup
          }
        )
      })
  })
}

const placed = (setup: Setup | undefined): { readonly setup?: Setup } => (setup === undefined ? {} : { setup })

/** How a measured training was laid out. */
export const setupOfTraining = ({ scenario }: MappedPoint): Setup | undefined => {
  const job = jobOf(scenario)
  return isRefusal(job) ? undefined : trainingSetup(job)
}

/** How a measured server was laid out and loaded. */
export const setupOfServing = ({ runs, workload }: MappedInference): Setup | undefined => {
  const [run] = runs
  const loaded = run === undefined ? undefined : scenarioFromData({ name: run.scenario.name, data: run.scenario })
  const resolved = loaded === undefined || loaded._tag === "Refused" ? undefined : resolveServing(loaded)
  return resolved === undefined || resolved._tag === "Refused"
    ? undefined
    : {
        ...servingSetup(resolved.job),
        sequences: Math.max(1, workload.size),
        prompt: Math.max(1, Math.round(workload.meanPrompt)),
        output: Math.max(1, Math.round(workload.meanOutput))
      }
}

const kindOfEntry = ({ name, efficiencyClass, generation }: AcceleratorKind): AcceleratorKind => ({
  name,
  efficiencyClass,
  generation
})

const kindOf = (name: string): AcceleratorKind | undefined => {
  const found = find("accelerators", name)
  return isUnknownName(found) ? undefined : kindOfEntry(found)
}

const residual = (
  row: Compared,
  unseen: Compared | undefined,
  about: Omit<Residual, "metric" | "measured" | "predicted" | "error" | "leftOut">
): readonly Residual[] => {
  const error = logOf(row)
  if (error === undefined || row.metric === null || row.measured === null || row.predicted === null) return []
  const leftOut = unseen === undefined ? undefined : logOf(unseen)
  return [
    {
      ...about,
      metric: row.metric,
      measured: row.measured,
      predicted: row.predicted,
      error,
      leftOut: leftOut ?? error
    }
  ]
}

const quantityOf = ({ metric, load }: InferenceRow): Quantity | undefined => {
  if (metric === null) return undefined
  if (/^(ttft|prefill)/.test(metric)) return "first"
  if (/^(tpot|itl|decode)/.test(metric)) return "token"
  // A static batch is one clock, however it is read; answers that arrive are as long as their tokens.
  if (/^(e2e|ms_per_token|step)/.test(metric)) return load === "static" ? "throughput" : "token"
  return /tokens_per_s|^req_per_s/.test(metric) ? "throughput" : undefined
}
