import { describe, expect, test } from "vitest"
import {
  fitsOneRequest,
  resolveServing,
  Scenario,
  scenarioFromData,
  servingChangesThatFit
} from "../../src/scenario/index.ts"
import { accepted, chat } from "./chat.ts"

const least = `cluster: { system: dgx-h100 }
model: llama-3-8b
serving: {}
workload: { arrivals: { poisson: { rate: 5 } }, prompt: { constant: 512 }, output: { constant: 128 } }
`

describe("what a scenario leaves out", () => {
  const { job, accelerators } = accepted(least)

  test("is a replica on every accelerator of one node, in 16 bits", () => {
    expect([accelerators, job.replicas, job.target.precision, job.target.keyValuePrecision]).toEqual([
      8,
      8,
      "bf16",
      "bf16"
    ])
    expect(job.target.layout).toEqual({ tensor: 1, pipeline: 1, expert: 1, dataAttention: 1 })
    expect(job.name).toBe("Llama 3 8B on NVIDIA DGX H100")
  })

  test("is vLLM of today, batching as it does", () => {
    expect([job.target.stack.name, job.target.version]).toEqual(["vllm-v1", "0.19"])
    expect(job.batching.policy).toBe("continuous-chunked")
    expect([job.batching.maximumSequences, job.batching.maximumStepTokens]).toEqual([1024, 8192])
    expect([job.cache.blockTokens, job.cache.prefixCaching, job.cache.preemption]).toEqual([16, true, "recompute"])
  })

  test("is 8 bits where the stack is for them, unless the scenario says otherwise", () => {
    const precisionOf = (serving: string) => accepted(least.replace("serving: {}", serving)).job.target.precision
    expect(precisionOf("serving: { stack: accelerate-int8 }")).toBe("int8-llm")
    expect(precisionOf("serving: { stack: deepspeed-inference-int8 }")).toBe("int8")
    expect(precisionOf("serving: { stack: accelerate-int8, precision: bf16 }")).toBe("bf16")
  })

  test("is as many blocks as memory leaves", () => {
    expect(job.cache.blocks).toBe(Math.floor(job.memory.keyValueTokens / 16))
    expect(job.cache.blocks).toBeGreaterThan(20_000)
  })

  test("is a thousand requests, without warm-up, and an end to it", () => {
    expect([job.workload.requests, job.workload.seconds, job.workload.warmUpSeconds]).toEqual([1000, Infinity, 0])
    // A thousand requests at 5 a second take 200 s: twice that, and an hour.
    expect([job.timeLimitSeconds, job.leap, job.seed]).toEqual([4000, "on", 1])
    expect(job.queue).toEqual({
      router: "round-robin",
      limit: Infinity,
      timeoutSeconds: Infinity,
      retries: 0,
      retrySeconds: 1
    })
  })
})

describe("eight cards on PCIe", () => {
  const load = { decodes: 32, decodeContext: 3200, decodeWindow: 3200, prefills: 0, prefillTokens: 0, prefillPairs: 0, prefillContext: 0, sampled: 32 } // prettier-ignore
  const communication = (cluster: string, parallelism: string): number => {
    const { steps } = accepted(
      `cluster: { ${cluster} }\nmodel: llama-3-8b\nserving: { parallelism: { ${parallelism} } }\nworkload: { arrivals: { batch: {} }, prompt: 512, output: 128 }\n`
    ).job
    return steps
      .parts(0, load)
      .filter(({ kind }) => kind === "communication")
      .reduce((sum, { seconds }) => sum + seconds, 0)
  }
  const reduced = (cluster: string): number => communication(cluster, "tensor: 8")

  test("stage collectives through the host where peer-to-peer is off, as GeForce cards do unless it is on", () => {
    const direct = reduced("system: l40s-8x-pcie")
    const staged = reduced("system: l40s-8x-pcie, scaleUp: { peerToPeer: false }")
    // 32 tokens of 8 KiB take 24 us of latency and 27 us of transfer, or (8 / 2)^1.7 = 10.6 times that.
    expect(staged / direct).toBeGreaterThan(4)
    expect(staged / direct).toBeLessThan(10.6)
    const unlocked = reduced("system: rtx-4090-8x, scaleUp: { peerToPeer: true }")
    expect(reduced("system: rtx-4090-8x") / unlocked).toBeGreaterThan(4)
  })
})

describe("requests until the workload ends", () => {
  const requests = (arrivals: string, more = ""): number =>
    accepted(least.replace("{ poisson: { rate: 5 } }", arrivals).replace("workload: {", `workload: { ${more}`)).job
      .workload.requests

  test.each([
    ["as given", "{ batch: {} }", "requests: 7, ", 7],
    ["offline: a full batch", "{ batch: {} }", "", 1024],
    ["closed loop of few: a thousand", "{ closedLoop: { users: 20 } }", "", 1000],
    ["closed loop of many: ten rounds", "{ closedLoop: { users: 300 } }", "", 3000],
    ["with a duration: all that come", "{ poisson: { rate: 5 } }", "duration: 1 min, ", 20_000_000]
  ])("%s", (_name, arrivals, more, expected) => {
    expect(requests(arrivals, more)).toBe(expected)
  })
})

