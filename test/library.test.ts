/** What a script gets from `windtunnel-sim`. */
import { describe, expect, test } from "vitest"
import { isRefused, Scenario, simulate, type ServingResult, type TrainingResult } from "../src/index.ts"

const chat = Scenario.make({
  cluster: { system: "dgx-h100" },
  model: "llama-3-8b",
  serving: {},
  workload: { arrivals: { poisson: { rate: 5 } }, prompt: { constant: 512 }, output: { constant: 128 } }
})

describe("simulate", () => {
  test("serves a workload: by default a thousand requests", () => {
    const outcome = simulate(chat)
    if (isRefused(outcome)) throw new Error(outcome.issues[0]?.problem)
    const served: ServingResult = outcome
    expect(served.requests).toMatchObject({ arrived: 1000, finished: 1000 })
    expect(served.verdict.kind).toBe("stable")
    expect(served.latency.tpot.mean).toBeGreaterThan(0.003)
    expect(served.latency.tpot.mean).toBeLessThan(0.02)
  })

  test("trains an iteration", () => {
    const outcome = simulate({ cluster: { system: "dgx-h100" }, model: "llama-3-8b", training: { globalBatch: 64 } })
    if (isRefused(outcome)) throw new Error(outcome.issues[0]?.problem)
    const trained: TrainingResult = outcome
    expect(trained.iterationSeconds).toBeGreaterThan(1)
  })

  test("is a function of scenario and seed", () => {
    const mean = (seed?: number) => {
      const outcome = simulate(chat, seed === undefined ? {} : { seed })
      return isRefused(outcome) ? undefined : outcome.latency.e2e.mean
    }
    expect(mean()).toBe(mean(1))
    expect(mean(2)).not.toBe(mean(1))
  })

  test("refuses a model that does not fit, and says how much room it takes", () => {
    const outcome = simulate({ ...chat, model: "llama-3.1-405b" })
    if (!isRefused(outcome)) throw new Error("served")
    expect(outcome.issues[0]).toMatchObject({ path: "serving" })
    expect(outcome.issues[0]?.problem).toMatch(
      /^Llama 3\.1 405B does not fit: 8\d\d GB with one request of 640 tokens$/
    )
  })

  test("asks a policy of one's own for every step", () => {
    let asked = 0
    const outcome = simulate({
      ...chat,
      serving: {
        replicas: 8,
        batching: {
          policy: ({ waiting, freeBlocks }) => {
            asked++
            const [first] = waiting
            return first === undefined || freeBlocks < 100
              ? {}
              : { prefill: [{ id: first.id, tokens: first.prefillLeft }] }
          }
        }
      },
      workload: { ...chat.workload, requests: 20 }
    })
    expect(isRefused(outcome) ? outcome.issues : outcome.requests.finished).toBe(20)
    expect(asked).toBeGreaterThan(1000)
  })

  test("reads no files", () => {
    const outcome = simulate({
      ...chat,
      workload: { arrivals: { trace: { file: "mine.csv" } } }
    })
    if (!isRefused(outcome)) throw new Error("read")
    expect(outcome.issues[0]?.problem).toBe('cannot read "mine.csv": there are no files here')
  })
})
