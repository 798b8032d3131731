/**
 * The sensitivity of a scenario: every variation simulated with the random draws of the scenario itself, and what it does
 * to each objective.
 */
import { responseOf, type Effect, type Objective, type Outcome } from "./response.ts"
import type { Side, Variation } from "./variation.ts"

export interface Sensitivity {
  /** 0.1 = ten per cent more of each, and as much less on a logarithmic scale. */
  readonly by: number
  /** The first is what effects are sorted by. */
  readonly objectives: readonly Objective[]
  readonly base: Outcome
  /** The largest first. */
  readonly effects: readonly Effect[]
}

/** The simulations that a sensitivity needs, the scenario as it is first. */
export const sidesOf = (variations: readonly Variation[]): readonly Side[] => [
  { times: 1 },
  ...variations.flatMap(({ less, more }) => (less === null ? [more] : [less, more]))
]

/** @param outcomes  of `sidesOf(variations)`, in that order */
export const sensitivityOf = (
  variations: readonly Variation[],
  outcomes: readonly Outcome[],
  objectives: readonly Objective[],
  by: number
): Sensitivity => {
  const base = outcomes[0] ?? "was not simulated"
  let at = 1
  const effects = variations.map((variation): Effect => {
    const less = variation.less === null ? undefined : outcomes[at++]
    const more = outcomes[at++]
    return {
      resource: variation.resource,
      title: variation.title,
      group: variation.group,
      more: variation.more.times,
      less: variation.less?.times ?? null,
      responses: objectives.map(({ name }) => responseOf(name, variation, base, less, more)),
      moreFails: typeof more === "string" ? more : null,
      lessFails: typeof less === "string" ? less : null
    }
  })
  const size = ({ responses }: Effect): number => Math.abs(responses[0]?.elasticity ?? 0)
  return { by, objectives, base, effects: effects.toSorted((one, other) => size(other) - size(one)) }
}

/** Resources that are rates, and those that are seconds: the first shorten a time, the second lengthen it. */
const rates = ["flops", "memoryRate", "scaleUpRate", "networkRate", "hostRate"]
const durations = ["latency", "launch", "host"]

/**
 * Percent by which a time shrinks for a percent of all rates and a percent less of all durations: 1 where these are all that
 * there is to it, for a time is homogeneous in them.
 *
 * @param objective  a time
 */
export const explainedShare = ({ effects }: Sensitivity, objective: string): number =>
  effects.reduce((sum, { resource, responses }) => {
    const elasticity = responses.find((one) => one.objective === objective)?.elasticity ?? 0
    return sum + (rates.includes(resource) ? -elasticity : durations.includes(resource) ? elasticity : 0)
  }, 0)
