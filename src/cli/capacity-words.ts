/**
 * Kinds of replicas, fleets and why one loses to another, in words.
 */
import { find, isUnknownName } from "../catalog/index.ts"
import {
  acceleratorsOf,
  isWithin,
  missedText,
  tightest,
  type BeatenKind,
  type CapacityObjective,
  type FleetOutcome,
  type FleetRequest,
  type LatencyGoal,
  type PairSize,
  type PrefillSide,
  type ReplicaKind
} from "../planner/index.ts"
import { formatCount, formatFigures } from "../units/index.ts"
import { plannedAccelerators } from "./fleet-size.ts"

/** "TP4 PP2" or "EP32": how a replica is laid out. */
const sizesText = ({ tensor, pipeline, expert = 1, dataAttention = 1 }: ReplicaKind): string =>
  [
    // Ranks that share the experts and attend for themselves are the rule with them: only another way is said.
    ...(tensor > 1 || expert === 1 ? [`TP${tensor}`] : []),
    ...(expert > 1 ? [`EP${expert}`] : []),
    ...(dataAttention > 1 && dataAttention * tensor !== expert ? [`DA${dataAttention}`] : []),
    ...(pipeline > 1 ? [`PP${pipeline}`] : [])
  ].join(" ")

/** "fp8 512 tok": its weights, and what a step may hold where the plan chose it. */
const stepText = ({ precision, batchSequences, batchTokens }: ReplicaKind): string =>
  [
    precision,
    ...(batchSequences === null ? [] : [`${batchSequences} seq`]),
    ...(batchTokens === null ? [] : [`${batchTokens} tok`])
  ].join(" ")

export const layoutText = (kind: ReplicaKind): string => `${sizesText(kind)} ${stepText(kind)}`

export const acceleratorsText = (count: number, name: string): string => `${formatCount(count)} x ${name}`

/** "4" or, of two pools, "2 + 4". */
export const bothText = (prompts: number | undefined, answers: number): string =>
  prompts === undefined ? formatCount(answers) : `${formatCount(prompts)} + ${formatCount(answers)}`

const replicasText = (count: number): string => `${formatCount(count)} replica${count === 1 ? "" : "s"}`

/** "EP32+EP144 fp8" of pools that are apart: prompts before answers, what is common at the end. */
export const kindsText = (candidate: ReplicaKind, prefill?: PrefillSide): string => {
  if (prefill === undefined) return layoutText(candidate)
  const [own, other] = [stepText(candidate), stepText(prefill.candidate)]
  return `${sizesText(prefill.candidate)}${own === other ? "" : ` ${other} `}+${own === other ? "" : " "}${sizesText(candidate)} ${own}`
}

/** Machines of a table's row: both pools' where they differ. */
export const systemsText = ({ system }: ReplicaKind, prefill?: PrefillSide): string =>
  prefill === undefined || prefill.candidate.system === system ? system : `${prefill.candidate.system} + ${system}`

const titleOf = (name: string): string => {
  const system = find("systems", name)
  const accelerator = isUnknownName(system) ? system : find("accelerators", system.accelerator)
  return isUnknownName(accelerator) ? name : accelerator.title
}

/** Accelerators of one or two pools, of whose machines only the names are known. */
export const titlesText = ({ system }: ReplicaKind, prefill?: PrefillSide): string =>
  [...new Set([...(prefill === undefined ? [] : [prefill.candidate.system]), system].map(titleOf))].join(" and ")

export const fleetText = (candidate: ReplicaKind, replicas: number, name: string, prefill?: PrefillSide): string =>
  prefill === undefined
    ? `${acceleratorsText(replicas * acceleratorsOf(candidate), name)} in ${replicasText(replicas)} of ${layoutText(candidate)}`
    : `${acceleratorsText(plannedAccelerators({ candidate, replicas, prefill }), name)}, ${replicasText(prefill.replicas)} of ${layoutText(prefill.candidate)} for prompts and ${formatCount(replicas)} of ${layoutText(candidate)} for answers,`

/** A simulation of a plan: "4 replicas of dgx-h100 TP2 fp8 under 40 requests/s". */
export const requestText = ({ candidate, replicas, prefill, rate, failing = 0 }: FleetRequest): string =>
  [
    prefill === undefined ? replicasText(replicas) : `${formatCount(prefill.replicas)} + ${replicasText(replicas)}`,
    ...(candidate === null
      ? ["of the scenario"]
      : [`of ${systemsText(candidate, prefill)} ${kindsText(candidate, prefill)}`]),
    `under ${formatFigures(rate)} requests/s`,
    ...(failing === 0 ? [] : [`of which ${formatCount(failing)} ${failing === 1 ? "fails" : "fail"}`])
  ].join(" ")

/** What went wrong with a fleet: "with 29 replicas tpot.p99 50.7 ms, goal 50 ms". */
export const failureText = (
  replicas: number | PairSize,
  outcome: FleetOutcome,
  goals: readonly LatencyGoal[]
): string => {
  const start = `with ${typeof replicas === "number" ? formatCount(replicas) : `${formatCount(replicas.prefill)} + ${formatCount(replicas.decode)}`}`
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
