import { describe, expect, test } from "vitest"
import {
  csvOf,
  gridPoints,
  isSweepProblem,
  parseAxis,
  parseExpression,
  tableOf,
  type Axis
} from "../../src/planner/index.ts"

const axis = (text: string): Axis => {
  const made = parseAxis(text)
  if (isSweepProblem(made)) throw new Error(`${made.about}: ${made.given}, expected ${made.expected}`)
  return made
}

describe("an axis", () => {
  test.each([
    ["training.microBatch=1,2,4", [1, 2, 4]],
    ["training.parallelism.tensor=1..64*2", [1, 2, 4, 8, 16, 32, 64]],
    ["training.microBatch=1..10+3", [1, 4, 7, 10]],
    ["training.microBatch=2..4", [2, 3, 4]],
    ["workload.arrivals.poisson.rate=0.1..0.4+0.1", [0.1, 0.2, 0.3, 0.4]],
    ["training.recompute=none, full,{ blocks: 2 }", ["none", "full", { blocks: 2 }]],
    ['serving.version="0.10"', ["0.10"]],
    ["serving.kvCache.prefixCaching=true,null", [true, null]]
  ])("%s", (text, values) => {
    expect(axis(text).values).toEqual(values)
  })

  test.each([
    ["training.microBatch", "--vary"],
    ["=1,2", "--vary"],
    ["a..b=1", "--vary"],
    ["a=", "the values of a"],
    ["a=[1", "the values of a"],
    ["a=8..1", "the values of a"],
    ["a=1..8*1", "the values of a"],
    ["a=0..8*2", "the values of a"],
    ["a=1..8+0", "the values of a"],
    ["a=1..1000000", "the values of a"]
  ])("%s is refused", (text, about) => {
    expect(parseAxis(text)).toMatchObject({ _tag: "SweepProblem", about })
  })
})

describe("a condition", () => {
  const holds = (text: string, values: Readonly<Record<string, number | string>>): boolean => {
    const read = parseExpression(text, "--where")
    if (isSweepProblem(read)) throw new Error(read.about)
    return read.holds((name) => values[name] ?? null)
  }

  test.each([
    ["a * b <= 8", true],
    ["a * b < 8", false],
    ["a + b * 2 == 10", true],
    ["(a + b) * 2 == 12", true],
    ["a == 2 || b == 7 && a == 9", true],
    ["(a == 2 || b == 7) && a == 9", false],
    ["!(a > 3) && -a < 0", true],
    ["c == 'full'", true],
    ['c != "none" && c < "g"', true],
    ["b % a == 0", true],
    ["b / a >= 2.0e0", true]
  ])("%s", (text, expected) => {
    expect(holds(text, { a: 2, b: 4, c: "full" })).toBe(expected)
  })

  test.each(["a <", "a b", "(a", "a = 2", "a && || b", "#", ""])("%s is refused", (text) => {
    expect(parseExpression(text, "--where")).toMatchObject({ _tag: "SweepProblem", given: text })
  })
})

describe("the points", () => {
  const axes = [axis("training.parallelism.tensor=1,2,4"), axis("training.parallelism.pipeline=1,2")]

  test("are all combinations in order, the last axis fastest, seeds innermost", () => {
    const points = gridPoints({ axes, seeds: [1, 2] })
    if (isSweepProblem(points)) throw new Error("refused")
    expect(points).toHaveLength(12)
    expect(points[3]).toEqual({
      ordinal: 3,
      changes: { "training.parallelism.tensor": 1, "training.parallelism.pipeline": 2 },
      seed: 2
    })
  })

  test("that meet a condition, by the last step of a path", () => {
    const points = gridPoints({ axes, seeds: [1], where: "tensor * pipeline == 4" })
    expect(isSweepProblem(points) ? [] : points.map(({ changes }) => Object.values(changes))).toEqual([
      [2, 2],
      [4, 1]
    ])
  })

  test.each([
    [{ axes, seeds: [1], where: "tensr > 1" }, "--where", "tensr"],
    [{ axes, seeds: [1], where: "tensor > 9" }, "--where", "tensor > 9"],
    [{ axes: [axes[0]!, axes[0]!], seeds: [1] }, "--vary", "training.parallelism.tensor"]
  ])("%#: what gives none is refused", (grid, about, given) => {
    expect(gridPoints(grid)).toMatchObject({ about, given })
  })
})

describe("a table", () => {
  const rows = [
    { "a.x": 1, y: 3, z: "p" },
    { "a.x": 2, y: null, z: "q" },
    { "a.x": 3, y: 1, z: 'r,"s"' }
  ]

  test("filters, sorts (what is missing last) and picks", () => {
    expect(tableOf(rows, { sort: ["y"], columns: ["x", "y"] })).toEqual({
      columns: ["a.x", "y"],
      rows: [rows[2], rows[0], rows[1]]
    })
    expect(tableOf(rows, { where: "x > 1 && y != null" })).toMatchObject({ rows: [rows[2]] })
    expect(tableOf(rows, { sort: ["x:desc"] })).toMatchObject({ rows: [rows[2], rows[1], rows[0]] })
    expect(tableOf(rows, { columns: ["w"] })).toMatchObject({ _tag: "SweepProblem", given: "w" })
  })

  test("as comma-separated values", () => {
    const table = tableOf(rows, {})
    expect(isSweepProblem(table) ? "" : csvOf(table)).toBe('a.x,y,z\n1,3,p\n2,,q\n3,1,"r,""s"""')
  })
})
