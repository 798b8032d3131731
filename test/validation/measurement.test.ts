import { describe, expect, test } from "vitest"
import {
  areIssues,
  decodeMeasurements,
  formatMeasurementIssue,
  readMeasurements,
  shippedMeasurements
} from "../../src/validation/index.ts"

const issuesOf = (text: string) => {
  const decoded = decodeMeasurements(text, "mine.json")
  return areIssues(decoded) ? decoded.map(formatMeasurementIssue) : []
}

describe("a measurement file", () => {
  test("may leave out and add what it likes", () => {
    const decoded = decodeMeasurements(
      '[{ "id": "a", "model": null, "batch": { "micro": null, "colour": "red" }, "mood": 3 }]'
    )
    expect(decoded).toEqual([{ id: "a", model: null, batch: { micro: null } }])
  })

  test("may hold text where a number belongs", () => {
    const decoded = decodeMeasurements('[{ "id": "a", "cluster": { "gpus": "128-512" } }]')
    expect(decoded).toEqual([{ id: "a", cluster: { gpus: "128-512" } }])
  })

  test("that is not JSON is refused with its name", () => {
    expect(issuesOf("[{")).toEqual([expect.stringMatching(/^mine\.json: not JSON: /)])
  })

  test("that is not a list is refused", () => {
    expect(issuesOf('{ "id": "a" }')).toEqual(["mine.json: expected a list of points"])
  })

  test("with a wrong type names the index, the id and the field", () => {
    const issues = issuesOf('[{ "id": "a" }, { "id": "b", "batch": { "micro": {} }, "source": 5 }, { "trust": 1 }]')
    expect(issues).toHaveLength(3)
    expect(issues[0]).toMatch(/^mine\.json: point 1 \(b\), source: Expected/)
    expect(issues[1]).toMatch(/^mine\.json: point 1 \(b\), batch\.micro: Expected a number/)
    expect(issues[2]).toMatch(/^mine\.json: point 2 \(no id\), id: /)
  })

  test("beside a good one still reports", () => {
    const read = readMeasurements([
      { name: "good.json", text: '[{ "id": "a" }]' },
      { name: "bad.json", text: "{" }
    ])
    expect(read).toMatchObject({ _tag: "UnreadableMeasurements", issues: [{ file: "bad.json", index: null }] })
  })
})

describe("the shipped measurements", () => {
  test("are 813, each with its own id and a source", async () => {
    const points = await shippedMeasurements()
    expect(points).toHaveLength(813)
    expect(new Set(points.map((point) => point.id)).size).toBe(813)
    expect(points.filter((point) => (point.source ?? "") === "" || (point.url ?? "") === "")).toEqual([])
  })
})
