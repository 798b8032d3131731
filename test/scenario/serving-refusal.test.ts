import { describe, expect, test } from "vitest"
import { formatIssue } from "../../src/scenario/index.ts"
import { chat, refused } from "./chat.ts"
import { expectRefusal, type RefusalRow } from "./refusal-row.ts"

const server = (line: string): string => chat.replace("parallelism: { tensor: 2 }", line)
const arrivals = (text: string): string => chat.replace("{ poisson: { rate: 10 } }", text)
const prompt = (text: string): string => chat.replace("prompt: 512", `prompt: ${text}`)
const output = (text: string): string => chat.replace("{ uniform: [16, 256] }", text)

describe("a value that no server has is refused with its place, what was given, what was expected and what is near", () => {
  const rows: readonly RefusalRow[] = [
    [
      "an unknown stack",
      chat.replace("vllm-v1", "vlm-v1"),
      "7:10",
      "serving.stack",
      '"vlm-v1"',
      "a name from `windtunnel catalog serving-stacks`",
      "vllm-v1"
    ],
    [
      "a version that is a number",
      server("version: 0.19"),
      "8:12",
      "serving.version",
      "0.19",
      'a version in quotes, such as "0.19"',
      ""
    ],
    [
      "a version that is none",
      server('version: "new"'),
      "8:12",
      "serving.version",
      '"new"',
      'a version in quotes, such as "0.19"',
      ""
    ],
    [
      "an unknown field",
      server("paralelism: { tensor: 2 }"),
      "8:3",
      "serving.paralelism",
      '"paralelism"',
      "a field that `windtunnel schema` lists",
      "parallelism"
    ],
    [
      "heads that do not divide",
      server("parallelism: { tensor: 3 }").replace("accelerators: 8", "accelerators: 9"),
      "8:26",
      "serving.parallelism.tensor",
      "3",
      "a divisor of 32",
      "2, 4"
    ],
    [
      "too deep a pipeline",
      server("parallelism: { pipeline: 64 }").replace("accelerators: 8", "accelerators: 64"),
      "8:28",
      "serving.parallelism.pipeline",
      "64",
      "at most 32",
      "32"
    ],
    [
      "GPUs that do not multiply out",
      chat.replace("accelerators: 8", "accelerators: 7"),
      "8:16",
      "serving.parallelism",
      "2",
      "sizes whose product divides 7",
      "1"
    ],
    [
      "replicas that are too many",
      server("replicas: 9"),
      "8:13",
      "serving.replicas",
      "9",
      "8, or cluster.accelerators: 9",
      "8"
    ],
    [
      "experts of a dense model",
      server("parallelism: { tensor: 2, expert: 2 }"),
      "8:37",
      "serving.parallelism.expert",
      "2",
      "1 for a dense model",
      "1"
    ],
    [
      "an unknown precision",
      server("precision: int5"),
      "8:14",
      "serving.precision",
      '"int5"',
      "one of bf16, fp16",
      "int8"
    ],
    [
      "a precision without hardware",
      chat
        .replace("system: dgx-h100", "accelerator: v100-sxm2-32gb")
        .replace("parallelism: { tensor: 2 }", "precision: int8-smoothquant"),
      "8:14",
      "serving.precision",
      '"int8-smoothquant"',
      "one of bf16, fp16",
      ""
    ],
    [
      "a KV precision",
      server("kvCache: { precision: fp4 }"),
      "8:25",
      "serving.kvCache.precision",
      '"fp4"',
      "one of bf16, fp16, fp8, int8",
      "fp8"
    ],
    [
      "a policy",
      server("batching: { policy: orka }"),
      "8:23",
      "serving.batching.policy",
      '"orka"',
      "one of none, static, dynamic",
      "orca"
    ],
    [
      "too few tokens for the sequences",
      server("batching: { maxBatchSize: 100, maxBatchTokens: 50 }"),
      "8:50",
      "serving.batching.maxBatchTokens",
      "50",
      "at least 100",
      "100"
    ],
    [
      "prompts that wait for more than a step holds",
      server("batching: { policy: in-flight, promptWait: { steps: 20, tokens: 1.5 } }"),
      "8:67",
      "serving.batching.promptWait.tokens",
      "1.5",
      "a share from 0 to 1",
      ""
    ],
    [
      "more memory than there is",
      server("kvCache: { memoryUtilisation: 1.2 }"),
      "8:33",
      "serving.kvCache.memoryUtilisation",
      "1.2",
      "a share from 0.01",
      ""
    ],
    [
      "sequences longer than the model",
      server("maxSequence: 200000"),
      "8:16",
      "serving.maxSequence",
      "200000",
      "at most 131072",
      "131072"
    ],
    [
      "offload of more than all",
      server("offload: { share: 2 }"),
      "8:21",
      "serving.offload.share",
      "2",
      "a share from 0 to 1",
      ""
    ],
    [
      "an inline stack of nothing",
      chat.replace("stack: vllm-v1", "stack: { title: mine }"),
      "7:3",
      "serving.stack.extends",
      "nothing",
      "a name from `windtunnel catalog serving-stacks`",
      ""
    ],
    [
      "a constant that stops the work",
      chat.replace("stack: vllm-v1", "stack: { extends: vllm-v1, constants: { kernelFactor: 0 } }"),
      "7:57",
      "serving.stack.constants.kernelFactor",
      "0",
      "a number from 0.001",
      ""
    ],
    ["no arrivals", arrivals("{}"), "10:13", "workload.arrivals", "{}", "a map with exactly one of poisson, gamma", ""],
    [
      "two kinds of arrivals",
      arrivals("{ poisson: { rate: 1 }, batch: {} }"),
      "10:13",
      "workload.arrivals",
      '{"poisson":{"rate":1},"batch":{}}',
      "a map with exactly one of poisson, gamma",
      ""
    ],
    [
      "arrivals misspelt",
      arrivals("{ poison: { rate: 1 } }"),
      "10:15",
      "workload.arrivals.poison",
      '"poison"',
      "one of poisson, gamma",
      "poisson"
    ],
    [
      "a rate of nothing",
      arrivals("{ gamma: { rate: 0, variation: 1 } }"),
      "10:30",
      "workload.arrivals.gamma.rate",
      "0",
      "a number from",
      ""
    ],
    [
      "a missing coefficient",
      arrivals("{ gamma: { rate: 1 } }"),
      "10:15",
      "workload.arrivals.gamma.variation",
      "nothing",
      "a number from 0.0100 to 100",
      ""
    ],
    [
      "a ramp down to nothing",
      arrivals("{ poisson: { rate: { ramp: { from: 5, to: 0, over: 60 s } } } }"),
      "10:55",
      "workload.arrivals.poisson.rate.ramp.to",
      "0",
      "at least 0.000001",
      ""
    ],
    [
      "steps out of order",
      arrivals("{ poisson: { rate: { steps: [[0, 1], [60, 2], [30, 3]] } } }"),
      "10:59",
      "workload.arrivals.poisson.rate.steps.2",
      "[30,3]",
      "[time, rate] pairs in order of time",
      ""
    ],
    [
      "bursts that never end",
      arrivals("{ poisson: { rate: { bursts: { rate: 1, burstRate: 5, lasting: 60, every: 30 } } } }"),
      "10:76",
      "workload.arrivals.poisson.rate.bursts.lasting",
      "60",
      "at most 30 s",
      ""
    ],
    [
      "a trace that is not there",
      arrivals("{ trace: { file: azure.csv } }").replace(/ {2}prompt: .*\n {2}output: .*\n/, ""),
      "10:30",
      "workload.arrivals.trace.file",
      '"work/azure.csv"',
      "the path of a recorded workload",
      ""
    ],
    ["no prompt", chat.replace("  prompt: 512\n", ""), "9:1", "workload.prompt", "nothing", "tokens such as 512", ""],
    [
      "a uniform the wrong way round",
      output("{ uniform: [9, 3] }"),
      "12:22",
      "workload.output.uniform",
      "[9,3]",
      "the smallest value first",
      ""
    ],
    [
      "an unknown distribution",
      prompt("{ normal: { mean: 5 } }"),
      "11:13",
      "workload.prompt.normal",
      '"normal"',
      "one of constant, uniform",
      ""
    ],
    [
      "a histogram out of order",
      prompt("{ histogram: { min: 0, edges: [5, 3], weights: [1, 1] } }"),
      "11:41",
      "workload.prompt.histogram.edges",
      "[5,3]",
      "upper edges, ascending",
      ""
    ],
    [
      "weights that do not match",
      prompt("{ histogram: { min: 0, edges: [5, 9], weights: [1] } }"),
      "11:58",
      "workload.prompt.histogram.weights",
      "[1]",
      "2 weights, one a bin",
      ""
    ],
    [
      "an unknown published workload",
      prompt("{ published: azure-2023 }"),
      "11:24",
      "workload.prompt.published",
      '"azure-2023"',
      "one of azure-conv-2023",
      "azure-conv-2023"
    ],
    [
      "tokens with a unit of time",
      prompt("5 s"),
      "11:11",
      "workload.prompt",
      '"5 s"',
      "a number from 0 such as 512",
      ""
    ],
    [
      "a warm-up that leaves nothing",
      `${chat}  duration: 60 s\n  warmUp: 2 min\n`,
      "14:11",
      "workload.warmUp",
      "120",
      "less than the duration",
      ""
    ],
    [
      "more requests than anyone can hold",
      arrivals("{ poisson: { rate: 1000 } }").concat("  duration: 30 days\n"),
      "13:13",
      "workload.duration",
      "2592000",
      "a shorter duration",
      ""
    ]
  ]

  test.for(rows)("%s", (row) => {
    const issue = refused(row[1])
    expectRefusal(issue, row)
    expect(formatIssue(issue)).toMatch(/^work\/mine\.yaml:\d+:\d+\n {2}/)
  })
})

