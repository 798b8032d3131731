/**
 * What the network's topology and the placement of the nodes cost an iteration, for the summary and for `result.json`.
 */
import { placementText, topologyText, type ResolvedTraining } from "../scenario/index.ts"
import type { FabricCosts, TrainingResult } from "../training/index.ts"
import { formatCount, formatPercent } from "../units/index.ts"
import { formatSeconds4 } from "./seconds.ts"
import { indent, row } from "./summary-parts.ts"
import { columns, paragraph } from "./wrapping.ts"

/** Lines of the summary; none without a topology. */
export const fabricRows = (
  { job, scenario }: ResolvedTraining,
  { iterationSeconds }: TrainingResult,
  costs: FabricCosts | null
): readonly string[] => {
  const { network } = job.fabric
  if (costs === null || network?.topology === undefined) return []
  const { packedSeconds, unblockedSeconds, busiest } = costs
  const degraded = network.degraded?.length ?? 0
  return [
    row("network", [
      ...paragraph(topologyText(network.topology), columns - indent),
      ...(degraded === 0 ? [] : [`${formatCount(degraded)} degraded ${degraded === 1 ? "entry" : "entries"}`]),
      ...(unblockedSeconds === null
        ? []
        : [`${against(iterationSeconds, unblockedSeconds)} of a network without limits`]),
      ...(busiest === null
        ? []
        : [
            `busiest: ${busiest.name}, busy ${formatPercent(busiest.seconds / iterationSeconds)}, ${formatPercent(busiest.exchanged)} gradients`
          ])
    ]),
    row("placement", [
      placementText(scenario.cluster.placement),
      ...(job.fabric.nodesAt === undefined || packedSeconds === null
        ? []
        : [`${against(iterationSeconds, packedSeconds)} with the nodes packed`])
    ])
  ]
}

/** Such as "+6.9 %: 4.931 s", the latter without what the row is about. */
const against = (seconds: number, without: number): string => {
  const change = seconds / without - 1
  const more = Math.abs(change) < 5e-5 ? "nothing" : `${change > 0 ? "+" : ""}${formatPercent(change)}`
  return `${more} over the ${formatSeconds4(without)}`
}

/** What `result.json` says of it. */
export const fabricDocument = (
  { job, scenario }: ResolvedTraining,
  costs: FabricCosts | null
): { readonly network?: NetworkDocument } =>
  costs === null
    ? {}
    : {
        network: {
          topology: job.fabric.network?.topology ?? null,
          placement: scenario.cluster.placement ?? "packed",
          nodes: job.fabric.nodesAt ?? null,
          packedIterationSeconds: costs.packedSeconds,
          unblockedIterationSeconds: costs.unblockedSeconds,
          busiestLink: costs.busiest
        }
      }

export interface NetworkDocument {
  readonly topology: NonNullable<ResolvedTraining["job"]["fabric"]["network"]>["topology"] | null
  readonly placement: NonNullable<ResolvedTraining["scenario"]["cluster"]["placement"]>
  /** Node of the machine room of each node of the job; null where they are the first ones in order. */
  readonly nodes: readonly number[] | null
  readonly packedIterationSeconds: number | null
  /** Where switches and cables hold nothing up. */
  readonly unblockedIterationSeconds: number | null
  readonly busiestLink: FabricCosts["busiest"]
}
