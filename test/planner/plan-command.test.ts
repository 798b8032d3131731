/** `windtunnel plan`: what it prints, writes and refuses. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { inFolder, windtunnel, write } from "../cli/command-line.ts"

const scenario = `name: Two nodes
cluster: { system: dgx-h100, nodes: 2 }
model: llama-3-8b
training: { globalBatch: 64, sequenceLength: 8192, tokens: 100B }
price: { perAcceleratorHour: 2 }
plan:
  space: { tensor: [2, 4], pipeline: [1, 2], microBatch: [1, 2], recompute: none }
`

const planned = async (...args: readonly string[]) =>
  inFolder(async (folder) => {
    const file = write(folder, "two.yaml", scenario)
    const ended = await windtunnel("plan", file, ...args)
    return { ...ended, stderr: ended.stderr.replaceAll(`${folder}/`, "") }
  })

describe("windtunnel plan", () => {
  test("answers, says what each layout loses by, and how it was found", async () => {
    const { status, stdout, stderr } = await planned("--top", "3")
    expect(stderr).toBe("")
    expect(status).toBe(0)
    // Per tensor size: one stage of 4 x ZeRO x 2 micro-batches, and two of 4 chunks x 2 x 2.
    const [answer = "", launch = ""] = stdout.split("\n\nMegatron-LM")
    const lines = answer.split("\n")
    expect(lines.slice(0, 2)).toEqual(["Two nodes", "least time of an iteration, of 48 layouts"])
    // A command is as long as what was given.
    const prose = lines.filter((line) => !line.startsWith("next"))
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines.filter((line) => /^ {2}[123] /.test(line))).toHaveLength(3)
    expect(lines.filter((line) => /; loses by|^ {4}.*loses nothing/.test(line))).toHaveLength(2)
    // Under each but the first, how sure that is; and once more of the second, with what it rests on.
    const words = answer.replaceAll(/\s+/g, " ")
    expect(words.match(/the first is better in \d+ of 100 such cases/g)).toHaveLength(3)
    expect(words).toMatch(
      /sure the second loses by [\d.]+ %; pairs that differ like these two were predicted within ±[\d.]+ % of each other in 80 % of \d+ measured pairs of \d+ sources/
    )
    expect(answer).toMatch(/search {2}48 layouts: /)
    expect(answer).toContain("Exact: no bound is above what the simulation")
    expect(launch).toContain("pretrain_gpt.py")
  })

  test("--json gives the counts, the layouts and the scenario of the best", async () => {
    const { status, stdout } = await planned("--json", "--objective", "cost", "--constraint", "headroom=10%")
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({
      kind: "plan",
      guarantee: "exact",
      request: { objective: "cost", constraints: { memoryHeadroom: 0.1 }, space: { tensor: [2, 4] }, top: 5 }
    })
    const [best] = document.layouts
    expect(document.scenario.training.parallelism).toMatchObject({
      tensor: best.changes["training.parallelism.tensor"],
      data: best.changes["training.parallelism.data"]
    })
    expect(best.value).toBe(best.costPerMillionTokens)
    expect(best.peakBytes).toBeLessThanOrEqual(72e9)
  })

  test("--out keeps a scenario that runs to the same seconds", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "two.yaml", scenario)
      const out = join(folder, "out")
      const { status, stdout, stderr } = await windtunnel("plan", file, "--out", out, "--space", "nodes=1,2")
      expect(status).toBe(0)
      expect(stderr).toMatch(/^wrote .*plan.json.*scenario.json.*launch.sh/)
      expect(stdout).toMatch(/^ {2}GPUs {3}iteration .*\n {4} 8 .*\n/m)
      const plan = JSON.parse(readFileSync(join(out, "plan.json"), "utf8"))
      const again = await windtunnel("run", join(out, "scenario.json"), "--json")
      expect(JSON.parse(again.stdout).result.iterationSeconds).toBe(plan.layouts[0].iterationSeconds)
      const report = readFileSync(join(out, "report.md"), "utf8")
      expect(report).toContain("**Of 88 layouts, ")
      expect(report).toContain("## What more machines buy")
      expect(report).toMatch(/^\| throughput \| [\d,]+ tokens\/s \|/m)
      expect(readFileSync(join(out, "report.html"), "utf8")).toContain("<svg")
      expect(plan.written).toMatchObject({ accelerators: 16, fits: false })
      expect(plan.front.map(({ accelerators }: { accelerators: number }) => accelerators)).toEqual([8, 16])
      expect(report).toContain("## Whether the first is the best, and what would settle it")
      expect(plan.sure.comparisons).toHaveLength(plan.layouts.length - 1)
      for (const { chance } of plan.sure.comparisons) expect(chance).toBeGreaterThanOrEqual(0.5)
    })
  })

  test("--out keeps the two runs that would settle it, each with its launch command", async () => {
    await inFolder(async (folder) => {
      const file = write(folder, "two.yaml", scenario)
      const out = join(folder, "out")
      const { stdout, stderr } = await windtunnel("plan", file, "--out", out, "--space", "tensor=2,8")
      expect(stderr).toMatch(/measure-1.json.*measure-1.sh.*measure-2.json.*measure-2.sh/)
      const { settle } = JSON.parse(readFileSync(join(out, "plan.json"), "utf8")).sure
      const seconds: number[] = []
      for (const index of [1, 2]) {
        const again = await windtunnel("run", join(out, `measure-${index}.json`), "--json")
        const { result, scenario: ran } = JSON.parse(again.stdout)
        seconds.push(result.iterationSeconds)
        expect(result.iterationSeconds).toBe(settle.runs[index - 1].iterationSeconds)
        const script = readFileSync(join(out, `measure-${index}.sh`), "utf8")
        expect(script).toContain(`--global-batch-size ${ran.training.globalBatch}`)
        expect(script).toContain(`--train-iters ${settle.warmUp + settle.counted}`)
      }
      const [one = 0, two = 0] = seconds
      expect(settle.predicted).toBe(two / one)
      expect(settle.betterAbove).toBeGreaterThan(settle.worseBelow)
      const words = stdout.replaceAll(/\s+/g, " ")
      expect(words).toContain(
        `ratio ${(two / one).toFixed(3)}: measured above ${settle.betterAbove.toFixed(3)} #1 is better`
      )
    })
  })

  test("goodput is of the whole run, with its failures", async () => {
    const run =
      "training.run={tokens: 100B, failures: {gpu: {mtbf: 2 years}}, checkpoint: {save: 40 s}, restart: 10 min, runs: 5}"
    const { status, stdout } = await planned("--objective", "goodput", "--set", run)
    expect(status).toBe(0)
    expect(stdout).toContain("most tokens a second of the whole run, of 48 layouts")
    expect(stdout).toMatch(/whole run {4}[\d.]+ \w+ · goodput \d\d(\.\d)? % · [\d,]+ tokens\/s/)
    const { layouts } = JSON.parse((await planned("--objective", "goodput", "--set", run, "--json")).stdout)
    expect(layouts[0].wholeRun.tokensPerSecond).toBeCloseTo(1 / layouts[0].value, 6)
    expect(layouts[0].wholeRun.seconds.mean).toBeGreaterThan(layouts[0].run.seconds)
  })

  test("constraints that nothing meets end with status 1 and the nearest that can be", async () => {
    const { status, stdout, stderr } = await planned("--constraint", "deadline=1 day", "--constraint", "headroom=5%")
    expect(status).toBe(1)
    expect(stdout).toBe("")
    expect(stderr).toMatch(/^Two nodes: none of \d+ layouts meets the plan\n {2}deadline {6}at most 24 h is asked for;/)
    expect(stderr).toMatch(/the least beside\s+all else is/)
    const json = await planned("--json", "--constraint", "deadline=1 day")
    expect(json.status).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ reason: "unmet", unmet: [{ limit: "deadline", ceiling: 86_400 }] })
  })

  test.each([
    [["--space", "tensor=3"], "Two nodes: the space is empty"],
    [["--space", "microBatch=5"], "Two nodes: none of 24 layouts can be laid out"],
    [["--space", "tensr=2"], "tensor"],
    [["--space", "tensor"], "expected size=values such as tensor=1,2,4"],
    [["--space", "tensor=0"], "plan.space.tensor"],
    [["--space", "schedule=1f1c"], 'there is no schedule "1f1c"'],
    [
      [
        "--space",
        "nodes=1..1000",
        "--space",
        "zeroStage=0,1,2,3",
        "--space",
        "tensor=1..8",
        "--space",
        "microBatch=1..64",
        "--space",
        "pipeline=1..32",
        "--space",
        "virtualPipeline=1..8"
      ],
      "more than 1000000 layouts"
    ],
    [["--objective", "speed"], "one of time, throughput, goodput, cost, gpus, days, energy"],
    [["--constraint", "latency=1"], "expected one of headroom, deadline, budget, power, accelerators"],
    [["--constraint", "hedroom=2"], "; did you mean headroom?"],
    [["--objective", "tme"], "; did you mean time?"],
    // What the user typed, not the field that it sets.
    [["--constraint", "headroom=2"], "--constraint headroom=2\n  plan.constraints.memoryHeadroom"],
    [["--constraint", "deadline=soon"], "plan.constraints.deadline"],
    [["--set", "training.tokens=null", "--objective", "days"], "needs a number of tokens"],
    [["--objective", "goodput"], "needs a whole run"],
    [["--space", "tensor=0"], "--space tensor=0\n"],
    [["--top", "0"], "--top 0\n  plan.top"]
  ])("%j is refused with status 2", async (args, message) => {
    const { status, stderr } = await planned(...args)
    expect(stderr).toContain(message)
    expect(status).toBe(2)
  })
})
