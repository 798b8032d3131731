/** Routers that look at requests, fair shares and admission by goals. */
import { describe, expect, test } from "vitest"
import { requestStates, simulateServing, type RequestClass, type RouterName, type ServingJob } from "../../../src/serving/index.ts" // prettier-ignore
import { makePrefixIndex } from "../../../src/serving/server/routing/prefix-index.ts"
import { routingLogCsv } from "../../../src/serving/index.ts"
import { listed, servingJob, workload } from "../jobs.ts"

const [all] = workload.classes

describe("fair shares", () => {
  const shared = (outputs: readonly [number, number]): ServingJob =>
    servingJob({
      law: { fixed: 0.1, perToken: 0, perContext: 0 },
      batching: { order: "fair", maximumSequences: 4 },
      workload: {
        arrivals: { kind: "poisson", rate: { kind: "constant", rate: 20 } },
        requests: 1e6,
        seconds: 1000,
        classes: [1, 3].map((share, index): RequestClass => ({
          ...all!,
          name: `class ${index}`,
          share,
          output: { kind: "constant", value: outputs[index]! }
        }))
      },
      job: { timeLimitSeconds: 1000 }
    })
  const tokensOf = (job: ServingJob, weigh: (prompt: number, output: number) => number): readonly number[] => {
    const { requests } = simulateServing(job)
    const sums = [0, 0]
    for (let row = 0; row < requests.count; row++)
      if (requestStates[requests.state[row]!] === "finished")
        sums[requests.classIndex[row]!]! += weigh(requests.prompt[row]!, requests.generated[row]!)
    return sums
  }

  test("of 1 and 3 get tokens 1 to 3 under overload", () => {
    const [one, three] = tokensOf(shared([10, 10]), (prompt, output) => prompt + output)
    expect(three! / one!).toBeCloseTo(3, 1)
  })

  test("are of service, output tokens twice, whatever the lengths", () => {
    const [one, three] = tokensOf(shared([5, 40]), (prompt, output) => prompt + 2 * output)
    expect(three! / one!).toBeCloseTo(3, 1)
  })

  test("leave the whole server to a class that is alone", () => {
    const job = shared([10, 10])
    const alone = { ...job, workload: { ...job.workload, classes: job.workload.classes.slice(0, 1) } }
    const [only] = tokensOf(alone, () => 1)
    // Four at once, a second each.
    expect(only! / 1000).toBeCloseTo(4, 1)
  })
})

describe("a prefix index", () => {
  const chain = (...keys: number[]): Int32Array => Int32Array.from(keys.flatMap((key) => [key, key]))

  test("knows the longest beginning, and forgets ends first", () => {
    const index = makePrefixIndex(4)
    index.use(chain(1, 2, 3), 3)
    expect(index.matched(chain(1, 2, 9), 3)).toBe(2)
    // Two more push out 3, the end of the older chain.
    index.use(chain(7, 8), 2)
    expect(index.matched(chain(1, 2, 3), 3)).toBe(2)
    expect(index.matched(chain(7, 8), 2)).toBe(2)
    index.clear()
    expect(index.matched(chain(7, 8), 2)).toBe(0)
  })
})

/** Texts of 160 tokens, ten blocks, each request with 20 tokens of its own; one after the other. */
const withTexts = (texts: number, count: number) =>
  listed(
    Array.from({ length: count }, (_, row) => [
      20 * row,
      180,
      2,
      { pieces: [{ id: 1 + ((row * 7) % texts), tokens: 160 }] }
    ])
  )

const cachedOf = (router: RouterName, replicas: number, blocks: number, knows: "index" | "cache" = "index"): number => {
  const job = servingJob({
    cache: { prefixCaching: true, blocks },
    queue: { router },
    job: { replicas, routing: { loadWeight: 1, knows, indexBlocks: 0, isLogged: false } }
  })
  return simulateServing(job, { source: withTexts(4, 200) }).requests.cached.reduce((sum, tokens) => sum + tokens, 0)
}

test("four small caches behind a prefix-aware router find what one big cache finds", () => {
  // All but the first request of each text: 196 x 160 tokens.
  expect(cachedOf("round-robin", 1, 100)).toBe(31_360)
  for (const knows of ["index", "cache"] as const) expect(cachedOf("prefix-aware", 4, 16, knows)).toBe(31_360)
  // One small cache holds one text, and they come in turn.
  expect(cachedOf("round-robin", 1, 16)).toBe(0)
})

