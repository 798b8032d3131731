/**
 * Who runs where the network has a core of its own: classes of ranks that meet the same links, or, where these are too
 * many, one actor for each stage at the pace of its slowest rank.
 */
import { coordinatesOf, worldSize, type Schedule } from "../parallel/index.ts"
import { castOf, type Actor, type Cast } from "./actors.ts"
import { makeLoads, type Fabric } from "../cluster/index.ts"
import { cardRate, type CoreTraffic } from "./core-traffic.ts"
import { essentialLinks, type CastFlow } from "./essential-links.ts"
import type { ExecutionPlan, PlanVariant } from "./execution-plan.ts"
import { irregularParts } from "./irregular/plan.ts"
import { noIrregularities } from "./irregular/types.ts"
import type { TrainingJob } from "./types.ts"
import { coreWires, withCore } from "./wires.ts"

type CorePlan = Pick<ExecutionPlan, "cast" | "variants" | "scales">

/** Ranks up to which classes are looked for. */
const mostRanks = 8192
/** Operations over all classes up to which they are executed one by one. */
const mostOperations = 400_000

/** The cast of a job without irregularities whose network has a core. */
export const corePlan = (
  job: TrainingJob,
  schedule: Schedule,
  split: readonly number[],
  tables: PlanVariant,
  traffic: CoreTraffic
): CorePlan => {
  const operations = schedule.operations[0]?.length ?? 0
  const total = worldSize(job.layout)
  if (job.symmetry === "off" || total <= mostRanks) {
    const parts = irregularParts(job, noIrregularities, schedule, split, tables, traffic)
    if (job.symmetry === "off" || parts.cast.actors.length * operations <= mostOperations) return parts
  }
  const cast = castOf(job.layout, job.fabric, true, Infinity)
  const stages = Map.groupBy(
    Array.from({ length: total }, (_, rank) => rank),
    (rank) => coordinatesOf(job.layout, rank).pipeline
  )
  const ranksOf = ({ stage }: Actor): readonly number[] => stages.get(stage) ?? []
  const slowest = {
    ...traffic,
    links: essentialLinks(traffic.links, traffic.core.capacities, flowsOfStages(traffic, cast, job.fabric))
  }
  return { cast: withCore(cast, coreWires(slowest, cast.capacities.length, ranksOf)), variants: [tables], scales: null }
}

/** What each stage sends and exchanges, all its ranks together; sends at most fill the cards of their domain. */
const flowsOfStages = (traffic: CoreTraffic, cast: Cast, fabric: Fabric): readonly CastFlow[] =>
  [...Map.groupBy(traffic.flows, ({ kind }) => kind)].map(([kind, alike]) => {
    const sum = makeLoads()
    for (const flow of alike) sum.add(flow.loads, 1, -1, -1)
    const loads = sum.path()
    const stage = alike[0]?.stage ?? null
    const sender = cast.actors[Number(kind.split(" ")[1])]
    return stage === null
      ? { loads, rate: cardRate(fabric) / (sender?.multiplicity ?? 1), turn: kind }
      : { loads, rate: Math.max(...alike.map(({ rate }) => rate)), turn: `exchanges of ${stage}` }
  })
