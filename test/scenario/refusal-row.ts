/** Rows of tables of refusals, and what the issue of a row must say. */
import { expect } from "vitest"
import type { ScenarioIssue } from "../../src/scenario/index.ts"

export type RefusalRow = readonly [
  name: string,
  text: string,
  place: string,
  path: string,
  given: string,
  expected: string,
  nearest: string
]

/** @param row its `expected` and `nearest` may be parts of what is said */
export const expectRefusal = (issue: ScenarioIssue, [, , place, path, given, expected, nearest]: RefusalRow): void => {
  expect(issue.source).toBe("work/mine.yaml")
  expect(`${issue.place?.line}:${issue.place?.column}`).toBe(place)
  expect(issue.path).toBe(path)
  expect(issue.given).toBe(given)
  expect(issue.expected).toContain(expected)
  expect(issue.nearest.join(", ")).toContain(nearest)
}
