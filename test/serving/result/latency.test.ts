import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { quantile } from "../../../src/statistics/index.ts"
import { summariseServing } from "../../../src/serving/result/index.ts"
import { summariseLatency } from "../../../src/serving/result/latency-summary.ts"
import { makeClass, makeJob, makeLog, type Row } from "./hand.ts"

describe("the summary of a latency", () => {
  test("of 1 ... 101 s has its quantiles at 1 + 100 p", () => {
    const values = Float64Array.from({ length: 101 }, (_, index) => 101 - index)
    const { count, mean, deviation, least, p50, p90, p95, p99, p999, greatest } = summariseLatency(values)
    expect({ count, mean, least, p50, p90, p95, p99, greatest }).toEqual({
      count: 101,
      mean: 51,
      least: 1,
      p50: 51,
      p90: 91,
      p95: 96,
      p99: 100,
      greatest: 101
    })
    expect(p999).toBeCloseTo(100.9)
    // (101^2 - 1) / 12 = 850
    expect(deviation).toBeCloseTo(Math.sqrt(850), 9)
  })

  test("of nothing is not a number, of one value that value", () => {
    expect(summariseLatency(new Float64Array(0))).toMatchObject({ count: 0, mean: NaN, p50: NaN, greatest: NaN })
    expect(summariseLatency(Float64Array.of(3))).toMatchObject({ mean: 3, deviation: 0, p50: 3, p999: 3 })
  })

  test.each([2, 19, 20, 21, 77, 1000, 12_345])("of %i values drawn by lot is that of the sorted sample", (count) => {
    const draw = randomStream(count, "values")
    const values = Float64Array.from({ length: count }, () => (draw() < 0.3 ? 0.5 : -Math.log(1 - draw())))
    const copy = values.slice()
    const summary = summariseLatency(values)
    for (const [name, share] of [
      ["p50", 0.5],
      ["p90", 0.9],
      ["p95", 0.95],
      ["p99", 0.99],
      ["p999", 0.999]
    ] as const)
      expect(summary[name]).toBe(quantile(copy, share))
    expect(summary.greatest).toBe(Math.max(...copy))
  })

  test("has an interval of the mean from 50 values, of p99 from 5,000, of p99.9 from 50,000", () => {
    const draw = randomStream(5, "values")
    const halfWidths = (count: number) => summariseLatency(Float64Array.from({ length: count }, draw)).halfWidths
    expect(halfWidths(49).mean).toBeNull()
    expect(halfWidths(50).mean).toBeGreaterThan(0)
    expect(halfWidths(4999).p99).toBeNull()
    expect(halfWidths(5000).p99).toBeGreaterThan(0)
    expect(halfWidths(49_999).p999).toBeNull()
    expect(halfWidths(50_000).p999).toBeGreaterThan(0)
  })

  test("holds the true mean and quantiles of independent values about 95 times of 100", () => {
    let [means, medians, nineties] = [0, 0, 0]
    const runs = 400
    for (let run = 0; run < runs; run++) {
      const draw = randomStream(run, "uniform")
      const { mean, p50, p90, halfWidths } = summariseLatency(Float64Array.from({ length: 2000 }, draw))
      if (Math.abs(mean - 0.5) <= halfWidths.mean!) means++
      if (Math.abs(p50 - 0.5) <= halfWidths.p50!) medians++
      if (Math.abs(p90 - 0.9) <= halfWidths.p90!) nineties++
    }
    for (const held of [means, medians, nineties]) {
      expect(held / runs).toBeGreaterThan(0.91)
      expect(held / runs).toBeLessThan(0.985)
    }
  })
})

