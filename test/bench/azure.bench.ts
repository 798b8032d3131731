/** Splitwise's question on Azure's hours: ten H100 servers together, and in every division into prompts and answers. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { loadScenario, resolveServing } from "../../src/scenario/index.ts"
import { type ServingJob, simulateServing, summariseServing } from "../../src/serving/index.ts"

const root = fileURLToPath(new URL("../../scenarios/azure/", import.meta.url))

const jobOf = (name: string, set: readonly string[] = []): ServingJob => {
  const readText = (path: string) => ({ text: readFileSync(path.startsWith("/") ? path : `${root}${path}`, "utf8") })
  const loaded = loadScenario({ file: `${root}${name}.yaml`, readText, set })
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded, { readText })
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  return resolved.job
}

const divisions = (name: string): readonly ServingJob[] => [
  jobOf(name),
  ...Array.from({ length: 9 }, (_, index) =>
    jobOf(`${name}-split`, [`serving.pools.0.replicas=${index + 1}`, `serving.pools.1.replicas=${9 - index}`])
  )
]

test.for(["conversation", "code"])("%s: ten divisions, one after the other, less than 5 s", async (name, { bench }) => {
  const jobs = divisions(name)
  const all = (): void => {
    for (const job of jobs) summariseServing(job, simulateServing(job))
  }
  const { latency } = await bench(name, all).run({ time: 1, iterations: 3, warmupTime: 0, warmupIterations: 0 })
  console.log(`${(latency.min / 1000).toFixed(2)} s`)
  expect(latency.min).toBeLessThan(5000)
})
