/**
 * What hangs on a fleet besides its size: spares, the day, and who is paid for it.
 */
import { missedText, tightest, type LatencyGoal, type Survived } from "../planner/index.ts"
import type { FleetAnswer } from "./capacity-answer.ts"
import { bothText } from "./capacity-words.ts"
import { plannedAccelerators, plannedOf } from "./fleet-size.ts"
import { formatCount, formatFigures, formatPercent } from "../units/index.ts"
import { dollars } from "./summary-parts.ts"
import { hanging } from "./wrapping.ts"

const indent = 10

const share = (value: number): string => {
  const lost = 1 - value
  return lost < 1e-6
    ? "99.9999 %"
    : `${(100 * value).toFixed(Math.min(4, Math.max(1, Math.ceil(-Math.log10(lost)) - 1)))} %`
}

const throughText = ({ holds, outcome, side }: Survived, goals: readonly LatencyGoal[]): string => {
  if (outcome.kind === "none") return `; their failure could not be simulated: ${outcome.reason}`
  const goal = tightest(goals, outcome.latencies)
  const worst = goal === undefined ? "" : `: ${missedText(goal, outcome.latencies)}`
  if (side !== undefined) {
    // Nodes that fail may all be of one pool, whichever.
    const where = `, nearest where those for ${side === "prefill" ? "prompts" : "answers"} fail${worst}`
    return holds
      ? `; when all spares' nodes of either pool fail at the peak and their requests are sent again, the goals hold${where}`
      : `; in the minute after all spares' nodes of a pool fail at the peak they do not hold${where}`
  }
  return holds
    ? `; when all spares' nodes fail at the peak and their requests are sent again, the goals hold${worst}`
    : `; in the minute after all spares' nodes fail at the peak they do not hold${worst}`
}

export const redundancyText = ({ redundancy, best, through, request }: FleetAnswer): readonly string[] => {
  const { spareReplicas, nodes, availability, availabilityWithout } = redundancy
  const inAll = plannedAccelerators(plannedOf(best, redundancy))
  const beyond =
    inAll > request.available
      ? `; with them it takes ${formatCount(inAll)} accelerators, and there are ${formatCount(request.available)}`
      : ""
  const without = `no node of ${formatCount(nodes)} is down ${share(availabilityWithout)} of the time`
  return hanging(
    "failures",
    spareReplicas === 0
      ? `${without}, and the goals are for the whole fleet: --spare-nodes 1 adds one that may fail`
      : `${bothText(best.prefill?.replicas, best.replicas)} replicas keep the goals, ${bothText(redundancy.prefill?.spareReplicas, spareReplicas)} are spare: enough are up ${share(availability)} of the time (without spares ${share(availabilityWithout)})${through === null ? "" : throughText(through, request.goals)}${beyond}`,
    indent
  )
}

export const dayText = ({ day, best, task, request }: FleetAnswer): readonly string[] => {
  if (day === null) return []
  const least = day.hours.reduce(
    (few, { replicas, prefill = 0 }) => (replicas + prefill < few.replicas + few.prefill ? { replicas, prefill } : few),
    { replicas: best.replicas, prefill: best.prefill?.replicas ?? 0 }
  )
  const both = (prompts: number, answers: number): string =>
    bothText(best.prefill === undefined ? undefined : prompts, answers)
  const isOne = least.replicas + least.prefill === 1
  return hanging(
    "day",
    `from ${formatFigures(task.night ?? 0)} to ${formatFigures(request.rate)} requests/s: ${both(least.prefill, least.replicas)} ${isOne ? "replica does" : "replicas do"} at night, ${both(best.prefill?.replicas ?? 0, best.replicas)} at the peak; a fleet that follows the hours takes ${formatPercent(day.followed)} of the ${best.prefill === undefined ? "replica" : "accelerator"}-hours, the mean load is ${formatPercent(day.meanLoad)} of the peak`,
    indent
  )
}

/** Up to which load something pays. */
const untilText = (times: number): string =>
  times > 1 ? `up to ${formatFigures(times)} times this load` : `below ${formatPercent(times)} of this load`

export const waysText = ({ ways }: FleetAnswer): readonly string[] => {
  const parts: string[] = []
  const each = (perHour: number, perMillion: number): string =>
    `${dollars(perHour)} an hour, ${dollars(perMillion)} a million output tokens`
  if (ways.rented !== null) parts.push(`rented ${each(ways.rented.perHour, ways.rented.perMillionOutput)}`)
  if (ways.bought !== null)
    parts.push(
      `bought ${each(ways.bought.perHour, ways.bought.perMillionOutput)} (${dollars(ways.bought.upFront)} at once, ${dollars(ways.bought.powerPerHour)} an hour of power)`
    )
  if (ways.api !== null) parts.push(`from the API ${each(ways.api.perHour, ways.api.perMillionOutput)}`)
  const ends: string[] = []
  if (ways.rentBelowShare !== null)
    ends.push(
      ways.rentBelowShare < 1
        ? `buying pays where the machines are needed for more than ${formatPercent(ways.rentBelowShare)} of the hours`
        : "renting is cheaper even around the clock"
    )
  const { rented, bought } = ways.apiPaysBelow
  if (rented !== null) ends.push(`the API is cheaper than renting ${untilText(rented)}`)
  if (bought !== null) ends.push(`the API is cheaper than buying ${untilText(bought)}`)
  return parts.length === 0 ? [] : hanging("paid", [...parts, ...ends].join("; "), indent)
}
