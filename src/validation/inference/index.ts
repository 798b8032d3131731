/** Measurements of inference beside predictions: what the room offers of it. */
export {
  decodeInferencePoint,
  decodeInferencePoints,
  isInferencePoint,
  isOdd,
  type InferenceEntry,
  type InferencePoint,
  type OddPoint
} from "./point.ts"
export type { MappedInference, ServingScenarioInput } from "./mapped.ts"
export { toServingScenario } from "./mapping.ts"
export { comparisonsOf, inferenceMetrics, memoryComparisonsOf, type InferenceMetric } from "./metrics.ts"
export { doubtOf } from "./distrust.ts"
export { servingJobOf } from "./job.ts"
export { predictServing, type PredictServing, type ServingPrediction } from "./predict.ts"
export { compareInference, type InferenceRow } from "./rows.ts"
export { summariseServingErrors, type ServingSummary } from "./summary.ts"
export { runServingValidation, shippedInference, shippedLogRows, type ServingReport } from "./run.ts"
export { servingReportMarkdown, servingReportText } from "./render.ts"
export { staticCasesOf, staticSeconds, type StaticCase } from "./static-cases.ts"
export { readLogMeta, readRequestLog, type LogIssue, type LogMeta, type RequestLogFile } from "./request-log.ts"
export { compareLog, mappedLogOf, type LogKernels } from "./log-mapping.ts"
export { shippedKernelProfile, shippedRequestLog } from "./shipped-log.ts"
