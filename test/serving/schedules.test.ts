/** Small schedules computed by hand: every step takes one second. */
import { describe, expect, test } from "vitest"
import type { Batching, KeyValueCache } from "../../src/serving/index.ts"
import { listed, servingJob } from "./jobs.ts"
import { stepTable } from "./step-table.ts"

type Rows = Parameters<typeof listed>[0]

const run = (batching: Partial<Batching>, cache: Partial<KeyValueCache>, rows: Rows, maximumSequence = 1000) =>
  stepTable(servingJob({ batching, cache: { blockTokens: 4, ...cache }, maximumSequence }), listed(rows))

describe("continuous batching with chunks (vLLM v1)", () => {
  test("running requests first, then prompts in chunks of what the budget leaves", () => {
    const { steps, log } = run({ policy: "continuous-chunked", maximumStepTokens: 8 }, {}, [
      [0, 10, 3],
      [0, 4, 2],
      [0, 3, 2]
    ])
    expect(steps).toEqual([
      [1, 8, 0, 0], // 8 of the first prompt's 10
      [3, 8, 0, 0], // its last 2, the second's 4, 2 of the third's 3
      [1, 1, 2, 16], // two decode at 11 and 5; the third's last token
      [0, 0, 2, 16] // 12 and 4
    ])
    expect([...log.requests.scheduled]).toEqual([0, 1, 1])
    expect([...log.requests.firstToken]).toEqual([2, 2, 3])
    expect([...log.requests.finished]).toEqual([4, 3, 4])
  })

  test("a cap on a prompt's tokens in a step lets the next one in", () => {
    const { steps } = run({ policy: "continuous-chunked", maximumStepTokens: 8, chunkTokens: 5 }, {}, [
      [0, 10, 1],
      [0, 4, 2]
    ])
    expect(steps).toEqual([
      [2, 8, 0, 0], // 5 and 3
      [2, 6, 0, 0], // 5 and 1
      [0, 0, 1, 5]
    ])
  })

  test("a request that arrives during a step waits for its end", () => {
    const { log } = run({ policy: "continuous-chunked" }, {}, [
      [0, 4, 5],
      [1.5, 4, 1]
    ])
    expect([...log.requests.scheduled]).toEqual([0, 2])
    expect([...log.requests.finished]).toEqual([5, 3])
  })

  test("more sequences than tokens in a step: the last admitted sit out", () => {
    const { steps } = run({ policy: "continuous-chunked", maximumStepTokens: 2 }, {}, [
      [0, 1, 2],
      [0, 1, 2],
      [0, 2, 1]
    ])
    expect(steps).toEqual([
      [2, 2, 0, 0],
      [0, 0, 2, 4],
      [1, 2, 0, 0]
    ])
  })
})

test("prompts first (vLLM v0): whole prompts, and decodes only when there are none", () => {
  const { steps, log } = run({ policy: "continuous", maximumStepTokens: 12 }, {}, [
    [0, 10, 3],
    [0, 4, 2],
    [0, 3, 2],
    [1.5, 5, 2]
  ])
  expect(steps).toEqual([
    [1, 10, 0, 0], // 10 + 4 is over 12
    [2, 7, 0, 0],
    [1, 5, 0, 0],
    [0, 0, 4, 26], // 11 + 5 + 4 + 6
    [0, 0, 1, 12]
  ])
  const { count, first, sequences } = log.gaps
  // The first waits 3 s for its second token, the next two 2 s, the last 1 s; then the first 1 s more.
  expect(Array.from({ length: count }, (_, row) => [first[row], sequences[row]])).toEqual([
    [3, 1],
    [2, 2],
    [1, 1],
    [1, 1]
  ])
})

