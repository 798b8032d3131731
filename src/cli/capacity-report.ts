/**
 * A plan of capacity as a report: the answer, who loses and why, cost against latency, what hangs on it, how to start it.
 */
import { countAxis, lineChart, timeAxis, type Picture } from "../charts/index.ts"
import { basisText, rangesOf } from "../intervals/index.ts"
import { acceleratorsOf, goalsText, isWithin, loadText, type SizedFleet } from "../planner/index.ts"
import type { Cell, Column, Report, Section } from "../report/index.ts"
import { formatCount, formatFigures, formatSeconds } from "../units/index.ts"
import type { FleetAnswer } from "./capacity-answer.ts"
import { dayText, redundancyText, waysText } from "./capacity-economy-text.ts"
import { countsText, fleetSentence, whyText } from "./capacity-text.ts"
import { failureText, layoutText, unitOf } from "./capacity-words.ts"
import { dollars } from "./summary-parts.ts"
import { version } from "./version.ts"

const column = (name: string, unit = "", show?: (value: number) => string): Column =>
  show === undefined ? { name, unit } : { name, unit, show }

const secondsColumn = (name: string): Column => column(name, "s", formatSeconds)

/** Every fleet that was simulated within the goals, those of the front joined. */
const frontPicture = ({ plan, front, request }: FleetAnswer): Picture | null => {
  const worth = new Map([...plan.sized, ...plan.beaten].map(({ rated }) => [rated.candidate, rated.worth]))
  const served = plan.tried.flatMap(({ candidate, replicas, outcome }) => {
    const each = worth.get(candidate)
    return outcome.kind === "served" && isWithin(outcome, request.goals) && each !== undefined
      ? [
          {
            x: replicas * each,
            y: outcome.latencies.e2e.p50,
            title: `${formatCount(replicas)} x ${candidate.system} ${layoutText(candidate)}`
          }
        ]
      : []
  })
  const [first, last] = [front[0], front.at(-1)]
  if (first === undefined || last === undefined || served.length < 2) return null
  const unit = unitOf(request.objective)
  const shown = served.filter(({ x }) => x <= 3 * first.value)
  return lineChart({
    title:
      front.length < 2
        ? `No fleet that was simulated is quicker than the cheapest, ${unit(first.value)}`
        : `A typical answer takes ${formatSeconds(first.point.latencies.e2e.p50)} for ${unit(first.value)}, ${formatSeconds(last.point.latencies.e2e.p50)} for ${unit(last.value)}`,
    x: countAxis(
      request.objective === "cost" ? "$ an hour" : request.objective,
      0,
      Math.max(...shown.map(({ x }) => x))
    ),
    y: timeAxis("median answer", 0, Math.max(...shown.map(({ y }) => y))),
    lines: [
      {
        name: "",
        colour: "compute",
        isMarked: true,
        points: front.map(({ value, point }) => [value, point.latencies.e2e.p50] as const)
      }
    ],
    dots: shown.map((dot) => ({ ...dot, isFaint: true })),
    table: {
      columns: [request.objective, "median answer, s"],
      rows: served.toSorted((a, b) => a.x - b.x || a.y - b.y).map(({ x, y }) => [x, y])
    }
  })
}

const rowOf = (one: SizedFleet, { best, request }: FleetAnswer): readonly Cell[] => {
  const { rated, replicas, point } = one
  return [
    `${rated.candidate.system} ${layoutText(rated.candidate)}`,
    replicas,
    replicas * acceleratorsOf(rated.candidate),
    rated.dollars === undefined ? null : rated.dollars * replicas,
    point.latencies.ttft.p99,
    point.latencies.tpot.p99,
    point.latencies.e2e.p50,
    whyText(one, best, request.goals, unitOf(request.objective))
  ]
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
        columns: [column("replicas of"), column("at most", "", formatCount), column("why")],
        rows: plan.beaten.flatMap(({ rated, tried }): readonly (readonly Cell[])[] =>
          tried === null
            ? []
            : [
                [
                  `${rated.candidate.system} ${layoutText(rated.candidate)}`,
                  tried.replicas,
                  failureText(tried.replicas, tried.outcome, request.goals)
                ]
              ]
        )
      }
    },
    {
      kind: "table",
      table: {
        name: "Taken out by bounds",
        columns: [column("replicas of"), column("why")],
        rows: plan.pruned.map(({ candidate, reason }) => [`${candidate.system} ${layoutText(candidate)}`, reason])
      }
    }
  ]
})

/** Text without its label. */
const words = (lines: readonly string[]): string => lines.map((line) => line.slice(10)).join(" ")

export const capacityReport = (answer: FleetAnswer, assumptions: readonly string[], command: string): Report => {
  const { best, request, task, intervals, resolved, redundancy, launch } = answer
  const { latencies } = best.point
  const { throughput } = intervals
  const ranges = throughput === undefined ? undefined : rangesOf(redundancy.replicas, throughput).ranges
  const nine = ranges?.find(({ level }) => level === 0.9)
  const figure = (name: string, value: number, unit: string, shown: string, note?: string) => ({
    name,
    value,
    unit,
    shown,
    ...(note === undefined ? {} : { note })
  })
  return {
    kind: "serving",
    title: `The cheapest fleet for ${loadText(request.rate)} of ${task.model}`,
    about: [best.rated.accelerator.title, layoutText(best.rated.candidate), goalsText(request.goals)],
    answer: fleetSentence(answer),
    figures: [
      {
        ...figure("replicas", redundancy.replicas, "", formatCount(redundancy.replicas)),
        ...(nine === undefined
          ? {}
          : {
              interval: `90 %: ${formatCount(Math.ceil(nine.low))} to ${formatCount(Math.ceil(nine.high ?? Infinity))}`,
              ranges: ranges!
            })
      },
      figure(
        "accelerators",
        redundancy.replicas * acceleratorsOf(best.rated.candidate),
        "",
        formatCount(redundancy.replicas * acceleratorsOf(best.rated.candidate))
      ),
      ...(best.rated.dollars === undefined
        ? []
        : [
            figure(
              "rent",
              best.rated.dollars * redundancy.replicas,
              "$/h",
              `${dollars(best.rated.dollars * redundancy.replicas)} an hour`
            )
          ]),
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
                column("replicas", "", formatCount),
                column("accelerators", "", formatCount),
                column("rent an hour", "$", dollars),
                secondsColumn("first token p99"),
                secondsColumn("per token p99"),
                secondsColumn("answer p50"),
                column("why no smaller one")
              ],
              rows: answer.plan.sized.map((one) => rowOf(one, answer))
            }
          }
        ]
      },
      {
        id: "money",
        title: "Spares, the day, and who is paid",
        blocks: [redundancyText(answer), dayText(answer), waysText(answer)]
          .filter((lines) => lines.length > 0)
          .map((lines) => ({ kind: "text" as const, text: words(lines) }))
      },
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
