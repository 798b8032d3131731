/**
 * One report of everything that was validated: training, serving, or both.
 */
import { servingReportMarkdown, servingReportText } from "./inference/render.ts"
import type { InferenceRow } from "./inference/rows.ts"
import { shippedInference, type ServingReport } from "./inference/run.ts"
import type { ServingSummary } from "./inference/summary.ts"
import { bubbleMarkdown, bubbleRows, bubbleText } from "./bubble-table.ts"
import type { ErrorRow, ValidationSummary } from "./errors.ts"
import type { MeasurementSet } from "./measurement-file.ts"
import { reportMarkdown, reportText } from "./render.ts"
import { shippedMeasurements, type ValidationReport } from "./run.ts"

export interface JointReport {
  readonly points: readonly (ErrorRow | InferenceRow)[]
  /** Training's summary, and serving's beside it. */
  readonly summary: ValidationSummary & { readonly serving: ServingSummary }
  readonly training: ValidationReport
  readonly serving: ServingReport
}

export const joinReports = (training: ValidationReport, serving: ServingReport): JointReport => ({
  points: [...training.points, ...serving.points],
  summary: { ...training.summary, serving: serving.summary },
  training,
  serving
})

/** All measurements that ship with the product. */
export const shippedMeasurementSet = async (): Promise<MeasurementSet> => ({
  training: await shippedMeasurements(),
  inference: await shippedInference()
})

/** Parts about what was there. */
const parts = ({ training, serving }: JointReport) => ({
  training: training.points.length > 0 || serving.points.length === 0 ? training : undefined,
  serving: serving.points.length > 0 ? serving : undefined
})

/** Summary for a terminal of 80 columns. */
export const accuracyText = (report: JointReport): string => {
  const { training, serving } = parts(report)
  return [
    ...(training === undefined ? [] : [reportText(training), bubbleText(bubbleRows())]),
    ...(serving === undefined ? [] : [servingReportText(serving)])
  ].join("\n")
}

/** The page `docs/accuracy.md`. */
export const accuracyPage = (report: JointReport): string => {
  const { training, serving } = parts(report)
  return [
    ...(training === undefined ? [] : [reportMarkdown(training), `${bubbleMarkdown(bubbleRows()).join("\n")}\n`]),
    ...(serving === undefined ? [] : [servingReportMarkdown(serving)])
  ].join("\n")
}
