/**
 * What the parts of a model cost where they run: of each part, the cost on the slowest machines that hold it.
 */
import { partOf, type Schedule } from "../../parallel/index.ts"
import { compile, type Compiled, type PartCost } from "../compile.ts"
import type { TrainingJob } from "../types.ts"
import { groupsOfStages, jobOnGroup } from "./groups.ts"
import type { MachineGroup } from "./types.ts"

const secondsOf = ({ forward, backwardInput, backwardWeight }: PartCost): number =>
  forward.seconds + backwardInput.seconds + backwardWeight.seconds

/** A job compiled, each part on the slowest of its machines: what schedules are planned by. */
export const compileSlowest = (
  job: TrainingJob,
  machines: readonly MachineGroup[],
  schedule: Schedule,
  split: readonly number[]
): Compiled => {
  const tables = machines.map((_, group) => compile(jobOnGroup(job, group), split))
  const [first] = tables
  if (first === undefined) throw new Error("a cluster of no machines")
  const parts = [...first.parts]
  const known = new Set<number>()
  groupsOfStages(job).forEach((groups, stage) => {
    for (let chunk = 0; chunk < schedule.chunks; chunk++) {
      const index = partOf(schedule, stage, chunk)
      for (const group of groups) {
        const own = tables[group]?.parts[index]
        const other = known.has(index) ? parts[index] : undefined
        if (own !== undefined && (other === undefined || secondsOf(own) > secondsOf(other))) parts[index] = own
        known.add(index)
      }
    }
  })
  return { ...first, parts }
}
