/**
 * What is wrong with a scenario, where it is wrong, and what would have been right.
 */

/** Steps from the root of a scenario to a value. */
export type Path = readonly (string | number)[]

/** A place in a file, counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface ScenarioIssue {
  readonly _tag: "ScenarioIssue"
  /** The file, or the `--set` argument, that holds the value at fault. */
  readonly source: string
  readonly place?: Place
  /** Scenario path such as `cluster.system`; empty for the document as a whole. */
  readonly path: string
  readonly problem: string
  /** What was written there, as short text. */
  readonly given: string
  readonly expected: string
  readonly nearest: readonly string[]
}

/** A problem before anyone looked up where its path stands. */
export interface Finding {
  readonly path: Path
  /** Whether the key itself is wrong (unknown) or its value. */
  readonly at?: "key" | "value"
  readonly problem: string
  readonly given: string
  readonly expected: string
  readonly nearest?: readonly string[]
}

export const pathText = (path: Path): string => path.join(".")

export const splitPath = (text: string): Path =>
  text.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step))

/** A value as it appears in a message: one line, at most 60 characters. */
export const show = (value: unknown): string => {
  if (value === undefined || value === null) return "nothing"
  if (typeof value === "function") return "a function"
  if (typeof value === "number") return String(value)
  const text = printable(JSON.stringify(value) ?? typeof value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}

/** Text without control characters, which would disturb a terminal. */
// oxlint-disable-next-line no-control-regex
export const printable = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?")

/** A text that nobody wants to read to its end. */
const short = (text: string): string => (text.length <= 300 ? text : `${text.slice(0, 297)}...`)

/** A refusal in prose: where, what, what was expected. */
export const formatIssue = (issue: ScenarioIssue): string => {
  const source = short(printable(issue.source))
  const where = issue.place === undefined ? source : `${source}:${issue.place.line}:${issue.place.column}`
  const what = issue.path === "" ? issue.problem : `${short(printable(issue.path))}: ${issue.problem}`
  const expected = issue.expected === "" ? "" : `expected ${issue.expected}`
  const meant = issue.nearest.length === 0 ? "" : `did you mean ${issue.nearest.join(", ")}?`
  const hint = [expected, meant].filter((part) => part !== "").join("; ")
  return `${where}\n  ${what}${hint === "" ? "" : `\n  ${hint}`}`
}
