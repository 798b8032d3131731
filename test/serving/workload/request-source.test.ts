import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { makeRequestSource, unknownTraceClasses } from "../../../src/serving/workload/index.ts"
import type { Arrivals, PromptPiece, RequestTrace } from "../../../src/serving/types.ts"
import { emptyArrival, known, requestClass, requestsOf, served, workload } from "./workload.ts"

const poisson: Arrivals = { kind: "poisson", rate: { kind: "constant", rate: 10 } }
const lengths = {
  prompt: { kind: "lognormal", mean: 500, deviation: 400 },
  output: { kind: "exponential", mean: 80 }
} as const

const trace: RequestTrace = {
  name: "hand-made",
  arrivalSeconds: Float64Array.of(0, 1, 4),
  promptTokens: Int32Array.of(600, 1100, 512),
  outputTokens: Int32Array.of(7, 8, 9),
  prefixes: { first: Int32Array.of(0, 2, 5, 5), ids: Float64Array.of(0, 1, 0, 2, 3), blockTokens: 512 },
  skippedRows: 0
}

describe("a workload", () => {
  test("is the same for the same seed and another for another", () => {
    const spec = workload(poisson, { classes: [requestClass(lengths)] })
    expect(requestsOf(spec, 5)).toEqual(requestsOf(spec, 5))
    expect(requestsOf(spec, 5)).not.toEqual(requestsOf(spec, 6))
  })

  test("ends with its last request", () => {
    const source = makeRequestSource(workload(poisson, { requests: 3 }), 1)
    expect(source.isExhausted()).toBe(false)
    expect(known(source)).toHaveLength(3)
    expect(source.isExhausted()).toBe(true)
    expect(source.peek()).toBe(Infinity)
  })

  test("ends at its time: 10 a second for 2 s are 20 requests", () => {
    const source = makeRequestSource(workload({ kind: "deterministic", rate: 10 }, { seconds: 2 }), 1)
    expect(known(source)).toHaveLength(20)
    expect(source.isExhausted()).toBe(true)
  })

  test("peek tells the time of the next request without taking it", () => {
    const source = makeRequestSource(workload({ kind: "deterministic", rate: 2 }), 1)
    source.next(emptyArrival())
    expect([source.peek(), source.peek()]).toEqual([0.5, 0.5])
    const into = emptyArrival()
    source.next(into)
    expect(into.arrivalSeconds).toBe(0.5)
  })

  test("classes come in proportion to their weights", () => {
    const classes = [requestClass({ name: "a", weight: 1 }), requestClass({ name: "b", weight: 3 })]
    const requests = requestsOf(workload(poisson, { classes, requests: 40_000 }))
    expect(requests.filter(({ classIndex }) => classIndex === 1).length / 40_000).toBeCloseTo(0.75, 2)
  })

  test("a class of weight 0 never comes", () => {
    const classes = [
      requestClass({ name: "a", weight: 0 }),
      requestClass({ name: "b" }),
      requestClass({ name: "c", weight: 0 })
    ]
    expect(new Set(requestsOf(workload(poisson, { classes })).map(({ classIndex }) => classIndex))).toEqual(
      new Set([1])
    )
  })
})

