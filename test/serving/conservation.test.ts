/** Nothing is lost: requests, tokens and blocks, over jobs drawn by lot; and Little's law. */
import { describe, expect, test } from "vitest"
import { requestStates, type ServingJob, type ServingLog, simulateServing } from "../../src/serving/index.ts"
import { drawnJob, policyNames } from "./drawn-jobs.ts"
import { gapMoments } from "./differences.ts"
import { listed, servingJob } from "./jobs.ts"

const seeds = Array.from({ length: 60 }, (_, index) => index + 1001)

const counts = ({ requests }: ServingLog): Readonly<Record<string, number>> => {
  const found: Record<string, number> = Object.fromEntries(requestStates.map((state) => [state, 0]))
  for (const state of requests.state) found[requestStates[state]!]!++
  return found
}

const check = (job: ServingJob, log: ServingLog): void => {
  const { requests } = log
  const { waiting, running } = counts(log)
  if (!log.isCut) {
    expect(waiting! + running!).toBe(0)
    for (const { totals } of log.replicas) expect(totals.heldBlocks).toBe(0)
  }
  let generated = 0
  let emittedFirst = 0
  for (let row = 0; row < requests.count; row++) {
    const target = Math.max(1, Math.min(requests.output[row]!, job.target.maximumSequence - requests.prompt[row]!))
    const state = requestStates[requests.state[row]!]
    if (state === "finished") {
      expect(requests.generated[row]).toBe(target)
      expect(requests.finished[row]).toBeGreaterThanOrEqual(requests.firstToken[row]!)
      expect(requests.firstToken[row]).toBeGreaterThan(requests.scheduled[row]!)
      expect(requests.scheduled[row]).toBeGreaterThanOrEqual(requests.arrival[row]!)
    } else expect(requests.generated[row]!).toBeLessThanOrEqual(target)
    generated += requests.generated[row]!
    if (requests.generated[row]! > 0) emittedFirst++
  }
  // Every token but a request's first has one gap.
  expect(gapMoments(log.gaps)[0]).toBe(generated - emittedFirst)
  for (const { totals } of log.replicas) {
    expect(totals.peakBlocks).toBeLessThanOrEqual(job.cache.blocks * job.target.layout.dataAttention)
    expect(totals.largestBatch).toBeLessThanOrEqual(job.batching.maximumSequences * job.target.layout.dataAttention)
    expect(totals.busySeconds).toBeLessThanOrEqual(log.seconds + 1e-9)
    expect(totals.stageSeconds).toBeLessThanOrEqual(log.seconds * job.steps.stages + 1e-9)
  }
}

describe("jobs drawn by lot", () => {
  test.each(policyNames)("%s", (policy) => {
    const total: Record<string, number> = {}
    for (const seed of seeds) {
      const job = drawnJob(policy, seed)
      const log = simulateServing(job)
      check(job, log)
      for (const [state, count] of Object.entries(counts(log))) total[state] = (total[state] ?? 0) + count
    }
    // The lots contain every end that a request can come to.
    for (const state of requestStates) expect(total[state], state).toBeGreaterThan(3)
  })
})

test("prompts and answers are computed once, and what was preempted again", () => {
  let recomputed = 0
  for (const seed of seeds) {
    const drawn = drawnJob("continuous-chunked", seed)
    const { workload, queue } = drawn
    const classes = workload.classes.map((each) => ({ ...each, patienceSeconds: null }))
    const job: ServingJob = { ...drawn, timeLimitSeconds: Infinity, workload: { ...workload, classes }, queue: { ...queue, timeoutSeconds: Infinity } } // prettier-ignore
    const { requests, replicas } = simulateServing(job)
    let prompts = 0
    let answers = 0
    for (let row = 0; row < requests.count; row++)
      if (requestStates[requests.state[row]!] === "finished") {
        prompts += requests.prompt[row]! - requests.cached[row]!
        answers += requests.generated[row]!
      }
    const sum = (pick: (totals: (typeof replicas)[number]["totals"]) => number): number =>
      replicas.reduce((total, { totals }) => total + pick(totals), 0)
    // An answer's last token is emitted and never computed.
    const finished = requests.state.filter((state) => requestStates[state] === "finished").length
    const computed = sum(({ prefillTokens }) => prefillTokens) + sum(({ decodeTokens }) => decodeTokens)
    expect(computed).toBe(prompts + answers - finished + sum(({ recomputedTokens }) => recomputedTokens))
    recomputed += sum(({ recomputedTokens }) => recomputedTokens)
  }
  expect(recomputed).toBeGreaterThan(5000)
})

test("Little's law holds exactly for those in the system", () => {
  for (const policy of policyNames)
    for (const seed of seeds.slice(0, 20)) {
      const drawn = drawnJob(policy, seed)
      const classes = drawn.workload.classes.map((each) => ({ ...each, patienceSeconds: null }))
      const job: ServingJob = {
        ...drawn,
        timeLimitSeconds: Infinity,
        steps: { ...drawn.steps, firstTokenSeconds: 0 },
        workload: { ...drawn.workload, classes },
        queue: { ...drawn.queue, timeoutSeconds: Infinity, limit: Infinity }
      }
      const { requests, replicas } = simulateServing(job)
      let stays = 0
      for (let row = 0; row < requests.count; row++)
        if (requestStates[requests.state[row]!] === "finished")
          stays += requests.finished[row]! - requests.arrival[row]!
      const integral = replicas.reduce((sum, { totals }) => sum + totals.runningIntegral + totals.waitingIntegral, 0)
      expect(integral / stays).toBeCloseTo(1, 9)
    }
})

test("the same job gives the same log to the bit", () => {
  for (const policy of policyNames) {
    const job = drawnJob(policy, 7)
    expect(simulateServing(job)).toEqual(simulateServing(job))
  }
})

test("an overload without end stops at the time limit, with what was done", () => {
  const job = servingJob({ job: { timeLimitSeconds: 10.5 }, batching: { maximumSequences: 2 } })
  const rows = Array.from({ length: 30 }, () => [0, 4, 6] as const)
  const log = simulateServing(job, { source: listed(rows) })
  expect(log.isCut).toBe(true)
  expect(log.seconds).toBe(10.5)
  // Two finish at 6 s; two more have 4 of their 6 tokens at 10 s.
  expect([...log.requests.generated.slice(0, 5)]).toEqual([6, 6, 4, 4, 0])
  expect(counts(log)).toEqual({ waiting: 26, running: 2, finished: 2, rejected: 0, failed: 0, cancelled: 0 })
  expect(log.replicas[0]!.totals.heldBlocks).toBe(2)
  expect(log.replicas[0]!.totals.busySeconds).toBe(10.5)
})
