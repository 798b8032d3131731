/**
 * Words and figures of plans: layouts, objectives, constraints.
 */
import type { Candidate, Limit, PlannedLayout, PlanObjective } from "../planner/index.ts"
import { formatFigures, formatPercent, formatQuantity3, formatSeconds } from "../units/index.ts"
import { dollars } from "./summary-parts.ts"

export const objectiveText: Readonly<Record<PlanObjective, string>> = {
  time: "least time of an iteration",
  throughput: "most tokens a second",
  goodput: "most tokens a second of the whole run",
  cost: "least dollars a token",
  gpus: "fewest accelerators",
  days: "fewest days",
  energy: "least energy a token"
}

/** An objective's value of a layout, with its unit; its time where the objective is in a column of its own. */
export const valueText = (objective: PlanObjective, { value, result }: PlannedLayout): string => {
  const texts: Readonly<Record<PlanObjective, () => string>> = {
    time: () => formatSeconds(value),
    throughput: () => `${formatFigures(result.tokensPerSecond)} tok/s`,
    goodput: () => `${formatFigures(1 / value)} tok/s`,
    cost: () => `${dollars(value)}/Mtok`,
    gpus: () => formatSeconds(result.iterationSeconds),
    days: () => formatSeconds(value),
    energy: () => `${formatQuantity3(value, "J")}/tok`
  }
  return texts[objective]()
}

export const limitText: Readonly<Record<Limit, string>> = {
  memoryHeadroom: "memory",
  deadline: "deadline",
  budget: "budget",
  power: "power",
  accelerators: "accelerators"
}

const quantities: Readonly<Record<Limit, (value: number) => string>> = {
  memoryHeadroom: (share) => `${formatPercent(share)} of the memory`,
  deadline: formatSeconds,
  budget: dollars,
  power: (watts) => formatQuantity3(watts, "W"),
  accelerators: (count) => `${count} accelerators`
}

/** A limited quantity with its unit; memory is a share of the accelerator's. */
export const quantityText = (limit: Limit, value: number): string => quantities[limit](value)

export const recomputeText = (recompute: Candidate["recompute"]): string =>
  typeof recompute === "string" ? recompute : `${recompute.blocks} blocks`

/** "TP 4 x PP 12 x DP 8 · 1F1B · micro-batch 2 · ZeRO-1 · recompute full" */
export const layoutParts = (candidate: Candidate): readonly string[] => {
  const sizes = [
    ["TP", candidate.tensor],
    ["CP", candidate.context],
    ["EP", candidate.expert],
    ["PP", candidate.pipeline],
    ["VP", candidate.virtualPipeline],
    ["DP", candidate.data]
  ] as const
  const split = sizes.filter(([, size]) => size > 1).map(([name, size]) => `${name} ${size}`)
  return [
    split.length === 0 ? "no parallelism" : split.join(" x "),
    ...(candidate.pipeline === 1 ? [] : [scheduleText(candidate)]),
    `micro-batch ${candidate.microBatch}`,
    ...(candidate.zeroStage === 0 ? [] : [`ZeRO-${candidate.zeroStage}`]),
    ...(candidate.shardGroup === undefined ? [] : [`shards over ${candidate.shardGroup}`]),
    `recompute ${recomputeText(candidate.recompute)}`
  ]
}

export const scheduleText = ({ schedule }: Candidate): string => schedule.replaceAll("1f1b", "1F1B")
