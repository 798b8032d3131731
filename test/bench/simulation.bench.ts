/** Seconds and memory that a user waits for: the figures of the largest scenarios, and of a whole command. */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { loadScenario, resolveTraining, type ReadText } from "../../src/scenario/index.ts"
import { isImpossible, simulateTraining, type TrainingJob, type TrainingResult } from "../../src/training/index.ts"
import { runValidation, shippedMeasurements, simulateScenario } from "../../src/validation/index.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

const readText: ReadText = (path) => ({ text: readFileSync(path, "utf8") })

const jobOf = (file: string, changes: Partial<TrainingJob> = {}): TrainingJob => {
  const loaded = loadScenario({ file: `${root}scenarios/${file}`, readText })
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded, { readText })
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  return { ...resolved.job, ...changes }
}

const simulate = (job: TrainingJob): TrainingResult => {
  const result = simulateTraining(job)
  if (isImpossible(result)) throw new Error(JSON.stringify(result))
  return result
}

/** A few rounds, of which the slowest counts. */
const rounds = { time: 1, iterations: 3, warmupTime: 0, warmupIterations: 0 }

test("BLOOM's iteration with its layer-level trace: less than 0.5 s", async ({ bench }) => {
  const job = jobOf("bloom-176b.yaml", { trace: "full" })
  const { latency } = await bench("BLOOM, traced", () => void simulate(job)).run(rounds)
  expect(latency.max).toBeLessThan(500)
})

test("BLOOM with each of its 384 ranks: less than 15 s", async ({ bench }) => {
  const job = jobOf("bloom-176b.yaml", { symmetry: "off" })
  const { latency } = await bench("BLOOM, symmetry off", () => void simulate(job)).run(rounds)
  expect(latency.max).toBeLessThan(15_000)
})

test("Llama 3.1 405B on 16,384 GPUs: less than 2 s", async ({ bench }) => {
  const job = jobOf("llama-3-405b-16384-h100.yaml")
  const { latency } = await bench("Llama 3.1 405B", () => void simulate(job)).run(rounds)
  expect(latency.max).toBeLessThan(2000)
})

test.for(["1f1b", "interleaved-1f1b", "zb-h1", "zb-v", "dualpipe"])(
  "32,768 micro-batches of %s on 16 stages, folded: less than 1 s",
  async (schedule, { bench }) => {
    const bloom = jobOf("bloom-176b.yaml")
    const chunks = schedule === "interleaved-1f1b" ? 2 : 1
    const job: TrainingJob = {
      ...bloom,
      model: { ...bloom.model, layers: 64 },
      layout: { ...bloom.layout, pipeline: 16, data: 6 },
      schedule,
      virtualPipeline: chunks,
      globalBatch: 32_768 * 6 * bloom.microBatch
    }
    const { latency } = await bench(`32,768 micro-batches of ${schedule}`, () => void simulate(job)).run(rounds)
    expect(latency.max).toBeLessThan(1000)
  }
)

test("every training point of the shipped measurements: less than 60 s", async ({ bench }) => {
  const measurements = await shippedMeasurements()
  const { latency } = await bench("validate", () => void runValidation(measurements, simulateScenario)).run({
    ...rounds,
    iterations: 1
  })
  expect(latency.max).toBeLessThan(60_000)
})

/** Runs the command and answers with its greatest resident memory, in bytes, as Node itself measures it. */
const command = (...args: readonly string[]): number => {
  const report = "process.on('exit', () => console.error('\\npeak ' + process.resourceUsage().maxRSS))"
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(report)}`, `${root}bin/windtunnel.mjs`, ...args],
    { encoding: "utf8", cwd: root }
  )
  if (status !== 0) throw new Error(stderr)
  return 1024 * Number(/peak (\d+)/.exec(stderr)?.[1])
}

test("`windtunnel run` on BLOOM, start-up included: less than 1.5 s", async ({ bench }) => {
  const { latency } = await bench("run BLOOM", () => void command("run", "scenarios/bloom-176b.yaml")).run(rounds)
  expect(latency.mean).toBeLessThan(1500)
})

test("`windtunnel run` on Llama 3.1 405B: less than 1 GB", () => {
  const bytes = command("run", "scenarios/llama-3-405b-16384-h100.yaml")
  console.log(`Llama 3.1 405B on 16,384 GPUs: ${(bytes / 1e6).toFixed(0)} MB`)
  expect(bytes).toBeLessThan(1e9)
})
