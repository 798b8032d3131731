/**
 * A plan of capacity as a report: the answer, who loses and why, cost against latency, what hangs on it, how to start it.
 */
import { countAxis, lineChart, timeAxis, type Picture } from "../charts/index.ts"
import { basisText, rangesOf } from "../intervals/index.ts"
import {
  goalsText,
  isWithin,
  loadText,
  valueOfTried,
  worthOfKinds,
  type RatedPair,
  type SizedFleet
} from "../planner/index.ts"
import {
  sensitivitySection,
  type Cell,
  type Column,
  type Report,
  type Section,
  type SensitivityFindings
} from "../report/index.ts"
import { formatCount, formatFigures, formatSeconds } from "../units/index.ts"
import type { FleetAnswer } from "./capacity-answer.ts"
import { dayText, redundancyText, waysText } from "./capacity-economy-text.ts"
import { countsText } from "./capacity-counts-text.ts"
import { fleetSentence, nameOf } from "./capacity-text.ts"
import { whyText } from "./capacity-table-text.ts"
import { loadTestText, rivalCell, secondTexts } from "./capacity-sure.ts"
import { failureText, kindsText, layoutText, systemsText, unitOf } from "./capacity-words.ts"
import { fleetSize, plannedAccelerators, plannedDollars, plannedOf, plannedReplicas } from "./fleet-size.ts"
import { dollars } from "./summary-parts.ts"
import { version } from "./version.ts"

const column = (name: string, unit = "", show?: (value: number) => string): Column =>
  show === undefined ? { name, unit } : { name, unit, show }

const secondsColumn = (name: string): Column => column(name, "s", formatSeconds)

/** Fleets that take more than so many times the best's are left out of the picture. */
const widest = 3

/** Every fleet that was simulated within the goals, those of the front joined. */
const frontPicture = ({ plan, front, request }: FleetAnswer): Picture | null => {
  const worth = worthOfKinds(plan)
  const served = plan.tried.flatMap((one) => {
    const { candidate, replicas, prefill, outcome } = one
    const value = valueOfTried(one, worth)
    return outcome.kind === "served" && isWithin(outcome, request.goals) && value !== undefined
      ? [
          {
            x: value,
            y: outcome.latencies.e2e.p50,
            title: `${prefill === undefined ? "" : `${formatCount(prefill.replicas)} + `}${formatCount(replicas)} x ${systemsText(candidate, prefill)} ${kindsText(candidate, prefill)}`
          }
        ]
      : []
  })
  const [first] = front
  const last = first === undefined ? undefined : front.findLast(({ value }) => value <= widest * first.value)
  if (first === undefined || last === undefined || served.length < 2) return null
  const unit = unitOf(request.objective)
  const isShown = ({ x }: { readonly x: number }): boolean => x <= widest * first.value
  const shown = served.filter(isShown)
  const line = front.filter(({ value }) => isShown({ x: value }))
  const values = shown.map(({ x }) => x)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return lineChart({
    title:
      line.length < 2
        ? `No fleet that was simulated is quicker than the cheapest, ${unit(first.value)}`
        : `A typical answer takes ${formatSeconds(first.point.latencies.e2e.p50)} for ${unit(first.value)}, ${formatSeconds(last.point.latencies.e2e.p50)} for ${unit(last.value)}`,
    x: countAxis(
      request.objective === "cost" ? "$ an hour" : request.objective,
      // Where all are large, what lies below says nothing.
      least > most / 2 ? 0.9 * least : 0,
      most
    ),
    y: timeAxis("median answer", 0, Math.max(...shown.map(({ y }) => y))),
    lines: [
      {
        name: "",
        colour: "compute",
        isMarked: true,
        points: line.map(({ value, point }) => [value, point.latencies.e2e.p50] as const)
      }
    ],
    dots: shown.map((dot) => ({ ...dot, isFaint: true })),
    table: {
      columns: [request.objective, "median answer, s"],
      rows: served.toSorted((a, b) => a.x - b.x || a.y - b.y).map(({ x, y }) => [x, y])
    }
  })
}

const rowOf = (one: SizedFleet, { plan }: FleetAnswer): readonly Cell[] => {
  const { point } = one
  const planned = plannedOf(one)
  return [
    `${systemsText(planned.candidate, planned.prefill)} ${kindsText(planned.candidate, planned.prefill)}`,
    ...(plan.apart === undefined ? [] : [planned.prefill?.replicas ?? null]),
    planned.replicas,
    plannedAccelerators(planned),
    plannedDollars(one) ?? null,
    point.latencies.ttft.p99,
    point.latencies.tpot.p99,
    point.latencies.e2e.p50
  ]
}

/** Why the first is no smaller, and what every other loses by. */
const whyItem = (one: SizedFleet, { best, request, sure }: FleetAnswer): string => {
  const { candidate, prefill } = plannedOf(one)
  const why = whyText(one, best, request.goals, unitOf(request.objective))
  const chance = rivalCell(sure, one)
  return `${systemsText(candidate, prefill)} ${kindsText(candidate, prefill)}: ${why}${chance === "" ? "" : `; the first is better ${chance}`}`
}

const pairText = ({ prefill, decode }: RatedPair): string => {
  const side = { candidate: prefill.candidate, replicas: 1 }
  return `${systemsText(decode.candidate, side)} ${kindsText(decode.candidate, side)}`
}

