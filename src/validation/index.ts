/**
 * Published measurements beside predictions.
 */
export {
  areIssues,
  decodeMeasurements,
  decodePoints,
  formatMeasurementIssue,
  type Measurement,
  type MeasurementIssue
} from "./measurement.ts"
export { disaggregationCases, type DisaggregationCase } from "./data/disaggregation.ts"
export { bubbleMarkdown, bubbleRows, type BubbleRow } from "./bubble-table.ts"
export { toScenario, type MappedPoint, type ScenarioInput } from "./mapping.ts"
export { isRefusal, type Refusal } from "./reading.ts"
export {
  conventionOf,
  isTime,
  memoryOf,
  outOfMemoryOf,
  predictedSeconds,
  speedOf,
  type Comparison,
  type Metric,
  type SpeedMetric
} from "./metrics.ts"
export { summariseErrors, type Coverage, type ErrorRow, type ErrorSummary, type ValidationSummary } from "./errors.ts"
export { reportMarkdown, reportText, worstRows } from "./render.ts"
export {
  compare,
  readMeasurements,
  runValidation,
  shippedMeasurements,
  type SimulateScenario,
  type UnreadableMeasurements,
  type ValidationReport
} from "./run.ts"
export { sourceFamily } from "./source-family.ts"
export {
  calibrate,
  calibratedConstants,
  isOfServing,
  type Calibration,
  type CalibrationOptions
} from "./calibration.ts"
export { fitKernelLaws, fitKernels, kernelResiduals, type KernelFit, type KernelResidual } from "./kernel-fit.ts"
export { kernelsOfTable, shippedKernels, type MeasuredKernel } from "./measured-kernel.ts"
export {
  collectiveLoss,
  fitCollectives,
  measuredCollectives,
  shippedCollectiveConstants,
  type CollectiveFit,
  type MeasuredCollective
} from "./collective-fit.ts"
export { shippedCollectives } from "./data/index.ts"
export { borrowedKernelConstants, freeConstants } from "./free-constants.ts"
export { fit, type FitPoint, type FittedConstant, type FreeConstant } from "./fit.ts"
export { jobOf, simulateScenario } from "./predict.ts"
export { readMeasurementFiles, type MeasurementSet } from "./measurement-file.ts"
export * from "./inference/index.ts"
export { accuracyPage, accuracyText, joinReports, shippedMeasurementSet, type JointReport } from "./report.ts"
export * from "./inference-fit/index.ts"
export { gatherResiduals, type Gathering } from "./intervals/gather.ts"
export * from "./local/index.ts"