test("prompts first leaves 1 % of the blocks free when it admits", () => {
  // 101 blocks, watermark 2: the first prompt takes 97, so that a second of 3 would leave 1.
  const rows: Rows = [
    [0, 388, 2],
    [0, 12, 1]
  ]
  const options = { policy: "continuous", maximumStepTokens: 512 } as const
  expect(run(options, { blocks: 101, watermark: 0.01 }, rows).steps).toEqual([
    [1, 388, 0, 0],
    [0, 0, 1, 389],
    [1, 12, 0, 0]
  ])
  expect(run(options, { blocks: 101, watermark: 0 }, rows).steps[0]).toEqual([2, 400, 0, 0])
})

test("Sarathi: decodes, then the prompt under way, then new ones, within the chunk", () => {
  const { steps } = run({ policy: "sarathi", chunkTokens: 6, maximumStepTokens: 512 }, {}, [
    [0, 10, 3],
    [0, 4, 2]
  ])
  expect(steps).toEqual([
    [1, 6, 0, 0],
    [2, 6, 0, 0],
    [1, 2, 1, 11],
    [0, 0, 2, 17]
  ])
})

test("Orca reserves the longest sequence for everyone", () => {
  // 8 blocks of 4 tokens hold two sequences of 16.
  const { steps, log } = run(
    { policy: "orca" },
    { blocks: 8 },
    [
      [0, 10, 2],
      [0, 4, 3],
      [0, 3, 1]
    ],
    16
  )
  expect(steps).toEqual([
    [2, 14, 0, 0],
    [0, 0, 2, 16],
    [1, 3, 1, 6] // the first has left
  ])
  expect(log.replicas[0]!.totals.peakBlocks).toBe(8)
})

describe("in-flight batching (TensorRT-LLM)", () => {
  describe("new prompts that wait for others", () => {
    const started = (steps: number, tokensShare: number, rows: Rows) => [
      ...run({ policy: "in-flight", maximumStepTokens: 10, promptWait: { steps, tokensShare } }, {}, rows).log.requests
        .scheduled
    ]

    test("sit out so many steps while somebody decodes, and start at once where nobody does", () => {
      // The first starts at once; the second comes during its second step and sits out those that start at 2, 3 and 4.
      expect(
        started(3, 1, [
          [0, 4, 20],
          [1.5, 4, 1]
        ])
      ).toEqual([0, 5])
      expect(
        started(0, 1, [
          [0, 4, 20],
          [1.5, 4, 1]
        ])
      ).toEqual([0, 2])
    })

    test("start when they and the decodes fill the share of a step", () => {
      // 1 decode and 4 tokens are below 8 of 10; with 4 more at 3.5 s it is 9.
      expect(
        started(100, 0.8, [
          [0, 4, 20],
          [1.5, 4, 1],
          [3.5, 4, 1]
        ])
      ).toEqual([0, 4, 4])
    })

    test("start when the last answer has ended, however few they are", () => {
      expect(
        started(100, 1, [
          [0, 4, 5],
          [1.5, 4, 1]
        ])
      ).toEqual([0, 5])
    })
  })

  test("reserves prompt and output, and takes whole prompts beside decodes", () => {
    const { steps } = run({ policy: "in-flight", maximumStepTokens: 16 }, { blocks: 8 }, [
      [0, 10, 3], // 3 blocks
      [0, 8, 9], // 4 blocks
      [0, 2, 2], // 1 block
      [0, 4, 4] // 2 blocks: waits
    ])
    expect(steps).toEqual([
      [1, 10, 0, 0],
      [2, 10, 1, 11],
      [0, 0, 3, 24],
      [1, 4, 1, 10],
      [0, 0, 2, 16],
      [0, 0, 2, 18],
      [0, 0, 2, 20],
      [0, 0, 1, 14],
      [0, 0, 1, 15],
      [0, 0, 1, 16]
    ])
  })

  test("may split prompts", () => {
    const rows: Rows = [
      [0, 10, 1],
      [0, 4, 1]
    ]
    expect(run({ policy: "in-flight", maximumStepTokens: 6, chunkedPrefill: true }, {}, rows).steps).toEqual([
      [1, 6, 0, 0],
      [2, 6, 0, 0],
      [1, 2, 0, 0]
    ])
    // Unsplit, the first is longer than any step: it goes alone.
    expect(run({ policy: "in-flight", maximumStepTokens: 6 }, {}, rows).steps).toEqual([
      [1, 10, 0, 0],
      [1, 4, 0, 0]
    ])
  })
})

