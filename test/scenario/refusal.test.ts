import { describe, expect, test } from "vitest"
import {
  formatIssue,
  impossibleIssue,
  loadScenario,
  resolveTraining,
  type ScenarioIssue
} from "../../src/scenario/index.ts"
import { bloom, files } from "./bloom.ts"
import { expectRefusal, type RefusalRow } from "./refusal-row.ts"

/** The issues of a text; none means that it was accepted. */
const issuesOf = (text: string, others: Readonly<Record<string, string>> = {}): readonly ScenarioIssue[] => {
  const readText = files({ "work/mine.yaml": text, ...others })
  const loaded = loadScenario({ file: "work/mine.yaml", readText })
  const outcome = loaded._tag === "Refused" ? loaded : resolveTraining(loaded, { readText })
  return outcome._tag === "Refused" ? outcome.issues : []
}

const only = (text: string, others: Readonly<Record<string, string>> = {}): ScenarioIssue => {
  const issues = issuesOf(text, others)
  expect(issues).toHaveLength(1)
  const [issue] = issues
  if (issue === undefined) throw new Error("no issue")
  return issue
}

test("the scenario that the others are made from is accepted", () => {
  expect(issuesOf(bloom)).toEqual([])
})

describe("a value that cannot be is refused with its place, what was given, what was expected and what is near", () => {
  const nodes = (value: string): string => bloom.replace("nodes: 48", `nodes: ${value}`)
  const wholeNodes = "a whole number from 1 to 1M, such as 48"
  const rows: readonly RefusalRow[] = [
    [
      "unknown name",
      bloom.replace("jean-zay-a100", "jeanzay"),
      "3:11",
      "cluster.system",
      '"jeanzay"',
      "a name from `windtunnel catalog systems`",
      "jean-zay-a100"
    ],
    [
      "unknown model",
      bloom.replace("bloom-176b", "blom-176b"),
      "5:8",
      "model",
      '"blom-176b"',
      "a name from `windtunnel catalog models`",
      "bloom-176b"
    ],
    [
      "unknown stack",
      bloom.replace("megatron-deepspeed", "megatron-deep"),
      "12:10",
      "training.stack",
      '"megatron-deep"',
      "a name from `windtunnel catalog stacks`",
      "megatron-deepspeed"
    ],
    [
      "unknown key",
      bloom.replace("microBatch", "microBach"),
      "8:3",
      "training.microBach",
      '"microBach"',
      "a field that `windtunnel schema` lists",
      "microBatch"
    ],
    [
      "unknown schedule",
      bloom.replace("training:", "training:\n  schedule: 1f1"),
      "7:13",
      "training.schedule",
      '"1f1"',
      "1f1b, interleaved-1f1b",
      "1f1b"
    ],
    [
      "unknown choice",
      bloom.replace("recompute: full", "recompute: ful"),
      "11:14",
      "training.recompute",
      '"ful"',
      "one of none, selective, full",
      "full"
    ],
    ["wrong unit", nodes("48 GB"), "4:10", "cluster.nodes", '"48 GB"', wholeNodes, ""],
    ["wrong type", nodes("[48]"), "4:10", "cluster.nodes", "[48]", wholeNodes, ""],
    ["a truth value", nodes("true"), "4:10", "cluster.nodes", "true", wholeNodes, ""],
    ["nothing", nodes(""), "4:3", "cluster.nodes", "nothing", wholeNodes, ""],
    ["a fraction", nodes("1.5"), "4:10", "cluster.nodes", "1.5", wholeNodes, ""],
    ["not a number", nodes(".nan"), "4:10", "cluster.nodes", "NaN", wholeNodes, ""],
    ["infinite", nodes(".inf"), "4:10", "cluster.nodes", "Infinity", wholeNodes, ""],
    ["negative", nodes("-4"), "4:10", "cluster.nodes", "-4", wholeNodes, ""],
    ["zero", nodes("0"), "4:10", "cluster.nodes", "0", wholeNodes, ""],
    ["astronomical", nodes("1e300"), "4:10", "cluster.nodes", "1e+300", wholeNodes, ""],
    ["too many", nodes("99999999999"), "4:10", "cluster.nodes", "99999999999", wholeNodes, ""],
    [
      "missing field",
      bloom.replace("model: bloom-176b\n", ""),
      "1:1",
      "model",
      "nothing",
      "a name from `windtunnel catalog models`",
      ""
    ],
    [
      "indivisible batch",
      bloom.replace("2048\n  seq", "2050\n  seq"),
      "9:16",
      "training.globalBatch",
      "2050",
      "a multiple of 16",
      "2048, 2064"
    ],
    [
      "sizes that do not multiply out",
      bloom.replace("data: 8", "data: 7"),
      "7:49",
      "training.parallelism.data",
      "7",
      "sizes whose product is 384",
      "8"
    ],
    [
      "experts of a dense model",
      bloom.replace("data: 8", "data: 8, expert: 2"),
      "7:60",
      "training.parallelism.expert",
      "2",
      "1 for a dense model",
      "1"
    ],
    [
      "too deep a pipeline",
      bloom.replace("nodes: 48", "nodes: 76").replace("pipeline: 12, data: 8", "pipeline: 76, data: 2"),
      "7:39",
      "training.parallelism.pipeline",
      "76",
      "at most 70 stages",
      "70"
    ],
    [
      "format without hardware",
      bloom.replace("recompute: full", "precision: fp8"),
      "11:14",
      "training.precision",
      "fp8",
      "one of fp32, tf32, bf16",
      ""
    ],
    [
      "nodes and accelerators",
      bloom.replace("nodes: 48", "nodes: 48\n  accelerators: 384"),
      "5:3",
      "cluster.accelerators",
      "384",
      "either nodes or accelerators",
      ""
    ],
    [
      "a kernel table that is not there",
      bloom.replace("recompute: full", "kernels: [a.csv]"),
      "11:13",
      "training.kernels.0",
      '"work/a.csv"',
      "the path of a kernel table",
      ""
    ],
    [
      "an inline unit",
      bloom.replace("bloom-176b", "{ extends: bloom-176b, layers: 70 s }"),
      "5:39",
      "model.layers",
      '"70 s"',
      "a number such as 8",
      ""
    ],
    [
      "an unknown entry to extend",
      bloom.replace("bloom-176b", "{ extends: blom-176b }"),
      "5:19",
      "model.extends",
      '"blom-176b"',
      "a name from `windtunnel catalog models`",
      "bloom-176b"
    ],
    [
      "too much to simulate",
      bloom.replace("globalBatch: 2048", "globalBatch: 960000000"),
      "9:16",
      "training.globalBatch",
      "960000000",
      "at most 20 million",
      ""
    ]
  ]

  test.for(rows)("%s", (row) => expectRefusal(only(row[1]), row))
})

