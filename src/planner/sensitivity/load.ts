/**
 * How the highest load that a server serves within its goals answers to each resource: a bisection (`capacity/bisect.ts`) for
 * the server as it is, and one with less and one with more of each, all with the same requests.
 */
import { scenarioWith, type ResolvedServing, type ServingScenario } from "../../scenario/index.ts"
import { highestLoad, type HighestLoad } from "../capacity/bisect.ts"
import { goalText, loadText, tightest, type LatencyGoal } from "../capacity/goals.ts"
import { together } from "../capacity/sizing.ts"
import type { CapacitySearch, FleetRequest } from "../capacity/types.ts"
import type { Objective, Outcome } from "./response.ts"
import { explainedShare, sensitivityOf, sidesOf } from "./sensitivity.ts"
import type { NoSensitivity, SensitivityOutcome } from "./study.ts"
import { servingVariations, type Side, type Variation } from "./variation.ts"

export const loadObjective: Objective = { name: "loadWithinSlo", title: "load within goals", isBetter: "higher" }

export interface LoadStudy {
  readonly resolved: ResolvedServing
  readonly goals: readonly LatencyGoal[]
  /** Requests of a simulation. */
  readonly requests: number
  /** Requests a second to begin with, such as those of the scenario. */
  readonly start: number
  /** Requests a second of a recorded workload as it was recorded. */
  readonly traceRate?: number
  /** 0.1 = ten per cent more of each. */
  readonly by: number
}

export interface LoadOutcome extends SensitivityOutcome {
  /** Requests a second within the goals. */
  readonly rate: number
  readonly simulations: number
}

/** Loads are told apart to this share of themselves: a hundredth of an elasticity at a step of ten per cent, less than a tail's noise. */
const resolution = 0.002

/** A goal that allows more or less seconds. */
const goalVariation = (goal: LatencyGoal, by: number): Variation => ({
  resource: `${goal.metric}.${goal.statistic}`,
  title: `${goal.metric}.${goal.statistic} allowed`,
  group: "work",
  less: { times: 1 / (1 + by) },
  more: { times: 1 + by },
  isWhole: false
})

/** The rate is found, not given: what makes it more or less would only be taken back. */
const isOfLoad = ({ resource }: Variation): boolean => resource === "load"

export function* loadSensitivity(study: LoadStudy): CapacitySearch<LoadOutcome | NoSensitivity> {
  const { resolved, goals, start, by } = study
  const scenario = withoutLoad(resolved.scenario)
  const about = yield* highestLoad(fleetOf(study, scenario), goals, start, by / 2)
  if (about.rate === 0) return { reason: hopeless(about, goals), objectives: [loadObjective] }
  const moved = servingVariations(resolved, by).filter((one) => !isOfLoad(one))
  const resources = new Set(moved)
  const variations = [...moved, ...goals.map((goal) => goalVariation(goal, by))]
  const sides = variations.flatMap((variation) => {
    const { less, more } = variation
    const goal = resources.has(variation) ? undefined : variation.resource
    return (less === null ? [more] : [less, more]).map((side) => ({ side, goal }))
  })
  // The server as it is once more, over the same steps as the others: what changes nothing finds the same load.
  const all = [{ side: { times: 1 }, goal: undefined }, ...sides]
  const found = yield* together(all.map(({ side, goal }) => sideLoad(study, scenario, side, goal, about.rate)))
  const base = found[0]?.load ?? about
  const sensitivity = sensitivityOf(
    variations,
    found.map(({ outcome }) => outcome),
    [loadObjective],
    by
  )
  const simulations = found.reduce((sum, { load }) => sum + (load?.simulations ?? 0), about.simulations)
  const outcome: SensitivityOutcome = {
    sensitivity,
    base: { kind: "serving" },
    fits: { less: true, own: true, more: true }
  }
  return { ...outcome, rate: base.rate, simulations, notes: notesOf(study, base, sensitivity) }
}

