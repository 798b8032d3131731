/** How fast a server is simulated: Llama 3 70B on one DGX H100 at about 75 % of what it can carry. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { loadScenario, type ReadText, resolveServing } from "../../src/scenario/index.ts"
import { type ServingJob, simulateServing } from "../../src/serving/index.ts"

// At 15.8 requests/s the queue grows without bound.
const scenario = (requests: number): string => `
name: Llama 3 70B, tensor parallel over eight H100
cluster: { system: dgx-h100, nodes: 1 }
model: llama-3-70b
serving: { stack: vllm-v1, parallelism: { tensor: 8 } }
workload:
  arrivals: { poisson: { rate: 12 } }
  prompt: { constant: 1024 }
  output: { constant: 256 }
  requests: ${requests}
`

const jobOf = (requests: number, changes: Partial<ServingJob> = {}): ServingJob => {
  const readText: ReadText = () => ({ text: scenario(requests) })
  const loaded = loadScenario({ file: "bench.yaml", readText })
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded, { readText })
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  return { ...resolved.job, ...changes }
}

/** A few rounds, of which the fastest counts: what else the machine does is not ours. */
const rounds = { time: 1, iterations: 3, warmupTime: 0, warmupIterations: 1 }

test("100,000 requests: less than 1 s", async ({ bench }) => {
  const job = jobOf(100_000)
  const { latency } = await bench("100,000 requests", () => void simulateServing(job)).run(rounds)
  console.log(`${Math.round(100_000_000 / latency.min).toLocaleString("en")} requests/s`)
  expect(latency.min).toBeLessThan(1000)
})

test("twice the requests take twice the time", async ({ bench }) => {
  const [once, twice] = [jobOf(50_000), jobOf(100_000)]
  const half = await bench("50,000 requests", () => void simulateServing(once)).run(rounds)
  const whole = await bench("100,000 requests", () => void simulateServing(twice)).run(rounds)
  expect(whole.latency.min / half.latency.min).toBeLessThan(2.6)
})

test("10,000 requests with their full timeline: less than 2 s more", async ({ bench }) => {
  const [silent, traced] = [jobOf(10_000), jobOf(10_000, { trace: "full" })]
  const off = await bench("no timeline", () => void simulateServing(silent)).run(rounds)
  const full = await bench("full timeline", () => void simulateServing(traced)).run(rounds)
  expect(full.latency.min - off.latency.min).toBeLessThan(2000)
})

interface Measured {
  readonly count: number
  readonly seconds: number
  readonly bytes: number
}

/** Simulates a scenario in a process of its own. */
const alone = (text: string): Measured => {
  const root = fileURLToPath(new URL("../../", import.meta.url))
  const program = `
    import { loadScenario, resolveServing } from "${root}src/scenario/index.ts"
    import { simulateServing } from "${root}src/serving/index.ts"
    const readText = () => ({ text: ${JSON.stringify(text)} })
    const { job } = resolveServing(loadScenario({ file: "bench.yaml", readText }), { readText })
    const start = performance.now()
    const log = simulateServing(job)
    const seconds = (performance.now() - start) / 1000
    console.log(JSON.stringify({ count: log.requests.count, seconds, bytes: 1024 * process.resourceUsage().maxRSS }))
  `
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module-typescript", "--eval", program], {
    encoding: "utf8"
  })
  if (stdout === "") throw new Error(stderr)
  const measured = JSON.parse(stdout) as Measured
  const { count, seconds, bytes } = measured
  console.log(`${count.toLocaleString("en")} requests: ${seconds.toFixed(2)} s, ${(bytes / 1e6).toFixed(0)} MB`)
  return measured
}

test("1,000,000 requests: less than 10 s and 1 GB, in a process of its own", () => {
  const { count, seconds, bytes } = alone(scenario(1e6))
  expect(count).toBe(1e6)
  expect(seconds).toBeLessThan(10)
  expect(bytes).toBeLessThan(1e9)
})

/** So many of the replicas above, at the same load, behind a router that looks for the least outstanding requests. */
const replicated = (replicas: number, requests: number): string =>
  scenario(requests)
    .replace("nodes: 1", `nodes: ${replicas}`)
    .replace("tensor: 8 }", "tensor: 8 }, router: least-requests")
    .replace("rate: 12", `rate: ${12 * replicas}`)

test("100 replicas, 1,000,000 requests: less than 20 s and 2 GB", () => {
  const { count, seconds, bytes } = alone(replicated(100, 1e6))
  expect(count).toBe(1e6)
  expect(seconds).toBeLessThan(20)
  expect(bytes).toBeLessThan(2e9)
})

test("1,000 replicas, 5,000,000 requests: less than 150 s", () => {
  const { count, seconds } = alone(replicated(1000, 5e6))
  expect(count).toBe(5e6)
  expect(seconds).toBeLessThan(150)
}, 300_000)

test("1,000,000 requests handed over from 50 prefill to 50 decode replicas: less than 60 s and 2 GB", () => {
  const pools = `pools: [{ name: p, role: prefill, replicas: 50 }, { name: d, role: decode }]`
  const { count, seconds, bytes } = alone(replicated(100, 1e6).replace("router: least-requests", `router: least-requests, ${pools}`)) // prettier-ignore
  expect(count).toBe(1e6)
  expect(seconds).toBeLessThan(60)
  expect(bytes).toBeLessThan(2e9)
})
