/**
 * What stages exchange in a cluster of several kinds of machines: a collective goes at the pace of the slowest wires that
 * its members have, the gradient norm at that of the slowest of all.
 */
import type { Exchange, StageSynchronisation } from "../synchronisation-plan.ts"

const slowest = (exchanges: readonly Exchange[]): Exchange =>
  exchanges.reduce((slow, other) => (other.plan.seconds > slow.plan.seconds ? other : slow))

/** Exchanges at the same place of equal lists, the slowest at each. */
const slowestAt = (lists: readonly (readonly Exchange[])[]): readonly Exchange[] =>
  (lists[0] ?? []).map((_, at) => slowest(lists.flatMap((list) => list[at] ?? [])))

/**
 * The synchronisation of every stage as its members meet it.
 *
 * @param onGroups       per group of machines, the synchronisation of a cluster of that kind alone, by stage
 * @param groupsOfStage  groups that each stage is on
 */
export const mixedSynchronisation = (
  onGroups: readonly (readonly StageSynchronisation[])[],
  groupsOfStage: readonly (readonly number[])[]
): readonly StageSynchronisation[] => {
  const normSeconds = Math.max(...onGroups.flatMap((stages) => stages[0]?.normSeconds ?? 0))
  // The two ends of a pipeline, on whatever they are.
  const ends = [...new Set([...(groupsOfStage[0] ?? []), ...(groupsOfStage.at(-1) ?? [])])]
  const tied = ends.flatMap((group) => onGroups[group]?.map((stage) => stage.tied) ?? []).filter((one) => one !== null)
  return groupsOfStage.map((groups, stage) => {
    const own = groups.flatMap((group) => onGroups[group]?.[stage] ?? [])
    const [first] = own
    if (first === undefined) throw new Error(`stage ${stage} is on no machines`)
    return {
      reduce: first.reduce.map((_, chunk) => slowestAt(own.map(({ reduce }) => reduce[chunk] ?? []))),
      tied: first.tied === null ? null : slowest(tied),
      gather: slowestAt(own.map(({ gather }) => gather)),
      normSeconds,
      optimizerSeconds: Math.max(...own.map(({ optimizerSeconds }) => optimizerSeconds))
    }
  })
}

/** A group's own times of the optimizer step, with the exchanges and the norm of the whole. */
export const onGroup = (
  mixed: readonly StageSynchronisation[],
  own: readonly StageSynchronisation[]
): readonly StageSynchronisation[] =>
  mixed.map((stage, index) => ({ ...stage, optimizerSeconds: own[index]?.optimizerSeconds ?? stage.optimizerSeconds }))
