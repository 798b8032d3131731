import { describe, expect, test } from "vitest"
import { benchmarkNames, summariseServing } from "../../../src/serving/result/index.ts"
import { peakFlopsOf } from "../../../src/serving/result/utilisation.ts"
import { linearSteps, makeClass, makeJob, makeLog, type Row } from "./hand.ts"

const rows: readonly Row[] = [
  // ttft 1, tpot 0.1, e2e 2
  { arrival: 0, scheduled: 0, firstToken: 1, finished: 2, prompt: 100, output: 11 },
  // ttft 3, tpot 0.5, e2e 5
  { arrival: 1, scheduled: 3, firstToken: 4, finished: 6, prompt: 300, output: 5, classIndex: 1 },
  // ttft 2, one token, e2e 2
  { arrival: 4, scheduled: 4, firstToken: 6, finished: 6, prompt: 50, output: 1 },
  { arrival: 5, state: "rejected" },
  { arrival: 6, scheduled: 6, firstToken: 7, finished: 8, generated: 4, output: 20, state: "cancelled" },
  { arrival: 7, scheduled: 7, firstToken: 8, generated: 20, output: 50, state: "running", classIndex: 1 },
  { arrival: 8, state: "waiting" }
]
const classes = [
  makeClass({ objectives: { ttftSeconds: 1.5, tpotSeconds: 0.2 } }),
  makeClass({ name: "code", objectives: { e2eSeconds: 5 } })
]
const job = makeJob({ workload: { ...makeJob().workload, classes } })
const log = makeLog(rows, 10, { isCut: true, rejectedTries: 3 })

describe("throughput", () => {
  const result = summariseServing(job, log)

  test("counts every request by how it stands at the end", () => {
    expect(result.requests).toEqual({
      arrived: 7,
      finished: 3,
      rejected: 1,
      failed: 0,
      cancelled: 1,
      running: 1,
      waiting: 1,
      rejectedTries: 3,
      counted: 7,
      countedFinished: 3
    })
  })

  test("is what finished over the 10 s, and the tokens of what finished or runs", () => {
    expect(result.throughput).toMatchObject({
      arrivalsPerSecond: 0.7,
      requestsPerSecond: 0.3,
      promptTokensPerSecond: 45,
      // 11 + 5 + 1 + 20
      outputTokensPerSecond: 3.7,
      tokensPerSecond: 48.7,
      outputTokensPerSecondPerAccelerator: 3.7
    })
  })

  test("is told by class", () => {
    expect(result.classes[1]!.throughput).toMatchObject({ requestsPerSecond: 0.1, outputTokensPerSecond: 2.5 })
    expect(result.classes[1]!.requests).toMatchObject({ arrived: 2, finished: 1, running: 1 })
  })

  test("that is good met the objectives of its class", () => {
    // The first and, on the dot, the second; the third's first token took 2 s.
    expect(result.throughput.goodRequestsPerSecond).toBeCloseTo(0.2, 12)
    expect(result.classes[0]!.throughput.goodRequestsPerSecond).toBeCloseTo(0.1, 12)
  })

  test("attains objectives in shares of what ended, turned away or given up included", () => {
    // Class chat: finished twice, rejected, cancelled. One token has met any time per token.
    expect(result.classes[0]!.attainment).toEqual({ all: 0.25, ttft: 0.25, tpot: 0.5, e2e: null })
    expect(result.classes[1]!.attainment).toEqual({ all: 1, ttft: null, tpot: null, e2e: 1 })
    expect(result.attainment.all).toBe(0.4)
  })

  test("is good without limit where no class has an objective", () => {
    const { throughput, attainment } = summariseServing(makeJob(), makeLog([rows[0]!], 2))
    expect(throughput.goodRequestsPerSecond).toBeNull()
    expect(attainment.all).toBeNull()
  })

  test("after a warm-up is of what happens after it", () => {
    const warm = { ...job, workload: { ...job.workload, warmUpSeconds: 5 } }
    const { throughput, window } = summariseServing(warm, log)
    expect(window.seconds).toBe(5)
    // The second and third finished at 6 s, though they came before.
    expect(throughput.requestsPerSecond).toBeCloseTo(2 / 5, 12)
    // Half of the second's 4 gaps (4 to 6 s), the third's one token, the running one's 20.
    expect(throughput.outputTokensPerSecond).toBeCloseTo((2 + 1 + 20) / 5, 12)
    expect(throughput.arrivalsPerSecond).toBeCloseTo(4 / 5, 12)
  })

  test("within which every request arrived is not left out", () => {
    const first = makeLog([rows[0]!], 2)
    const warm = { ...job, workload: { ...job.workload, warmUpSeconds: 5 } }
    const { window, requests } = summariseServing(warm, first)
    expect(window).toMatchObject({ fromSeconds: 0, isWarmUpTooLong: true })
    expect(requests.countedFinished).toBe(1)
    expect(summariseServing(warm, log).window.isWarmUpTooLong).toBe(false)
  })

  test("of a run that ends by itself is until its last token", () => {
    const { window, throughput } = summariseServing(makeJob(), makeLog([rows[0]!], 50))
    expect(window.toSeconds).toBe(2)
    expect(throughput.requestsPerSecond).toBe(0.5)
  })
})

