/**
 * The cast and the tables of a job on machines of several kinds: ranks of each group have the tables that a cluster of its
 * kind alone would give them, and are told apart by group besides whatever else tells ranks apart.
 */
import type { Schedule } from "../../parallel/index.ts"
import { compile, type RankVariant } from "../compile.ts"
import type { ExecutionPlan, PlanVariant } from "../execution-plan.ts"
import { irregularParts } from "../irregular/plan.ts"
import { noIrregularities } from "../irregular/types.ts"
import { planSynchronisation } from "../synchronisation-plan.ts"
import type { TrainingJob } from "../types.ts"
import { groupOfRank, groupsOfStages, jobOnGroup } from "./groups.ts"
import type { MachineGroup } from "./types.ts"
import { mixedSynchronisation, onGroup } from "./synchronisation.ts"

/** Parts of a plan that machines of several kinds put in the place of those of one kind. */
export type MixedParts = Pick<ExecutionPlan, "compiled" | "synchronisation" | "cast" | "variants" | "scales">

/**
 * Plans a job on several kinds of machines.
 *
 * @param schedules  by group, where replicas of groups run numbers of micro-batches of their own; `schedule` has the most
 */
export const mixedParts = (
  job: TrainingJob,
  machines: readonly MachineGroup[],
  schedule: Schedule,
  split: readonly number[],
  schedules: readonly Schedule[] | null
): MixedParts => {
  const jobs = machines.map((_, group) => jobOnGroup(job, group))
  const healthy = jobs.map((own) => {
    const compiled = compile(own, split)
    return { compiled, synchronisation: planSynchronisation(own, schedule, compiled) }
  })
  const synchronisation = mixedSynchronisation(
    healthy.map((own) => own.synchronisation),
    groupsOfStages(job)
  )
  const withOwn = (group: number, own: PlanVariant): PlanVariant => ({
    compiled: own.compiled,
    synchronisation: onGroup(synchronisation, own.synchronisation),
    ...(schedules === null ? {} : { schedule: schedules[group] ?? schedule })
  })
  const tablesOf = (group: number, variant: RankVariant): PlanVariant => {
    const own = jobs[group] ?? job
    const compiled = compile(own, split, variant)
    return withOwn(group, { compiled, synchronisation: planSynchronisation(own, schedule, compiled) })
  }
  const [first] = healthy
  if (first === undefined) throw new Error("a cluster of no machines")
  const parts = irregularParts(job, job.irregularities ?? noIrregularities, schedule, split, withOwn(0, first), null, {
    groupOf: (rank) => groupOfRank(job, rank),
    tablesOf
  })
  return { ...parts, compiled: first.compiled, synchronisation }
}
