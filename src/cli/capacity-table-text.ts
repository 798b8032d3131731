/**
 * The table of fleets: who comes first, what each other loses by, and which are cheaper or quicker.
 */
import type { SizedFleet } from "../planner/index.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import type { FleetAnswer } from "./capacity-answer.ts"
import { failureText, kindsText, systemsText, unitOf } from "./capacity-words.ts"
import { plannedAccelerators, plannedDollars, plannedOf } from "./fleet-size.ts"
import { dollars } from "./summary-parts.ts"
import { columns, paragraph } from "./wrapping.ts"

const widths = [34, 6, 6, 8, 9, 9, 8] as const
const tableRow = (first: string, ...cells: readonly string[]): string =>
  `${first.padEnd(widths[0])}${cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 9)).join("")}`.trimEnd()

/** Dollars a million output tokens; "-" without a price. */
const perMillion = (perHour: number | undefined, tokensPerSecond: number): string =>
  perHour === undefined || !(tokensPerSecond > 0) ? "-" : dollars((perHour * 1e6) / (tokensPerSecond * 3600))

/** "4" or, of two pools, "4 + 1". */
export const replicasCell = ({
  replicas,
  prefill
}: Pick<ReturnType<typeof plannedOf>, "replicas" | "prefill">): string =>
  prefill === undefined ? formatCount(replicas) : `${formatCount(prefill.replicas)}+${formatCount(replicas)}`

const kindRow = (one: SizedFleet, place: number): string => {
  const { point } = one
  const perHour = plannedDollars(one)
  const planned = plannedOf(one)
  return tableRow(
    `${String(place).padStart(3)} ${systemsText(planned.candidate, planned.prefill)} ${kindsText(planned.candidate, planned.prefill)}`.slice(
      0,
      widths[0] - 1
    ),
    replicasCell(planned),
    formatCount(plannedAccelerators(planned)),
    perHour === undefined ? "-" : dollars(perHour),
    perMillion(perHour, point.outputTokensPerSecond),
    formatSeconds(point.latencies.ttft.p99),
    formatSeconds(point.latencies.tpot.p99)
  )
}

const shownRows = 8

export const tableText = ({ plan: { sized }, best, request }: FleetAnswer): readonly string[] => [
  tableRow("    replicas of", "repl.", "GPUs", "$/h", "$/Mtok", "ttft99", "tpot99"),
  ...sized
    .slice(0, shownRows)
    .flatMap((one, index) => [
      kindRow(one, index + 1),
      ...paragraph(whyText(one, best, request.goals, unitOf(request.objective)), columns - 6).map(
        (line) => `      ${line}`
      )
    ])
]

export const whyText = (
  one: SizedFleet,
  best: SizedFleet,
  goals: FleetAnswer["request"]["goals"],
  unit: (value: number) => string
): string => {
  const why =
    one.below === null
      ? "its bound allows no smaller fleet"
      : failureText(one.belowAt ?? one.replicas - 1, one.below, goals)
  if (one === best) return why
  if (one.value <= best.value) {
    const [own, first] = [one, best].map(({ point }) => formatSeconds(point.latencies.e2e.p50))
    return `costs the same, and answers ${own === first ? "as fast" : `in ${own} instead of ${first}`}: ${why}`
  }
  return `+${formatPercent(one.value / best.value - 1)} (${unit(one.value)}): ${why}`
}

export const frontText = ({ front, request }: FleetAnswer): readonly string[] =>
  front.length < 2
    ? []
    : [
        "",
        tableRow("cheaper or quicker", "repl.", "GPUs", unitName(request.objective), "answer", "ttft99", "tpot99"),
        ...front
          .slice(0, 6)
          .map(({ candidate, replicas, prefill, value, point }) =>
            tableRow(
              `    ${systemsText(candidate, prefill)} ${kindsText(candidate, prefill)}`.slice(0, widths[0] - 1),
              replicasCell(prefill === undefined ? { replicas } : { replicas, prefill }),
              formatCount(
                plannedAccelerators(prefill === undefined ? { candidate, replicas } : { candidate, replicas, prefill })
              ),
              request.objective === "cost"
                ? dollars(value)
                : formatFigures(request.objective === "energy" ? value : point.outputTokensPerSecond),
              formatSeconds(point.latencies.e2e.p50),
              formatSeconds(point.latencies.ttft.p99),
              formatSeconds(point.latencies.tpot.p99)
            )
          )
      ]

/** Accelerators have a column already: where they are the objective, what comes out stands beside them. */
const unitName = (objective: string): string => (objective === "cost" ? "$/h" : objective === "energy" ? "W" : "tok/s")
