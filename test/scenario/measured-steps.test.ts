/** Measured steps of a server: what they become, and what is refused. */
import { describe, expect, test } from "vitest"
import { formatIssue, loadScenario, resolveServing } from "../../src/scenario/index.ts"

const text = (serving: string) => `name: measured
cluster: { system: dgx-a100, accelerators: 4 }
model: llama-3.1-8b
serving:
  measuredSteps: { prompt: [[100, 10 ms], [300, 50 ms]], decode: [[1, 4 ms], [9, 8 ms]], decodeBy: sequences, mixed: 1.5 }
${serving}
workload: { arrivals: { poisson: { rate: 1 } }, prompt: 200, output: 10 }
`

const read = (serving: string) => {
  const readText = () => ({ text: text(serving) })
  const loaded = loadScenario({ file: "measured.yaml", readText })
  return loaded._tag === "Refused" ? loaded : resolveServing(loaded, { readText })
}

const load = {
  decodes: 0,
  decodeContext: 0,
  decodeWindow: 0,
  prefills: 0,
  prefillTokens: 0,
  prefillPairs: 0,
  prefillContext: 0,
  sampled: 1
}

test("a table of seconds takes the place of the laws", () => {
  const found = read("")
  if (found._tag === "Refused") throw new Error(found.issues.map(formatIssue).join("\n"))
  const { steps } = found.job
  expect(steps.stageSeconds(0, { ...load, prefills: 1, prefillTokens: 200 })).toBeCloseTo(0.03, 12)
  // Beyond the last point on the last line, and with three that decode 203 tokens and half as long again.
  expect(steps.stageSeconds(0, { ...load, prefills: 2, prefillTokens: 400 })).toBeCloseTo(0.07, 12)
  expect(steps.stageSeconds(0, { ...load, prefills: 1, prefillTokens: 200, decodes: 3 })).toBeCloseTo(1.5 * 0.0306, 12)
  expect(steps.stageSeconds(0, { ...load, decodes: 5, decodeContext: 1e6 })).toBeCloseTo(0.006, 12)
  expect(steps.hostSeconds(load)).toBe(0)
  expect(steps.decodeLine(0, 5)).toMatchObject({ slope: 0 })
})

describe("refused", () => {
  const problems = (serving: string): string => {
    const found = read(serving)
    if (found._tag !== "Refused") throw new Error("nothing was refused")
    return found.issues.map(formatIssue).join("\n")
  }
  test.each([
    ["  parallelism: { pipeline: 2 }", "a step passes 2 stages"],
    ["  speculation: { tokens: 2, acceptance: 0.5, draft: { ngram: {} } }", "a draft guesses ahead"]
  ])("beside %j", (serving, problem) => expect(problems(serving)).toContain(problem))

  test("points that are not in order", () => {
    const found = loadScenario({
      file: "measured.yaml",
      readText: () => ({ text: text("").replace("[9, 8 ms]", "[1, 8 ms]") })
    })
    const resolved = found._tag === "Refused" ? found : resolveServing(found)
    expect(resolved._tag === "Refused" && resolved.issues.map(formatIssue).join()).toContain("1 comes after 1")
  })

  test("a single point", () => {
    const readText = () => ({ text: text("").replace("[[1, 4 ms], [9, 8 ms]]", "[[1, 4 ms]]") })
    const found = loadScenario({ file: "measured.yaml", readText })
    expect(found._tag === "Refused" && found.issues.map(formatIssue).join()).toContain("length of at least 2")
  })
})