test("a queue outweighs a prefix: with a load weight of 0 everybody goes where the text is", () => {
  const chosen = (loadWeight: number): number => {
    const job = servingJob({
      cache: { prefixCaching: true },
      batching: { maximumStepTokens: 180 },
      queue: { router: "prefix-aware" },
      job: { replicas: 3, routing: { loadWeight, knows: "index", indexBlocks: 0, isLogged: false } }
    })
    const source = listed(Array.from({ length: 60 }, (_, row) => [row * 0.01, 1000, 2, { pieces: [{ id: 1, tokens: 160 }] }])) // prettier-ignore
    return new Set(simulateServing(job, { source }).requests.replica).size
  }
  expect(chosen(0)).toBe(1)
  expect(chosen(1)).toBe(3)
})

test("a conversation stays with its replica", () => {
  const job = servingJob({
    queue: { router: "session" },
    workload: {
      arrivals: { kind: "poisson", rate: { kind: "constant", rate: 1 } },
      requests: 400,
      classes: [
        { ...all!, conversation: { turns: { kind: "constant", value: 5 }, thinkTime: { kind: "constant", value: 3 } } }
      ]
    },
    job: { replicas: 4 }
  })
  const { requests } = simulateServing(job)
  const homes = new Map<number, Set<number>>()
  for (let row = 0; row < requests.count; row++) {
    const session = requests.session![row]!
    homes.set(session, (homes.get(session) ?? new Set()).add(requests.replica[row]!))
  }
  expect(homes.size).toBeGreaterThan(60)
  expect([...homes.values()].every(({ size }) => size === 1)).toBe(true)
  expect(new Set(requests.replica).size).toBe(4)
})

describe("admission by goals", () => {
  const limited = (admission: "reject" | "defer") =>
    simulateServing(
      servingJob({
        law: { fixed: 0.01, perToken: 0.001, perContext: 0 },
        batching: { maximumSequences: 1000, maximumStepTokens: 100 },
        workload: {
          arrivals: { kind: "poisson", rate: { kind: "constant", rate: 20 } },
          requests: 2000,
          classes: [
            {
              ...all!,
              prompt: { kind: "constant", value: 100 },
              output: { kind: "constant", value: 1 },
              admission,
              objectives: { ttftSeconds: 0.6 }
            }
          ]
        }
      })
    )

  test("turns away what would miss them, so that what goes in meets them", () => {
    // Prompts take 0.11 s each: 9.1 of 20 requests/s can be served.
    const { requests, door } = limited("reject")
    expect(door!.refused / 2000).toBeCloseTo(1 - 9.1 / 20, 1)
    for (let row = 0; row < requests.count; row++)
      if (requestStates[requests.state[row]!] === "finished")
        expect(requests.firstToken[row]! - requests.arrival[row]!).toBeLessThan(0.6 + 0.11)
  })

  test("holds back what would miss them, and serves everybody in the end", () => {
    const { requests, door } = limited("defer")
    expect(requests.state.every((state) => requestStates[state] === "finished")).toBe(true)
    expect(door!.deferred).toBeGreaterThan(900)
    // Whoever is let in meets the goal from there.
    for (let row = 0; row < requests.count; row++) {
      const held = requests.fates!.held[row]!
      expect(requests.firstToken[row]! - requests.arrival[row]! - held).toBeLessThan(0.6 + 0.11)
    }
  })
})

test("a logged decision has what each replica would have cost", () => {
  const job = servingJob({
    law: { fixed: 1, perToken: 0.01, perContext: 0 },
    cache: { prefixCaching: true },
    queue: { router: "least-ttft" },
    job: { replicas: 2, routing: { loadWeight: 1, knows: "index", indexBlocks: 0, isLogged: true } }
  })
  const text = { pieces: [{ id: 1, tokens: 160 }] }
  const log = simulateServing(job, { source: listed([[0, 180, 2, text], [0, 180, 2, text], [10, 180, 2, text]]) }) // prettier-ignore
  expect([...routingLogCsv(job, log)].join("").trim().split("\n")).toEqual([
    "request,class,time_s,chosen_replica,replica,queued_tokens,cached_tokens,predicted_ttft_s",
    "0,all,0,0,0,0,0,2.8",
    "0,all,0,0,1,0,0,2.8",
    // 180 queued and 20 of its own, or 180 of its own.
    "1,all,0,1,0,180,160,3",
    "1,all,0,1,1,0,0,2.8",
    "2,all,10,0,0,0,160,1.2",
    "2,all,10,0,1,0,160,1.2"
  ])
  expect(log.decisions!.left).toBe(0)
})
