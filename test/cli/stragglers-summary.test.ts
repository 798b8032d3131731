import { expect, test } from "vitest"
import { stragglerRows } from "../../src/cli/stragglers-summary.ts"
import { runScenario } from "../scenarios/run-scenario.ts"

const rowsOf = async (file: string): Promise<readonly string[]> => {
  const { resolved, result } = await runScenario(file)
  return stragglerRows(resolved, result).flatMap((row) => row.split("\n"))
}

test("BLOOM's slow GPU is named with what it costs", async () => {
  expect(await rowsOf("bloom-176b-slow-node.yaml")).toEqual([
    "  stragglers   4.63 s lost: 106.7 s with all ranks alike",
    "               node 17, accelerator 3: computes at 93 %",
    "               rank 139 (node 17, stage 4) computes 7.3 % longer than its stage"
  ])
})

test("several causes are named one by one, within 80 columns", async () => {
  const rows = await rowsOf("uneven.yaml")
  expect(rows.map((row) => row.replace(/[\d.]+ m?s/g, "n s").trim())).toEqual([
    "stragglers   n s lost: n s with all ranks alike",
    "node 2: 1 network card is missing: n s of these",
    "jitter of 2 %: n s of these",
    "micro-batches of unequal length: n s of these",
    expect.stringMatching(/^rank \d+ \(node \d, stage \d\) computes [\d.]+ % longer than its stage$/)
  ])
  for (const row of rows) expect(row.length).toBeLessThanOrEqual(80)
})

test("a cluster of equal nodes has no such lines", async () => {
  expect(await rowsOf("small.yaml")).toEqual([])
})
