/**
 * Who does what on machines of several kinds, and the layers that the simulator chose, for the summary.
 */
import type { ResolvedTraining } from "../scenario/index.ts"
import type { GroupResult, TrainingResult } from "../training/index.ts"
import { formatCount, formatQuantity3 } from "../units/index.ts"
import { row } from "./summary-parts.ts"
import { columns, wrapped } from "./wrapping.ts"

/** "0-3, 6" of 0, 1, 2, 3, 6. */
const ranges = (numbers: readonly number[]): string => {
  const runs: [number, number][] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last !== undefined && number === last[1] + 1) last[1] = number
    else runs.push([number, number])
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(", ")
}

const indented = 15

/** Lines of the summary; none where all machines are of one kind and the layers are split by rule. */
export const machineGroupRows = ({ job }: ResolvedTraining, result: TrainingResult): readonly string[] => {
  const { groups, layers } = result
  return [
    ...(layers === undefined || layers.length === 1
      ? []
      : [row("layers", wrapped([`${layers.join(" ")} in the parts of the model`], " ", columns - indented))]),
    ...(groups === undefined
      ? []
      : [
          row(
            "machines",
            groups.flatMap((group) => groupLines(group, job))
          )
        ])
  ]
}

const groupLines = (group: GroupResult, { layout, machines }: ResolvedTraining["job"]): readonly string[] => {
  const accelerator = machines?.find(({ accelerator: own }) => own.name === group.accelerator)?.accelerator
  const title = (accelerator?.title ?? group.accelerator).replace(/^(?:NVIDIA|AMD|Intel|Apple) /, "")
  const isAllStages = group.stages.length === layout.pipeline
  return wrapped(
    [
      `${formatCount(group.accelerators)} x ${title}`,
      ...(isAllStages ? [] : [`stage${group.stages.length === 1 ? "" : "s"} ${ranges(group.stages)}`]),
      ...(group.replicas === layout.data
        ? []
        : [`${formatCount(group.replicas)} replicas of ${formatCount(group.microBatches)} micro-batches`]),
      `${formatQuantity3(group.averageWattsPerAccelerator, "W")} a GPU`
    ],
    " · ",
    columns - indented
  )
}
