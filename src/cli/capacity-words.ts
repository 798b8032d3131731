/**
 * Kinds of replicas, fleets and why one loses to another, in words.
 */
import {
  acceleratorsOf,
  isWithin,
  missedText,
  tightest,
  type BeatenKind,
  type CapacityObjective,
  type FleetOutcome,
  type LatencyGoal,
  type ReplicaKind
} from "../planner/index.ts"
import { formatCount, formatFigures } from "../units/index.ts"

/** "TP4 PP2 fp8", and what a step may hold where the plan chose it. */
export const layoutText = ({ tensor, pipeline, precision, batchSequences, batchTokens }: ReplicaKind): string =>
  [
    `TP${tensor}`,
    ...(pipeline > 1 ? [`PP${pipeline}`] : []),
    precision,
    ...(batchSequences === null ? [] : [`${batchSequences} seq`]),
    ...(batchTokens === null ? [] : [`${batchTokens} tok`])
  ].join(" ")

export const acceleratorsText = (count: number, name: string): string => `${formatCount(count)} x ${name}`

export const fleetText = (candidate: ReplicaKind, replicas: number, name: string): string =>
  `${acceleratorsText(replicas * acceleratorsOf(candidate), name)} in ${formatCount(replicas)} replica${replicas === 1 ? "" : "s"} of ${layoutText(candidate)}`

/** What went wrong with a fleet: "with 29 replicas tpot.p99 50.7 ms, goal 50 ms". */
export const failureText = (replicas: number, outcome: FleetOutcome, goals: readonly LatencyGoal[]): string => {
  const start = `with ${formatCount(replicas)}`
  if (outcome.kind === "none") return `${start}: ${outcome.reason}`
  const goal = tightest(goals, outcome.latencies)
  const isLate = goal !== undefined && outcome.latencies[goal.metric][goal.statistic] > goal.seconds
  if (isLate)
    return `${start}, ${missedText(goal, outcome.latencies)}${outcome.isOverloaded ? ", and the queue grows" : ""}`
  if (outcome.isOverloaded) return `${start}, the queue grows without end`
  return outcome.answered < 0.999 && !isWithin(outcome, goals)
    ? `${start}, ${formatFigures(100 * (1 - outcome.answered))} % of the requests get no answer`
    : `${start}, with another seed a goal is missed`
}

export const unitOf = (objective: CapacityObjective): ((value: number) => string) =>
  objective === "cost"
    ? (value) => `$${formatFigures(value)}/h`
    : objective === "energy"
      ? (value) => `${formatFigures(value / 1000)} kW`
      : (value) => `${formatCount(value)} GPUs`

/** How the many that lose do so, in one count each. */
export const beatenCounts = (
  beaten: readonly BeatenKind[]
): { readonly byBound: number; readonly bySimulation: number } => ({
  byBound: beaten.filter(({ tried }) => tried === null).length,
  bySimulation: beaten.filter(({ tried }) => tried !== null).length
})
