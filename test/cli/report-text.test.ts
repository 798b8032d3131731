import { expect, test } from "vitest"
import { reportText } from "../../src/cli/report-text.ts"
import type { Report } from "../../src/report/index.ts"

const report = (changes: Partial<Report>): Report => ({
  kind: "serving",
  title: "A server",
  about: [],
  answer: "It serves.",
  figures: [],
  trust: "How sure: not at all.",
  picture: null,
  assumptions: [],
  sections: [],
  provenance: [],
  ...changes
})

const rate = { value: 40.4, unit: "requests/s", shown: "40.4/s" }

test("a figure stands on a line with its interval, or with its note; what is long goes on below, and nothing is cut", () => {
  const text = reportText(
    report({
      figures: [
        { ...rate, name: "within the goals", note: "of 100", interval: "90 %: 32.3 to 50.5/s" },
        { ...rate, name: "above the median", note: "17,300 tokens/s; 1 of 22 within 1 % of the best" }
      ]
    }),
    ["out/report.html"]
  )
  expect(text.split("\n").slice(4, 8)).toEqual([
    "  within the goals         40.4/s           90 %: 32.3 to 50.5/s",
    "  above the median         40.4/s           17,300 tokens/s; 1 of 22 within 1 %",
    "                                            of the best",
    ""
  ])
})

test("of several runs long names have lines of their own, and each says which figure it is", () => {
  const name = "Azure conversations on 40 H100, 8 for prompts and 2 for answers"
  const text = reportText(
    report({
      kind: "comparison",
      figures: [
        { ...rate, name, note: "within the goals", interval: "90 %: 32.3 to 50.5/s" },
        { ...rate, name: "Together", note: "within the goals" }
      ]
    }),
    []
  )
  expect(text.split("\n").slice(4, 8)).toEqual([
    `  ${name}`,
    "                           40.4/s           within the goals; 90 %: 32.3 to",
    "                                            50.5/s",
    "  Together                 40.4/s           within the goals"
  ])
})
