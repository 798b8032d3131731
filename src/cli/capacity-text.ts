/**
 * A plan of capacity, 80 columns wide: the answer first, then who loses and why, then what else hangs on it.
 */
import { basisText } from "../intervals/index.ts"
import { acceleratorsOf, goalsText, goalText, loadText, type PruneCause, type SizedFleet } from "../planner/index.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import type { FleetAnswer, LoadAnswer, NoAnswer } from "./capacity-answer.ts"
import { dayText, redundancyText, waysText } from "./capacity-economy-text.ts"
import { beatenCounts, failureText, fleetText, layoutText, unitOf } from "./capacity-words.ts"
import { dollars } from "./summary-parts.ts"
import { columns, hanging, paragraph } from "./wrapping.ts"

const indent = 10
export const labelledText = (label: string, text: string): readonly string[] => hanging(label, text, indent)

export const nameOf = ({ rated }: SizedFleet): string => rated.accelerator.title

/** "12 x H100 in 3 replicas of TP4 fp8 serve 200 requests/s of llama-3-70b within ... for $45 an hour." */
export const fleetSentence = ({ best, task, request, redundancy }: FleetAnswer): string => {
  const { rated } = best
  const price = rated.dollars === undefined ? "" : ` for ${dollars(rated.dollars * redundancy.replicas)} an hour`
  const spare = redundancy.spareReplicas === 0 ? "" : `, ${redundancy.spareReplicas} of them spare`
  return `${fleetText(rated.candidate, redundancy.replicas, nameOf(best))}${spare} serve ${loadText(request.rate)} of ${task.model} within ${goalsText(request.goals)}${price}.`
}

const widths = [34, 6, 6, 8, 9, 9, 8] as const
const tableRow = (first: string, ...cells: readonly string[]): string =>
  `${first.padEnd(widths[0])}${cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 9)).join("")}`.trimEnd()

/** Dollars a million output tokens; "-" without a price. */
const perMillion = (perHour: number | undefined, tokensPerSecond: number): string =>
  perHour === undefined || !(tokensPerSecond > 0) ? "-" : dollars((perHour * 1e6) / (tokensPerSecond * 3600))

