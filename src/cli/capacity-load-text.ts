/**
 * The highest load of a scenario's own machines, 80 columns wide.
 */
import { basisText } from "../intervals/index.ts"
import { goalsText, loadText } from "../planner/index.ts"
import { formatCount, formatFigures, formatSeconds } from "../units/index.ts"
import type { LoadAnswer } from "./capacity-answer.ts"
import { failureText } from "./capacity-words.ts"
import { columns, hanging, paragraph } from "./wrapping.ts"

const labelledText = (label: string, text: string): readonly string[] => hanging(label, text, 10)

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
