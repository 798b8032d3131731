/** The server against queueing theory, where the answer is known in closed form. */
import { describe, expect, test } from "vitest"
import { type Distribution, requestStates, type ServingLog, simulateServing } from "../../src/serving/index.ts"
import { servingJob, workload } from "./jobs.ts"

const meanWait = ({ requests }: ServingLog): number => {
  let sum = 0
  for (let request = 0; request < requests.count; request++)
    sum += requests.scheduled[request]! - requests.arrival[request]!
  return sum / requests.count
}

/** One request at a time: a prompt of one token and some answers, each a step of one second. */
const oneAtATime = (rate: number, output: Distribution, requests: number): ServingLog =>
  simulateServing(
    servingJob({
      batching: { policy: "none" },
      workload: {
        arrivals: { kind: "poisson", rate: { kind: "constant", rate } },
        classes: [{ ...workload.classes[0]!, prompt: { kind: "constant", value: 1 }, output }],
        requests
      }
    })
  )

describe("random arrivals and constant service of 10 s (M/D/1)", () => {
  // Pollaczek and Khinchine: the mean wait is load / (2 (1 - load)) service times.
  test.each([
    [0.3, 2.143],
    [0.5, 5],
    [0.8, 20]
  ])("at load %d a request waits %d s on average", (load, expected) => {
    const log = oneAtATime(load / 10, { kind: "constant", value: 10 }, 150_000)
    expect(Math.abs(meanWait(log) / expected - 1)).toBeLessThan(0.03)
    const { totals } = log.replicas[0]!
    expect(totals.busySeconds).toBeCloseTo(1_500_000, 3)
    expect(Math.abs(totals.busySeconds / log.seconds / load - 1)).toBeLessThan(0.01)
  })
})

test("random arrivals and uniform service of 1 to 39 s (M/G/1): 30.7 s at load 0.7", () => {
  // Mean 20 s, variance (39^2 - 1) / 12: (1 + C^2) / 2 = 0.6583; 0.7 / 0.3 x 0.6583 x 20 s = 30.7 s.
  const log = oneAtATime(0.7 / 20, { kind: "uniform", low: 1, high: 39 }, 150_000)
  const { requests } = log
  let [sum, squares] = [0, 0]
  for (let request = 0; request < requests.count; request++) {
    sum += requests.output[request]!
    squares += requests.output[request]! ** 2
  }
  const mean = sum / requests.count
  const expected = (0.035 * squares) / requests.count / (2 * (1 - 0.035 * mean))
  expect(Math.abs(meanWait(log) / expected - 1)).toBeLessThan(0.03)
})

describe("users who think for 30 s on average", () => {
  // Interactive response-time law: users = throughput x (response time + think time).
  test.each([1, 4, 40])("%d of them", (users) => {
    const log = simulateServing(
      servingJob({
        law: { fixed: 0.5, perToken: 0.01, perContext: 0.0001 },
        batching: { maximumSequences: 8 },
        workload: {
          arrivals: { kind: "closedLoop", users, thinkTime: { kind: "exponential", mean: 30 } },
          classes: [{ ...workload.classes[0]!, output: { kind: "exponential", mean: 20 } }],
          requests: 30_000
        }
      })
    )
    const { requests } = log
    let response = 0
    for (let request = 0; request < requests.count; request++)
      response += requests.finished[request]! - requests.arrival[request]!
    response /= requests.count
    expect(Math.abs(((requests.count / log.seconds) * (response + 30)) / users - 1)).toBeLessThan(0.02)
    // Little's law, from the engine's own integrals.
    const { runningIntegral, waitingIntegral } = log.replicas[0]!.totals
    expect((runningIntegral + waitingIntegral) / (response * requests.count)).toBeCloseTo(1, 9)
  })
})

test("a line of three in front of one place (M/M/1/4) turns away 12.2 % at load 0.8", () => {
  // (1 - load) load^4 / (1 - load^5). Answers of about 1000 tokens are as good as exponential.
  const log = simulateServing(
    servingJob({
      law: { fixed: 0.001, perToken: 0, perContext: 0 },
      batching: { policy: "none" },
      queue: { limit: 3 },
      workload: {
        arrivals: { kind: "poisson", rate: { kind: "constant", rate: 0.8 } },
        classes: [
          {
            ...workload.classes[0]!,
            prompt: { kind: "constant", value: 1 },
            output: { kind: "exponential", mean: 1000 }
          }
        ],
        requests: 100_000
      }
    })
  )
  const rejected = log.requests.state.filter((state) => requestStates[state] === "rejected").length
  expect(rejected).toBe(log.rejectedTries)
  expect(Math.abs(rejected / 100_000 / 0.1218 - 1)).toBeLessThan(0.03)
})
