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
import { latencyRanges, rangesOf, type PredictionInterval, type Ranged } from "../intervals/index.ts"
import { attainedShare, attainedText } from "./attained.ts"
import type { Figure } from "./document.ts"
import { capacityOf, goalOf, goalText, type ServingFindings } from "./serving-findings.ts"
import { dollars, figure, machinesText, money, seconds, share } from "./show.ts"
import { wellServed, type ServingStudy } from "./study.ts"

/** The name of the figure: requests/s up to which 99 of 100 meet their goals. */
export const withinGoals = "within the goals"

/** The name of the figure: requests/s that can be served, whatever the latency. */
export const couldBeServed = "could be served"

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
    return `${machinesText(resolved.accelerators, resolved.job.target.accelerator.title)} cannot serve this: ${formatFigures(verdict.offeredRequestsPerSecond)} requests/s come and about ${formatFigures(capacityOf(findings).requestsPerSecond)} can be served${limitText(study, goals)}.${price}`
  const now =
    verdict.kind === "closed"
      ? `${machines} ${formatFigures(throughput.requestsPerSecond)} requests/s${study.knob?.users === undefined ? "" : ` to ${formatCount(study.knob.users)} user${study.knob.users === 1 ? "" : "s"}`}`
      : `${machines} the ${formatFigures(verdict.offeredRequestsPerSecond)} requests/s that come`
  if (attainment.all === null)
    return verdict.kind === "closed"
      ? `${now}, ${formatFigures(throughput.outputTokensPerSecond)} output tokens/s.${price}`
      : `${now}, and could serve about ${formatFigures(capacityOf(findings).requestsPerSecond)}.${price}`
  const isGood = attainment.all >= wellServed
  const met = `${isGood ? "and" : "but only"} ${attainedText(attainment.all)} of the requests meet ${goals}`
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

export const figuresOf = (findings: ServingFindings): readonly Figure[] => {
  const { resolved, result, study, intervals } = findings
  const { throughput, latency, attainment, cost, energy, verdict, memory } = result
  const { measured } = resolved.scenario
  const capacity = capacityOf(findings)
  const isClosed = verdict.kind === "closed"
  const load = isClosed ? 0 : verdict.offeredRequestsPerSecond / capacity.requestsPerSecond
  const rate90 = (value: number | null): Ranged | undefined =>
    intervals.throughput === undefined || value === null ? undefined : rangesOf(value, intervals.throughput)
  const latency90 = (value: number, interval: PredictionInterval | undefined): Ranged | undefined =>
    interval === undefined || !Number.isFinite(value)
      ? undefined
      : latencyRanges(value, interval, intervals.throughput, Number.isFinite(load) ? load : 0)
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
      beside(throughput.requestsPerSecond, measured?.requestsPerSecond),
      isClosed ? rate90(throughput.requestsPerSecond) : undefined
    ),
    ...(isClosed
      ? []
      : [
          figure(
            couldBeServed,
            capacity.requestsPerSecond,
            rate("requests/s"),
            capacity.basis,
            rate90(capacity.requestsPerSecond)
          )
        ]),
    ...(study.best === null
      ? []
      : [
          figure(
            withinGoals,
            study.best.load,
            study.knob?.unit === "users"
              ? { unit: "users", show: (value) => `${formatFigures(value)} user${value === 1 ? "" : "s"}` }
              : rate(study.knob?.unit ?? ""),
            `${wellServed * 100} of 100 requests meet every one`,
            study.knob?.users === undefined ? rate90(study.best.load) : undefined
          )
        ]),
    ...(attainment.all === null
      ? []
      : [figure("met every goal", attainment.all, attainedShare(""), "of the requests now")]),
    figure(
      "first token, p99",
      latency.ttft.p99,
      seconds(""),
      `p50 ${formatSeconds(latency.ttft.p50)}`,
      latency90(latency.ttft.p99, intervals.first)
    ),
    figure(
      "per token, p99",
      latency.tpot.p99,
      seconds(""),
      `p50 ${formatSeconds(latency.tpot.p50)}`,
      latency90(latency.tpot.p99, intervals.token)
    ),
    figure(
      "whole answer, p99",
      latency.e2e.p99,
      seconds(""),
      `p50 ${formatSeconds(latency.e2e.p50)}`,
      latency90(latency.e2e.p99, intervals.token)
    ),
    figure(
      "output",
      throughput.outputTokensPerSecond,
      { unit: "tokens/s", show: (value) => `${formatFigures(value)} tokens/s` },
      `${formatFigures(throughput.outputTokensPerSecondPerAccelerator)} an accelerator`,
      isClosed ? rate90(throughput.outputTokensPerSecond) : undefined
    ),
    ...(cost.perMillionOutputTokens === null
      ? []
      : [
          figure(
            "a million output tokens",
            cost.perMillionOutputTokens,
            money(""),
            cost.perHour === null ? undefined : `${dollars(cost.perHour)} an hour in all`,
            isClosed ? rate90(cost.perMillionOutputTokens) : undefined
          )
        ]),
    figure("energy of an output token", energy.joulesPerOutputToken, {
      unit: "J",
      show: (value) => formatQuantity3(value, "J")
    }),
    figure(
      "KV cache used, at most",
      result.load.peakKeyValueShare,
      share(""),
      `${formatBytes(memory.weights)} weights of ${formatBytes(memory.capacityBytes)}`
    )
  ]
}
