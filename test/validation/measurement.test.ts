import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import {
  areIssues,
  decodeMeasurements,
  formatMeasurementIssue,
  readMeasurements,
  runValidation,
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

  test("may hold a point that cannot be read, which is listed with the field and spoils no other", () => {
    const decoded = decodeMeasurements('[{ "id": "a" }, { "id": "b", "batch": { "micro": {} } }, { "trust": 1 }, 7]')
    expect(decoded).toEqual([
      { id: "a" },
      { id: "b", unreadable: expect.stringMatching(/^batch\.micro: Expected a number/) },
      { id: "point 2", unreadable: expect.stringMatching(/^id: /) },
      { id: "point 3", unreadable: expect.stringMatching(/^Expected/) }
    ])
    const report = runValidation(areIssues(decoded) ? [] : decoded, () => ({ reason: "never asked" }))
    expect(report.points.map(({ id, reason }) => `${id} ${reason}`)[1]).toMatch(/^b cannot be read: batch\.micro/)
    expect(report.points).toHaveLength(4)
  })

  test("may say what it likes in words for people", () => {
    const decoded = decodeMeasurements('[{ "id": "a", "notes": ["one", 2], "source": 5 }]')
    expect(decoded).toEqual([{ id: "a", notes: '["one",2]', source: "5" }])
  })

  test("beside a good one still reports", () => {
    const read = readMeasurements([
      { name: "good.json", text: '[{ "id": "a" }]' },
      { name: "bad.json", text: "{" }
    ])
    expect(read).toMatchObject({ _tag: "UnreadableMeasurements", issues: [{ file: "bad.json" }] })
  })
})

describe("an odd point", () => {
  test("any field may hold any JSON value: 2,000 points drawn by lot give rows, never an error", async () => {
    const random = randomStream(5, "odd points")
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
    const values = [null, true, "", "x", "1e999", "128-512", 0, -1, 2.5, 1e300, [], {}, [1], { a: 1 }, "8", "inf", 16]
    const shipped = await shippedMeasurements()
    for (let index = 0; index < 2000; index++) {
      const point: Record<string, unknown> = structuredClone(pick(shipped))
      for (let change = 0; change < 3; change++) {
        const field = pick([...Object.keys(point), "stack", "precision", "schedule"])
        const group = point[field]
        if (typeof group !== "object" || group === null || Array.isArray(group) || random() < 0.3)
          point[field] = pick(values)
        else Object.assign(group, { [pick([...Object.keys(group), "tp", "zero_stage", "oom"])]: pick(values) })
      }
      const decoded = decodeMeasurements(JSON.stringify([point]))
      expect(areIssues(decoded)).toBe(false)
      const { points } = runValidation(areIssues(decoded) ? [] : decoded, () => ({ reason: "not simulated here" }))
      expect(points.length).toBeGreaterThan(0)
      expect(points.every(({ reason }) => reason !== undefined)).toBe(true)
    }
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