test("a tensor-parallel size that does not divide the heads is refused, with the sizes that do", () => {
  const issue = issuesOf(bloom.replace("tensor: 4", "tensor: 5"))[0]
  expect(issue?.path).toBe("training.parallelism.tensor")
  expect(issue?.expected).toBe("a divisor of 112")
  expect(issue?.nearest).toEqual(["4", "7"])
})

describe("a text that is no scenario is refused with one clear message", () => {
  const rows: readonly (readonly [name: string, text: string, place: string, problem: string])[] = [
    ["empty", " \n", "", "the file is empty"],
    ["only a comment", "# nothing\n", "1:1", "the document is nothing, not a map"],
    ["binary", "\u0000\u0001\u0002", "", "the file is not text"],
    ["not UTF-8", "name: \uFFFD", "", "the file is not text"],
    ["cut inside a map", bloom.slice(0, bloom.indexOf("pipeline")), "7:29", "not valid YAML or JSON"],
    ["cut JSON", '{ "name": "x", "cluster": {', "1:28", "not valid YAML or JSON"],
    ["a key twice", `${bloom}name: again\n`, "13:1", "Map keys must be unique"],
    ["a list", "- a\n- b\n", "1:1", "the document is a list"],
    ["a word", "hello", "1:1", 'the document is "hello"'],
    ["two documents", "a: 1\n---\nb: 2\n", "2:1", "not valid YAML or JSON"],
    [
      "aliases that explode",
      "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]\n",
      "",
      "aliases"
    ],
    ["an alias of itself", "model: &m { extends: *m }\n", "", "refers to itself"],
    ["nested without end", `a: ${"[".repeat(50_000)}`, "1:808", "nested too deeply"],
    ["nested a hundred deep", `a: ${"[".repeat(100)}${"]".repeat(100)}`, "", "nested too deeply"]
  ]

  test.each(rows)("%s", (name, text, place, problem) => {
    const issue = only(text)
    expect(issue.problem).toContain(problem)
    // How far the parser comes before it gives up depends on its stack.
    if (name !== "nested without end")
      expect(issue.place === undefined ? "" : `${issue.place.line}:${issue.place.column}`).toBe(place)
    expect(issue.expected).toBe("a scenario in YAML or JSON")
  })
})

describe("a file that extends others", () => {
  test("in a circle is refused where the circle closes", () => {
    const issue = only("extends: base.yaml\n", { "work/base.yaml": "name: x\nextends: ../work/mine.yaml\n" })
    expect(issue.source).toBe("work/base.yaml")
    expect(issue.place).toEqual({ line: 2, column: 10 })
    expect(issue.problem).toContain("circle")
  })

  test("that are not there is refused at the reference", () => {
    const issue = only("extends: base.yaml\n")
    expect(issue.place).toEqual({ line: 1, column: 10 })
    expect(issue.problem).toBe('cannot read "base.yaml": no such file')
  })

  test("is refused in the file that holds the wrong value", () => {
    const issue = only("extends: base.yaml\n", { "work/base.yaml": bloom.replace("nodes: 48", "nodes: -1") })
    expect(issue.source).toBe("work/base.yaml")
    expect(issue.place).toEqual({ line: 4, column: 10 })
  })
})

test("a value that nobody wrote is refused where its map stands, not at a --set beside it", () => {
  const readText = files({ "work/mine.yaml": bloom })
  const loaded = loadScenario({ file: "work/mine.yaml", readText, set: ["training.globalBatch=16"] })
  if (loaded._tag === "Refused") throw new Error("refused")
  const issue = impossibleIssue(
    { _tag: "ImpossibleLayout", path: "training.schedule", given: "1", expected: "more" },
    loaded
  )
  expect(issue).toMatchObject({ source: "work/mine.yaml", place: { line: 6, column: 1 } })
})

test("a refusal reads as where, what, and what was expected", () => {
  expect(formatIssue(only(bloom.replace("jean-zay-a100", "jeanzay")))).toBe(
    [
      "work/mine.yaml:3:11",
      '  cluster.system: there is no system "jeanzay"',
      "  expected a name from `windtunnel catalog systems`; did you mean jean-zay-a100, jean-zay-h100, jean-zay-v100-quad?"
    ].join("\n")
  )
})

test("text from a file cannot steer the terminal", () => {
  const issue = only(bloom.replace("jean-zay-a100", '"\\u001b[2Jred"'))
  expect(formatIssue(issue)).not.toContain("\u001b")
})
