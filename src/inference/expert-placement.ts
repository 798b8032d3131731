/**
 * Where the experts of a served mixture sit, and what the busiest rank has to do when some are more popular than others.
 *
 * Engines lay experts out in the order of their numbers. With redundant experts they place by load (DeepSeek's EPLB): the expert
 * with the most load per copy gets another copy until all places are taken, and copies then go, heaviest first, to the
 * least loaded rank that has a place left.
 */
import type { Experts } from "../catalog/index.ts"

/** How tokens choose among the experts of a layer, and how many copies there are beyond one of each. */
export interface ExpertRouting {
  /** Share of the token copies that each expert gets; sums to 1. */
  readonly popularity: readonly number[]
  /** Copies of busy experts beyond one of each, over all ranks. */
  readonly redundant: number
}

/** What a rank of a layer's experts gets of a step's work. */
export interface ExpertRank {
  /** Share of the layer's token copies. */
  readonly share: number
  /** Of each expert on the rank, the share of all token copies that comes to this copy of it. */
  readonly copies: Float64Array
}

/**
 * Popularity by a power law: the expert of rank r (from 1) gets r^-exponent; 0 = all alike. A token picks an expert once
 * at most, so that none gets more than one of `active` copies: what lies above goes to the others in proportion.
 */
export const powerLaw = (count: number, exponent: number, active = 1): readonly number[] => {
  const shares = Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent)
  const most = 1 / active
  let first = 0
  let sum = shares.reduce((total, share) => total + share, 0)
  let left = 1
  while (first < count && (shares[first]! / sum) * left > most) {
    sum -= shares[first]!
    left -= most
    first++
  }
  const weights = shares.map((share, rank) => (rank < first ? most : first === 0 ? share : (share / sum) * left))
  if (first > 0) sum = 1
  // Popular experts are not neighbours: a stride that shares no factor with the count deals the ranks out.
  const stride = coprimeStride(count)
  const dealt = Array.from({ length: count }, () => 0)
  for (const [rank, weight] of weights.entries()) dealt[(rank * stride) % count] = weight / sum
  return dealt
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

const coprimeStride = (count: number): number => {
  let stride = Math.max(1, Math.round(count * 0.618))
  while (divisor(stride, count) !== 1) stride++
  return stride
}

/** Copies of each expert: one, and one more for whichever has the most load per copy. */
const copiesOf = (popularity: readonly number[], redundant: number): Int32Array => {
  const copies = new Int32Array(popularity.length).fill(1)
  for (let extra = 0; extra < redundant; extra++) {
    let busiest = 0
    for (const [expert, load] of popularity.entries())
      if (load / (copies[expert] ?? 1) > (popularity[busiest] ?? 0) / (copies[busiest] ?? 1)) busiest = expert
    copies[busiest] = (copies[busiest] ?? 0) + 1
  }
  return copies
}

const rankOf = (copies: readonly number[]): ExpertRank => ({
  share: copies.reduce((sum, load) => sum + load, 0),
  copies: Float64Array.from(copies)
})

/**
 * Lays experts over ranks.
 *
 * @param ranks that share the experts; divides the number of copies
 */
export const placeExperts = ({ popularity, redundant }: ExpertRouting, ranks: number): readonly ExpertRank[] => {
  const places = Math.ceil((popularity.length + redundant) / ranks)
  if (redundant === 0)
    return Array.from({ length: ranks }, (_, rank) => rankOf(popularity.slice(rank * places, (rank + 1) * places)))
  const copies = copiesOf(popularity, redundant)
  const loads = popularity
    .flatMap((load, expert) => Array.from({ length: copies[expert] ?? 1 }, () => load / (copies[expert] ?? 1)))
    .toSorted((a, b) => b - a)
  const placed: number[][] = Array.from({ length: ranks }, () => [])
  const sums = new Float64Array(ranks)
  for (const load of loads) {
    let best = -1
    for (let rank = 0; rank < ranks; rank++)
      if ((placed[rank]?.length ?? 0) < places && (best < 0 || (sums[rank] ?? 0) < (sums[best] ?? 0))) best = rank
    placed[best]?.push(load)
    sums[best] = (sums[best] ?? 0) + load
  }
  return placed.map(rankOf)
}

/** Copies of experts that `tokens` tokens reach on a rank, each token picking `active` of all experts by popularity. */
export const reachedOn = ({ copies }: ExpertRank, { active }: Experts, tokens: number): number =>
  copies.reduce((sum, share) => sum + 1 - (1 - Math.min(1, active * share)) ** tokens, 0)

/** Busiest rank's load over the mean. */
export const imbalanceOf = (ranks: readonly ExpertRank[]): number =>
  ranks.length * Math.max(...ranks.map(({ share }) => share))
