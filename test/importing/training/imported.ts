/** Imports of trainings for tests. */
import { importTraining, isRefused, type ImportedTraining, type TrainingRequest } from "../../../src/importing/index.ts"
import { resolveTraining, scenarioFromData, type ScenarioIssue } from "../../../src/scenario/index.ts"
import type { TrainingJob } from "../../../src/training/index.ts"

type Rest = Omit<TrainingRequest, "source" | "text">

export const imported = (text: string, rest: Rest = {}, source = "train.sh"): ImportedTraining => {
  const outcome = importTraining({ source, text, ...rest })
  if (isRefused(outcome)) throw new Error(outcome.issues.map(({ path, problem }) => `${path}: ${problem}`).join("\n"))
  return outcome
}

export const refused = (text: string, rest: Rest = {}, source = "train.sh"): readonly ScenarioIssue[] => {
  const outcome = importTraining({ source, text, ...rest })
  if (!isRefused(outcome)) throw new Error("it was imported")
  return outcome.issues
}

export const jobOf = ({ scenario }: ImportedTraining): TrainingJob => {
  const loaded = scenarioFromData({ name: "imported", data: scenario })
  if (loaded._tag === "Refused") throw new Error(loaded.issues[0]?.problem)
  const resolved = resolveTraining(loaded)
  if (resolved._tag === "Refused") throw new Error(resolved.issues[0]?.problem)
  return resolved.job
}

export const trainingOf = ({ scenario }: ImportedTraining): Readonly<Record<string, unknown>> =>
  scenario["training"] as Readonly<Record<string, unknown>>

/** Remarks of a kind, as "12: --flag -> meaning". */
export const said = ({ remarks }: ImportedTraining, kind: string): readonly string[] =>
  remarks
    .filter((remark) => remark.kind === kind)
    .map(({ line, written, text }) => `${line ?? ""}: ${written ?? ""} -> ${text}`)
