/**
 * What slow nodes and uneven load cost an iteration, for the summary.
 */
import type { ResolvedTraining } from "../scenario/index.ts"
import type { Cause, HardwareFault, TrainingResult } from "../training/index.ts"
import { formatPercent, formatSeconds } from "../units/index.ts"
import { formatSeconds4 } from "./seconds.ts"
import { row } from "./summary-parts.ts"

/** Lines of the summary; none where all ranks are alike. */
export const stragglerRows = ({ job }: ResolvedTraining, { stragglers }: TrainingResult): readonly string[] => {
  if (stragglers === undefined) return []
  const { regularSeconds, lostSeconds, causes, slowest } = stragglers
  const node = slowest === null ? 0 : Math.floor(slowest.rank / job.fabric.acceleratorsPerNode)
  const shown = causes.length > mostShown ? causes.slice(0, mostShown - 1) : causes
  return [
    row("stragglers", [
      `${formatSeconds(lostSeconds)} lost: ${formatSeconds4(regularSeconds)} with all ranks alike`,
      ...shown.map(
        (cause) =>
          wordsOf(cause.cause, job) +
          (causes.length === 1 || cause.lostSeconds === null ? "" : `: ${formatSeconds(cause.lostSeconds)} of these`)
      ),
      ...(shown.length === causes.length ? [] : [`and ${causes.length - shown.length} more`]),
      ...(slowest === null
        ? []
        : [
            `rank ${slowest.rank} (node ${node}, stage ${slowest.stage}) computes ${formatPercent(slowest.ratio - 1)} longer than its stage`
          ])
    ])
  ]
}

const mostShown = 5

const wordsOf = (cause: Cause, { irregularities }: ResolvedTraining["job"]): string => {
  if (cause.kind === "hardware") return faultWords(cause.fault)
  if (cause.kind === "jitter") return `jitter of ${formatPercent(irregularities?.jitter ?? 0)}`
  return cause.kind === "unevenData" ? "micro-batches of unequal length" : "experts of unequal load"
}

const faultWords = ({ node, accelerator, speed, scaleUp, network, missingNics }: HardwareFault): string => {
  const parts = [
    ...(speed === undefined ? [] : [`computes at ${formatPercent(speed)}`]),
    ...(scaleUp === undefined ? [] : [`scale-up ports at ${formatPercent(scaleUp)}`]),
    ...(network === undefined ? [] : [`network cards at ${formatPercent(network)}`]),
    ...(missingNics === undefined
      ? []
      : [`${missingNics} network ${missingNics === 1 ? "card is" : "cards are"} missing`])
  ]
  const where = accelerator === undefined ? `node ${node}` : `node ${node}, accelerator ${accelerator}`
  return `${where}: ${parts.join(", ")}`
}
