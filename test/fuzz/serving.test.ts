import { describe, expect, test } from "vitest"
import { servingSummary } from "../../src/cli/serving-summary.ts"
import { randomStream } from "../../src/random/index.ts"
import {
  fitsOneRequest,
  formatIssue,
  policyIssue,
  resolveServing,
  servingChangesThatFit,
  type LoadedScenario,
  type Refused,
  type ScenarioIssue
} from "../../src/scenario/index.ts"
import {
  conservationFindings,
  simulateServing,
  summariseServing,
  type ServingJob,
  type ServingResult
} from "../../src/serving/index.ts"
import { readText } from "./families.ts"
import { servingFamilies } from "./serving-families.ts"

const controlCharacters = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/

const checkIssue = (issue: ScenarioIssue): void => {
  expect(issue.problem).not.toBe("")
  expect(issue.given).not.toBe("")
  expect(issue.expected).not.toBe("")
  expect(formatIssue(issue)).not.toMatch(controlCharacters)
  expect(formatIssue(issue).length).toBeLessThan(2500)
}

/** Paths of the numbers in a value that are infinite, or NaN where `mayBeNaN` does not allow it. */
const unsound = (value: unknown, mayBeNaN: boolean, path = ""): readonly string[] => {
  if (typeof value === "number") return Number.isFinite(value) || (mayBeNaN && Number.isNaN(value)) ? [] : [path]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => unsound(inner, mayBeNaN, `${path}.${key}`))
}

const mostRequests = 100

/** The job with so little work that it ends soon. */
const shortened = (job: ServingJob): ServingJob => ({
  ...job,
  workload: { ...job.workload, requests: Math.min(job.workload.requests, mostRequests) }
})

const unmarked = { good: (text: string) => text, bad: (text: string) => text, faint: (text: string) => text }

const checkResult = (result: ServingResult): void => {
  const {
    latency,
    throughput,
    interTokenLatency,
    classes,
    verdict,
    breakdown,
    energy,
    cost,
    overTime,
    distributions,
    sessions,
    ...rest
  } = result
  expect(unsound(rest, false)).toEqual([])
  // What no request is in has no latency: windows of time, classes, answers of one token.
  const sparse = {
    latency,
    throughput,
    interTokenLatency,
    classes,
    verdict,
    breakdown,
    overTime,
    distributions,
    sessions
  }
  expect(unsound(sparse, true)).toEqual([])
  // Where nothing came out, a token of it is infinitely dear.
  if (throughput.outputTokensPerSecond > 0 && result.requests.countedFinished > 0)
    expect(unsound({ energy, cost, throughput }, false)).toEqual([])
  if (result.requests.countedFinished > 0) {
    expect(unsound([latency.ttft, latency.e2e, latency.queueing], false)).toEqual([])
    expect(latency.e2e.least).toBeGreaterThan(0)
  }
}

type Outcome = "refused" | "does not fit" | "simulated" | "stopped"

/** Takes a server all the way, and checks what comes out. */
const takeThrough = (loaded: LoadedScenario | Refused): Outcome => {
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded, { readText })
  if (resolved._tag === "Refused" || loaded._tag === "Refused") {
    const { issues } = resolved._tag === "Refused" ? resolved : { issues: [] }
    expect(issues.length).toBeGreaterThan(0)
    for (const issue of issues) checkIssue(issue)
    return "refused"
  }
  if (!fitsOneRequest(resolved.job)) {
    for (const { job } of servingChangesThatFit(resolved)) expect(fitsOneRequest(job)).toBe(true)
    return "does not fit"
  }
  const job = shortened(resolved.job)
  let looks = 0
  try {
    // A quarter of a million events; what is not done then is no longer the reading's fault.
    const log = simulateServing(job, { stop: () => ++looks > 60 })
    expect(conservationFindings(job, log)).toEqual([])
    const result = summariseServing(job, log)
    checkResult(result)
    expect(servingSummary({ resolved: { ...resolved, job }, result }, unmarked, [])).not.toMatch(
      /undefined|\[object|NaN|Infinity/
    )
  } catch (error) {
    const issue = typeof job.batching.policy === "function" ? policyIssue(error, loaded) : undefined
    if (issue === undefined) throw error
    checkIssue(issue)
    return "refused"
  }
  return looks > 60 ? "stopped" : "simulated"
}

const perFamily = 150

/** So many of a family come through to a result, that it is not the reading alone which is tried. */
const leastSimulated: Readonly<Record<string, number>> = {
  "drawn by lot": 60,
  "policies of users": 5,
  "junk in place of a server": 0,
  "junk in place of a workload": 0
}

describe.each(Object.entries(servingFamilies))("fuzzed servers: %s", (family, generate) => {
  const chance = randomStream(2022, `serving ${family}`)
  const counts: Record<Outcome, number> = { refused: 0, "does not fit": 0, simulated: 0, stopped: 0 }

  test(`${perFamily} of them end in finite numbers or in a refusal, none hangs`, () => {
    for (let index = 0; index < perFamily; index++) {
      const start = performance.now()
      const loaded = generate(chance)
      try {
        counts[takeThrough(loaded)]++
      } catch (error) {
        const scenario = loaded._tag === "Refused" ? loaded.issues : loaded.scenario
        throw new Error(`${family}, number ${index}: ${JSON.stringify(scenario)}`, { cause: error })
      }
      expect(performance.now() - start, `${family}, number ${index}`).toBeLessThan(20_000)
    }
    expect(counts.refused + counts["does not fit"] + counts.simulated + counts.stopped).toBe(perFamily)
    expect(counts.simulated).toBeGreaterThanOrEqual(leastSimulated[family] ?? 1)
    // Each has its own bound above; all of them together may take long on a machine that does something else as well.
  }, 300_000)
})
