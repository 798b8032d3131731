/**
 * A training in a sentence, and in key figures.
 */
import { rangesOf, type Ranged } from "../intervals/index.ts"
import { changeText } from "../scenario/index.ts"
import {
  formatBytes,
  formatCount,
  formatFigures,
  formatFlops,
  formatPercent,
  formatQuantity3,
  formatSeconds
} from "../units/index.ts"
import type { Figure } from "./document.ts"
import { bytes, change, dollars, figure, listed, machinesText, money, seconds, share } from "./show.ts"
import type { TrainingFindings } from "./training-findings.ts"
import { runFigures } from "./whole-run.ts"

/** "16 x H100 SXM5 80 GB and 32 x A100 SXM4 80 GB". */
const machinesOf = ({ job, accelerators }: TrainingFindings["resolved"]): string =>
  listed(
    (job.machines ?? [{ accelerators, accelerator: job.accelerator }]).map((group) =>
      machinesText(group.accelerators, group.accelerator.title)
    )
  )

export const answerOf = ({ resolved, result, wholeRun, alternatives }: TrainingFindings): string => {
  const { job } = resolved
  const { fullest, capacityBytes } = result.memory
  if (!result.memory.fits) {
    const [smallest] = alternatives
    const way = smallest === undefined ? "no small change makes it fit" : `${changeText(smallest.changes)} would fit`
    return `${job.model.title} does not fit on ${machinesOf(resolved)} this way: stage ${fullest.stage} needs ${formatBytes(fullest.peakBytes)} of ${formatBytes(capacityBytes)}; ${way}.`
  }
  const speed = `${machinesOf(resolved)} train ${job.model.title} at ${formatSeconds(result.iterationSeconds)} an iteration, ${formatFigures(result.tokensPerSecond)} tokens/s`
  const { run } = result
  if (wholeRun !== undefined) {
    const { tokens, seconds: calendar, goodput, cost } = wholeRun
    return `${speed}; with what happens in a run, ${formatCount(tokens)} tokens take ${formatSeconds(calendar.mean)}${cost === null ? "" : ` and ${dollars(cost.mean)}`}, of which ${formatPercent(goodput.mean)} is training.`
  }
  if (run === null) return `${speed}.`
  const cost = run.cost === null ? "" : ` for ${dollars(run.cost)}`
  return `${speed}; ${formatCount(run.tokens)} tokens take ${formatSeconds(run.seconds)}${cost}.`
}

export const figuresOf = ({ resolved, result, wholeRun, interval }: TrainingFindings): readonly Figure[] => {
  const { measured } = resolved.scenario
  const { run, cost, memory, energy } = result
  const spare = memory.capacityBytes - memory.fullest.peakBytes
  const ranged = (value: number | null): Ranged | undefined =>
    interval === undefined || value === null ? undefined : rangesOf(value, interval)
  const beside = (predicted: number, seen: number | undefined, show: (value: number) => string): string | undefined =>
    seen === undefined || seen <= 0
      ? undefined
      : `measured ${show(seen)}: ${change("").show?.(predicted / seen - 1) ?? ""}`
  return [
    figure(
      "iteration",
      result.iterationSeconds,
      seconds(""),
      memory.fits ? beside(result.iterationSeconds, measured?.iterationSeconds, formatSeconds) : "if it fitted",
      ranged(result.iterationSeconds)
    ),
    figure(
      "throughput",
      result.tokensPerSecond,
      { unit: "tokens/s", show: (value) => `${formatFigures(value)} tokens/s` },
      `${formatFigures(result.tokensPerSecondPerAccelerator)} an accelerator`,
      ranged(result.tokensPerSecond)
    ),
    figure(
      "model FLOPs utilisation",
      result.modelFlopsUtilisation,
      share(""),
      `${formatFlops(result.loggedFlopsPerAccelerator)} an accelerator as ${resolved.job.stack.name} counts`
    ),
    figure(
      "memory of the fullest",
      memory.fullest.peakBytes,
      bytes(""),
      beside(memory.fullest.peakBytes, measured?.memory, formatBytes) ??
        `${spare < 0 ? `${formatBytes(-spare)} too much` : `${formatBytes(spare)} spare`} of ${formatBytes(memory.capacityBytes)}`
    ),
    ...(wholeRun !== undefined
      ? runFigures(wholeRun)
      : run === null
        ? []
        : [
            figure(
              `${formatCount(run.tokens)} tokens`,
              run.seconds,
              seconds(""),
              `${formatCount(run.acceleratorHours)} GPU-hours`,
              ranged(run.seconds)
            ),
            ...(run.cost === null ? [] : [figure("cost of the run", run.cost, money(""), undefined, ranged(run.cost))]),
            figure(
              "energy of the run",
              run.kilowattHours * 1000,
              { unit: "Wh", show: (value) => formatQuantity3(value, "Wh") },
              run.gramsCarbon === null ? undefined : `${formatQuantity3(run.gramsCarbon / 1e6, "t")} CO2e`
            )
          ]),
    ...(cost.perMillionTokens === null
      ? []
      : [figure("a million tokens", cost.perMillionTokens, money(""), undefined, ranged(cost.perMillionTokens))]),
    figure("power of an accelerator", energy.averageWattsPerAccelerator, {
      unit: "W",
      show: (value) => formatQuantity3(value, "W")
    })
  ]
}