describe("mixed batching (Splitwise)", () => {
  const rows: Rows = [
    [0, 4, 5],
    [0.5, 5, 2],
    [1.5, 6, 1],
    [2.5, 6, 1]
  ]

  test("whole prompts go first, and who has sat out often enough goes before them", () => {
    expect(run({ policy: "mixed", maximumStepTokens: 6, mostPauses: 1 }, {}, rows).steps).toEqual([
      [1, 4, 0, 0],
      [1, 5, 1, 5], // one token is left beside the second prompt
      [1, 6, 0, 0], // none beside the third: both sit out
      [0, 0, 2, 12], // both go first now, and the fourth prompt does not fit beside them
      [1, 6, 0, 0],
      [0, 0, 1, 7],
      [0, 0, 1, 8]
    ])
  })

  test("prompts never wait for who may sit out without end", () => {
    const { steps, log } = run({ policy: "mixed", maximumStepTokens: 6, mostPauses: 100 }, {}, rows)
    expect(steps.slice(2)).toEqual([
      [1, 6, 0, 0],
      [1, 6, 0, 0],
      [0, 0, 2, 12],
      [0, 0, 1, 7],
      [0, 0, 1, 8]
    ])
    expect([...log.requests.firstToken]).toEqual([1, 2, 3, 4])
    expect(log.replicas[0]!.totals.preemptions).toBe(0)
  })

  test("a prompt longer than the budget goes alone", () => {
    const long: Rows = [
      [0, 2, 3],
      [0.5, 9, 1]
    ]
    expect(run({ policy: "mixed", maximumStepTokens: 6 }, {}, long).steps).toEqual([
      [1, 2, 0, 0],
      [1, 9, 0, 0],
      [0, 0, 1, 3],
      [0, 0, 1, 4]
    ])
  })
})

test("static: who has ended stays in the batch, and all leave with the longest", () => {
  const { steps, log } = run({ policy: "static", maximumSequences: 2 }, {}, [
    [0, 3, 1],
    [0, 4, 3],
    [0, 2, 2]
  ])
  expect(steps).toEqual([
    [2, 7, 0, 0],
    [0, 0, 2, 9], // 4 of the one that has ended, 5
    [0, 0, 2, 11],
    [1, 2, 0, 0], // nobody else will come
    [0, 0, 1, 3]
  ])
  expect([...log.requests.firstToken]).toEqual([1, 1, 4])
  expect([...log.requests.finished]).toEqual([3, 3, 5])
  expect([...log.requests.generated]).toEqual([1, 3, 2])
})

test("dynamic: starts when full or when the oldest has waited long enough", () => {
  const { log } = run({ policy: "dynamic", maximumSequences: 2, timeoutSeconds: 2.5 }, {}, [
    [0, 3, 1],
    [3, 2, 1],
    [3.25, 2, 1],
    [10, 2, 1]
  ])
  expect([...log.requests.scheduled]).toEqual([2.5, 3.5, 3.5, 12.5])
  expect(log.seconds).toBe(13.5)
})

test("none: one request at a time, in the order of arrival", () => {
  const { steps, log } = run({ policy: "none", maximumSequences: 8 }, {}, [
    [0, 3, 2],
    [0.5, 4, 1]
  ])
  expect(steps).toEqual([
    [1, 3, 0, 0],
    [0, 0, 1, 4],
    [1, 4, 0, 0]
  ])
  expect([...log.requests.finished]).toEqual([2, 3])
})
