/**
 * Where no fleet serves a load within its goals: why, and what could be had.
 */
import { goalsText, goalText, loadText } from "../planner/index.ts"
import { formatCount } from "../units/index.ts"
import type { NoAnswer } from "./capacity-answer.ts"
import { countsText } from "./capacity-counts-text.ts"
import { fleetText, layoutText, titlesText } from "./capacity-words.ts"
import { columns, paragraph } from "./wrapping.ts"

/** The kind that the fewest accelerators more would let serve, where they are what is missing. */
const fewest = (pruned: NoAnswer["plan"]["pruned"]): NoAnswer["plan"]["pruned"][number] | undefined =>
  pruned.filter(({ needs }) => needs !== undefined).toSorted((a, b) => (a.needs ?? 0) - (b.needs ?? 0))[0]

/** Why there is no fleet, and what could be had. */
export const noAnswerText = ({ request, plan, reach, task }: NoAnswer): string => {
  const start = `No fleet serves ${loadText(request.rate)} of ${task.model} within ${goalsText(request.goals)}.`
  const lines = [
    ...paragraph(start, columns),
    ...paragraph(countsText({ plan }), columns - 2).map((line) => `  ${line}`)
  ]
  if (reach === undefined) {
    const few = fewest(plan.pruned)
    if (few !== undefined)
      return [
        ...lines,
        ...paragraph(
          `the fewest that could do by any bound are ${formatCount(few.needs ?? 0)} accelerators of ${few.candidate.system} (${layoutText(few.candidate)}), and there are ${formatCount(request.available)}; --objective load in place of --load says what these serve at the most`,
          columns - 2
        ).map((line) => `  ${line}`)
      ].join("\n")
    const reasons = [
      ...new Set(plan.pruned.map(({ candidate, reason }) => `${candidate.system} ${layoutText(candidate)}: ${reason}`))
    ]
    return [
      ...lines,
      ...reasons.slice(0, 3).flatMap((reason) => paragraph(reason, columns - 2).map((line) => `  ${line}`))
    ].join("\n")
  }
  const missed = reach.missed.map(goalText).join(" and ")
  const held = request.goals.filter((goal) => !reach.missed.includes(goal))
  const nearest = `${fleetText(reach.candidate, reach.replicas, titlesText(reach.candidate, reach.prefill), reach.prefill)}${reach.replicas === 1 ? ", with hardly anything to do," : ""} comes nearest`
  return [
    ...lines,
    ...(missed === ""
      ? paragraph(`  ${nearest}, and meets the goals, but not with the load that comes`, columns)
      : [
          ...paragraph(
            `  cannot be met: ${missed}${held.length > 0 ? ` together with ${goalsText(held)}` : ""}`,
            columns
          ),
          ...paragraph(`  the nearest that can: ${reach.reachable.map(goalText).join(", ")} (${nearest})`, columns)
        ])
  ].join("\n")
}
