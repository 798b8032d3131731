/**
 * How a command ends when it does not end well. The message is all that a user sees.
 */
import * as Data from "effect/Data"
import { formatIssue, type ScenarioIssue } from "../scenario/index.ts"
import type { ChangeThatRuns } from "./change-that-runs.ts"

/** The input is wrong: exit status 2. */
export class InputWrong extends Data.TaggedError("InputWrong")<{
  readonly text: string
  /** What is wrong with a scenario, and where. */
  readonly issues?: readonly ScenarioIssue[]
  /** The smallest changes after which it is right. */
  readonly changesThatRun?: readonly ChangeThatRuns[]
}> {}

/** The simulated cluster cannot run the work: exit status 1. */
export class CannotRun extends Data.TaggedError("CannotRun")<{ readonly text: string }> {}

/** Issues in the order found; more than ten say no more than ten. */
export const inputWrong = (
  issues: readonly ScenarioIssue[],
  hint = "",
  changesThatRun: readonly ChangeThatRuns[] = []
): InputWrong => {
  const shown = issues.slice(0, 10).map(formatIssue)
  const more = issues.length - shown.length
  const text = [...shown, ...(more > 0 ? [`and ${more} more`] : []), ...(hint === "" ? [] : [hint])].join("\n")
  return new InputWrong({ text, issues, changesThatRun })
}
