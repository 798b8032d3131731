/** Prefill and decode replicas that stand in for one another: who computes and writes what, and until when. */
import { describe, expect, test } from "vitest"
import { type Lifecycle, simulateServing } from "../../../src/serving/index.ts"
import { listed, servingJob } from "../jobs.ts"
import { fleet, pool, type PoolChanges } from "./jobs.ts"

// A step of the first pool takes 4 s, of the second 1 s; one prompt of 100 tokens a step; 800 bytes take 8 s.
const law = { fixed: 1, perToken: 0, perContext: 0 }
const batching = { maximumStepTokens: 100 }
const prompts = (changes: PoolChanges = {}) =>
  pool("prompts", "prefill", { law: { ...law, fixed: 4 }, batching, ...changes })
const answers = (changes: PoolChanges = {}) => pool("answers", "decode", { law, batching, ...changes })
const mixing = { promptTokens: 150 }

describe("where more prompt tokens than the bound are queued", () => {
  const source = () =>
    listed([
      [0, 100, 3],
      [0, 100, 3],
      [0, 100, 3]
    ])

  test("a decode replica computes a prompt, and writes its answer", () => {
    const log = simulateServing(fleet([prompts(), answers()], { mixing }), { source: source() })
    // The third finds 100 tokens at either, and more than 150 with its own: the first of both.
    expect([...log.requests.replica]).toEqual([0, 1, 0])
    expect([...log.requests.handovers!.replica]).toEqual([1, -1, 1])
    expect([...log.requests.firstToken]).toEqual([4, 1, 8])
    expect(log.requests.finished[1]).toBe(3)
    // It is home when the prompt is computed.
    expect(log.mixing).toEqual({ entered: 1, replicaSeconds: 1, promptsBehind: 1, answersInFront: 0, stayed: 1 })
  })

  test("prompts wait all the same where replicas keep to their side", () => {
    const log = simulateServing(fleet([prompts(), answers()]), { source: source() })
    expect([...log.requests.replica]).toEqual([0, 0, 0])
    expect([...log.requests.firstToken]).toEqual([4, 8, 12])
    expect(log.mixing).toBeUndefined()
  })
})

test("a prompt that a decode replica has done with takes no place of an answer that arrives", () => {
  const one = answers({ batching: { ...batching, maximumSequences: 1 } })
  const source = listed([
    [0, 100, 3],
    [11, 100, 1],
    [11.5, 100, 1],
    [11.6, 100, 1]
  ])
  const log = simulateServing(fleet([prompts(), one], { mixing }), { source })
  expect([...log.requests.replica]).toEqual([0, 0, 0, 1])
  // Its keys and values are there at 12 s, in the middle of the prompt's step.
  expect(log.requests.finished[0]).toBeCloseTo(14.6, 9)
})

describe("where replicas fail", () => {
  const lifecycle = (at: NonNullable<Lifecycle["failures"]>["at"]): Lifecycle => ({
    startUp: {
      nodeSeconds: 0,
      imageSeconds: 0,
      weightBytes: 0,
      readBytesPerSecond: 1,
      storageBytesPerSecond: 1,
      warmUpSeconds: 0
    },
    failures: { meanSeconds: Infinity, at, repairSeconds: 100, requests: "retry", retries: 3 }
  })

  test("and no prefill replica runs, decode replicas serve requests whole", () => {
    const pools = [prompts({ pool: { lifecycle: lifecycle([[1, 0]]) } }), answers()]
    const log = simulateServing(fleet(pools, { mixing }), { source: listed([[0, 100, 3], [10, 100, 3]]) }) // prettier-ignore
    expect([...log.requests.replica]).toEqual([1, 1])
    expect([...log.requests.finished]).toEqual([4, 13])
    expect(log.mixing).toMatchObject({ promptsBehind: 2, stayed: 2 })
  })

  test("and no decode replica runs, the answer that was on its way goes on where its prompt is", () => {
    const pools = [prompts(), answers({ pool: { lifecycle: lifecycle([[6, 0]]) } })]
    const log = simulateServing(fleet(pools, { mixing }), { source: listed([[0, 100, 3]]) })
    // Prompt to 4 s, two of eight seconds on the wires, two steps of 4 s.
    expect([...log.requests.handovers!.replica]).toEqual([-1])
    expect(log.requests.firstToken[0]).toBe(4)
    expect(log.requests.finished[0]).toBe(14)
    expect(log.mixing).toMatchObject({ answersInFront: 1, stayed: 1 })
  })

  test("and neither runs, requests wait at the door", () => {
    const pools = [
      prompts({ pool: { lifecycle: lifecycle([[1, 0]]) } }),
      answers({ pool: { lifecycle: lifecycle([[1, 0]]) } })
    ]
    const log = simulateServing(fleet(pools, { mixing }), { source: listed([[2, 100, 1]]) })
    expect(log.requests.firstToken[0]).toBeCloseTo(101 + 4, 9)
    expect(log.door!.heldSeconds).toBeCloseTo(99, 9)
  })
})

test("a class is let in by the first token that the chosen replica would give", () => {
  const classes = servingJob({}).workload.classes.map((one) => ({
    ...one,
    admission: "reject" as const,
    objectives: { ttftSeconds: 5 }
  }))
  const job = fleet([prompts(), answers()], { mixing })
  const source = listed([[0, 100, 1], [0, 100, 1], [0, 100, 1]]) // prettier-ignore
  const log = simulateServing({ ...job, workload: { ...job.workload, classes } }, { source })
  // The third would wait for 4 s and take 4 s more.
  expect(log.door!.refused).toBe(1)
  expect([...log.requests.replica].slice(0, 2)).toEqual([0, 1])
})

describe("where no decode replica has room", () => {
  // The blocks of one request.
  const tight = answers({ cache: { blockTokens: 4, blocks: 28 } })
  const source = () =>
    listed([
      [0, 100, 3],
      [0, 100, 3],
      [30, 100, 2]
    ])

  test("a prefill replica writes the answer of its own prompt, and is home with its last token", () => {
    const job = fleet([prompts(), tight], { mixing: { promptTokens: 1000 } })
    const log = simulateServing(job, { source: source() })
    expect([...log.requests.replica]).toEqual([0, 0, 0])
    expect([...log.requests.handovers!.replica]).toEqual([1, -1, 1])
    // The first moves from 4 s to 12 s; the second is computed at 8 s and stays, in steps of 4 s.
    expect(log.requests.finished[0]).toBeCloseTo(14, 9)
    expect(log.requests.finished[1]).toBeCloseTo(16, 9)
    expect(log.mixing).toEqual({ entered: 1, replicaSeconds: 8, promptsBehind: 0, answersInFront: 1, stayed: 1 })
  })

  test("a prefill replica that writes answers already takes those of others", () => {
    const two = prompts({ pool: { replicas: 2 }, cache: { blockTokens: 4, blocks: 60 } })
    const log = simulateServing(fleet([two, tight], { mixing: { promptTokens: 1000 } }), {
      source: listed([
        [0, 100, 9],
        [1, 100, 3],
        [2, 100, 3]
      ])
    })
    // The third's prompt is done at 8 s, while the second writes the answer of its own.
    expect([...log.requests.replica]).toEqual([0, 1, 0])
    expect(log.mixing!.answersInFront).toBe(2)
    expect([...log.requests.handovers!.replica]).toEqual([2, -1, 1])
  })
})
