/** The capacity report: what it says, the simulations behind it, its forms, and the commands that start it for real. */
export { comparisonReport, type Contender } from "./comparison-report.ts"
export { reportCsv } from "./csv.ts"
export type { Block, Cell, Column, Figure, Provenance, Report, Section, Table } from "./document.ts"
export { reportHtml } from "./html.ts"
export { reportDocument } from "./json.ts"
export { sortedLatencies } from "./latencies.ts"
export type { LaunchFile } from "./launch/file.ts"
export { servingLaunch } from "./launch/serving.ts"
export { trainingLaunch } from "./launch/training.ts"
export { loadKnob, loadLevels, type LoadKnob } from "./load-levels.ts"
export { reportMarkdown } from "./markdown.ts"
export {
  servingPoint,
  simulatePoint,
  trainingPoint,
  type Point,
  type PointRequest,
  type ServingPoint,
  type TrainingPoint
} from "./point.ts"
export { sensitivitySection, type SensitivityFindings } from "./sensitivity.ts"
export type { ServingFindings } from "./serving-findings.ts"
export { servingReport } from "./serving-report.ts"
export { studyServing, studyTraining, type ServingStudy, type Study, type TrainingStudy } from "./study.ts"
export type { TrainingFindings } from "./training-findings.ts"
export { breakdownPicture } from "./training-resources.ts"
export { bestChanges, studiedSweep, type StudiedSweep, type SweepFindings } from "./sweep/findings.ts"
export { sweepReport } from "./sweep/sweep-report.ts"
export { variedColumns, type StoredRow, type SweepValue } from "./sweep/row.ts"
export { trainingReport } from "./training-report.ts"
export { unfitReport, type UnfitFindings } from "./unfit-report.ts"
