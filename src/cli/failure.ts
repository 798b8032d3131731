/**
 * How a command ends when it does not end well. The message is all that a user sees.
 */
import * as Schema from "effect/Schema"
import { formatIssue, type ScenarioIssue } from "../scenario/index.ts"

/** The input is wrong: exit status 2. */
export class InputWrong extends Schema.TaggedError<InputWrong>()("InputWrong", { text: Schema.String }) {}

/** The simulated cluster cannot run the work: exit status 1. */
export class CannotRun extends Schema.TaggedError<CannotRun>()("CannotRun", { text: Schema.String }) {}

/** Issues in the order found; more than ten say no more than ten. */
export const inputWrong = (issues: readonly ScenarioIssue[]): InputWrong => {
  const shown = issues.slice(0, 10).map(formatIssue)
  const more = issues.length - shown.length
  return new InputWrong({ text: [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("\n") })
}
