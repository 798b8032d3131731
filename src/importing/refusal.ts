/**
 * What an import refuses, in the words of a scenario's refusal: where, what was given, what was expected.
 */
import type { Place, ScenarioIssue } from "../scenario/index.ts"

/** The input is no config.json and no server's command line, or a wrong one. */
export interface RefusedImport {
  readonly _tag: "RefusedImport"
  readonly issues: readonly ScenarioIssue[]
}

export const isRefused = (value: object): value is RefusedImport => "_tag" in value && value._tag === "RefusedImport"

interface Complaint {
  readonly source: string
  readonly path?: string
  readonly problem: string
  readonly given: string
  readonly expected: string
  readonly nearest?: readonly string[]
  readonly place?: Place
}

export const issueOf = ({ source, path = "", problem, given, expected, nearest = [], place }: Complaint) =>
  ({
    _tag: "ScenarioIssue",
    source,
    ...(place === undefined ? {} : { place }),
    path,
    problem,
    given,
    expected,
    nearest
  }) satisfies ScenarioIssue

export const refuse = (...complaints: readonly Complaint[]): RefusedImport => ({
  _tag: "RefusedImport",
  issues: complaints.map(issueOf)
})
