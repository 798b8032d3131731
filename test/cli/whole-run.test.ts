import { expect, test } from "vitest"
import { inFolder, small, windtunnel, write } from "./command-line.ts"

const lossy = `${small}  run:
    tokens: 100B
    failures: { gpu: { mtbf: 1000 h }, software: { mtbf: 100 h } }
    detection: 2 min
    restart: 10 min
    checkpoint: { interval: 1 h, save: 30 s }
    stops: [{ every: 5 days, lasting: 2 h }]
    runs: 20
price: { perAcceleratorHour: 2, gramsPerKilowattHour: 57 }
measured: { run: { duration: 10 days, goodput: 95%, interruptions: 12, acceleratorHours: 2000 } }
`

const runIt = (...more: readonly string[]) =>
  inFolder((folder) => windtunnel("run", write(folder, "lossy.yaml", lossy), ...more))

test("the summary has a block about the whole run, 80 columns wide", async () => {
  const { status, stdout } = await runIt()
  expect(status).toBe(0)
  expect(stdout).toMatch(/^the whole run: 100B tokens in [\d,.M]+ steps, mean of 20 simulated runs$/m)
  for (const label of ["time", "goodput", "GPU-hours", "energy", "cost", "interrupted", "checkpoints"])
    expect(stdout).toMatch(new RegExp(`^  ${label} `, "m"))
  expect(stdout).toMatch(/measured 10 days \(/)
  expect(stdout).toMatch(/measured 95 % \(/)
  expect(stdout).toMatch(/best every .* \(Daly .*, a failure every .*\)/)
  expect(stdout).toContain("where the calendar goes")
  expect(stdout).toMatch(/^ {2}training +.* %  ?#+$/m)
  const beforeNext = stdout.replace(/^next[^]*/m, "")
  expect(Math.max(...beforeNext.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
  // It takes the place of the line that knows nothing of failures.
  expect(stdout).not.toMatch(/^ {2}100B tokens/m)
})

test("the document has it too, with parts that add up", async () => {
  const { wholeRun, scenario } = JSON.parse((await runIt("--json")).stdout)
  expect(wholeRun.runs).toBe(20)
  const parts: readonly number[] = Object.values(wholeRun.breakdown)
  const total = parts.reduce((sum, part) => sum + part, 0)
  expect(Math.abs(total / wholeRun.seconds.mean - 1)).toBeLessThan(1e-9)
  expect(scenario.training.run.tokens).toBe(100e9)
  expect(scenario.training.run.checkpoint).toEqual({ interval: 3600, save: 30 })
})

test("the same seed prints the same bytes, another one others", async () => {
  const [one, again, other] = [await runIt("--json"), await runIt("--json"), await runIt("--json", "--seed", "2")]
  expect(again.stdout).toBe(one.stdout)
  expect(JSON.parse(other.stdout).wholeRun.seconds.mean).not.toBe(JSON.parse(one.stdout).wholeRun.seconds.mean)
})

test("training.tokens alone stays a line of the summary", async () => {
  const { stdout } = await inFolder((folder) =>
    windtunnel("run", write(folder, "small.yaml", small), "--set", "training.tokens=1B")
  )
  expect(stdout).toMatch(/^ {2}1B tokens /m)
  expect(stdout).not.toContain("the whole run")
})

test("what cannot be is refused with its place", async () => {
  const { status, stderr } = await runIt("--set", "training.run.failures.gpu.rate=1")
  expect(status).toBe(2)
  expect(stderr).toContain("training.run.failures.gpu: mtbf and rate say the same twice")
})
