/**
 * Machines of several kinds in one cluster: ranks are laid out over the groups in order, each group on its own
 * accelerators and wires. Nodes of all groups hold as many accelerators, so that a rank's node and scale-up domain are
 * where they are in a cluster of one kind.
 */
import type { Fabric } from "../../cluster/index.ts"
import { coordinatesOf, worldSize } from "../../parallel/index.ts"
import type { TrainingJob } from "../types.ts"

/** Index of the group that a rank is on; 0 in a cluster of one kind. */
export const groupOfRank = ({ machines }: Pick<TrainingJob, "machines">, rank: number): number => {
  if (machines === undefined) return 0
  let end = 0
  for (const [index, { accelerators }] of machines.entries()) {
    end += accelerators
    if (rank < end) return index
  }
  return machines.length - 1
}

/** The wires of a rank. */
export const fabricOfRank = (job: Pick<TrainingJob, "machines" | "fabric">, rank: number): Fabric =>
  job.machines?.[groupOfRank(job, rank)]?.fabric ?? job.fabric

/** The job as if all of its ranks were on the machines of one group. */
export const jobOnGroup = (job: TrainingJob, group: number): TrainingJob => {
  const machines = job.machines?.[group]
  if (machines === undefined) return job
  const { accelerator, fabric, nodeWatts } = machines
  return { ...job, accelerator, fabric, nodeWatts }
}

/** Groups that the ranks of each stage are on, in order. */
export const groupsOfStages = (job: TrainingJob): readonly (readonly number[])[] => {
  const found = Array.from({ length: job.layout.pipeline }, () => new Set<number>())
  for (let rank = 0; rank < worldSize(job.layout); rank++)
    found[coordinatesOf(job.layout, rank).pipeline]?.add(groupOfRank(job, rank))
  return found.map((groups) => [...groups].sort((a, b) => a - b))
}

/** Group that each replica is on in whole; null where one spans several. */
export const groupsOfReplicas = (job: TrainingJob): readonly number[] | null => {
  const found = new Int32Array(job.layout.data).fill(-1)
  for (let rank = 0; rank < worldSize(job.layout); rank++) {
    const { data } = coordinatesOf(job.layout, rank)
    const group = groupOfRank(job, rank)
    if ((found[data] ?? -1) >= 0 && found[data] !== group) return null
    found[data] = group
  }
  return [...found]
}

/** Bytes of the smallest accelerator on each stage. */
export const stageCapacities = (job: TrainingJob): readonly number[] =>
  groupsOfStages(job).map((groups) =>
    Math.min(...groups.map((group) => jobOnGroup(job, group).accelerator.memory.bytes))
  )
