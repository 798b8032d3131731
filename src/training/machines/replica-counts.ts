/**
 * Micro-batches of the replicas on each group of machines: given, or such that the slowest replica is done first.
 */
import { coordinatesOf, partOf, worldSize, type Schedule } from "../../parallel/index.ts"
import { teamKey } from "../actors.ts"
import { compile } from "../compile.ts"
import type { ImpossibleLayout, TrainingJob } from "../types.ts"
import { groupOfRank, groupsOfReplicas, jobOnGroup } from "./groups.ts"
import type { MachineGroup } from "./types.ts"
import { balancedCounts } from "./replica-batches.ts"

const path = "training.replicaMicroBatches"

const impossible = (job: TrainingJob, expected: string): ImpossibleLayout => ({
  _tag: "ImpossibleLayout",
  path,
  given:
    typeof job.replicaMicroBatches === "string" ? job.replicaMicroBatches : `${job.replicaMicroBatches?.join(", ")}`,
  expected
})

/** Whether ranks that must begin each operation together are on machines of one kind each. */
const teamsAreOfOneKind = (job: TrainingJob): boolean => {
  const { layout, sharding } = job
  // A fully sharded stack gathers each layer from all replicas.
  if (sharding.zeroStage === 3 && layout.data > 1) return false
  const groups = new Map<string, number>()
  for (let rank = 0; rank < worldSize(layout); rank++) {
    const key = teamKey(layout, coordinatesOf(layout, rank))
    const group = groupOfRank(job, rank)
    if ((groups.get(key) ?? group) !== group) return false
    groups.set(key, group)
  }
  return true
}

/** Seconds of a micro-batch, forward and backward, on the slowest stage of a cluster of one group's machines. */
const secondsOn = (job: TrainingJob, group: number, schedule: Schedule, split: readonly number[]): number => {
  const { parts } = compile(jobOnGroup(job, group), split)
  return Math.max(
    ...Array.from({ length: schedule.stages }, (_, stage) => {
      let seconds = 0
      for (let chunk = 0; chunk < schedule.chunks; chunk++) {
        const part = parts[partOf(schedule, stage, chunk)]
        if (part !== undefined)
          seconds += part.forward.seconds + part.backwardInput.seconds + part.backwardWeight.seconds
      }
      return seconds
    })
  )
}

/** Counts by group of machines. */
export const replicaCounts = (
  job: TrainingJob,
  machines: readonly MachineGroup[],
  schedule: Schedule,
  split: readonly number[]
): readonly number[] | ImpossibleLayout => {
  const groups = groupsOfReplicas(job)
  if (groups === null)
    return impossible(job, "replicas that are each on machines of one kind (training.parallelism.order with dp last)")
  if (!teamsAreOfOneKind(job))
    return impossible(job, "no fully sharded stack, and expert groups on machines of one kind: their ranks run in step")
  const replicas = machines.map((_, group) => groups.filter((other) => other === group).length)
  const total = job.globalBatch / job.microBatch
  const counts = job.replicaMicroBatches
  if (counts === undefined || counts === "balanced") {
    const found = balancedCounts(
      replicas.map((own, group) => ({ replicas: own, seconds: secondsOn(job, group, schedule, split) })),
      total
    )
    return (
      found ??
      impossible(
        job,
        `a global batch of micro-batches that ${replicas.join(" + ")} replicas can share (${total} given)`
      )
    )
  }
  const sum = replicas.reduce((all, own, group) => all + own * (counts[group] ?? 0), 0)
  return counts.length === machines.length && sum === total
    ? counts
    : impossible(
        job,
        `${machines.length} counts, one a group of machines, of ${total} micro-batches in all: ` +
          `${replicas.map((own, group) => `${own} x ${counts[group] ?? 0}`).join(" + ")} = ${sum}`
      )
}