describe("what a scenario says", () => {
  test("replaces the stack's own way", () => {
    const { job } = accepted(
      chat.replace(
        "parallelism: { tensor: 2 }",
        `parallelism: { tensor: 2, pipeline: 2 }
  precision: FP8
  batching: { policy: sarathi, maxBatchSize: 64, maxBatchTokens: 1024, order: priority }
  kvCache: { blockTokens: 32, precision: fp8, blocks: 500, preemption: swap, watermark: 5 %, swapSpace: 8 GB }
  router: power-of-two
  queue: { limit: 100, timeout: 30 s, retries: 2 }`
      )
    )
    expect([job.replicas, job.target.precision, job.target.keyValuePrecision]).toEqual([2, "fp8", "fp8"])
    expect(job.batching).toMatchObject({
      policy: "sarathi",
      maximumSequences: 64,
      maximumStepTokens: 1024,
      chunkTokens: 512,
      order: "priority",
      batchesInFlight: 2
    })
    expect(job.cache).toMatchObject({ blockTokens: 32, blocks: 500, preemption: "swap", watermark: 0.05 })
    // 32 layers in two stages, 8 heads of 128 over two ranks, keys and values of 1 byte: 16,384 bytes a token.
    expect(job.memory.keyValueBytesPerToken).toBe(16 * 4 * 128 * 2)
    expect(job.cache.swapBlocks).toBe(Math.floor(8e9 / (16_384 * 32)))
    expect(job.queue).toEqual({ router: "power-of-two", limit: 100, timeoutSeconds: 30, retries: 2, retrySeconds: 1 })
  })

  test("lets new prompts wait for one another, which nothing does unasked", () => {
    const batching = (written: string) =>
      accepted(chat.replace("parallelism", `batching: ${written}\n  parallelism`)).job.batching
    expect(batching("{ policy: in-flight, promptWait: { steps: 20, tokens: 90 % } }").promptWait).toEqual({
      steps: 20,
      tokensShare: 0.9
    })
    expect(batching("{ policy: in-flight }").promptWait).toBeUndefined()
  })

  test("makes room: the share of memory that the server uses", () => {
    const tokens = (share: number) =>
      accepted(chat.replace("parallelism", `kvCache: { memoryUtilisation: ${share} }\n  parallelism`)).job.memory
    const [half, most] = [tokens(0.5), tokens(0.9)]
    expect(half.usableBytes / half.capacityBytes).toBeCloseTo(0.5)
    expect(most.keyValueTokens).toBeGreaterThan(2 * half.keyValueTokens)
  })

  test("changes a copy of the stack", () => {
    const { stack } = accepted(chat, {}, [
      "serving.stack.constants.hostSecondsPerStep=3 ms",
      "serving.stack.graphs=none"
    ]).job.target
    expect(stack.constants.hostSecondsPerStep).toMatchObject({ value: 0.003, origin: "assumed" })
    expect([stack.graphs, stack.title]).toEqual([null, "vLLM engine v1, changed"])
  })

  test("picks the release of an older version", () => {
    expect(accepted(chat.replace("vllm-v1", 'vllm-v1\n  version: "0.12.1"')).job.target.version).toBe("0.12.1")
  })
})

describe("a value set from outside", () => {
  test("replaces the file's", () => {
    expect(accepted(chat, {}, ["serving.parallelism.tensor=4"]).job.replicas).toBe(2)
  })

  test("of another kind of arrivals or lengths takes the place of the one that was there", () => {
    const { workload } = accepted(chat, {}, [
      "workload.arrivals.closedLoop.users=7",
      "workload.output.exponential.mean=50"
    ]).job
    expect(workload.arrivals).toEqual({ kind: "closedLoop", users: 7, thinkTime: { kind: "constant", value: 0 } })
    expect(workload.classes[0]?.output).toEqual({ kind: "exponential", mean: 50 })
  })

  test("in a scenario that extends another as well", () => {
    const { workload } = accepted(
      "extends: base.yaml\nworkload: { arrivals: { gamma: { rate: 3, variation: 2 } } }\n",
      {
        "work/base.yaml": chat
      }
    ).job
    expect(workload.arrivals).toEqual({ kind: "gamma", rate: 3, variation: 2 })
  })
})

