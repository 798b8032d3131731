/**
 * How many kinds of replicas and of pools there were, and what became of them, in a sentence.
 */
import type { PairCounts, PruneCause } from "../planner/index.ts"
import { formatCount } from "../units/index.ts"
import type { FleetAnswer } from "./capacity-answer.ts"
import { beatenCounts } from "./capacity-words.ts"

const causeText: Readonly<Record<PruneCause, string>> = {
  impossible: "impossible",
  memory: "too large for the memory",
  token: "too slow a token",
  first: "too slow a first token",
  available: "more machines than there are",
  price: "without a price"
}

/** "360 kinds of replicas: 22 too large ..., 263 beaten by their bounds, 70 simulated in 75 fleets". */
export const countsText = ({ plan }: Pick<FleetAnswer, "plan">): string => {
  const { layouts, pruned, sized, beaten, simulations, apart } = plan
  const { byBound, bySimulation } = beatenCounts(beaten)
  const causes = new Map<PruneCause, number>()
  for (const { cause, side } of pruned) if (side === undefined) causes.set(cause, (causes.get(cause) ?? 0) + 1)
  const together = sized.filter(({ prefill }) => prefill === undefined).length + bySimulation
  const parts = [
    ...[...causes].map(([cause, count]) => `${formatCount(count)} ${causeText[cause]}`),
    ...(byBound > 0 ? [`${formatCount(byBound)} that cannot cost less by their bounds`] : []),
    `${formatCount(together)} simulated`
  ]
  const kinds = layouts === 0 ? [] : [`${formatCount(layouts)} kinds of replicas: ${parts.join(", ")}`]
  return `${[...kinds, ...(apart === undefined ? [] : [pairsText(apart)])].join("; ")}, in ${formatCount(simulations)} fleets`
}

/** "42 pairs of kinds for prompts and answers apart: 12 with one ruled out, 24 ... by their bounds, 6 simulated". */
const pairsText = ({ pairs, impossible, byBound, simulated }: PairCounts): string =>
  `${formatCount(pairs)} pairs of kinds for prompts and answers apart: ${[
    ...(impossible > 0 ? [`${formatCount(impossible)} of which one cannot do`] : []),
    ...(byBound > 0 ? [`${formatCount(byBound)} that cannot cost less by their bounds`] : []),
    `${formatCount(simulated)} simulated`
  ].join(", ")}`