describe("the latencies of a run", () => {
  const rows: readonly Row[] = [
    { arrival: 0, scheduled: 0.5, firstToken: 1, finished: 3, output: 5 },
    { arrival: 1, scheduled: 3, firstToken: 3.5, finished: 3.5, output: 1 },
    { arrival: 2, scheduled: 3, firstToken: 4, finished: 10, output: 4, classIndex: 1 },
    { arrival: 3, state: "rejected" },
    { arrival: 4, scheduled: 5, state: "running" }
  ]
  const job = makeJob({
    workload: { ...makeJob().workload, classes: [makeClass(), makeClass({ name: "code" })] }
  })
  const { latency, classes, breakdown } = summariseServing(job, makeLog(rows, 12, { isCut: true }))

  test("are of the requests that finished", () => {
    // 1, 2.5 and 2 s
    expect(latency.ttft).toMatchObject({ count: 3, p50: 2, least: 1, greatest: 2.5 })
    expect(latency.ttft.mean).toBeCloseTo(5.5 / 3, 12)
    expect(latency.queueing).toMatchObject({ count: 3, least: 0.5, p50: 1, greatest: 2 })
    expect(latency.e2e).toMatchObject({ count: 3, least: 2.5, p50: 3, greatest: 8 })
  })

  test("per output token leave out answers of one token", () => {
    // 2 s / 4 gaps and 6 s / 3 gaps
    expect(latency.tpot).toMatchObject({ count: 2, least: 0.5, greatest: 2 })
    // 3 / 5, 2.5 / 1, 8 / 4
    expect(latency.perToken).toMatchObject({ count: 3, least: 0.6, p50: 2, greatest: 2.5 })
  })

  test("are told by class", () => {
    expect(classes.map(({ name }) => name)).toEqual(["chat", "code"])
    expect(classes[0]!.latency.ttft).toMatchObject({ count: 2, least: 1, greatest: 2.5 })
    expect(classes[1]!.latency.ttft).toMatchObject({ count: 1, mean: 2 })
  })

  test("divide into queue, prefill and decode", () => {
    expect(breakdown.request.queue).toBeCloseTo(3.5 / 3, 12)
    expect(breakdown.request.prefill).toBeCloseTo(2 / 3, 12)
    expect(breakdown.request.decode).toBeCloseTo(8 / 3, 12)
    expect(breakdown.request.preempted).toBeNull()
  })

  test("leave the warm-up out", () => {
    const late = { ...job, workload: { ...job.workload, warmUpSeconds: 1 } }
    const result = summariseServing(late, makeLog(rows, 12, { isCut: true }))
    expect(result.latency.ttft).toMatchObject({ count: 2, least: 2, greatest: 2.5 })
    expect(result.requests).toMatchObject({ arrived: 5, finished: 3, counted: 4, countedFinished: 2 })
    expect(result.window).toMatchObject({ fromSeconds: 1, toSeconds: 12, seconds: 11 })
  })

  test("time put aside is taken from the decode first", () => {
    const log = makeLog([{ arrival: 0, scheduled: 1, firstToken: 2, finished: 10, preemptions: 1 }], 10)
    const logged = { ...log, requests: { ...log.requests, preemptedSeconds: Float64Array.of(3) } }
    expect(summariseServing(makeJob(), logged).breakdown.request).toEqual({
      queue: 1,
      prefill: 1,
      decode: 5,
      preempted: 3
    })
  })
})

describe("the latency between tokens", () => {
  test("is that of the expanded gaps", () => {
    const log = makeLog([{ arrival: 0, scheduled: 0, firstToken: 1, finished: 2 }], 2, {
      gaps: {
        count: 2,
        first: Float64Array.of(0.02, 0.5),
        increment: Float64Array.of(0.01, 0),
        steps: Float64Array.of(3, 1),
        sequences: Float64Array.of(2, 1)
      }
    })
    // 0.02 0.02 0.03 0.03 0.04 0.04 0.5
    const { interTokenLatency: itl } = summariseServing(makeJob(), log)
    expect(itl).toMatchObject({ count: 7, least: 0.02, p50: 0.03, greatest: 0.5 })
    expect(itl.mean).toBeCloseTo(0.68 / 7, 12)
    expect(itl.halfWidths.mean).toBeNull()
  })

  test("has an interval of its mean where there are rows enough", () => {
    const count = 4000
    const draw = randomStream(2, "gaps")
    const log = makeLog([{ arrival: 0, scheduled: 0, firstToken: 1, finished: 2 }], 2, {
      gaps: {
        count,
        first: Float64Array.from({ length: count }, () => 0.02 + 0.02 * draw()),
        increment: new Float64Array(count),
        steps: Float64Array.from({ length: count }, () => 1 + Math.floor(4 * draw())),
        sequences: Float64Array.from({ length: count }, () => 1 + Math.floor(4 * draw()))
      }
    })
    const { mean, halfWidths } = summariseServing(makeJob(), log).interTokenLatency
    // A row's mean deviates by 0.02 / sqrt(12) = 5.8 ms: over 4,000 rows of unequal weight by about 0.11 ms.
    expect(Math.abs(mean - 0.03)).toBeLessThan(0.0004)
    expect(halfWidths.mean).toBeGreaterThan(0.00012)
    expect(halfWidths.mean).toBeLessThan(0.0004)
  })
})
