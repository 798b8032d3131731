/**
 * What the ranks of each stage did in an iteration, from the actors that stand for them.
 */
import type { Actor, Cast } from "./actors.ts"
import { addComposition, emptyComposition, type Composition } from "./category.ts"
import type { SlowestRank } from "./irregular/types.ts"

export interface StageTime {
  readonly composition: Composition
  readonly pipelineSeconds: number
  readonly dataSeconds: number
  readonly optimizerSeconds: number
  readonly flops: number
  readonly recomputedFlops: number
}

/** The actors that stand for each stage: where all ranks of a stage are alike, the first. */
export const stageActors = ({ actors, wires }: Cast, stages: number): readonly (readonly Actor[])[] =>
  Array.from({ length: stages }, (_, stage) => {
    const members = actors.filter((actor) => actor.stage === stage)
    return wires === undefined ? members.slice(0, 1) : members
  })

/** The rank that computes longest, compared with the mean of its stage. */
export const slowestRank = (
  casting: readonly (readonly Actor[])[],
  secondsOf: (actor: Actor) => number
): SlowestRank | null => {
  let slowest: SlowestRank | null = null
  for (const members of casting) {
    const ranks = members.reduce((sum, { count }) => sum + count, 0)
    const mean = members.reduce((sum, member) => sum + (member.count / ranks) * secondsOf(member), 0)
    for (const member of members) {
      const ratio = mean === 0 ? 1 : secondsOf(member) / mean
      if (ratio > (slowest?.ratio ?? 1 + 1e-9)) slowest = { rank: member.rank, stage: member.stage, ratio }
    }
  }
  return slowest
}

/** The mean over the ranks that actors stand for. */
export const meanTime = (members: readonly Actor[], timeOf: (actor: Actor) => StageTime): StageTime => {
  const [first] = members
  if (first !== undefined && members.length === 1) return timeOf(first)
  const total = members.reduce((sum, { count }) => sum + count, 0)
  const composition = emptyComposition()
  const sums = { pipelineSeconds: 0, dataSeconds: 0, optimizerSeconds: 0, flops: 0, recomputedFlops: 0 }
  for (const member of members) {
    const share = member.count / total
    const time = timeOf(member)
    addComposition(composition, time.composition, share)
    sums.pipelineSeconds += share * time.pipelineSeconds
    sums.dataSeconds += share * time.dataSeconds
    sums.optimizerSeconds += share * time.optimizerSeconds
    sums.flops += share * time.flops
    sums.recomputedFlops += share * time.recomputedFlops
  }
  return { composition, ...sums }
}
