/**
 * The cast, tables and factors of a job whose ranks are not all alike.
 */
import { coordinatesOf, type Schedule } from "../../parallel/index.ts"
import { compile, type Compiled, type RankVariant } from "../compile.ts"
import type { ExecutionPlan, PlanVariant } from "../execution-plan.ts"
import { planSynchronisation } from "../synchronisation-plan.ts"
import type { CoreTraffic } from "../core-traffic.ts"
import type { TrainingJob } from "../types.ts"
import { coreWires, withCore } from "../wires.ts"
import { classCastOf } from "./class-cast.ts"
import { dataLoads } from "./loads.ts"
import { rankStates } from "./rank-states.ts"
import { operationScales } from "./scales.ts"
import type { Irregularities } from "./types.ts"

/** Tables of ranks on machines of several kinds. */
export interface MachineTables {
  /** Group of machines that a rank is on. */
  readonly groupOf: (rank: number) => number
  readonly tablesOf: (group: number, variant: RankVariant) => PlanVariant
}

/** What a job with irregularities puts in place of the parts of a plan in which all ranks are alike. */
export const irregularParts = (
  job: TrainingJob,
  irregularities: Irregularities,
  schedule: Schedule,
  split: readonly number[],
  regular: PlanVariant,
  traffic: CoreTraffic | null = null,
  machines: MachineTables = {
    groupOf: () => 0,
    tablesOf: (_group, variant) => tablesOf(job, schedule, split, variant)
  }
): Pick<ExecutionPlan, "cast" | "variants" | "scales"> => {
  const states = rankStates(job, irregularities)
  const loads = dataLoads(irregularities.unevenData, job.layout.data, schedule.microBatches, job.seed)
  const variants: PlanVariant[] = [regular]
  const known = new Map<string, number>([[variantKey({ kernelFactor: 1, shares: { scaleUp: 1, network: 1 } }, 0), 0]])
  const indexOf = (variant: RankVariant, group: number): number => {
    const key = variantKey(variant, group)
    const index = known.get(key) ?? variants.length
    if (index === variants.length) {
      known.set(key, index)
      variants.push(machines.tablesOf(group, variant))
    }
    return index
  }
  const replicaOf = (rank: number): number => coordinatesOf(job.layout, rank).data
  const cast = classCastOf(job, {
    states,
    traffic,
    rowOf: (rank) => `${loads?.rowOf[replicaOf(rank)] ?? 0} ${machines.groupOf(rank)}`,
    distinctTeams: irregularities.jitter > 0,
    variantOf: (rank, shares) => {
      const expertLoad = states.expertLoads?.[rank]
      const variant = {
        kernelFactor: states.kernelFactors[rank] ?? 1,
        shares,
        ...(expertLoad === undefined ? {} : { expertLoad })
      }
      return indexOf(variant, machines.groupOf(rank))
    }
  })
  const scales = operationScales({
    jitter: irregularities.jitter,
    seed: job.seed,
    loads,
    ranksOf: cast.ranksOf,
    replicaOf: ({ rank }) => replicaOf(rank)
  })
  const core = traffic === null ? undefined : coreWires(traffic, cast.capacities.length, cast.ranksOf)
  return { cast: core === undefined ? cast : withCore(cast, core), variants, scales }
}

const variantKey = ({ kernelFactor, shares, expertLoad }: RankVariant, group: number): string =>
  `${group} ${kernelFactor} ${shares.scaleUp} ${shares.network} ${expertLoad ?? ""}`

const tablesOf = (
  job: TrainingJob,
  schedule: Schedule,
  split: readonly number[],
  variant: RankVariant
): PlanVariant => {
  const compiled: Compiled = compile(job, split, variant)
  return { compiled, synchronisation: planSynchronisation(job, schedule, compiled) }
}
