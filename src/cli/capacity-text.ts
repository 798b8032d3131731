/**
 * A plan of capacity, 80 columns wide: the answer first, then who loses and why, then what else hangs on it.
 */
import { basisText } from "../intervals/index.ts"
import { goalsText, loadText, type SizedFleet } from "../planner/index.ts"
import { formatCount, formatPercent } from "../units/index.ts"
import type { FleetAnswer } from "./capacity-answer.ts"
import { countsText } from "./capacity-counts-text.ts"
import { dayText, redundancyText, waysText } from "./capacity-economy-text.ts"
import { launchText } from "./capacity-launch-text.ts"
import { loadTestText, secondTexts } from "./capacity-sure.ts"
import { frontText, tableText } from "./capacity-table-text.ts"
import { bothText, fleetText } from "./capacity-words.ts"
import { fleetSize, plannedDollars, plannedOf } from "./fleet-size.ts"
import { dollars } from "./summary-parts.ts"
import { columns, hanging, paragraph } from "./wrapping.ts"

const indent = 10
export const labelledText = (label: string, text: string): readonly string[] => hanging(label, text, indent)

export const nameOf = ({ rated, prefill }: SizedFleet): string =>
  prefill === undefined || prefill.rated.accelerator.name === rated.accelerator.name
    ? rated.accelerator.title
    : `${prefill.rated.accelerator.title} and ${rated.accelerator.title}`

/** "12 x H100 in 3 replicas of TP4 fp8 serve 200 requests/s of llama-3-70b within ... for $45 an hour." */
export const fleetSentence = ({ best, task, request, redundancy }: FleetAnswer): string => {
  const { candidate, replicas, prefill } = plannedOf(best, redundancy)
  const perHour = plannedDollars(best, redundancy)
  const price = perHour === undefined ? "" : ` for ${dollars(perHour)} an hour`
  // What is said of two pools ends in a comma already.
  const spare =
    redundancy.spareReplicas === 0
      ? ""
      : `${prefill === undefined ? "," : ""} ${bothText(redundancy.prefill?.spareReplicas, redundancy.spareReplicas)} of them spare,`
  return `${fleetText(candidate, replicas, nameOf(best), prefill)}${spare} serve ${loadText(request.rate)} of ${task.model} within ${goalsText(request.goals)}${price}.`
}

/** By how much more or fewer replicas it may take: capacity is off by the factor of its interval. */
const intervalText = ({ intervals, best, redundancy }: FleetAnswer): string => {
  const { throughput } = intervals
  if (throughput === undefined) return basisText(undefined)
  const ranges = throughput.bands
    .filter(({ level }) => level >= 0.8)
    .map(({ level, factor }) => {
      const planned = fleetSize(best, redundancy).size
      const [low, high] = [Math.max(1, Math.ceil(planned / factor)), Math.ceil(planned * factor)]
      const perHour = plannedDollars(best, redundancy)
      const cost =
        perHour === undefined
          ? ""
          : ` (${dollars((low * perHour) / planned)} to ${dollars((high * perHour) / planned)} an hour)`
      return `${formatPercent(level)} interval ${formatCount(low)} to ${formatCount(high)} ${fleetSize(best, redundancy).unit}${cost}`
    })
  return `${ranges.join("; ")}; ${basisText(throughput.basis)}`
}

export const fleetAnswerText = (answer: FleetAnswer): string => {
  const settled = loadTestText(answer.sure, answer.request.goals)
  const [launch] = answer.launch
  const { best, request } = answer
  return [
    ...paragraph(fleetSentence(answer), columns),
    "",
    ...tableText(answer),
    ...frontText(answer),
    "",
    ...labelledText(
      "searched",
      `${countsText(answer)}; the first holds with ${best.seeds} seed${best.seeds === 1 ? "" : "s"} of ${formatCount(request.requests)} requests`
    ),
    ...labelledText("trust", intervalText(answer)),
    ...secondTexts(answer.sure, best).flatMap((text, index) => labelledText(index === 0 ? "second" : "", text)),
    ...(settled === undefined ? [] : labelledText("settle", settled)),
    ...redundancyText(answer),
    ...dayText(answer),
    ...waysText(answer),
    ...launchText(launch, best.prefill !== undefined)
  ].join("\n")
}