describe("a scenario is about training or about serving", () => {
  test.each([
    ["both", `${chat}training: { globalBatch: 8 }\n`, "serving", "either training, or serving with a workload"],
    ["neither", "cluster: {}\nmodel: bloom-7b1\n", "training", "either training, or serving with a workload"],
    ["a server without work", chat.replace(/workload:[^]*/, ""), "workload", "the requests"],
    ["work without a server", chat.replace(/serving:[^]*workload/, "workload"), "serving", "the server"],
    ["symmetry is of training", `${chat}symmetry: off\n`, "symmetry", "nothing: this is serving"],
    [
      "a time limit is of serving",
      "cluster: {}\nmodel: bloom-7b1\ntraining: { globalBatch: 8 }\ntimeLimit: 1 h\n",
      "timeLimit",
      "nothing: this is training"
    ],
    [
      "an iteration is measured of training",
      `${chat}measured: { iterationSeconds: 5 }\n`,
      "measured.iterationSeconds",
      "one of ttft"
    ]
  ])("%s", (_name, text, path, expected) => {
    const issue = refused(text)
    expect(issue.path).toBe(path)
    expect(issue.expected).toContain(expected)
    expect(issue.place).toBeDefined()
  })
})

describe("classes", () => {
  const classes = (text: string): string => chat.replace(/ {2}prompt: .*\n {2}output: .*\n/, `  classes: ${text}\n`)

  test("each need a prompt and an output", () => {
    expect(refused(classes("[{ name: a, prompt: 5 }]")).path).toBe("workload.classes.0.output")
  })

  test("have names of their own", () => {
    const issue = refused(classes("[{ name: a, prompt: 5, output: 5 }, { name: a, prompt: 5, output: 5 }]"))
    expect([issue.path, issue.problem]).toEqual(["workload.classes.1.name", 'there is another class "a"'])
  })

  test("stand in place of prompt and output", () => {
    const issue = refused(
      `${chat}  classes: [{ name: a, prompt: 5, output: 5 }]\n`.replace("  output: { uniform: [16, 256] }\n", "")
    )
    expect([issue.path, issue.problem]).toEqual(["workload.prompt", "classes are given as well"])
  })
})