/** How many searches a study has; each takes about ten simulations. */
export const searchesOf = ({ resolved, goals, by }: Pick<LoadStudy, "resolved" | "goals" | "by">): number =>
  sidesOf(servingVariations(resolved, by).filter((one) => !isOfLoad(one))).length + 2 * goals.length

const withoutLoad = (scenario: ServingScenario): ServingScenario => {
  if (scenario.resources === undefined) return scenario
  const { load: _found, ...resources } = scenario.resources
  return { ...scenario, resources }
}

const fleetOf = (
  { requests, resolved, traceRate }: LoadStudy,
  scenario: ServingScenario
): Omit<FleetRequest, "rate"> => ({
  scenario,
  candidate: null,
  replicas: resolved.job.replicas,
  requests,
  seed: resolved.job.seed,
  ...(traceRate === undefined ? {} : { traceRate })
})

/** Between the highest load that was served and the lowest that was not. */
const valueOf = ({ rate, above }: HighestLoad): number => (above === null ? rate : Math.sqrt(rate * above.rate))

interface SideLoad {
  readonly outcome: Outcome
  /** Null: there is no such server. */
  readonly load: HighestLoad | null
}

function* sideLoad(
  study: LoadStudy,
  scenario: ServingScenario,
  { times, factors, changes }: Side,
  goal: string | undefined,
  start: number
): CapacitySearch<SideLoad> {
  const resources = Object.entries(factors ?? {}).map(([name, factor]) => {
    const before = Object.entries(scenario.resources ?? {}).find(([known]) => known === name)?.[1] ?? 1
    return [`resources.${name}`, before * factor] as const
  })
  const loaded = scenarioWith({ scenario }, { ...changes, ...Object.fromEntries(resources) })
  if (loaded._tag === "Refused")
    return {
      outcome: loaded.issues.map(({ path, problem }) => `${path}: ${problem}`).join("; "),
      load: null
    }
  const goals = study.goals.map((one) =>
    `${one.metric}.${one.statistic}` === goal ? { ...one, seconds: one.seconds * times } : one
  )
  // No resource moves the load by more than it is moved itself, as a rule: what is sought lies near.
  const found = yield* highestLoad(
    fleetOf(study, loaded.scenario as ServingScenario),
    goals,
    start,
    resolution,
    1 + study.by / 2
  )
  return {
    outcome: found.rate === 0 ? hopeless(found, goals) : { [loadObjective.name]: valueOf(found) },
    load: found
  }
}

const hopeless = ({ above }: HighestLoad, goals: readonly LatencyGoal[]): string => {
  if (above?.outcome.kind === "none") return above.outcome.reason
  const worst = above === null ? undefined : tightest(goals, above.outcome.latencies)
  return `no load is served within the goals${worst === undefined ? "" : `: ${goalText(worst)} is missed even when idle`}`
}

const rates = (found: SensitivityOutcome["sensitivity"], goals: readonly LatencyGoal[]): number =>
  -explainedShare(found, loadObjective.name) -
  goals.reduce((sum, { metric, statistic }) => {
    const effect = found.effects.find(({ resource }) => resource === `${metric}.${statistic}`)
    return sum + (effect?.responses[0]?.elasticity ?? 0)
  }, 0)

const notesOf = (
  { goals, requests }: LoadStudy,
  base: HighestLoad,
  sensitivity: SensitivityOutcome["sensitivity"]
): readonly string[] => {
  const missed = base.above?.outcome.kind === "served" ? tightest(goals, base.above.outcome.latencies) : undefined
  return [
    `${loadText(base.rate)} are served within the goals${missed === undefined ? "" : `; beyond them ${goalText(missed)} is missed`}`,
    `every load is told by the same ${requests} requests: elasticities below 0.05 may be the chance of their tail`,
    `all rates together, with all latencies, host times and goals, explain ${rates(sensitivity, goals).toFixed(2)} of the load (1 = all of it)`
  ]
}
