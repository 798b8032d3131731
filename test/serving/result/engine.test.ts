/** Results of runs of the engine itself: what theory and the model say must come out. */
import { describe, expect, test } from "vitest"
import { conservationFindings, summariseServing } from "../../../src/serving/result/index.ts"
import { simulateServing } from "../../../src/serving/simulate.ts"
import type { BatchPolicyName, ServingJob } from "../../../src/serving/types.ts"
import { linearSteps, makeClass, makeJob } from "./hand.ts"

const run = (job: ServingJob) => {
  const log = simulateServing(job)
  return { result: summariseServing(job, log), findings: conservationFindings(job, log) }
}

const arriving = (rate: number, requests: number, changes: Partial<ServingJob>): ServingJob => {
  const job = makeJob(changes)
  return {
    ...job,
    workload: { ...job.workload, arrivals: { kind: "poisson", rate: { kind: "constant", rate } }, requests }
  }
}

describe("one request at a time, 0.1 s each", () => {
  // 11 steps for 100 prompt tokens and 11 out.
  const steps = linearSteps(0.1 / 11)

  test("at 80 % load waits as M/D/1 does: 0.2 s", () => {
    const { result, findings } = run(arriving(8, 40_000, { steps }))
    expect(findings).toEqual([])
    expect(result.verdict.kind).toBe("stable")
    expect(result.verdict.estimatedCapacityRequestsPerSecond).toBeCloseTo(10, 6)
    // rho / (2 (1 - rho)) services.
    const { mean, halfWidths } = result.latency.queueing
    expect(halfWidths.mean).toBeLessThan(0.03)
    expect(Math.abs(mean - 0.2)).toBeLessThan(halfWidths.mean! * 1.5)
    expect(result.utilisation.busy).toBeCloseTo(0.8, 1)
    expect(result.load.meanWaiting).toBeCloseTo(mean * result.throughput.requestsPerSecond, 2)
  })

  test("at 130 % is overloaded and turns at 10 requests/s", () => {
    const { verdict } = run(arriving(13, 3000, { steps })).result
    expect(verdict.kind).toBe("overloaded")
    expect(verdict.capacityBasis).toBe("measured while saturated")
    expect(verdict.estimatedCapacityRequestsPerSecond).toBeCloseTo(10, 1)
  })
})

describe("the capacity of the policies", () => {
  const steps = linearSteps(0.01, 1e-4, 2e-4)
  const classes = [
    makeClass({ prompt: { kind: "uniform", low: 20, high: 400 }, output: { kind: "uniform", low: 10, high: 200 } })
  ]
  const policies: readonly BatchPolicyName[] = [
    "none",
    "static",
    "dynamic",
    "continuous",
    "continuous-chunked",
    "sarathi",
    "orca",
    "in-flight"
  ]
  test.each(policies)("%s: modelled at low load it is within 20 %% of what is measured in overload", (policy) => {
    const base = makeJob()
    const job = (rate: number, requests: number): ServingJob => {
      const made = arriving(rate, requests, {
        steps,
        batching: {
          ...base.batching,
          policy,
          maximumSequences: 16,
          maximumStepTokens: 2048,
          chunkTokens: policy === "sarathi" ? 256 : 0,
          timeoutSeconds: 0.2
        },
        cache: { ...base.cache, blocks: 4000 }
      })
      return { ...made, workload: { ...made.workload, classes } }
    }
    const crowded = run(job(200, 1500))
    const calm = run(job(0.2, 400))
    expect([...crowded.findings, ...calm.findings]).toEqual([])
    expect(crowded.result.verdict.kind).toBe("overloaded")
    expect(crowded.result.verdict.capacityBasis).toBe("measured while saturated")
    expect(calm.result.verdict.capacityBasis).toBe("modelled")
    const ratio =
      calm.result.verdict.estimatedCapacityRequestsPerSecond / crowded.result.verdict.estimatedCapacityRequestsPerSecond
    expect(ratio).toBeGreaterThan(0.8)
    expect(ratio).toBeLessThan(1.2)
  })
})
