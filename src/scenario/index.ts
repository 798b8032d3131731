/** Scenarios: their Schema, reading them with errors that point into the file, and resolving them to a job. */
export { scenarioJsonSchema } from "./json-schema.ts"
export { formatIssue, show, type Place, type ScenarioIssue } from "./issue.ts"
export { hashScenario, hashText } from "./hash.ts"
export {
  loadScenario,
  locate,
  scenarioFromData,
  type DataRequest,
  type FileRequest,
  type LoadedScenario,
  type ReadText,
  type Refused
} from "./load.ts"
export { resolveScenario, type ResolvedScenario } from "./resolve.ts"
export type { ReadChunks, ResolveOptions } from "./resolve-options.ts"
export { impossibleIssue, resolveTraining, type ResolvedTraining } from "./resolve-training.ts"
export { resolveServing, type ResolvedServing } from "./resolve-serving.ts"
export {
  isServing,
  scenarioSchema,
  type Scenario as DecodedScenario,
  type ScheduleFunction,
  type ScheduleRequest,
  type ServingScenario,
  type TrainingScenario
} from "./schema.ts"
export { Scenario, type ScenarioInput, type ServingInput, type TrainingInput } from "./script.ts"
export { describeScenario, type ScenarioSummary } from "./summary.ts"
export { servedOutcome } from "./serving/outcome.ts"
export { policyIssue } from "./serving/policy.ts"
export { fitsOneRequest, requestTokens, servingChangesThatFit, type ServingAlternative } from "./serving/fit.ts"
export { describeServing, type ServingDescription } from "./serving/summary.ts"
export { changesThatFit, changeText, scenarioWith, type Alternative, type Changes } from "./alternatives.ts"
export { findingsOf } from "./findings.ts"
export { parseSource, type Source as ScenarioSource } from "./source.ts"
export { findDisagreements } from "./model-checks.ts"