describe("classes", () => {
  test("have goals and patience of the workload unless they have their own", () => {
    const { classes } = accepted(
      chat.replace(
        /workload:[^]*/,
        `workload:
  arrivals: { poisson: { rate: 1 } }
  slo: { ttft: 1 s, tpot: 50 ms }
  patience: 1 min
  classes:
    - { name: chat, weight: 3, prompt: 5, output: 6 }
    - { name: batch, priority: 5, prompt: 5, output: 6, slo: { ttft: 10 s }, patience: 1 h, sharedPrefix: { tokens: 100 } }
`
      )
    ).job.workload
    expect(classes[0]).toMatchObject({
      weight: 3,
      priority: 0,
      objectives: { ttftSeconds: 1, tpotSeconds: 0.05 },
      patienceSeconds: 60
    })
    expect(classes[1]).toMatchObject({
      weight: 1,
      priority: 5,
      objectives: { ttftSeconds: 10, tpotSeconds: 0.05 },
      patienceSeconds: 3600,
      sharedPrefix: { tokens: 100, count: 1, exponent: 1 }
    })
  })
})

describe("a trace", () => {
  const traced = (file: string) =>
    chat
      .replace("{ poisson: { rate: 10 } }", `{ trace: { file: ${file}, onBadRow: skip, speedUp: 2 } }`)
      .replace(/ {2}prompt: .*\n {2}output: .*\n/, "")
  const rows = "arrival_seconds,prompt_tokens,output_tokens\n0,10,20\n1,x,20\n2,30,40\n"

  test("beside the scenario file is read, its bad rows skipped and counted", () => {
    const { arrivals, requests } = accepted(traced("a.csv"), { "work/a.csv": rows }).job.workload
    if (arrivals.kind !== "trace") throw new Error(arrivals.kind)
    expect([...arrivals.trace.promptTokens]).toEqual([10, 30])
    expect([arrivals.trace.skippedRows, arrivals.speedUp, requests]).toEqual([1, 2, 2])
  })

  test("gives the fingerprint its contents, not its name", () => {
    const [one, same, other] = [
      accepted(traced("a.csv"), { "work/a.csv": rows }),
      accepted(traced("b.csv"), { "work/b.csv": rows }),
      accepted(traced("a.csv"), { "work/a.csv": rows.replace("40", "41") })
    ].map(({ hash }) => hash)
    expect(same).toBe(one)
    expect(other).not.toBe(one)
  })
})

describe("a policy as a function", () => {
  const scenario = Scenario.make({
    cluster: { accelerator: "h100-sxm", accelerators: 1 },
    model: "llama-3.1-8b",
    serving: {
      stack: { extends: "vllm-v1", constants: { hostSecondsPerStep: 0.002 } },
      batching: {
        policy: (view) => ({ prefill: view.waiting.map(({ id, prefillLeft }) => ({ id, tokens: prefillLeft })) })
      }
    },
    workload: { arrivals: { batch: {} }, prompt: 100, output: 10 }
  })

  test("passes through to the job", () => {
    const loaded = scenarioFromData({ name: "mine.ts", data: scenario })
    const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded)
    if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
    expect(typeof resolved.job.batching.policy).toBe("function")
    expect(resolved.job.target.stack.constants.hostSecondsPerStep.value).toBe(0.002)
  })
})

describe("a model that does not fit", () => {
  const mpt = (accelerator: string, more = ""): string => `cluster: { accelerator: ${accelerator}, accelerators: 1 }
model: mpt-30b
serving: { ${more} }
workload: { arrivals: { batch: {} }, prompt: 512, output: 64 }
`

  test("MPT-30B fits an A100 80 GB in 16 bits and an A100 40 GB in 8; Falcon-40B neither in 16 bits nor the smaller one at all", () => {
    const fits = (text: string) => fitsOneRequest(accepted(text).job)
    expect(fits(mpt("a100-sxm-80gb"))).toBe(true)
    expect(fits(mpt("a100-sxm-40gb"))).toBe(false)
    expect(fits(mpt("a100-sxm-40gb", "precision: int8"))).toBe(true)
    expect(fits(mpt("a100-sxm-80gb").replace("mpt-30b", "falcon-40b"))).toBe(false)
    expect(fits(mpt("a100-sxm-40gb", "precision: int8").replace("mpt-30b", "falcon-40b"))).toBe(false)
  })

  test("comes with the smallest change of each kind that fits, each planned", () => {
    const changes = servingChangesThatFit(accepted(mpt("a100-sxm-40gb")))
    expect(changes.map((one) => one.changes)).toEqual([
      { "serving.parallelism.tensor": 2, "cluster.accelerators": 2 },
      { "serving.precision": "int8" },
      { "cluster.accelerator": "a100-sxm-80gb" },
      { "serving.offload.share": 0.5 }
    ])
    for (const { job, tokenSeconds } of changes) {
      expect(fitsOneRequest(job)).toBe(true)
      expect(tokenSeconds).toBeGreaterThan(0.01)
    }
  })

  test("blocks that hold no request do not serve, whatever memory there is", () => {
    expect(fitsOneRequest(accepted(mpt("a100-sxm-80gb", "kvCache: { blocks: 2 }")).job)).toBe(false)
  })
})