describe("the names of vLLM's benchmark", () => {
  test("hold the same figures, in milliseconds", () => {
    const names = benchmarkNames(summariseServing(job, log))
    expect(names).toMatchObject({
      duration: 10,
      num_prompts: 7,
      completed: 3,
      failed: 2,
      total_input_tokens: 450,
      total_output_tokens: 17,
      request_throughput: 0.3,
      output_throughput: 3.7,
      total_token_throughput: 48.7,
      mean_ttft_ms: 2000,
      median_ttft_ms: 2000,
      median_e2el_ms: 2000,
      // The second, third and cancelled one, while the running one came: 5 s to 8 s.
      max_concurrent_requests: 3,
      mean_itl_ms: null
    })
    expect(names.request_goodput).toBeCloseTo(0.2, 12)
    expect(names.mean_tpot_ms).toBeCloseTo(300, 9)
    expect(names.std_ttft_ms).toBeCloseTo(1000 * Math.sqrt(2 / 3), 9)
    expect(names["p99_ttft_ms"]).toBeCloseTo(2980, 9)
    expect(names["p99.9_ttft_ms"]).toBeCloseTo(2998, 9)
  })
})

describe("utilisation", () => {
  const peak = 989.4e12
  const busy = makeLog(
    [{ arrival: 0, scheduled: 0, firstToken: 1, finished: 10 }],
    10,
    {},
    {
      busySeconds: 8,
      stageSeconds: 6,
      hostSeconds: 2,
      communicationSeconds: 1,
      flops: 989.4e12,
      bytes: 3.35e12 * 4,
      steps: 100,
      prefillTokens: 1000,
      decodeTokens: 2000,
      runningIntegral: 40,
      waitingIntegral: 5,
      usedBlockIntegral: 2500,
      peakBlocks: 600,
      largestBatch: 7,
      prefixLookups: 3,
      prefixLookupTokens: 400,
      prefixHitTokens: 100
    }
  )
  const { utilisation, load, cache, breakdown, energy } = summariseServing(makeJob(), busy)

  test("is a share of the peak in the format of the products", () => {
    expect(utilisation.peakFlopsPerAccelerator / peak).toBeCloseTo(1, 2)
    // One second's worth of peak FLOPs in ten, four seconds' worth of bandwidth.
    expect(utilisation.modelFlops).toBeCloseTo(0.1, 3)
    expect(utilisation.memoryBandwidth).toBeCloseTo(0.4, 2)
    expect(utilisation).toMatchObject({ busy: 0.8, communication: 0.1, host: 0.2 })
    const target = makeJob().target
    expect(peakFlopsOf({ ...target, precision: "fp8" })).toBe(target.accelerator.peakFlops.fp8)
    expect(peakFlopsOf({ ...target, precision: "int4-awq" })).toBe(target.accelerator.peakFlops.bf16)
  })

  test("of batch, queue and cache is exact over time", () => {
    expect(load).toMatchObject({
      meanRunning: 4,
      meanWaiting: 0.5,
      largestBatch: 7,
      meanStepTokens: 30,
      meanStepDecodes: 20,
      meanKeyValueShare: 0.25,
      peakKeyValueShare: 0.6
    })
    expect(cache).toEqual({ lookups: 3, lookupTokens: 400, hitTokens: 100, hitShare: 0.25 })
  })

  test("divides a replica's time without rest", () => {
    const { prefill, decode, communication, host, bubble, idle } = breakdown.replica
    expect(communication).toBeCloseTo(0.1, 12)
    expect(host).toBeCloseTo(0.2, 12)
    expect(idle).toBeCloseTo(0.2, 12)
    expect(bubble).toBeCloseTo(0, 12)
    const computing = [...Object.values(prefill), ...Object.values(decode)].reduce((sum, share) => sum + share, 0)
    expect(computing).toBeCloseTo(0.5, 12)
    expect(prefill.gemm + decode.gemm).toBeCloseTo(0.375, 12)
  })

  test("divides compute by logged seconds of steps with prompts", () => {
    const totals = { busySeconds: 8, stageSeconds: 8, prefillSteps: 10, prefillStageSeconds: 2, decodeTokens: 90 }
    const logged = makeLog([{ arrival: 0, scheduled: 0, firstToken: 1, finished: 10 }], 10, {}, totals)
    const { prefill, decode } = summariseServing(makeJob(), logged).breakdown.replica
    expect(prefill.gemm).toBeCloseTo(0.15, 12)
    expect(prefill.attention).toBeCloseTo(0.05, 12)
    expect(decode.gemm).toBeCloseTo(0.45, 12)
    expect(decode.attention).toBeCloseTo(0.15, 12)
  })

  test("without them charges prompts with what they add to a step", () => {
    // 10 steps of 10 decodes and 100 prompt tokens at 10 ms + 0.1 ms a token: half is the prompts'.
    const steps = makeJob({ steps: linearSteps(0.01, 1e-4) })
    const request = { arrival: 0, scheduled: 0, firstToken: 1, finished: 10 }
    const mixed = makeLog(
      Array.from({ length: 10 }, () => request),
      10,
      {},
      { busySeconds: 8, stageSeconds: 8 }
    )
    const { prefill, decode } = summariseServing(steps, mixed).breakdown.replica
    expect(prefill.gemm + prefill.attention).toBeCloseTo(0.4, 12)
    expect(decode.gemm + decode.attention).toBeCloseTo(0.4, 12)
  })

  test("draws power between idle and the rating", () => {
    expect(energy.averageWattsPerAccelerator).toBeGreaterThan(0.13 * 700)
    expect(energy.averageWattsPerAccelerator).toBeLessThan(700)
    // An eighth of a node's 2,500 W besides.
    expect(energy.joules).toBeCloseTo((energy.averageWattsPerAccelerator + 312.5) * 10, 6)
    expect(energy.gramsCarbon).toBeNull()
  })
})
