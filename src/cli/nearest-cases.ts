/**
 * The published measurements most like a scenario, each simulated now, for the report.
 */
import {
  find,
  isUnknownName,
  servingStackLineage,
  stackLineage,
  type Accelerator,
  type Model
} from "../catalog/index.ts"
import { nearestOf, type Likeness, type Measured, type NearestCase } from "../report/index.ts"
import type { ResolvedServing, ResolvedTraining } from "../scenario/index.ts"
import { countParameters } from "../transformer/index.ts"

const ofMachine = (accelerator: Accelerator, model: Model, accelerators: number) => ({
  accelerator: accelerator.name,
  efficiencyClass: accelerator.efficiencyClass,
  generation: accelerator.generation,
  parameters: countParameters(model).total,
  isMixture: model.experts !== null,
  accelerators
})

/** Cases tried for each that is wanted: some cannot be simulated, or state no speed. */
const spare = 2
const wanted = 8

export const nearestTrainingCases = async ({
  job,
  accelerators
}: ResolvedTraining): Promise<readonly NearestCase[]> => {
  const { compare, isRefusal, shippedMeasurements, simulateScenario, toScenario } =
    await import("../validation/index.ts")
  const to: Likeness = {
    ...ofMachine(job.accelerator, job.model, accelerators),
    stacks: stackLineage(job.stack.name),
    load: "training"
  }
  const cases = (await shippedMeasurements()).flatMap((point) => {
    const mapped = toScenario(point)
    if (isRefusal(mapped)) return []
    const accelerator = find("accelerators", mapped.accelerator)
    if (isUnknownName(accelerator) || !isTrusted(point.trust)) return []
    const one: Measured = {
      id: point.id,
      source: mapped.family,
      ...ofMachine(accelerator, mapped.model, mapped.scenario.cluster.accelerators),
      stacks: stackLineage(mapped.scenario.training.stack),
      load: "training"
    }
    return [{ ...one, point, model: mapped.model }]
  })
  return nearestOf(to, cases, spare * wanted)
    .flatMap(({ point, model, accelerator, accelerators: count, source }): readonly NearestCase[] => {
      const row = compare(point, simulateScenario).find(({ timeError }) => timeError !== null)
      return caseOf(row, model.title, titleOf(accelerator), count, source)
    })
    .slice(0, wanted)
}

/** What two kinds of validation rows have in common. */
interface ComparedRow {
  readonly id: string
  readonly stack: string
  readonly metric: string | null
  readonly measured: number | null
  readonly predicted: number | null
  readonly timeError: number | null
}

/** One case, or none where nothing could be compared. */
const caseOf = (
  row: ComparedRow | undefined,
  model: string,
  accelerator: string,
  accelerators: number,
  source: string
): readonly NearestCase[] => {
  if (row === undefined) return []
  const { id, stack, metric, measured, predicted, timeError: error } = row
  if (metric === null || measured === null || predicted === null || error === null) return []
  return [{ id, source, model, accelerator, accelerators, stack, metric, measured, predicted, error }]
}

const titleOf = (name: string): string => {
  const found = find("accelerators", name)
  return isUnknownName(found) ? name : found.title.replace(/^(?:NVIDIA|AMD|Intel|Apple) /, "")
}

/** 1 is best; 3 is hearsay. */
const isTrusted = (trust: unknown): boolean => trust === undefined || trust === null || Number(trust) <= 2

export const nearestServingCases = async ({ job, accelerators }: ResolvedServing): Promise<readonly NearestCase[]> => {
  const { compareInference, isOdd, isRefusal, predictServing, shippedInference, toServingScenario } =
    await import("../validation/index.ts")
  const { target, workload } = job
  const to: Likeness = {
    ...ofMachine(target.accelerator, target.model, accelerators),
    stacks: servingStackLineage(target.stack.name),
    load: workload.arrivals.kind === "batch" ? "static" : "arriving"
  }
  const cases = (await shippedInference()).flatMap((entry) => {
    if (isOdd(entry) || entry.trust > 2) return []
    const mapped = toServingScenario(entry)
    if (isRefusal(mapped)) return []
    const one: Measured = {
      id: entry.id,
      source: entry.group,
      ...ofMachine(mapped.accelerator, mapped.model, mapped.accelerators),
      stacks: servingStackLineage(mapped.stack.name),
      load: mapped.workload.kind === "static" ? "static" : "arriving"
    }
    return [{ ...one, entry, model: mapped.model }]
  })
  return nearestOf(to, cases, spare * wanted)
    .flatMap(({ entry, model, accelerator, accelerators: count, source }): readonly NearestCase[] => {
      const rows = compareInference(entry, predictServing).filter(
        ({ timeError, doubt }) => timeError !== null && doubt === undefined
      )
      const row = rows.find(({ counts }) => counts) ?? rows[0]
      return caseOf(row, model.title, titleOf(accelerator), count, source)
    })
    .slice(0, wanted)
}
