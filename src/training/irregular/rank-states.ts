/**
 * The state of every rank and of every domain's NICs under a job's irregularities.
 */
import { coordinatesOf, worldSize } from "../../parallel/index.ts"
import { fabricOfRank } from "../machines/groups.ts"
import type { TrainingJob } from "../types.ts"
import type { Irregularities } from "./types.ts"

export interface RankStates {
  /** By rank: seconds of a kernel over those on a healthy accelerator. */
  readonly kernelFactors: Float64Array
  /** By rank: share of its scale-up port's rate. */
  readonly scaleUpShares: Float64Array
  /** By rank: share of the rate of each NIC of its node, missing ones aside. */
  readonly nicShares: Float64Array
  /** By domain: share of the rate of all its NICs together. */
  readonly networkShares: Float64Array
  /** By rank: load of its experts over the mean; null where none is given. */
  readonly expertLoads: Float64Array | null
}

/** States of all ranks of a job. */
export const rankStates = (job: TrainingJob, { hardware, expertLoads }: Irregularities): RankStates => {
  const { fabric, layout } = job
  const total = worldSize(layout)
  const perNode = fabric.acceleratorsPerNode
  const { domain } = fabric.scaleUp
  const nodes = Math.ceil(total / perNode)
  const kernelFactors = new Float64Array(total).fill(1)
  const scaleUpShares = new Float64Array(total).fill(1)
  const nicShares = new Float64Array(total).fill(1)
  const nicsOf = (node: number): number => fabricOfRank(job, node * perNode).network?.nicsPerNode ?? 1
  const present = Float64Array.from({ length: nodes }, (_, node) => nicsOf(node))
  for (const fault of hardware) {
    const first = fault.node * perNode + (fault.accelerator ?? 0)
    const end = fault.accelerator === undefined ? first + perNode : first + 1
    for (let rank = first; rank < Math.min(end, total); rank++) {
      kernelFactors[rank] = (kernelFactors[rank] ?? 1) / (fault.speed ?? 1)
      scaleUpShares[rank] = (scaleUpShares[rank] ?? 1) * (fault.scaleUp ?? 1)
      nicShares[rank] = (nicShares[rank] ?? 1) * (fault.network ?? 1)
    }
    if (fault.node < nodes) present[fault.node] = (present[fault.node] ?? 0) - (fault.missingNics ?? 0)
  }
  const ofNode = Float64Array.from(present, (left, node) => (left / nicsOf(node)) * (nicShares[node * perNode] ?? 1))
  const networkShares = Float64Array.from({ length: Math.ceil(total / domain) }, (_, index) => {
    const first = Math.floor((index * domain) / perNode)
    const last = Math.min(nodes, Math.ceil(((index + 1) * domain) / perNode))
    let sum = 0
    for (let node = first; node < last; node++) sum += ofNode[node] ?? 1
    return sum / (last - first)
  })
  return {
    kernelFactors,
    scaleUpShares,
    nicShares,
    networkShares,
    expertLoads:
      expertLoads === null
        ? null
        : Float64Array.from({ length: total }, (_, rank) => expertLoads[coordinatesOf(layout, rank).expert] ?? 1)
  }
}
