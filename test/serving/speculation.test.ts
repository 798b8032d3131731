/** Tokens guessed ahead: what they cost, how many are emitted, and that nothing is lost. */
import { describe, expect, test } from "vitest"
import { acceptanceFor, expectedTokens, makeStepLoad } from "../../src/inference/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { makeAcceptance } from "../../src/serving/batch/acceptance.ts"
import { conservationFindings } from "../../src/serving/result/conservation.ts"
import { type ServingJob, simulateServing, summariseServing } from "../../src/serving/index.ts"
import { accepted, chat, refused } from "../scenario/chat.ts"
import { drawnJob, policyNames } from "./drawn-jobs.ts"

const withGuesses = (job: ServingJob, tokens: number, acceptance: number): ServingJob => ({
  ...job,
  target: { ...job.target, speculation: { tokens, acceptance, draft: null, sharesEnds: false } },
  leap: "off"
})

describe("what is accepted", () => {
  test("follows the geometric law cut at the number of guesses", () => {
    const random = randomStream(3, "acceptance")
    for (const [tokens, probability] of [
      [1, 0.5],
      [4, 0.7],
      [8, 0.9]
    ] as const) {
      const { draw } = makeAcceptance(tokens, probability, random)
      let sum = 0
      for (let round = 0; round < 100_000; round++) sum += 1 + draw()
      expect(sum / 100_000).toBeCloseTo(expectedTokens(tokens, probability), 1)
    }
    expect(expectedTokens(4, 0.7)).toBeCloseTo(1 + 0.7 + 0.49 + 0.343 + 0.2401, 12)
    expect(makeAcceptance(3, 1, random).draw()).toBe(3)
    expect(makeAcceptance(3, 0, random).draw()).toBe(0)
  })

  test("an accepted length gives the chance back", () => {
    expect(acceptanceFor(4, expectedTokens(4, 0.63))).toBeCloseTo(0.63, 9)
    expect(acceptanceFor(2, 3)).toBe(1)
  })
})

describe("jobs drawn by lot with guesses", () => {
  test.each(policyNames)("%s loses nothing, and emits as many tokens as without", (policy) => {
    for (let seed = 1; seed <= 25; seed++) {
      const job = withGuesses(drawnJob(policy, seed), 1 + (seed % 5), (seed % 7) / 6)
      const log = simulateServing(job)
      expect(conservationFindings(job, log)).toEqual([])
      for (let row = 0; row < log.requests.count; row++)
        if (log.requests.finished[row]! >= 0)
          expect(log.requests.generated[row]).toBe(
            Math.max(1, Math.min(log.requests.output[row]!, job.target.maximumSequence - log.requests.prompt[row]!))
          )
    }
  })

  test("guesses that are never accepted change nothing but the seconds of a step", () => {
    for (let seed = 1; seed <= 25; seed++) {
      const plain = drawnJob("continuous-chunked", seed)
      // One budget row a sequence in both, so that the schedules can be compared.
      const job = { ...plain, leap: "off" as const, batching: { ...plain.batching, maximumStepTokens: 1e6 } }
      const guessed = simulateServing(withGuesses(job, 3, 0))
      const { requests } = simulateServing(job)
      expect(guessed.requests.finished).toEqual(requests.finished)
      expect(guessed.requests.firstToken).toEqual(requests.firstToken)
    }
  })

  test("a lone request of n tokens with every guess of k accepted takes ceil((n - 1) / (k + 1)) steps after its prompt", () => {
    const scenario = accepted(lone("tokens: 4, acceptance: 1, draft: { ngram: {} }", 1, 101))
    const log = simulateServing(scenario.job)
    // Four requests, one after the other.
    expect(log.replicas[0]!.totals.steps).toBe(4 * (1 + Math.ceil(100 / 5)))
    expect(summariseServing(scenario.job, log).speculation).toMatchObject({
      draftedTokens: 320,
      acceptedTokens: 320,
      acceptanceRate: 1,
      tokensPerStep: 5
    })
  })
})

