/**
 * Several models on one sheet: what each takes of the budget.
 */
import type { Sheet } from "../planner/index.ts"
import { formatCount, formatFigures, formatPercent } from "../units/index.ts"
import type { FleetAnswer } from "./capacity-answer.ts"
import { kindsText, systemsText } from "./capacity-words.ts"
import { plannedAccelerators, plannedDollars, plannedOf, plannedReplicas } from "./fleet-size.ts"
import { dollars } from "./summary-parts.ts"
import { columns, paragraph } from "./wrapping.ts"

const row = (model: string, ...cells: readonly string[]): string =>
  `${model.padEnd(22)}${cells.map((cell, index) => (index === 4 ? `  ${cell}` : cell.padStart([9, 7, 6, 10][index] ?? 8))).join("")}`
    .slice(0, columns)
    .trimEnd()

export const sheetText = (fleets: readonly FleetAnswer[], sheet: Sheet): readonly string[] => {
  const budget =
    sheet.budget === undefined
      ? ""
      : sheet.share === 1
        ? `, within the budget of ${dollars(sheet.budget)}`
        : sheet.share > 0
          ? `; the budget of ${dollars(sheet.budget)} pays for ${formatPercent(sheet.share)} of every load (${sheet.replicas.map((count) => formatCount(count)).join(" + ")} replicas, by proportion)`
          : `; the budget of ${dollars(sheet.budget)} does not pay for a replica of each`
  const subject = fleets.length === 1 ? "One model takes" : `${formatCount(fleets.length)} models take`
  return [
    ...paragraph(
      `${subject} ${formatCount(sheet.accelerators)} accelerators and ${dollars(sheet.dollars)} an hour${budget}.`,
      columns
    ),
    "",
    row("model", "load", "repl.", "GPUs", "$/h", "replicas of"),
    ...fleets.map(({ task, request, best, redundancy }) => {
      const planned = plannedOf(best, redundancy)
      const perHour = plannedDollars(best, redundancy)
      return row(
        task.model,
        `${formatFigures(request.rate)}/s`,
        formatCount(plannedReplicas(planned)),
        formatCount(plannedAccelerators(planned)),
        perHour === undefined ? "-" : dollars(perHour),
        `${systemsText(planned.candidate, planned.prefill)} ${kindsText(planned.candidate, planned.prefill)}`
      )
    })
  ]
}
