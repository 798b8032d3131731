/**
 * The report of a serving scenario.
 */
import { describeServing } from "../scenario/index.ts"
import { formatCount, formatFigures, formatSeconds } from "../units/index.ts"
import type { Report } from "./document.ts"
import { launchSection } from "./launch/section.ts"
import { servingLaunch } from "./launch/serving.ts"
import { servingPoint } from "./point.ts"
import { priceText } from "./price-text.ts"
import { servingHelp } from "./remedies.ts"
import { answerOf, figuresOf } from "./serving-answer.ts"
import { sensitivitySection } from "./sensitivity.ts"
import type { ServingFindings } from "./serving-findings.ts"
import { latencySection } from "./serving-latency.ts"
import { batchPicture, loadPictures, loadSection } from "./serving-load.ts"
import { breakdownPicture, breakdownSection, costSection, memorySection, scalingSection } from "./serving-resources.ts"
import { trustSection, trustText } from "./trust.ts"

export const servingReport = (findings: ServingFindings): Report => {
  const { resolved, result, study, intervals, nearest, provenance } = findings
  const about = describeServing(resolved)
  const curves = loadPictures(findings)
  const first = curves[0] ?? batchPicture(findings)
  return {
    kind: "serving",
    title: about.title,
    about: [...about.server, ...about.workload],
    answer: answerOf(findings),
    figures: figuresOf(findings),
    trust: trustText(intervals.throughput ?? intervals.token),
    picture: first ?? breakdownPicture(result),
    assumptions: assumptionsOf(findings),
    sections: [
      ...loadSection(findings, curves.slice(1)),
      latencySection(findings),
      breakdownSection(result, first !== undefined),
      memorySection(findings),
      ...scalingSection(findings),
      costSection(findings),
      ...servingHelp(servingPoint(result), study),
      ...sensitivitySection(findings.sensitivity),
      trustSection({
        nearest,
        evidence: result.evidence,
        intervals: [
          ["requests and tokens a second", intervals.throughput],
          ["time of a token, mean", intervals.token],
          ["time to first token, mean", intervals.first]
        ]
      }),
      launchSection(servingLaunch(resolved))
    ],
    provenance: [provenance]
  }
}

const assumptionsOf = ({ resolved, result }: ServingFindings): readonly string[] => {
  const { job } = resolved
  const { requests, window } = result
  const assumed = result.evidence.filter(({ constant }) => constant.origin === "assumed").length
  return [
    `The numbers are of ${formatCount(requests.countedFinished)} request${requests.countedFinished === 1 ? "" : "s"} in ${formatSeconds(window.seconds)}${window.fromSeconds > 0 ? `, after a warm-up of ${formatSeconds(window.fromSeconds)}` : ""}.`,
    "Answers are as long as the workload says; no model is asked.",
    "Nothing fails, replicas are up from the start, and clients are next door: no time on the internet.",
    "Every token comes from the model itself: no speculative decoding.",
    ...(job.target.model.experts === null
      ? []
      : [
          job.target.expertImbalance === 1
            ? "Experts are balanced."
            : `The busiest expert has ${formatFigures(job.target.expertImbalance)} times the mean load.`
        ]),
    priceText(resolved.scenario.price),
    ...(assumed === 0 ? [] : [`${assumed} of the constants that mattered were never measured; they are named below.`])
  ]
}
