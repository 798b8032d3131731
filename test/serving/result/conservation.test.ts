import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { conservationFindings } from "../../../src/serving/result/index.ts"
import type { ServingLog } from "../../../src/serving/types.ts"
import { makeJob, makeLog, oneAtATime, type Row } from "./hand.ts"

const job = makeJob()
const good: Row = { arrival: 1, scheduled: 2, firstToken: 3, finished: 4 }

const withTotals = (log: ServingLog, changes: Partial<ServingLog["replicas"][number]["totals"]>): ServingLog => ({
  ...log,
  replicas: log.replicas.map(({ totals, series }) => ({ totals: { ...totals, ...changes }, series }))
})

describe("a run that conserves everything", () => {
  test.each([1, 2, 3, 4, 5])("has no findings (one server, arrivals by lot, seed %i)", (seed) => {
    const draw = randomStream(seed, "arrivals")
    const arrivals = Array.from({ length: 500 }, () => draw() * 60).sort((a, b) => a - b)
    expect(conservationFindings(job, oneAtATime(arrivals, 0.1))).toEqual([])
    expect(conservationFindings(job, oneAtATime(arrivals, 0.2, 50))).toEqual([])
  })

  test("may turn requests away, cancel them, and stop while some run", () => {
    const rows: readonly Row[] = [
      { arrival: 0, scheduled: 0, firstToken: 1, finished: 5 },
      { arrival: 1, state: "rejected", finished: 1 },
      { arrival: 2, scheduled: 3, firstToken: 4, finished: 6, generated: 5, state: "cancelled" },
      { arrival: 2, finished: 8, state: "cancelled" },
      { arrival: 3, scheduled: 3, firstToken: 4, generated: 3, state: "running" },
      { arrival: 4, state: "waiting" }
    ]
    expect(conservationFindings(job, makeLog(rows, 10, { isCut: true }, { heldBlocks: 7 }))).toEqual([])
  })
})

describe("what is out of order is found", () => {
  const log = makeLog([good], 4)
  test.each<[string, ServingLog, RegExp]>([
    ["times", makeLog([{ ...good, firstToken: 1.5 }], 4), /^request 0 has its times out of order: 1, 2, 1.5, 4$/],
    ["a short answer", makeLog([{ ...good, generated: 3 }], 4), /^request 0 finished with 3 of 11 tokens$/],
    ["a long answer", makeLog([{ ...good, generated: 12 }], 4), /^request 0 generated 12 of 11 tokens$/],
    ["arrivals out of order", makeLog([good, { ...good, arrival: 0.5 }], 4), /^request 1 arrived before request 0$/],
    [
      "an arrival after the end",
      makeLog([{ arrival: 9, state: "waiting" }], 4, { isCut: true }),
      /^request 0 arrived at 9 s/
    ],
    ["work left", makeLog([{ arrival: 1, state: "waiting" }], 4), /^the run ended by itself with 1 requests/],
    ["a lost token", withTotals(log, { decodeTokens: 9 }), /^11 tokens were generated, 9 decoded after 1 first tokens/],
    ["a token too many", withTotals(log, { decodeTokens: 11 }), /^11 tokens were generated, 11 decoded/],
    ["a prompt token lost", withTotals(log, { prefillTokens: 99 }), /^99 prompt tokens were computed of 100/],
    ["a prompt token twice", withTotals(log, { prefillTokens: 101 }), /^101 prompt tokens were computed/],
    ["a preemption unheard of", withTotals(log, { preemptions: 1 }), /^replicas preempted 1 times/],
    ["a leaked block", withTotals(log, { heldBlocks: 1 }), /^replica 0 holds 1 blocks though nothing runs on it$/],
    ["a block given back twice", withTotals(log, { heldBlocks: -1 }), /^replica 0 /],
    ["more blocks than there are", withTotals(log, { peakBlocks: 1001 }), /^replica 0 used 1001 of 1000 blocks$/],
    ["a batch too large", withTotals(log, { largestBatch: 2 }), /^replica 0 ran 2 sequences of 1 at most$/],
    ["too busy", withTotals(log, { busySeconds: 5 }), /^replica 0 was busy for 5 s of 4 s$/],
    ["work without being busy", withTotals(log, { stageSeconds: 1 }), /^replica 0 worked 1 stage seconds in 0 s$/],
    ["Little's law", withTotals(log, { runningIntegral: 2.1 }), /^Little's law: replicas counted 3.1 request seconds/],
    ["Little's law", withTotals(log, { waitingIntegral: 0.9 }), /^Little's law: replicas counted 2.9 request seconds/]
  ])("%s", (_, broken, finding) => {
    const findings = conservationFindings(job, broken)
    expect(findings.some((text) => finding.test(text))).toBe(true)
  })

  test("a thousand of a kind are told in four lines", () => {
    const rows = Array.from({ length: 1000 }, (): Row => ({ ...good, firstToken: 1.5 }))
    const findings = conservationFindings(job, makeLog(rows, 4))
    expect(findings).toHaveLength(4)
    expect(findings[3]).toBe("... and 997 more like it")
  })
})