describe("a trace", () => {
  const traced = chat
    .replace("{ poisson: { rate: 10 } }", "{ trace: { file: a.csv } }")
    .replace(/ {2}prompt: .*\n {2}output: .*\n/, "")
  const rows = (...lines: readonly string[]) => ({
    "work/a.csv": ["TIMESTAMP,ContextTokens,GeneratedTokens", ...lines].join("\n")
  })
  const good = "2023-11-16 18:17:03.9799600,4808,10"

  test.each([
    ["a negative length", rows(good, "2023-11-16 18:17:04.0,-5,10"), "work/a.csv:3"],
    ["a missing column", { "work/a.csv": "TIMESTAMP,ContextTokens\n2023-11-16 18:17:03.9,5\n" }, "work/a.csv:1"],
    ["time that runs backwards", rows(good, "2023-11-16 18:17:01.0,5,10"), "work/a.csv:3"],
    ["NaN", rows(good, "2023-11-16 18:17:05.0,NaN,10"), "work/a.csv:3"],
    ["an empty file", { "work/a.csv": "" }, "work/a.csv"],
    ["gzip", { "work/a.csv": "\u001f\ufffd\b\u0000abc" }, "work/a.csv:1"]
  ])("with %s is refused with its line", (_name, others, where) => {
    const issue = refused(traced, others)
    expect(issue.path).toBe("workload.arrivals.trace.file")
    expect(issue.problem).toContain(where)
    expect(formatIssue(issue)).toMatch(/^work\/mine\.yaml:10:30\n/)
  })

  test("brings its own lengths", () => {
    const issue = refused(`${traced}  prompt: 5\n`, rows(good))
    expect([issue.path, issue.problem]).toEqual(["workload.prompt", "the trace has it"])
  })
})
