import { describe, expect, test } from "vitest"
import { simulateServing, summariseServing } from "../../../src/serving/index.ts"
import { accepted, chat, refused } from "../../scenario/chat.ts"
import { requestClass, served, workload } from "./workload.ts"

const constant = (value: number) => ({ kind: "constant", value }) as const

const agent = requestClass({
  prompt: constant(1000),
  output: constant(50),
  conversation: { turns: constant(4), thinkTime: constant(3), followUp: constant(200) }
})

describe("an agent", () => {
  test("begins with its task, then adds what its tools say to all that was said before", () => {
    const { requests } = served(workload({ kind: "batch" }, { classes: [agent], requests: 4 }), () => 2)
    // One conversation starts at a time of a batch's four; followed here by its session.
    const first = requests.filter(({ session }) => session === 0)
    expect(first.map(({ promptTokens }) => promptTokens)).toEqual([1000])
  })

  test("one after the other: context grows by its answer and the tool's, with the tool's time between", () => {
    const spec = workload({ kind: "closedLoop", users: 1, thinkTime: constant(10) }, { classes: [agent], requests: 8 })
    const { requests } = served(spec, () => 2)
    expect(requests.map(({ promptTokens }) => promptTokens)).toEqual([1000, 1250, 1500, 1750, 1000, 1250, 1500, 1750])
    expect(requests.map(({ arrivalSeconds }) => arrivalSeconds)).toEqual([10, 15, 20, 25, 37, 42, 47, 52])
    expect(requests.map(({ session }) => session)).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
  })

  test("sums up what was said when it has become too long, and no cache knows the summary", () => {
    const conversation = { ...agent.conversation!, compact: { at: 1200, to: 100 } }
    const spec = workload(
      { kind: "closedLoop", users: 1, thinkTime: constant(0) },
      { classes: [{ ...agent, conversation }], requests: 4 }
    )
    const { requests } = served(spec, () => 2)
    // 1000; 1050 + 200; (1250 + 50 -> 100) + 200; 300 + 50 + 200.
    expect(requests.map(({ promptTokens }) => promptTokens)).toEqual([1000, 1250, 300, 550])
    const ids = (request: number): readonly number[] => requests[request]!.pieces!.map(({ id }) => id)
    expect(ids(1).slice(0, 1)).toEqual(ids(0))
    expect(ids(2)).not.toContain(ids(1)[0])
    expect(ids(3).slice(0, 2)).toEqual(ids(2))
  })
})

describe("roll-outs", () => {
  const rounds = { kind: "rounds", prompts: 2, samples: 3, rounds: 2, refreshSeconds: 30 } as const

  test("a round begins when the last answer of the one before is there and the weights are new", () => {
    const spec = workload(rounds, { classes: [requestClass()], requests: 12 })
    const { requests, mostInFlight, isExhausted } = served(spec, (request) => 1 + request)
    expect(requests.map(({ arrivalSeconds }) => arrivalSeconds)).toEqual([...Array(6).fill(0), ...Array(6).fill(36)])
    expect(mostInFlight).toBe(6)
    expect(isExhausted).toBe(true)
  })

  test("samples share their prompt to the last token, and prompts share nothing", () => {
    const lengths = requestClass({
      prompt: { kind: "uniform", low: 10, high: 1000 },
      output: { kind: "uniform", low: 1, high: 500 }
    })
    const { requests } = served(workload(rounds, { classes: [lengths], requests: 12 }), () => 1)
    for (let prompt = 0; prompt < 4; prompt++) {
      const samples = requests.slice(3 * prompt, 3 * prompt + 3)
      expect(new Set(samples.map(({ promptTokens }) => promptTokens)).size).toBe(1)
      expect(new Set(samples.map(({ pieces }) => pieces![0]!.id)).size).toBe(1)
      expect(samples[0]!.pieces!.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(samples[0]!.promptTokens)
      expect(new Set(samples.map(({ outputTokens }) => outputTokens)).size).toBeGreaterThan(1)
    }
    expect(new Set(requests.map(({ pieces }) => pieces![0]!.id)).size).toBe(4)
  })
})

describe("their results", () => {
  const withWorkload = (arrivals: string, rest: string): string =>
    chat
      .replace("{ poisson: { rate: 10 } }", arrivals)
      .replace("parallelism: { tensor: 2 }", "parallelism: { tensor: 8 }\n  kvCache: { prefixCaching: true }")
      .replace("output: { uniform: [16, 256] }", rest)

  test("a session's seconds are its requests' and its tools'", () => {
    const { job } = accepted(
      withWorkload(
        "{ closedLoop: { users: 3 } }",
        "output: 40\n  conversation: { turns: 5, thinkTime: 2 s, followUp: 300 }\n  requests: 60"
      )
    )
    const { sessions } = summariseServing(job, simulateServing(job))
    expect(sessions).toMatchObject({ count: 12, whole: 12, meanTurns: 5, isCut: false })
    expect(sessions!.seconds.mean).toBeCloseTo(sessions!.servedSeconds.mean + 4 * 2, 9)
  })

  test("a round's seconds and its tail: one answer longer than all others is the tail", () => {
    const { job } = accepted(
      withWorkload(
        "{ rounds: { prompts: 10, samples: 2, rounds: 3, refresh: 5 s } }",
        "output: { histogram: { min: 10, edges: [11, 1000, 1001], weights: [19, 0, 1] } }"
      )
    )
    const log = simulateServing(job)
    const { rounds, verdict } = summariseServing(job, log)
    expect(rounds).toHaveLength(3)
    expect(verdict.kind).toBe("closed")
    for (let round = 1; round < 3; round++)
      expect(rounds![round]!.startSeconds).toBeCloseTo(
        rounds![round - 1]!.startSeconds + rounds![round - 1]!.seconds + 5,
        9
      )
    // Of twenty samples all but the prompt's are found in the cache.
    expect(log.replicas[0]!.totals.prefixHitTokens).toBeGreaterThan(0)
    expect(rounds!.every(({ seconds, tailSeconds }) => tailSeconds >= 0 && tailSeconds < seconds)).toBe(true)
    expect(Math.max(...rounds!.map(({ seconds, tailSeconds }) => tailSeconds / seconds))).toBeGreaterThan(0.5)
  })

  test("a summary that is no shorter is refused", () => {
    expect(
      refused(
        withWorkload(
          "{ closedLoop: { users: 3 } }",
          "output: 40\n  conversation: { turns: 5, compact: { at: 1000, to: 1000 } }"
        )
      )
    ).toMatchObject({ path: "workload.conversation.compact.to", given: "1000", expected: "less than 1000 tokens" })
  })
})