const lone = (speculation: string, users: number, output: number): string => `
cluster: { system: dgx-h100, accelerators: 4 }
model: llama-3.1-70b
serving:
  stack: vllm-v1
  parallelism: { tensor: 4 }
  batching: { maxBatchSize: 512 }
${speculation === "" ? "" : `  speculation: { ${speculation} }`}
workload:
  arrivals: { closedLoop: { users: ${users}, thinkTime: 0 } }
  prompt: 500
  output: ${output}
  requests: ${4 * users}
`

const tokensPerSecond = (speculation: string, users: number): number => {
  const { job } = accepted(lone(speculation, users, 200))
  return summariseServing(job, simulateServing(job)).throughput.outputTokensPerSecond
}

describe("a draft of 1B beside a model of 70B on four H100", () => {
  const draft = "tokens: 4, acceptance: 0.7, draft: { model: { model: llama-3.2-1b } }"

  test("makes a lone request about as much faster as E / (k c + 1) says (Leviathan et al., theorem 3.8)", () => {
    const gain = tokensPerSecond(draft, 1) / tokensPerSecond("", 1)
    const { job } = accepted(lone(draft, 1, 200))
    const { job: plain } = accepted(lone("", 1, 200))
    const load = { ...makeStepLoad(), decodes: 1, decodeContext: 600, decodeWindow: 600, sampled: 1 }
    const cost = job.steps.stageSeconds(0, load) / plain.steps.stageSeconds(0, load)
    expect(gain).toBeGreaterThan(1.7)
    // The prompt's step and the last, cut step are not in the formula.
    expect(gain / (expectedTokens(4, 0.7) / cost)).toBeGreaterThan(0.93)
    expect(gain / (expectedTokens(4, 0.7) / cost)).toBeLessThan(1.03)
  })

  test("turns from gain to loss as load grows: the verified rows are then no longer free", () => {
    const gains = [1, 16, 128, 512].map((users) => tokensPerSecond(draft, users) / tokensPerSecond("", users))
    for (let index = 1; index < gains.length; index++) expect(gains[index]).toBeLessThan(gains[index - 1]!)
    expect(gains[1]).toBeGreaterThan(1.3)
    expect(gains[3]).toBeLessThan(1)
  })

  test("a head costs less than a model of its own, and n-grams nothing", () => {
    const seconds = (speculation: string): number => {
      const { job } = accepted(lone(speculation, 1, 200))
      return job.steps.stageSeconds(0, {
        ...makeStepLoad(),
        decodes: 1,
        decodeContext: 600,
        decodeWindow: 600,
        sampled: 1
      })
    }
    const ngram = seconds("tokens: 4, acceptance: 0.7, draft: { ngram: {} }")
    const head = seconds("tokens: 4, acceptance: 0.7, draft: { head: {} }")
    expect(head).toBeGreaterThan(ngram)
    expect(seconds(draft)).toBeGreaterThan(head)
  })
})

describe("speculation that cannot be is refused", () => {
  const speculating = (text: string): string => chat.replace("workload:", `  speculation: { ${text} }\nworkload:`)
  test.each([
    ["tokens: 4, draft: { ngram: {} }", "serving.speculation.acceptance", "nothing"],
    ["tokens: 4, acceptance: 0.5, acceptedLength: 2, draft: { ngram: {} }", "serving.speculation.acceptedLength", "2"],
    ["tokens: 2, acceptedLength: 4, draft: { ngram: {} }", "serving.speculation.acceptedLength", "4"],
    ["tokens: 2, acceptance: 1.5, draft: { ngram: {} }", "serving.speculation.acceptance", "1.5"],
    ["tokens: 0, acceptance: 0.5, draft: { ngram: {} }", "serving.speculation.tokens", "0"],
    ["tokens: 2, acceptance: 0.5, draft: {}", "serving.speculation.draft", "{}"],
    [
      "tokens: 2, acceptance: 0.5, draft: { model: { model: qwen2.5-0.5b } }",
      "serving.speculation.draft.model.model",
      "qwen2.5-0.5b"
    ],
    [
      "tokens: 2, acceptance: 0.5, draft: { model: { model: llama-3.2-1bb } }",
      "serving.speculation.draft.model.model",
      '"llama-3.2-1bb"'
    ]
  ])("%s", (text, path, given) => {
    expect(refused(speculating(text))).toMatchObject({ path, given })
  })
})
