/**
 * The report of a training scenario.
 */
import { changeText, describeScenario } from "../scenario/index.ts"
import { microBatchesOf } from "../training/index.ts"
import { formatCount, formatFigures } from "../units/index.ts"
import { table, text, type Report, type Section } from "./document.ts"
import { launchSection } from "./launch/section.ts"
import { trainingLaunch } from "./launch/training.ts"
import { trainingPoint } from "./point.ts"
import { priceText } from "./price-text.ts"
import { trainingHelp } from "./remedies.ts"
import { bytes, change, seconds, words } from "./show.ts"
import { answerOf, figuresOf } from "./training-answer.ts"
import type { TrainingFindings } from "./training-findings.ts"
import {
  breakdownPicture,
  breakdownSection,
  costSection,
  memoryPicture,
  memorySection,
  scalingSection
} from "./training-resources.ts"
import { trustSection, trustText } from "./trust.ts"

export const trainingReport = (findings: TrainingFindings): Report => {
  const { resolved, result, study, nearest, provenance } = findings
  const about = describeScenario(resolved)
  return {
    kind: "training",
    title: about.title,
    about: [...about.parts, about.stack],
    answer: answerOf(findings),
    figures: figuresOf(findings),
    trust: trustText(nearest),
    picture: result.memory.fits ? breakdownPicture(result) : memoryPicture(result),
    assumptions: assumptionsOf(findings),
    sections: [
      ...(result.memory.fits ? [] : [wayOut(findings)]),
      breakdownSection(result),
      memorySection(result),
      ...scalingSection(findings),
      ...costSection(findings),
      trainingHelp(trainingPoint(result, resolved.accelerators), study),
      trustSection(nearest, result.evidence),
      launchSection(trainingLaunch(resolved))
    ],
    provenance: [provenance]
  }
}

const assumptionsOf = ({ resolved, result }: TrainingFindings): readonly string[] => {
  const { job, scenario } = resolved
  const assumed = result.evidence.filter(({ constant }) => constant.origin === "assumed").length
  return [
    `${formatCount(job.globalBatch)} sequences of ${formatCount(job.sequenceLength)} tokens an iteration, ${formatCount(microBatchesOf(job))} micro-batches of ${job.microBatch} for each of ${formatCount(job.layout.data)} replicas.`,
    "Nothing fails: days are days of training without restarts, checkpoints or evaluation.",
    "Data is there when it is wanted; the network is this job's alone.",
    ...(job.model.experts === null
      ? []
      : [
          job.expertImbalance === 1
            ? "Experts are balanced."
            : `The busiest expert has ${formatFigures(job.expertImbalance)} times the mean load.`
        ]),
    priceText(scenario.price),
    ...(assumed === 0 ? [] : [`${assumed} of the constants that mattered were never measured; they are named below.`])
  ]
}

const wayOut = ({ alternatives, result }: TrainingFindings): Section => ({
  id: "fit",
  title: "What would make it fit",
  blocks:
    alternatives.length === 0
      ? [text("No small change that was simulated makes it fit.")]
      : [
          table(
            "The smallest changes that fit, each simulated",
            [words("change"), bytes("memory of the fullest"), seconds("iteration"), change("time")],
            alternatives.map(({ changes, result: changed }) => [
              changeText(changes),
              changed.memory.fullest.peakBytes,
              changed.iterationSeconds,
              changed.iterationSeconds / result.iterationSeconds - 1
            ])
          )
        ]
})
