/**
 * A server in a sentence, and in key figures.
 */
import {
  formatBytes,
  formatCount,
  formatFigures,
  formatPercent,
  formatQuantity3,
  formatSeconds
} from "../units/index.ts"
import type { Figure } from "./document.ts"
import { goalOf, goalText, type ServingFindings } from "./serving-findings.ts"
import { dollars, figure, machinesText, money, seconds, share } from "./show.ts"
import { wellServed, type ServingStudy } from "./study.ts"
import { trustNote } from "./trust.ts"

export const answerOf = (findings: ServingFindings): string => {
  const { resolved, result, study } = findings
  const { verdict, attainment, cost, throughput } = result
  const machines = `${machinesText(resolved.accelerators, resolved.job.target.accelerator.title)} ${resolved.accelerators === 1 ? "serves" : "serve"}`
  const price =
    cost.perMillionOutputTokens === null ? "" : ` A million output tokens cost ${dollars(cost.perMillionOutputTokens)}.`
  const named = goalText(goalOf(findings))
  const goals = named === "" ? "their goals" : `the goals (${named})`
  const unit = study.knob?.unit ?? "requests/s"
  if (verdict.kind === "overloaded")
    return `${machinesText(resolved.accelerators, resolved.job.target.accelerator.title)} cannot serve this: ${formatFigures(verdict.offeredRequestsPerSecond)} requests/s come and about ${formatFigures(verdict.estimatedCapacityRequestsPerSecond)} can be served${limitText(study, goals)}.${price}`
  const now =
    verdict.kind === "closed"
      ? `${machines} ${formatFigures(throughput.requestsPerSecond)} requests/s${study.knob?.users === undefined ? "" : ` to ${formatCount(study.knob.users)} user${study.knob.users === 1 ? "" : "s"}`}`
      : `${machines} the ${formatFigures(verdict.offeredRequestsPerSecond)} requests/s that come`
  if (attainment.all === null)
    return verdict.kind === "closed"
      ? `${now}, ${formatFigures(throughput.outputTokensPerSecond)} output tokens/s.${price}`
      : `${now}, and could serve about ${formatFigures(verdict.estimatedCapacityRequestsPerSecond)}.${price}`
  const isGood = attainment.all >= wellServed
  const met = `${isGood ? "and" : "but only"} ${formatPercent(attainment.all)} of the requests meet ${goals}`
  const hundred = `${wellServed * 100} of 100`
  const { best } = study
  if (study.knob === undefined) return `${now}, ${met}.${price}`
  return best === null
    ? `${now}, ${met}; at no lighter load do ${hundred}.${price}`
    : `${now}, ${met}; up to ${formatFigures(best.load)} ${unit}, ${hundred} would.${price}`
}

const limitText = ({ best, knob }: ServingStudy, goals: string): string =>
  best === null
    ? ""
    : `; up to ${formatFigures(best.load)} ${knob?.unit ?? ""}, ${wellServed * 100} of 100 requests meet ${goals}`

export const figuresOf = ({ resolved, result, study, nearest }: ServingFindings): readonly Figure[] => {
  const { throughput, latency, attainment, cost, energy, verdict, memory, load } = result
  const { measured } = resolved.scenario
  const note = trustNote(nearest)
  const beside = (predicted: number, seen: number | undefined): string | undefined =>
    seen === undefined || seen <= 0
      ? undefined
      : `measured ${formatFigures(seen)}: ${formatPercent(predicted / seen - 1)}`
  const rate = (unit: string) => ({ unit, show: (value: number) => `${formatFigures(value)}/s` })
  return [
    figure(
      "requests served",
      throughput.requestsPerSecond,
      rate("requests/s"),
      beside(throughput.requestsPerSecond, measured?.requestsPerSecond) ?? note
    ),
    ...(verdict.kind === "closed"
      ? []
      : [
          figure(
            "could be served",
            verdict.estimatedCapacityRequestsPerSecond,
            rate("requests/s"),
            verdict.capacityBasis
          )
        ]),
    ...(study.best === null
      ? []
      : [
          figure(
            "within the goals",
            study.best.load,
            { unit: study.knob?.unit ?? "", show: (value) => `${formatFigures(value)} ${study.knob?.unit ?? ""}` },
            `${wellServed * 100} of 100 requests meet every one`
          )
        ]),
    ...(attainment.all === null ? [] : [figure("met every goal", attainment.all, share(""), "of the requests now")]),
    figure("first token, p99", latency.ttft.p99, seconds(""), `p50 ${formatSeconds(latency.ttft.p50)}`),
    figure("per token, p99", latency.tpot.p99, seconds(""), `p50 ${formatSeconds(latency.tpot.p50)}`),
    figure("whole answer, p99", latency.e2e.p99, seconds(""), `p50 ${formatSeconds(latency.e2e.p50)}`),
    figure(
      "output",
      throughput.outputTokensPerSecond,
      { unit: "tokens/s", show: (value) => `${formatFigures(value)} tokens/s` },
      `${formatFigures(throughput.outputTokensPerSecondPerAccelerator)} an accelerator`
    ),
    ...(cost.perMillionOutputTokens === null
      ? []
      : [
          figure(
            "a million output tokens",
            cost.perMillionOutputTokens,
            money(""),
            cost.perHour === null ? undefined : `${dollars(cost.perHour)} an hour in all`
          )
        ]),
    figure("energy of an output token", energy.joulesPerOutputToken, {
      unit: "J",
      show: (value) => formatQuantity3(value, "J")
    }),
    figure(
      "KV cache used, at most",
      load.peakKeyValueShare,
      share(""),
      `${formatBytes(memory.weights)} weights of ${formatBytes(memory.capacityBytes)}`
    )
  ]
}
