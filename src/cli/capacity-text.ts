/**
 * A plan of capacity, 80 columns wide: the answer first, then who loses and why, then what else hangs on it.
 */
import { basisText } from "../intervals/index.ts"
import { goalsText, goalText, loadText, type PairCounts, type PruneCause, type SizedFleet } from "../planner/index.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import type { FleetAnswer, LoadAnswer, NoAnswer } from "./capacity-answer.ts"
import { dayText, redundancyText, waysText } from "./capacity-economy-text.ts"
import { loadTestText, secondTexts } from "./capacity-sure.ts"
import {
  beatenCounts,
  failureText,
  fleetText,
  kindsText,
  layoutText,
  systemsText,
  titlesText,
  unitOf
} from "./capacity-words.ts"
import { plannedAccelerators, plannedDollars, plannedOf, plannedReplicas } from "./fleet-size.ts"
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
  const { candidate, replicas, prefill } = plannedOf(best, redundancy.replicas)
  const perHour = plannedDollars(best, redundancy.replicas)
  const price = perHour === undefined ? "" : ` for ${dollars(perHour)} an hour`
  const spare = redundancy.spareReplicas === 0 ? "" : `, ${redundancy.spareReplicas} of them spare,`
  return `${fleetText(candidate, replicas, nameOf(best), prefill)}${spare} serve ${loadText(request.rate)} of ${task.model} within ${goalsText(request.goals)}${price}.`
}

const widths = [34, 6, 6, 8, 9, 9, 8] as const
const tableRow = (first: string, ...cells: readonly string[]): string =>
  `${first.padEnd(widths[0])}${cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 9)).join("")}`.trimEnd()

/** Dollars a million output tokens; "-" without a price. */
const perMillion = (perHour: number | undefined, tokensPerSecond: number): string =>
  perHour === undefined || !(tokensPerSecond > 0) ? "-" : dollars((perHour * 1e6) / (tokensPerSecond * 3600))

/** "4" or, of two pools, "4 + 1". */
const replicasCell = ({ replicas, prefill }: Pick<ReturnType<typeof plannedOf>, "replicas" | "prefill">): string =>
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

const tableText = ({ plan: { sized }, best, request }: FleetAnswer): readonly string[] => [
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

/** In what a fleet may grow: replicas, or accelerators where pools apart have replicas of two sizes. */
export const fleetSize = (best: SizedFleet, replicas: number): { readonly size: number; readonly unit: string } => {
  const planned = plannedOf(best, replicas)
  return best.prefill === undefined
    ? { size: plannedReplicas(planned), unit: "replicas" }
    : { size: plannedAccelerators(planned), unit: "accelerators" }
}

/** By how much more or fewer replicas it may take: capacity is off by the factor of its interval. */
const intervalText = ({ intervals, best, redundancy }: FleetAnswer): string => {
  const { throughput } = intervals
  if (throughput === undefined) return basisText(undefined)
  const ranges = throughput.bands
    .filter(({ level }) => level >= 0.8)
    .map(({ level, factor }) => {
      const planned = fleetSize(best, redundancy.replicas).size
      const [low, high] = [Math.max(1, Math.ceil(planned / factor)), Math.ceil(planned * factor)]
      const perHour = plannedDollars(best, redundancy.replicas)
      const cost =
        perHour === undefined
          ? ""
          : ` (${dollars((low * perHour) / planned)} to ${dollars((high * perHour) / planned)} an hour)`
      return `${formatPercent(level)} interval ${formatCount(low)} to ${formatCount(high)} ${fleetSize(best, redundancy.replicas).unit}${cost}`
    })
  return `${ranges.join("; ")}; ${basisText(throughput.basis)}`
}

const frontText = ({ front, request }: FleetAnswer): readonly string[] =>
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
    ...(launch === undefined
      ? []
      : [
          "",
          `${launch.name === "vllm-bench" ? "measure" : "launch "}   ${launch.title.replace(/^Measure it: /, "")}`,
          ...launch.text.split("\n").map((line) => `  ${line}`)
        ])
  ].join("\n")
}

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

const machinesText = ({ accelerators, resolved }: LoadAnswer): string => {
  const { replicas, target } = resolved.job
  return `${formatCount(accelerators)} x ${target.accelerator.title} in ${formatCount(replicas)} replica${replicas === 1 ? "" : "s"}`
}

export const loadSentence = (answer: LoadAnswer): string =>
  `${machinesText(answer)} serve up to ${loadText(answer.found.rate)} of ${answer.task.model} within ${goalsText(answer.task.goals)}.`

export const loadAnswerText = (answer: LoadAnswer): string => {
  const { task, found, intervals, resolved } = answer
  if (found.point === null)
    return [
      ...paragraph(
        `${machinesText(answer)} cannot keep ${goalsText(task.goals)} for ${task.model} at any load.`,
        columns
      ),
      ...(found.above === null
        ? []
        : paragraph(
            `  at ${loadText(found.above.rate)}: ${failureText(resolved.job.replicas, found.above.outcome, task.goals)}`,
            columns
          ))
    ].join("\n")
  const factor = intervals.throughput?.bands.find(({ level }) => level === 0.9)?.factor
  return [
    ...paragraph(loadSentence(answer), columns),
    "",
    ...(found.above === null
      ? []
      : labelledText(
          "limit",
          `at ${loadText(found.above.rate)} ${failureText(resolved.job.replicas, found.above.outcome, task.goals)}`
        )),
    ...labelledText(
      "there",
      `ttft.p99 ${formatSeconds(found.point.latencies.ttft.p99)}, tpot.p99 ${formatSeconds(found.point.latencies.tpot.p99)}, ${formatFigures(found.point.outputTokensPerSecond)} output tokens/s`
    ),
    ...labelledText("searched", `${found.simulations} loads, every one with the same requests`),
    ...labelledText(
      "trust",
      factor === undefined
        ? basisText(undefined)
        : `90 % interval ${formatFigures(found.rate / factor)} to ${formatFigures(found.rate * factor)} requests/s; ${basisText(intervals.throughput?.basis)}`
    )
  ].join("\n")
}