const prunedSection = ({ plan, request }: FleetAnswer): Section => ({
  id: "search",
  title: "What was searched",
  blocks: [
    { kind: "text", text: `${countsText({ plan })}.` },
    {
      kind: "table",
      table: {
        name: "Beaten in simulation",
        columns: [column("replicas of"), column("at most"), column("why")],
        rows: [
          ...plan.beaten.flatMap(({ rated, tried }): readonly (readonly Cell[])[] =>
            tried === null
              ? []
              : [
                  [
                    `${rated.candidate.system} ${layoutText(rated.candidate)}`,
                    formatCount(tried.replicas),
                    failureText(tried.replicas, tried.outcome, request.goals)
                  ]
                ]
          ),
          ...(plan.apart?.beaten ?? []).flatMap(({ pair, tried }): readonly (readonly Cell[])[] =>
            tried === null
              ? []
              : [
                  [
                    pairText(pair),
                    `${formatCount(tried.size.prefill)} + ${formatCount(tried.size.decode)}`,
                    failureText(tried.size, tried.outcome, request.goals)
                  ]
                ]
          )
        ]
      }
    },
    {
      kind: "table",
      table: {
        name: "Taken out by bounds",
        columns: [column("replicas of"), column("why")],
        rows: plan.pruned.map(({ candidate, side, reason }) => [
          `${side === undefined ? "" : side === "prefill" ? "prompts: " : "answers: "}${candidate.system} ${layoutText(candidate)}`,
          reason
        ])
      }
    }
  ]
})

const titles = {
  cost: "The cheapest fleet",
  accelerators: "The smallest fleet",
  energy: "The fleet of the least power"
} as const

/** Text without its label, as a sentence. */
const words = (lines: readonly string[]): string => sentence(lines.map((line) => line.slice(10)).join(" "))

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`

export const capacityReport = (
  answer: FleetAnswer,
  assumptions: readonly string[],
  command: string,
  sensitivity?: SensitivityFindings
): Report => {
  const { best, request, task, intervals, resolved, redundancy, launch } = answer
  const { latencies } = best.point
  const { throughput } = intervals
  const planned = plannedOf(best, redundancy)
  const [replicas, perHour] = [plannedReplicas(planned), plannedDollars(best, redundancy)]
  const { size, unit } = fleetSize(best, redundancy)
  const ranges = throughput === undefined ? undefined : rangesOf(size, throughput).ranges
  const nine = ranges?.find(({ level }) => level === 0.9)
  const figure = (name: string, value: number, unit: string, shown: string, note?: string) => ({
    name,
    value,
    unit,
    shown,
    ...(note === undefined ? {} : { note })
  })
  const sized = (name: string, value: number) => ({
    ...figure(name, value, "", formatCount(value)),
    ...(nine === undefined || ranges === undefined || name !== unit
      ? {}
      : {
          interval: `90 %: ${formatCount(Math.ceil(nine.low))} to ${formatCount(Math.ceil(nine.high ?? Infinity))}`,
          ranges
        })
  })
  return {
    kind: "serving",
    title: `${titles[request.objective]} for ${loadText(request.rate)} of ${task.model}`,
    about: [nameOf(best), kindsText(planned.candidate, planned.prefill), goalsText(request.goals)],
    answer: fleetSentence(answer),
    figures: [
      sized("replicas", replicas),
      sized("accelerators", plannedAccelerators(planned)),
      ...(perHour === undefined ? [] : [figure("rent", perHour, "$/h", `${dollars(perHour)} an hour`)]),
      figure("first token, p99", latencies.ttft.p99, "s", formatSeconds(latencies.ttft.p99)),
      figure("per token, p99", latencies.tpot.p99, "s", formatSeconds(latencies.tpot.p99)),
      figure("whole answer, p50", latencies.e2e.p50, "s", formatSeconds(latencies.e2e.p50)),
      figure(
        "output",
        best.point.outputTokensPerSecond,
        "tokens/s",
        `${formatFigures(best.point.outputTokensPerSecond)} tokens/s`
      )
    ],
    trust: basisText(throughput?.basis),
    picture: frontPicture(answer),
    assumptions,
    sections: [
      {
        id: "candidates",
        title: "The best, and why the others lose",
        blocks: [
          {
            kind: "table",
            table: {
              name: "Smallest fleets",
              columns: [
                column("replicas of"),
                ...(answer.plan.apart === undefined ? [] : [column("for prompts alone", "", formatCount)]),
                column("replicas", "", formatCount),
                column("accelerators", "", formatCount),
                column("rent an hour", "$", dollars),
                secondsColumn("first token p99"),
                secondsColumn("per token p99"),
                secondsColumn("answer p50")
              ],
              rows: answer.plan.sized.map((one) => rowOf(one, answer))
            }
          },
          { kind: "text", text: "Why the first is no smaller, and what each other loses by:" },
          { kind: "list", items: answer.plan.sized.map((one) => whyItem(one, answer)) },
          ...[...secondTexts(answer.sure, best), loadTestText(answer.sure, request.goals) ?? ""]
            .filter((text) => text !== "")
            .map((text) => ({ kind: "text" as const, text: sentence(text) }))
        ]
      },
      {
        id: "money",
        title: "Spares, the day, and who is paid",
        blocks: [redundancyText(answer), dayText(answer), waysText(answer)]
          .filter((lines) => lines.length > 0)
          .map((lines) => ({ kind: "text" as const, text: words(lines) }))
      },
      ...sensitivitySection(sensitivity),
      prunedSection(answer),
      {
        id: "launch",
        title: "Starting it",
        blocks: launch.map((file, index) => ({ kind: "file" as const, file, isFolded: index > 0 }))
      }
    ],
    provenance: [
      { version, hash: resolved.hash, seed: request.seed, command, scenario: resolved.scenario, remarks: [] }
    ]
  }
}
