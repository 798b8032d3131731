/**
 * What a scenario is, in a title and one line: "384 x A100 in 48 nodes · TP 4 x PP 12 x DP 8 · 1F1B · bf16 · ZeRO-1".
 */
import type { Accelerator } from "../catalog/index.ts"
import { formatCount } from "../units/index.ts"
import type { ResolvedTraining } from "./resolve-training.ts"

export interface ScenarioSummary {
  readonly title: string
  /** Hardware, layout, schedule, number format: parts of one line. */
  readonly parts: readonly string[]
  readonly model: string
  readonly stack: string
}

export const describeScenario = ({ job, accelerators, system }: ResolvedTraining): ScenarioSummary => {
  const { nodes } = job.fabric
  const named = ({ title }: Accelerator): string => title.replace(/^(?:NVIDIA|AMD|Intel|Apple) /, "")
  const kinds = job.machines ?? [{ accelerators, accelerator: job.accelerator }]
  const machines = kinds.map((kind) => `${formatCount(kind.accelerators)} x ${named(kind.accelerator)}`).join(" + ")
  return {
    title: job.name,
    parts: [
      nodes === 1 ? machines : `${machines} in ${formatCount(nodes)} nodes`,
      layoutText(job),
      scheduleText(job),
      job.precision,
      ...(job.sharding.zeroStage === 0 ? [] : [job.stack.fullySharded ? "FSDP" : `ZeRO-${job.sharding.zeroStage}`])
    ].filter((part) => part !== ""),
    model: job.model.title,
    stack: `${job.stack.title}; ${system.title}`
  }
}

const layoutText = ({ layout, virtualPipeline }: ResolvedTraining["job"]): string => {
  const sizes = [
    ["TP", layout.tensor],
    ["CP", layout.context],
    ["EP", layout.expert],
    ["PP", layout.pipeline],
    ["VP", virtualPipeline],
    ["DP", layout.data]
  ] as const
  const parts = sizes.filter(([, size]) => size > 1).map(([name, size]) => `${name} ${size}`)
  return parts.length === 0 ? "no parallelism" : parts.join(" x ")
}

const scheduleText = ({ schedule, layout }: ResolvedTraining["job"]): string => {
  if (layout.pipeline === 1) return ""
  return typeof schedule === "string" ? schedule.replaceAll(/1f1b/g, "1F1B") : "own schedule"
}
