/**
 * Ten H100 servers under one of Azure's hours, together and in every division into prompts and answers, one after the other.
 *
 *     node test/bench/azure-divisions.ts conversation|code ROUNDS
 *
 * prints the seconds of each round, without those of reading the scenarios, and how many divisions it was.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
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

const [name = "conversation", rounds = "1"] = process.argv.slice(2)
const jobs: readonly ServingJob[] = [
  jobOf(name),
  ...Array.from({ length: 9 }, (_, index) =>
    jobOf(`${name}-split`, [`serving.pools.0.replicas=${index + 1}`, `serving.pools.1.replicas=${9 - index}`])
  )
]
const seconds = Array.from({ length: Number(rounds) }, () => {
  const start = performance.now()
  for (const job of jobs) summariseServing(job, simulateServing(job))
  return (performance.now() - start) / 1000
})
console.log(JSON.stringify({ seconds, divisions: jobs.length }))
