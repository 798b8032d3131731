/**
 * What a job on machines of several kinds holds, draws and costs: each group by its own accelerators.
 */
import { coordinatesOf, worldSize } from "../../parallel/index.ts"
import { breakdownOf } from "../breakdown.ts"
import type { Execution } from "../execute.ts"
import type { ExecutionPlan } from "../execution-plan.ts"
import { averageWatts, kilowattHour, nodeJoules } from "../power.ts"
import type { GroupResult, StageMemory, TrainingJob } from "../types.ts"
import { utilisationPeak } from "../utilisation.ts"
import { groupOfRank, groupsOfStages, jobOnGroup, stageCapacities } from "./groups.ts"
import type { MachineGroup } from "./types.ts"

export interface MixedResult {
  /** Stages with the memory of the smallest accelerator on each. */
  readonly stages: readonly StageMemory[]
  /** The stage that is nearest to its accelerators' memory, or furthest beyond, and how much they have. */
  readonly fullest: StageMemory
  readonly capacityBytes: number
  /** Of the mean accelerator. */
  readonly watts: number
  readonly peakFlops: number
  readonly joules: number
  readonly cost: number | null
  readonly groups: readonly GroupResult[]
}

/** Rent of a group's accelerators; null where no price says it. */
const rentOf = (job: TrainingJob, group: MachineGroup, seconds: number): number | null => {
  const hourly = group.perAcceleratorHour ?? job.price?.perAcceleratorHour
  return hourly === undefined ? null : (hourly * group.accelerators * seconds) / 3600
}

const powerCost = ({ price }: TrainingJob, joules: number): number | null =>
  price?.perKilowattHour === undefined
    ? null
    : (price.perKilowattHour * joules * price.powerUsageEffectiveness) / kilowattHour

/** What is known of a sum; null where nothing is. */
const known = (parts: readonly (number | null)[]): number | null => {
  const given = parts.filter((part) => part !== null)
  return given.length === 0 ? null : given.reduce((sum, part) => sum + part, 0)
}

/** The parts of a result that depend on which machines do what. */
export const mixedResult = (
  plan: ExecutionPlan,
  machines: readonly MachineGroup[],
  { groups: times, iterationSeconds }: Execution,
  stages: readonly StageMemory[]
): MixedResult => {
  const { job, schedule } = plan
  const onStage = groupsOfStages(job)
  const capacities = stageCapacities(job)
  const capacityOf = ({ stage }: StageMemory): number => capacities[stage] ?? Infinity
  const measured = stages.map((stage) => ({ ...stage, capacityBytes: capacityOf(stage) }))
  const fullest = measured.reduce((a, b) => (b.peakBytes / b.capacityBytes > a.peakBytes / a.capacityBytes ? b : a))
  const replicas = machines.map(() => new Set<number>())
  for (let rank = 0; rank < worldSize(job.layout); rank++)
    replicas[groupOfRank(job, rank)]?.add(coordinatesOf(job.layout, rank).data)
  const groups = machines.map((group, index): GroupResult => {
    const own = jobOnGroup(job, index)
    const time = times?.[index]
    const breakdown = breakdownOf(time === undefined ? [] : [time], iterationSeconds)
    const watts = averageWatts(own, breakdown, iterationSeconds)
    const joules = watts * group.accelerators * iterationSeconds + nodeJoules(own, group.accelerators, iterationSeconds)
    const actor = plan.cast.actors.find(({ rank }) => groupOfRank(job, rank) === index)
    return {
      title: group.title,
      accelerator: group.accelerator.name,
      accelerators: group.accelerators,
      stages: onStage.flatMap((held, stage) => (held.includes(index) ? [stage] : [])),
      replicas: replicas[index]?.size ?? 0,
      microBatches: (plan.variants[actor?.variant ?? 0]?.schedule ?? schedule).microBatches,
      breakdown,
      capacityBytes: group.accelerator.memory.bytes,
      joulesPerIteration: joules,
      averageWattsPerAccelerator: watts,
      costPerIteration: known([rentOf(job, group, iterationSeconds), powerCost(job, joules)])
    }
  })
  const accelerators = machines.reduce((sum, group) => sum + group.accelerators, 0)
  const mean = (valueOf: (group: number) => number): number =>
    machines.reduce((sum, group, index) => sum + (group.accelerators / accelerators) * valueOf(index), 0)
  return {
    stages: measured,
    fullest,
    capacityBytes: fullest.capacityBytes,
    watts: mean((group) => groups[group]?.averageWattsPerAccelerator ?? 0),
    peakFlops: mean((group) => utilisationPeak(jobOnGroup(job, group))),
    joules: groups.reduce((sum, group) => sum + group.joulesPerIteration, 0),
    cost: known(groups.map((group) => group.costPerIteration)),
    groups
  }
}