describe("one quantity does not move another", () => {
  const chat = requestClass(lengths)
  const alone = requestsOf(workload(poisson, { classes: [chat] }))

  test("another class leaves the arrivals where they are, and the chat's lengths in their order", () => {
    const other = requestClass({ name: "code", prompt: { kind: "uniform", low: 1, high: 99 } })
    const both = requestsOf(workload(poisson, { classes: [other, chat] }))
    expect(both.map(({ arrivalSeconds }) => arrivalSeconds)).toEqual(alone.map(({ arrivalSeconds }) => arrivalSeconds))
    const chats = both.filter(({ classIndex }) => classIndex === 1)
    expect(chats.length).toBeGreaterThan(400)
    expect(chats.map(({ promptTokens }) => promptTokens)).toEqual(
      alone.slice(0, chats.length).map(({ promptTokens }) => promptTokens)
    )
  })

  test("other answers leave the prompts, other prompts the answers", () => {
    const changed = requestsOf(workload(poisson, { classes: [{ ...chat, output: { kind: "constant", value: 1 } }] }))
    expect(changed.map(({ promptTokens }) => promptTokens)).toEqual(alone.map(({ promptTokens }) => promptTokens))
    const prompts = requestsOf(workload(poisson, { classes: [{ ...chat, prompt: { kind: "exponential", mean: 9 } }] }))
    expect(prompts.map(({ outputTokens }) => outputTokens)).toEqual(alone.map(({ outputTokens }) => outputTokens))
  })

  test("other arrivals leave the lengths", () => {
    const gamma = requestsOf(workload({ kind: "gamma", rate: 3, variation: 2 }, { classes: [chat] }))
    expect(gamma.map(({ promptTokens }) => promptTokens)).toEqual(alone.map(({ promptTokens }) => promptTokens))
  })

  test("a shared text comes on top of the same prompts", () => {
    const shared = { ...chat, sharedPrefix: { tokens: 50, count: 9, exponent: 1 } }
    const prompts = requestsOf(workload(poisson, { classes: [shared] })).map(({ promptTokens }) => promptTokens - 50)
    expect(prompts).toEqual(alone.map(({ promptTokens }) => promptTokens))
  })
})

