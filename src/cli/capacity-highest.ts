/**
 * The highest load of so many accelerators: the answer, the kinds of replicas behind it, as text and as data.
 */
import { basisText, rangesDocument, rangesOf } from "../intervals/index.ts"
import {
  acceleratorsOf,
  goalsText,
  goalText,
  loadText,
  type HighestLoad,
  type HighestPlan,
  type LoadedFleet,
  type PairSize
} from "../planner/index.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { loadedFleet, type HighestAnswer } from "./capacity-answer.ts"
import { kindDocument, pointDocument } from "./fleet-document.ts"
import { launchText } from "./capacity-launch-text.ts"
import { replicasCell } from "./capacity-table-text.ts"
import { failureText, fleetText, kindsText, systemsText, titlesText } from "./capacity-words.ts"
import { plannedAccelerators } from "./fleet-size.ts"
import { launchedFiles } from "./plan-files.ts"
import { columns, hanging, paragraph } from "./wrapping.ts"

/** What goes wrong just above the highest load. */
export const limitText = (
  { above }: HighestLoad,
  replicas: number | PairSize,
  goals: HighestAnswer["task"]["goals"]
): string => (above === null ? "" : `at ${loadText(above.rate)} ${failureText(replicas, above.outcome, goals)}`)

/** Replicas of a fleet, of both pools where it has two. */
export const sizeOfLoaded = ({ replicas, prefill }: LoadedFleet): number | PairSize =>
  prefill === undefined ? replicas : { prefill: prefill.replicas, decode: replicas }

/** "dgx-h100 TP2+TP4 fp8": machines and layouts of a fleet. */
export const loadedName = (fleet: LoadedFleet): string => {
  const { candidate, prefill } = loadedFleet(fleet)
  return `${systemsText(candidate, prefill)} ${kindsText(candidate, prefill)}`
}

/** What came of all kinds of replicas, and of all divisions into two pools. */
export const highestCounts = ({
  layouts,
  pruned,
  byBound,
  bySimulation,
  fleets,
  apart,
  simulations
}: HighestPlan): string => {
  const sought = (isApart: boolean): string =>
    `${formatCount(fleets.filter(({ prefill }) => (prefill !== undefined) === isApart).length)} whose highest load was sought`
  const counted = (bound: number, simulated: number): string =>
    `${formatCount(bound)} that cannot serve more by their bounds, ${formatCount(simulated)} that fail just above the best`
  return `${[
    ...(layouts === 0
      ? []
      : [
          `${formatCount(layouts)} kinds of replicas: ${formatCount(pruned.filter(({ side }) => side === undefined).length)} that cannot do, ${counted(byBound, bySimulation)}, ${sought(false)}`
        ]),
    ...(apart === undefined
      ? []
      : [
          `${formatCount(apart.pairs)} pairs of kinds for prompts and answers apart, ${formatCount(apart.impossible)} of which cannot do; ${formatCount(apart.divisions)} ways to divide the machines between the others: ${counted(apart.byBound, apart.bySimulation)}, ${sought(true)}`
        ])
  ].join("; ")}, in ${formatCount(simulations)} fleets`
}

export const highestSentence = ({ model, goals }: HighestAnswer["task"], fleet: LoadedFleet): string => {
  const { candidate, replicas, prefill } = loadedFleet(fleet)
  const { found } = fleet
  return `${fleetText(candidate, replicas, titlesText(candidate, prefill), prefill)} serve up to ${loadText(found.rate)} of ${model} within ${goalsText(goals)}: the most of any.`
}

const widths = [34, 6, 6, 12, 11, 9] as const
const tableRow = (first: string, ...cells: readonly string[]): string =>
  `${first.slice(0, widths[0] - 1).padEnd(widths[0])}${cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 9)).join("")}`.trimEnd()

const rowsOf = (fleet: LoadedFleet, place: number, best: LoadedFleet, answer: HighestAnswer): readonly string[] => {
  const { found } = fleet
  const { point } = found
  const share = fleet === best ? "" : `${formatPercent(found.rate / best.found.rate - 1)}: `
  const why = limitText(found, sizeOfLoaded(fleet), answer.task.goals)
  return [
    tableRow(
      `${String(place).padStart(3)} ${loadedName(fleet)}`,
      replicasCell(loadedFleet(fleet)),
      formatCount(plannedAccelerators(loadedFleet(fleet))),
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
    ...launchText(launch, best.prefill !== undefined)
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
  pruned: plan.pruned.filter(({ side }) => side === undefined).length,
  beatenByBound: plan.byBound,
  beatenBySimulation: plan.bySimulation,
  simulations: plan.simulations,
  ...(plan.apart === undefined
    ? {}
    : {
        apart: {
          pairs: plan.apart.pairs,
          impossible: plan.apart.impossible,
          divisions: plan.apart.divisions,
          beatenByBound: plan.apart.byBound,
          beatenBySimulation: plan.apart.bySimulation
        }
      }),
  candidates: plan.fleets.map(({ rated, replicas, prefill, found }) => ({
    replica: kindDocument(rated.candidate),
    ...(prefill === undefined
      ? {}
      : { prefill: { replica: kindDocument(prefill.rated.candidate), replicas: prefill.replicas } }),
    accelerator: rated.accelerator.name,
    replicas,
    accelerators:
      replicas * acceleratorsOf(rated.candidate) +
      (prefill === undefined ? 0 : prefill.replicas * acceleratorsOf(prefill.rated.candidate)),
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
