/** Every YAML block of docs/serving.md is a scenario, or a part of one, that runs. */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { formatIssue, resolveServing, scenarioFromData, type ReadText } from "../src/scenario/index.ts"
import { simulateServing } from "../src/serving/index.ts"

const guide = readFileSync(new URL("../docs/serving.md", import.meta.url), "utf8")

const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, body]) =>
    name === language ? [body ?? ""] : []
  )

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const partOf = (fields: Fields, name: string): Fields => {
  const part = fields[name]
  return isFields(part) ? part : {}
}

const fieldsIn = (text: string): Fields => {
  const fields: unknown = parse(text)
  if (!isFields(fields)) throw new Error("no map")
  return fields
}

const [first = "", ...others] = blocks("yaml")
const base = fieldsIn(first)

/** Fields that a part replaces where it has its namesakes: classes bring their own lengths, and so does a trace. */
const placed = (part: Fields): Fields => {
  const workload = { ...partOf(base, "workload"), ...partOf(part, "workload") }
  const bringsLengths = "classes" in workload || "trace" in partOf(workload, "arrivals")
  const { prompt, output, ...rest } = workload
  return {
    ...base,
    ...part,
    serving: { ...partOf(base, "serving"), ...partOf(part, "serving") },
    workload: { ...(bringsLengths ? rest : { prompt, output, ...rest }), requests: 20 }
  }
}

const readText: ReadText = (path) =>
  path === "requests.csv" ? { text: blocks("csv")[0] ?? "" } : { failure: "no such file" }

describe("blocks of the guide", () => {
  test("are there", () => {
    expect(others.length).toBeGreaterThan(10)
    expect(blocks("csv")).toHaveLength(1)
  })

  test.each([first, ...others])("%s", (text) => {
    const loaded = scenarioFromData({ name: "guide", data: placed(fieldsIn(text)), readText })
    if (loaded._tag === "Refused") throw new Error(loaded.issues.map(formatIssue).join("\n"))
    const resolved = resolveServing(loaded, { readText })
    if (resolved._tag === "Refused") throw new Error(resolved.issues.map(formatIssue).join("\n"))
    expect(resolved.job.memory.fits).toBe(true)
    const log = simulateServing(resolved.job)
    expect(log.requests.count).toBe(text.includes("trace") ? 3 : 20)
  })

  test("name every published workload", () => {
    const listed = /`published: sharegpt` \|[^|]*: ([^|]*) \|/.exec(guide)?.[1]
    const schema = scenarioFromData({
      name: "guide",
      data: { ...base, workload: { ...partOf(base, "workload"), prompt: { published: "nothing" } } }
    })
    const expected = schema._tag === "Refused" ? schema.issues.map(formatIssue).join("\n") : ""
    for (const name of (listed ?? "nothing").trim().split(", ")) expect(expected).toContain(name)
  })
})
