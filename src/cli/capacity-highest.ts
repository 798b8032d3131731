/**
 * The highest load of so many accelerators: the answer, the kinds of replicas behind it, as text and as data.
 */
import { basisText, rangesDocument, rangesOf } from "../intervals/index.ts"
import { acceleratorsOf, goalsText, goalText, loadText, type HighestLoad, type LoadedFleet } from "../planner/index.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import type { HighestAnswer } from "./capacity-answer.ts"
import { kindDocument, pointDocument } from "./fleet-document.ts"
import { failureText, fleetText, layoutText } from "./capacity-words.ts"
import { launchedFiles } from "./plan-files.ts"
import { columns, hanging, paragraph } from "./wrapping.ts"

/** What goes wrong just above the highest load. */
export const limitText = ({ above }: HighestLoad, replicas: number, goals: HighestAnswer["task"]["goals"]): string =>
  above === null ? "" : `at ${loadText(above.rate)} ${failureText(replicas, above.outcome, goals)}`

/** What came of all kinds of replicas. */
export const highestCounts = (plan: HighestAnswer["plan"]): string =>
  `${formatCount(plan.layouts)} kinds of replicas: ${formatCount(plan.pruned.length)} that cannot do, ${formatCount(plan.byBound)} that cannot serve more by their bounds, ${formatCount(plan.bySimulation)} that fail just above the best, ${formatCount(plan.fleets.length)} whose highest load was sought, in ${formatCount(plan.simulations)} fleets`

export const highestSentence = (
  { model, goals }: HighestAnswer["task"],
  { rated, replicas, found }: LoadedFleet
): string =>
  `${fleetText(rated.candidate, replicas, rated.accelerator.title)} serve up to ${loadText(found.rate)} of ${model} within ${goalsText(goals)}: the most of any.`

const widths = [34, 6, 6, 12, 11, 9] as const
const tableRow = (first: string, ...cells: readonly string[]): string =>
  `${first.slice(0, widths[0] - 1).padEnd(widths[0])}${cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 9)).join("")}`.trimEnd()

const rowsOf = (fleet: LoadedFleet, place: number, best: LoadedFleet, answer: HighestAnswer): readonly string[] => {
  const { rated, replicas, found } = fleet
  const { point } = found
  const size = replicas * acceleratorsOf(rated.candidate)
  const share = fleet === best ? "" : `${formatPercent(found.rate / best.found.rate - 1)}: `
  const why = limitText(found, replicas, answer.task.goals)
  return [
    tableRow(
      `${String(place).padStart(3)} ${rated.candidate.system} ${layoutText(rated.candidate)}`,
      formatCount(replicas),
      formatCount(size),
      point === null ? "none" : formatFigures(found.rate),
      point === null ? "-" : formatSeconds(point.latencies.ttft.p99),
      point === null ? "-" : formatSeconds(point.latencies.tpot.p99)
    ),
    ...paragraph(`${share}${why}`, columns - 6)
      .filter((line) => line !== "")
      .map((line) => `      ${line}`)
  ]
}

export const highestText = (answer: HighestAnswer): string => {
  const { task, plan, best, intervals } = answer
  const goals = goalsText(task.goals)
  const counts = highestCounts(plan)
  if (best === undefined)
    return [
      ...paragraph(`No kind of replica keeps ${goals} for ${task.model} at any load.`, columns),
      ...paragraph(counts, columns - 2).map((line) => `  ${line}`)
    ].join("\n")
  const { found } = best
  const interval = intervals?.throughput
  const factor = interval?.bands.find(({ level }) => level === 0.9)?.factor
  const trust =
    factor === undefined
      ? basisText(undefined)
      : `90 % interval ${formatFigures(found.rate / factor)} to ${formatFigures(found.rate * factor)} requests/s; ${basisText(interval?.basis)}`
  const [launch] = answer.launch
  return [
    ...paragraph(highestSentence(task, best), columns),
    "",
    tableRow("    replicas of", "repl.", "GPUs", "requests/s", "ttft99", "tpot99"),
    ...plan.fleets.slice(0, 8).flatMap((fleet, index) => rowsOf(fleet, index + 1, best, answer)),
    "",
    ...hanging("searched", counts, 10),
    ...hanging("trust", trust, 10),
    ...(launch === undefined
      ? []
      : ["", `launch    ${launch.title}`, ...launch.text.split("\n").map((line) => `  ${line}`)])
  ].join("\n")
}

/** As `plan.json` has it. */
export const highestDocument = ({ task, plan, best, intervals, launch }: HighestAnswer) => ({
  model: task.model,
  goals: task.goals.map(goalText),
  highestLoad: best?.found.rate ?? null,
  interval:
    best === undefined || intervals?.throughput === undefined
      ? null
      : rangesDocument(rangesOf(best.found.rate, intervals.throughput)),
  layouts: plan.layouts,
  pruned: plan.pruned.length,
  beatenByBound: plan.byBound,
  beatenBySimulation: plan.bySimulation,
  simulations: plan.simulations,
  candidates: plan.fleets.map(({ rated, replicas, found }) => ({
    replica: kindDocument(rated.candidate),
    accelerator: rated.accelerator.name,
    replicas,
    accelerators: replicas * acceleratorsOf(rated.candidate),
    highestLoad: found.rate,
    at: found.point === null ? null : pointDocument(found.point)
  })),
  launch: launch.map(({ name, text }) => ({ name, text }))
})

/** The scenario of the best under its highest load, and what launches it. */
export const highestFiles = ({ resolved, launch }: HighestAnswer): readonly (readonly [string, string])[] =>
  resolved === undefined
    ? []
    : [
        ...launchedFiles("scenario", resolved.scenario, undefined),
        ...(launch[0] === undefined ? [] : [["launch.sh", `${launch[0].text}\n`] as const])
      ]
