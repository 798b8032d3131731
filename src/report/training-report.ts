/**
 * The report of a training scenario.
 */
import type { Picture } from "../charts/index.ts"
import { changeText, describeScenario } from "../scenario/index.ts"
import { microBatchesOf } from "../training/index.ts"
import { formatCount, formatFigures } from "../units/index.ts"
import { table, text, type Report, type Section } from "./document.ts"
import { launchSection } from "./launch/section.ts"
import { trainingLaunch } from "./launch/training.ts"
import { trainingPoint } from "./point.ts"
import { priceText } from "./price-text.ts"
import { trainingHelp } from "./remedies.ts"
import { sensitivitySection } from "./sensitivity.ts"
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
import { runPicture, runSection } from "./whole-run.ts"

export const trainingReport = (findings: TrainingFindings): Report => {
  const { resolved, result, study, wholeRun, interval, nearest, provenance } = findings
  const about = describeScenario(resolved)
  return {
    kind: "training",
    title: about.title,
    about: [...about.parts, about.stack],
    answer: answerOf(findings),
    figures: figuresOf(findings),
    trust: trustText(interval),
    picture: frontPicture(findings),
    assumptions: assumptionsOf(findings),
    sections: [
      ...(result.memory.fits ? [] : [wayOut(findings)]),
      ...(wholeRun === undefined ? [] : [runSection(wholeRun)]),
      breakdownSection(result, wholeRun !== undefined || !result.memory.fits),
      memorySection(result),
      ...scalingSection(findings),
      ...costSection(findings),
      trainingHelp(trainingPoint(result, resolved.accelerators), study),
      ...sensitivitySection(findings.sensitivity),
      trustSection({ nearest, evidence: result.evidence, intervals: [["iteration", interval]] }),
      launchSection(trainingLaunch(resolved))
    ],
    provenance: [provenance]
  }
}

const frontPicture = ({ result, wholeRun }: TrainingFindings): Picture => {
  if (!result.memory.fits) return memoryPicture(result)
  return wholeRun === undefined ? breakdownPicture(result) : runPicture(wholeRun)
}

const assumptionsOf = ({ resolved, result, wholeRun }: TrainingFindings): readonly string[] => {
  const { job, scenario } = resolved
  const assumed = result.evidence.filter(({ constant }) => constant.origin === "assumed").length
  return [
    `${formatCount(job.globalBatch)} sequences of ${formatCount(job.sequenceLength)} tokens an iteration, ${formatCount(microBatchesOf(job))} micro-batches of ${job.microBatch} for each of ${formatCount(job.layout.data)} replicas.`,
    wholeRun === undefined
      ? "Nothing fails: days are days of training without restarts, checkpoints or evaluation (training.run says what happens)."
      : "Failures, checkpoints and restarts are those of training.run; the interval of the days is of these alone, that of the iteration comes on top.",
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
