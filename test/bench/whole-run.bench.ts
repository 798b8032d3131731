/** 54 days on 16,384 GPUs a thousand times: they cost their interruptions, not their 640,000 steps. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { loadScenario, resolveTraining, type ReadText } from "../../src/scenario/index.ts"
import { isImpossible, simulateTraining, simulateWholeRun } from "../../src/training/index.ts"

const file = fileURLToPath(new URL("../../scenarios/whole-run/llama-3-405b-54-days.yaml", import.meta.url))

const readText: ReadText = (path) => ({ text: readFileSync(path, "utf8") })

test("the iteration, the best interval and a thousand runs: less than 10 s", async ({ bench }) => {
  const loaded = loadScenario({ file, readText })
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded, { readText })
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  const { job } = resolved
  const simulate = (): void => {
    const iteration = simulateTraining(job)
    if (isImpossible(iteration) || job.run?.settings === undefined) throw new Error("cannot run")
    const whole = simulateWholeRun(job, iteration, { ...job.run.settings, runs: 1000 })
    if ("_tag" in whole || whole.runs !== 1000 || whole.unfinished > 0) throw new Error("runs are missing")
  }
  const rounds = { time: 1, iterations: 3, warmupTime: 0, warmupIterations: 0 }
  const { latency } = await bench("Llama 3.1 405B, 54 days", simulate).run(rounds)
  expect(latency.max).toBeLessThan(10_000)
})
