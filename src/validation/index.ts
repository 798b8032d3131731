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
