/**
 * The highest load of the machines that there are as a report: the load, what ends it, which kinds of replicas serve less.
 */
import { basisText, rangesOf, type ServingIntervals } from "../intervals/index.ts"
import { goalsText, type HighestLoad, type LatencyGoal } from "../planner/index.ts"
import type { Column, LaunchFile, Report, Section } from "../report/index.ts"
import type { ResolvedServing } from "../scenario/index.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { loadedFleet, type HighestAnswer, type LoadAnswer } from "./capacity-answer.ts"
import { highestCounts, highestSentence, limitText, loadedName, sizeOfLoaded } from "./capacity-highest.ts"
import { loadSentence } from "./capacity-load-text.ts"
import { plannedAccelerators, plannedReplicas } from "./fleet-size.ts"
import { version } from "./version.ts"

interface Reported {
  readonly title: string
  readonly answer: string
  readonly found: HighestLoad
  readonly replicas: number
  readonly accelerators: number
  readonly limit: string
  readonly goals: readonly LatencyGoal[]
  readonly intervals: ServingIntervals | undefined
  readonly resolved: ResolvedServing
  readonly launch: readonly LaunchFile[]
  readonly sections: readonly Section[]
  readonly assumptions: readonly string[]
  readonly command: string
}

const rate = (value: number): string => `${formatFigures(value)}/s`

const reported = (one: Reported): Report | undefined => {
  const { found, replicas, accelerators, limit, goals, intervals, resolved, launch } = one
  const { point } = found
  if (point === null) return undefined
  const ranges = intervals?.throughput === undefined ? undefined : rangesOf(found.rate, intervals.throughput)
  const nine = ranges?.ranges.find(({ level }) => level === 0.9)
  const figure = (name: string, value: number, unit: string, shown: string) => ({ name, value, unit, shown })
  return {
    kind: "serving",
    title: one.title,
    about: [resolved.job.target.accelerator.title, goalsText(goals)],
    answer: one.answer,
    figures: [
      {
        ...figure("highest load, requests", found.rate, "1/s", rate(found.rate)),
        ...(nine === undefined || ranges === undefined
          ? {}
          : { interval: `90 %: ${rate(nine.low)} to ${rate(nine.high ?? Infinity)}`, ranges: ranges.ranges })
      },
      figure("replicas", replicas, "", formatCount(replicas)),
      figure("accelerators", accelerators, "", formatCount(accelerators)),
      figure("first token, p99", point.latencies.ttft.p99, "s", formatSeconds(point.latencies.ttft.p99)),
      figure("per token, p99", point.latencies.tpot.p99, "s", formatSeconds(point.latencies.tpot.p99)),
      figure("whole answer, p50", point.latencies.e2e.p50, "s", formatSeconds(point.latencies.e2e.p50)),
      figure(
        "output",
        point.outputTokensPerSecond,
        "tokens/s",
        `${formatFigures(point.outputTokensPerSecond)} tokens/s`
      )
    ],
    trust: basisText(intervals?.throughput?.basis),
    picture: null,
    assumptions: one.assumptions,
    sections: [
      ...(limit === ""
        ? []
        : [{ id: "limit", title: "What ends it", blocks: [{ kind: "text" as const, text: limit }] }]),
      ...one.sections,
      ...(launch.length === 0
        ? []
        : [
            {
              id: "launch",
              title: "Starting it",
              blocks: launch.map((file, index) => ({ kind: "file" as const, file, isFolded: index > 0 }))
            }
          ])
    ],
    provenance: [
      {
        version,
        hash: resolved.hash,
        seed: resolved.job.seed,
        command: one.command,
        scenario: resolved.scenario,
        remarks: []
      }
    ]
  }
}

const words = (name: string): Column => ({ name, unit: "" })
const shown = (name: string, unit: string, show: (value: number) => string): Column => ({ name, unit, show })
const sentence = (text: string): string => (text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`)

/** Undefined where no kind of replica keeps the goals at any load. */
export const highestReport = (
  answer: HighestAnswer,
  assumptions: readonly string[],
  command: string
): Report | undefined => {
  const { task, plan, best, intervals, resolved, launch } = answer
  if (best === undefined || resolved === undefined) return undefined
  const { found } = best
  const replicas = plannedReplicas(loadedFleet(best))
  const accelerators = plannedAccelerators(loadedFleet(best))
  return reported({
    title: `The highest load of ${formatCount(accelerators)} accelerators with ${task.model}`,
    answer: highestSentence(task, best),
    ...{ found, replicas, accelerators, intervals, resolved, launch, assumptions, command },
    limit: sentence(limitText(found, sizeOfLoaded(best), task.goals)),
    goals: task.goals,
    sections: [
      {
        id: "candidates",
        title: "The kinds of replicas, and what ends each",
        blocks: [
          {
            kind: "table",
            table: {
              name: "Kinds of replicas, the highest load first",
              columns: [
                words("replicas of"),
                ...(plan.apart === undefined ? [] : [shown("for prompts alone", "", formatCount)]),
                shown("replicas", "", formatCount),
                shown("accelerators", "", formatCount),
                shown("highest load", "requests/s", formatFigures),
                words("to the first"),
                shown("first token p99", "s", formatSeconds),
                shown("per token p99", "s", formatSeconds)
              ],
              rows: plan.fleets.map((fleet) => [
                loadedName(fleet),
                ...(plan.apart === undefined ? [] : [fleet.prefill?.replicas ?? null]),
                fleet.replicas,
                plannedAccelerators(loadedFleet(fleet)),
                fleet.found.rate,
                fleet === best ? "" : formatPercent(fleet.found.rate / found.rate - 1),
                fleet.found.point?.latencies.ttft.p99 ?? null,
                fleet.found.point?.latencies.tpot.p99 ?? null
              ])
            }
          },
          {
            kind: "list",
            items: plan.fleets.map(
              (fleet) => `${loadedName(fleet)}: ${limitText(fleet.found, sizeOfLoaded(fleet), task.goals)}`
            )
          }
        ]
      },
      {
        id: "search",
        title: "What was searched",
        blocks: [{ kind: "text", text: `${highestCounts(plan)}.` }]
      }
    ]
  })
}

/** Of the scenario's own machines; undefined where they keep the goals at no load. */
export const loadReport = (answer: LoadAnswer, assumptions: readonly string[], command: string): Report | undefined => {
  const { task, found, accelerators, intervals, resolved } = answer
  const { replicas } = resolved.job
  return reported({
    title: `The highest load of ${resolved.job.name}`,
    answer: loadSentence(answer),
    ...{ found, replicas, accelerators, intervals, resolved, assumptions, command },
    limit: sentence(limitText(found, replicas, task.goals)),
    goals: task.goals,
    launch: [],
    sections: [
      {
        id: "search",
        title: "What was searched",
        blocks: [{ kind: "text", text: `${formatCount(found.simulations)} loads, every one with the same requests.` }]
      }
    ]
  })
}
