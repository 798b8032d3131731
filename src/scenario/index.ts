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
export type { AttainedFactors, ResourceFactors } from "./resource-factors.ts"
export {
  anchorsOf,
  attainedNames,
  parseProfile,
  profileFormat,
  profileText,
  subjectOf,
  type AttainedName,
  type MachineProfile,
  type ProfileSubject
} from "./calibration.ts"
export { impossibleIssue, resolveTraining, type ResolvedTraining } from "./resolve-training.ts"
export { resolveServing, type ResolvedServing } from "./resolve-serving.ts"
export {
  servingHalf,
  servingLikeness,
  trainingHalf,
  trainingLikeness,
  trainingSetup,
  servingSetup
} from "./likeness.ts"
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
export { placementText, topologyText } from "./topology-text.ts"
export { describeScenario, type ScenarioSummary } from "./summary.ts"
export { servedOutcome } from "./serving/outcome.ts"
export { policyIssue } from "./serving/policy.ts"
export { fitsOneRequest, requestTokens } from "./serving/fit.ts"
export { describeServing, type ServingDescription } from "./serving/summary.ts"
export { changesThatFit, scenarioWith, type Alternative } from "./alternatives.ts"
export { mergePatch } from "./merge.ts"
export { changeText, type Changes } from "./mending/changes.ts"
export { servingChangesThatFit, servingChangesThatRun, type ServingAlternative } from "./mending/serving.ts"
export { trainingChangesThatRun, type Mended } from "./mending/training.ts"
export { findingsOf } from "./findings.ts"
export { parseSource, type Source as ScenarioSource } from "./source.ts"
export { findImpossible, type Split } from "./feasibility.ts"
export { planObjectives } from "./schema/plan.ts"
export { trainingMachines, type TrainingMachines } from "./cluster-groups.ts"
export type { Finding } from "./issue.ts"
export { findDisagreements } from "./model-checks.ts"