const kindRow = (one: SizedFleet, place: number): string => {
  const { rated, replicas, point } = one
  const perHour = rated.dollars === undefined ? undefined : rated.dollars * replicas
  return tableRow(
    `${String(place).padStart(3)} ${rated.candidate.system} ${layoutText(rated.candidate)}`.slice(0, widths[0] - 1),
    formatCount(replicas),
    formatCount(replicas * acceleratorsOf(rated.candidate)),
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
  const why = one.below === null ? "its bound allows no smaller fleet" : failureText(one.replicas - 1, one.below, goals)
  if (one === best) return why
  if (one.value <= best.value)
    return `costs the same, and answers in ${formatSeconds(one.point.latencies.e2e.p50)} instead of ${formatSeconds(best.point.latencies.e2e.p50)}: ${why}`
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
  const { layouts, pruned, sized, beaten, simulations } = plan
  const { byBound, bySimulation } = beatenCounts(beaten)
  const causes = new Map<PruneCause, number>()
  for (const { cause } of pruned) causes.set(cause, (causes.get(cause) ?? 0) + 1)
  const parts = [
    ...[...causes].map(([cause, count]) => `${formatCount(count)} ${causeText[cause]}`),
    ...(byBound > 0 ? [`${formatCount(byBound)} that cannot cost less by their bounds`] : []),
    `${formatCount(sized.length + bySimulation)} simulated, in ${formatCount(simulations)} fleets`
  ]
  return `${formatCount(layouts)} kinds of replicas: ${parts.join(", ")}`
}

/** By how much more or fewer replicas it may take: capacity is off by the factor of its interval. */
const intervalText = ({ intervals, best, redundancy }: FleetAnswer): string => {
  const { throughput } = intervals
  if (throughput === undefined) return basisText(undefined)
  const ranges = throughput.bands
    .filter(({ level }) => level >= 0.8)
    .map(({ level, factor }) => {
      const [low, high] = [
        Math.max(1, Math.ceil(redundancy.replicas / factor)),
        Math.ceil(redundancy.replicas * factor)
      ]
      const cost =
        best.rated.dollars === undefined
          ? ""
          : ` (${dollars(low * best.rated.dollars)} to ${dollars(high * best.rated.dollars)} an hour)`
      return `${formatPercent(level)} interval ${formatCount(low)} to ${formatCount(high)} replicas${cost}`
    })
  return `${ranges.join("; ")}; ${basisText(throughput.basis)}`
}

/** Whether the second is worse beyond what the simulator may be off by. */
const secondText = ({ plan: { sized }, best, intervals }: FleetAnswer): string | undefined => {
  const second = sized.find(({ rated }) => rated.accelerator.name !== best.rated.accelerator.name)
  const factor = intervals.throughput?.bands.find(({ level }) => level === 0.8)?.factor
  if (second === undefined || factor === undefined) return undefined
  const ratio = second.value / best.value
  const name = `${nameOf(second)} (+${formatPercent(ratio - 1)})`
  return ratio > factor * factor
    ? `the next machines, ${name}, lose by more than both predictions' 80 % intervals`
    : `the next machines, ${name}, may win after all: that is within the 80 % intervals; a load test of one replica of each would settle it`
}

const frontText = ({ front, request }: FleetAnswer): readonly string[] =>
  front.length < 2
    ? []
    : [
        "",
        tableRow("cheaper or quicker", "repl.", "GPUs", unitName(request.objective), "answer", "ttft99", "tpot99"),
        ...front
          .slice(0, 6)
          .map(({ candidate, replicas, value, point }) =>
            tableRow(
              `    ${candidate.system} ${layoutText(candidate)}`.slice(0, widths[0] - 1),
              formatCount(replicas),
              formatCount(replicas * acceleratorsOf(candidate)),
              request.objective === "cost" ? dollars(value) : formatFigures(value),
              formatSeconds(point.latencies.e2e.p50),
              formatSeconds(point.latencies.ttft.p99),
              formatSeconds(point.latencies.tpot.p99)
            )
          )
      ]

const unitName = (objective: string): string => (objective === "cost" ? "$/h" : objective === "energy" ? "W" : "GPUs")

export const fleetAnswerText = (answer: FleetAnswer): string => {
  const second = secondText(answer)
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
    ...(second === undefined ? [] : labelledText("second", second)),
    ...redundancyText(answer),
    ...dayText(answer),
    ...waysText(answer),
    ...(launch === undefined
      ? []
      : ["", `launch    ${launch.title}`, ...launch.text.split("\n").map((line) => `  ${line}`)])
  ].join("\n")
}

/** Why there is no fleet, and what could be had. */
export const noAnswerText = ({ request, plan, reach, task }: NoAnswer): string => {
  const start = `No fleet serves ${loadText(request.rate)} of ${task.model} within ${goalsText(request.goals)}.`
  const lines = [
    ...paragraph(start, columns),
    ...paragraph(countsText({ plan }), columns - 2).map((line) => `  ${line}`)
  ]
  if (reach === undefined) {
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
  const nearest = `${fleetText(reach.candidate, reach.replicas, reach.candidate.system)}${reach.replicas === 1 ? ", with hardly anything to do," : ""} comes nearest`
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

export const loadAnswerText = ({ task, found, accelerators, intervals, resolved }: LoadAnswer): string => {
  const name = resolved.job.target.accelerator.title
  const machines = `${formatCount(accelerators)} x ${name} in ${formatCount(resolved.job.replicas)} replica${resolved.job.replicas === 1 ? "" : "s"}`
  if (found.point === null)
    return [
      ...paragraph(`${machines} cannot keep ${goalsText(task.goals)} for ${task.model} at any load.`, columns),
      ...(found.above === null
        ? []
        : paragraph(
            `  at ${loadText(found.above.rate)}: ${failureText(resolved.job.replicas, found.above.outcome, task.goals)}`,
            columns
          ))
    ].join("\n")
  const factor = intervals.throughput?.bands.find(({ level }) => level === 0.9)?.factor
  return [
    ...paragraph(
      `${machines} serve up to ${loadText(found.rate)} of ${task.model} within ${goalsText(task.goals)}.`,
      columns
    ),
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
