/** Scenarios: their Schema, reading them with errors that point into the file, and resolving them to a job. */
export { scenarioJsonSchema } from "./json-schema.ts"
export { formatIssue, show, type Place, type ScenarioIssue } from "./issue.ts"
export { hashScenario, hashText } from "./hash.ts"
export {
  loadScenario,
  scenarioFromData,
  type DataRequest,
  type FileRequest,
  type LoadedScenario,
  type ReadText,
  type Refused
} from "./load.ts"
export { impossibleIssue, resolveScenario, type ResolvedScenario, type ResolveOptions } from "./resolve.ts"
export {
  scenarioSchema,
  type Scenario as DecodedScenario,
  type ScheduleFunction,
  type ScheduleRequest
} from "./schema.ts"
export { Scenario, type ScenarioInput } from "./script.ts"
export { describeScenario, type ScenarioSummary } from "./summary.ts"
export { changesThatFit, changeText, scenarioWith, type Alternative, type Changes } from "./alternatives.ts"