describe("a closed loop", () => {
  const thinkTime = { kind: "uniform", low: 1, high: 5 } as const

  test("users begin after a think time each, and nothing more is known until one is answered", () => {
    const source = makeRequestSource(workload({ kind: "closedLoop", users: 3, thinkTime }), 1)
    const first = known(source)
    expect(first).toHaveLength(3)
    for (const { arrivalSeconds } of first) {
      expect(arrivalSeconds).toBeGreaterThanOrEqual(1)
      expect(arrivalSeconds).toBeLessThan(5)
    }
    expect(source.isExhausted()).toBe(false)
    source.ended(1, 0, 100)
    expect(source.peek()).toBeGreaterThanOrEqual(101)
    expect(known(source)).toHaveLength(1)
    // Told twice of the same end, it does not make two users of one.
    source.ended(1, 0, 100)
    expect(known(source)).toHaveLength(0)
  })

  test("without think time exactly 4 users' requests are in flight, whatever the answers take", () => {
    const arrivals: Arrivals = { kind: "closedLoop", users: 4, thinkTime: { kind: "constant", value: 0 } }
    const seconds = randomStream(3, "answers")
    const { requests, mostInFlight } = served(workload(arrivals, { requests: 500 }), () => 0.1 + seconds())
    expect(requests).toHaveLength(500)
    expect(mostInFlight).toBe(4)
    expect(requests.filter(({ arrivalSeconds }) => arrivalSeconds === 0)).toHaveLength(4)
  })

  test("20 users who think 3 s and wait 1 s ask 5 times a second (the interactive response-time law)", () => {
    const { requests } = served(workload({ kind: "closedLoop", users: 20, thinkTime }, { requests: 20_000 }), () => 1)
    expect(20_000 / requests.at(-1)!.arrivalSeconds).toBeCloseTo(5, 1)
    const times = requests.map(({ arrivalSeconds }) => arrivalSeconds)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test("what a user asks does not depend on the others: alone or among three, the same requests in the same order", () => {
    const classes = [requestClass(lengths), requestClass({ ...lengths, name: "code" })]
    const shapes = (users: number, requests: number, seconds: number): readonly string[] =>
      served(workload({ kind: "closedLoop", users, thinkTime }, { classes, requests }), () => seconds).requests.map(
        ({ classIndex, promptTokens, outputTokens }) => `${classIndex} ${promptTokens} ${outputTokens}`
      )
    const alone = shapes(1, 50, 20)
    const amongThree = shapes(3, 500, 1)
    let place = -1
    for (const shape of alone) {
      place = amongThree.indexOf(shape, place + 1)
      expect(place).toBeGreaterThanOrEqual(0)
    }
  })

  test("ends: no user comes back after the last request or at the end of the time", () => {
    const arrivals: Arrivals = { kind: "closedLoop", users: 2, thinkTime: { kind: "constant", value: 1 } }
    const limited = served(workload(arrivals, { seconds: 10 }), () => 2)
    // At 1, 4 and 7 s; 10 s is the end.
    expect(limited.requests.map(({ arrivalSeconds }) => arrivalSeconds)).toEqual([1, 1, 4, 4, 7, 7])
    expect(limited.isExhausted).toBe(true)
    expect(served(workload(arrivals, { requests: 5 }), () => 2)).toMatchObject({ isExhausted: true })
  })
})

describe("conversations", () => {
  const turns = { kind: "constant", value: 3 } as const
  const conversation = { turns, thinkTime: { kind: "constant", value: 10 } } as const

  test("each turn's prompt is all that was said and something new", () => {
    const chat = requestClass({ conversation, sharedPrefix: { tokens: 50, count: 1, exponent: 1 } })
    const arrivals: Arrivals = { kind: "deterministic", rate: 0.01 }
    const { requests } = served(workload(arrivals, { classes: [chat], requests: 6 }), () => 2)
    // 50 shared, 100 asked, 10 answered; then 100 more each.
    expect(requests.map(({ promptTokens }) => promptTokens)).toEqual([150, 260, 370, 150, 260, 370])
    expect(requests.map(({ arrivalSeconds }) => arrivalSeconds)).toEqual([0, 12, 24, 100, 112, 124])
    const [first, second, third] = requests
    expect(first!.pieces!.map(({ tokens }) => tokens)).toEqual([50, 100])
    expect(second!.pieces!.map(({ tokens }) => tokens)).toEqual([50, 100, 10, 100])
    expect(second!.pieces!.slice(0, 2)).toEqual(first!.pieces)
    expect(second!.pieces![2]).toEqual({ id: first!.outputPiece, tokens: 10 })
    // The last turn is never continued: what it asks stays its own.
    expect(third!.pieces).toEqual([...second!.pieces!, { id: second!.outputPiece, tokens: 10 }])
    expect(third!.outputPiece).toBe(0)
  })

  test("pieces of the same id are the same text: no id has two lengths, and no two conversations share any but the prefix", () => {
    const chat = requestClass({ ...lengths, conversation, sharedPrefix: { tokens: 50, count: 3, exponent: 1 } })
    const { requests, isExhausted } = served(
      workload(poisson, { classes: [chat], requests: 600 }),
      (request) => request % 7
    )
    expect(isExhausted).toBe(true)
    const tokens = new Map<number, number>()
    for (const { pieces, promptTokens } of requests) {
      let covered = 0
      for (const piece of pieces!) {
        expect(tokens.get(piece.id) ?? piece.tokens).toBe(piece.tokens)
        tokens.set(piece.id, piece.tokens)
        covered += piece.tokens
      }
      expect(covered).toBeLessThanOrEqual(promptTokens)
    }
    const seconds = new Set<number>()
    for (const { pieces } of requests.filter((request) => request.pieces!.length === 2)) {
      expect(seconds.has(pieces![1]!.id)).toBe(false)
      seconds.add(pieces![1]!.id)
    }
  })

  test("later turns come out in order of time between the open arrivals", () => {
    const chat = requestClass({ conversation })
    const times = served(workload(poisson, { classes: [chat], requests: 600 }), () => 0.5).requests.map(
      ({ arrivalSeconds }) => arrivalSeconds
    )
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test("a user of a closed loop finishes a conversation, thinks, and begins another", () => {
    const chat = requestClass({ conversation })
    const arrivals: Arrivals = { kind: "closedLoop", users: 1, thinkTime: { kind: "constant", value: 100 } }
    const { requests } = served(workload(arrivals, { classes: [chat], requests: 5 }), () => 1)
    expect(requests.map(({ promptTokens }) => promptTokens)).toEqual([100, 210, 320, 100, 210])
    expect(requests.map(({ arrivalSeconds }) => arrivalSeconds)).toEqual([100, 111, 122, 223, 234])
  })

  test("of a class without conversations keep nothing", () => {
    const { requests } = served(workload(poisson, { requests: 10 }), () => 1)
    expect(requests.every(({ pieces, outputPiece }) => pieces === null && outputPiece === 0)).toBe(true)
  })
})

describe("shared texts", () => {
  test("are 10 a class, the first the most common by Zipf's law, and their own for each class", () => {
    const sharedPrefix = { tokens: 1000, count: 10, exponent: 1 }
    const classes = [requestClass({ name: "a", sharedPrefix }), requestClass({ name: "b", sharedPrefix })]
    const requests = requestsOf(workload(poisson, { classes, requests: 40_000 }))
    expect(requests[0]!.promptTokens).toBe(1100)
    const ids = (index: number) =>
      requests.filter(({ classIndex }) => classIndex === index).map(({ pieces }) => pieces![0]!.id)
    expect(new Set(ids(0)).size).toBe(10)
    expect(new Set([...ids(0), ...ids(1)]).size).toBe(20)
    const first = Math.min(...new Set(ids(0)))
    // 1 / (1 + 1/2 + ... + 1/10) = 0.3414
    expect(ids(0).filter((id) => id === first).length / ids(0).length).toBeCloseTo(0.341, 1)
    const texts = new Set<readonly PromptPiece[]>(requests.map(({ pieces }) => pieces!))
    expect(texts.size).toBe(20)
  })
})

describe("a trace", () => {
  test("is replayed with its times, lengths and content", () => {
    const requests = requestsOf(workload({ kind: "trace", trace, speedUp: 1 }))
    expect(requests.map((one) => [one.arrivalSeconds, one.promptTokens, one.outputTokens])).toEqual([
      [0, 600, 7],
      [1, 1100, 8],
      [4, 512, 9]
    ])
    expect(requests.map(({ pieces }) => pieces)).toEqual([
      [
        { id: 1, tokens: 512 },
        { id: 2, tokens: 88 }
      ],
      [
        { id: 1, tokens: 512 },
        { id: 3, tokens: 512 },
        { id: 4, tokens: 76 }
      ],
      []
    ])
  })

  test("twice as fast comes in half the time, and ends with the workload's limits", () => {
    const times = (changes: object) =>
      requestsOf(workload({ kind: "trace", trace, speedUp: 2 }, changes)).map(({ arrivalSeconds }) => arrivalSeconds)
    expect(times({})).toEqual([0, 0.5, 2])
    expect(times({ requests: 2 })).toEqual([0, 0.5])
    expect(times({ seconds: 2 })).toEqual([0, 0.5])
  })

  test("names the classes of its requests; what it does not name is drawn", () => {
    const named = { ...trace, classes: { names: ["code", "poetry"], index: Int32Array.of(0, 1, 0) } }
    const classes = [requestClass({ weight: 1 }), requestClass({ name: "code", weight: 0 })]
    const requests = requestsOf(workload({ kind: "trace", trace: named, speedUp: 1 }, { classes }))
    expect(requests.map(({ classIndex }) => classIndex)).toEqual([1, 0, 1])
    expect(unknownTraceClasses(named, ["chat", "code"])).toEqual(["poetry"])
    expect(unknownTraceClasses(trace, ["chat"])).toEqual([])
  })

  test("lends its pairs of lengths to other arrivals", () => {
    const requests = requestsOf(workload(poisson, { classes: [requestClass({ lengths: trace })] }))
    const pairs = new Set(requests.map(({ promptTokens, outputTokens }) => `${promptTokens}/${outputTokens}`))
    expect(pairs).toEqual(new Set(["600/7", "1100/8", "512/9"]))
  })
})

test("a million requests go through one record, and the source knows that nobody waits for an answer", () => {
  const source = makeRequestSource(workload(poisson, { requests: 1_000_000 }), 1)
  const into = emptyArrival()
  let count = 0
  while (source.next(into)) source.ended(count++, 0, into.arrivalSeconds)
  expect(count).toBe(1_000_000)
  expect(source.isExhausted()).toBe(true)
  expect(into).toEqual({ ...emptyArrival(), arrivalSeconds: into.arrivalSeconds, promptTokens: 100, outputTokens: 10 })
})
