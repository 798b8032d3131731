/** Jobs and logs made by hand: a request costs what the test says, and nothing is simulated. */
import { accelerators, models } from "../../../src/catalog/index.ts"
import type { StepLoad, StepModel } from "../../../src/inference/index.ts"
import {
  requestStates,
  type RequestClass,
  type RequestLog,
  type RequestState,
  type ServingJob,
  type ServingLog
} from "../../../src/serving/types.ts"

const named = <T extends { readonly name: string }>(entries: readonly T[], name: string): T => {
  const found = entries.find((entry) => entry.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

export const h100 = named(accelerators, "h100-sxm")
export const llama = named(models, "llama-3-8b")

/** A step takes `base` seconds and so much more per prompt token; products and attention share it 3 : 1. */
export const linearSteps = (base: number, perPromptToken = 0, perDecode = 0): StepModel => {
  const stageSeconds = (_stage: number, load: StepLoad): number =>
    base + perPromptToken * load.prefillTokens + perDecode * load.decodes
  return {
    stages: 1,
    stageSeconds,
    hopSeconds: () => 0,
    hostSeconds: () => 0,
    firstTokenSeconds: 0,
    decodeLine: () => undefined,
    addWork: () => undefined,
    parts: (stage, load) => [
      { name: "products", kind: "gemm", seconds: 0.75 * stageSeconds(stage, load) },
      { name: "attention", kind: "attention", seconds: 0.25 * stageSeconds(stage, load) }
    ],
    evidence: []
  }
}

export const makeClass = (changes: Partial<RequestClass> = {}): RequestClass => ({
  name: "chat",
  weight: 1,
  priority: 0,
  prompt: { kind: "constant", value: 100 },
  output: { kind: "constant", value: 11 },
  objectives: {},
  sharedPrefix: null,
  conversation: null,
  patienceSeconds: null,
  ...changes
})

export const makeJob = (changes: Partial<ServingJob> = {}): ServingJob => ({
  name: "by hand",
  target: {
    accelerator: h100,
    fabric: { acceleratorsPerNode: 8, nodes: 1 },
    model: llama,
    layout: { tensor: 1, pipeline: 1, expert: 1, dataAttention: 1 },
    precision: "bf16",
    maximumSequence: 8192
  } as unknown as ServingJob["target"],
  steps: linearSteps(0.01),
  memory: { capacityBytes: 80e9, fits: true } as unknown as ServingJob["memory"],
  replicas: 1,
  batching: {
    policy: "none",
    maximumSequences: 1,
    maximumStepTokens: 8192,
    timeoutSeconds: 0,
    chunkTokens: 0,
    chunkedPrefill: true,
    order: "arrival",
    batchesInFlight: 1
  },
  cache: {
    blockTokens: 16,
    blocks: 1000,
    prefixCaching: false,
    preemption: "recompute",
    swapSecondsPerToken: 0,
    swapBlocks: 0,
    watermark: 0
  },
  queue: { router: "round-robin", limit: Infinity, timeoutSeconds: Infinity, retries: 0, retrySeconds: 1 },
  workload: {
    arrivals: { kind: "poisson", rate: { kind: "constant", rate: 1 } },
    classes: [makeClass()],
    requests: 1000,
    seconds: Infinity,
    warmUpSeconds: 0
  },
  timeLimitSeconds: Infinity,
  leap: "on",
  seed: 1,
  trace: "off",
  requestLanes: false,
  price: null,
  nodeWatts: 2500,
  evidence: [],
  ...changes
})

export interface Row {
  readonly arrival: number
  readonly scheduled?: number
  readonly firstToken?: number
  readonly finished?: number
  readonly prompt?: number
  readonly output?: number
  readonly generated?: number
  readonly cached?: number
  readonly preemptions?: number
  readonly classIndex?: number
  readonly replica?: number
  readonly state?: RequestState
}

export const requestLog = (rows: readonly Row[]): RequestLog => ({
  count: rows.length,
  arrival: Float64Array.from(rows, ({ arrival }) => arrival),
  scheduled: Float64Array.from(rows, ({ scheduled }) => scheduled ?? NaN),
  firstToken: Float64Array.from(rows, ({ firstToken }) => firstToken ?? NaN),
  finished: Float64Array.from(rows, ({ finished }) => finished ?? NaN),
  prompt: Int32Array.from(rows, ({ prompt }) => prompt ?? 100),
  output: Int32Array.from(rows, ({ output }) => output ?? 11),
  generated: Int32Array.from(rows, ({ generated, output, state }) =>
    (state ?? "finished") === "finished" ? (generated ?? output ?? 11) : (generated ?? 0)
  ),
  cached: Int32Array.from(rows, ({ cached }) => cached ?? 0),
  preemptions: Int32Array.from(rows, ({ preemptions }) => preemptions ?? 0),
  classIndex: Int32Array.from(rows, ({ classIndex }) => classIndex ?? 0),
  replica: Int32Array.from(rows, ({ replica }) => replica ?? 0),
  state: Uint8Array.from(rows, ({ state }) => requestStates.indexOf(state ?? "finished"))
})

type Totals = ServingLog["replicas"][number]["totals"]

/** A log whose totals agree with its requests, but for what `changes` and `totals` say. */
export const makeLog = (
  rows: readonly Row[],
  seconds: number,
  changes: Partial<ServingLog> = {},
  totals: Partial<Totals> = {}
): ServingLog => {
  const requests = requestLog(rows)
  const sum = (of: (index: number) => number): number => rows.reduce((total, _, index) => total + of(index), 0)
  const wasScheduled = (index: number): boolean => !Number.isNaN(requests.scheduled[index])
  const firsts = requests.generated.filter((tokens) => tokens > 0).length
  const end = (index: number): number => {
    const state = requestStates[requests.state[index]!]!
    return Number.isNaN(requests.finished[index])
      ? state === "running" || state === "waiting"
        ? seconds
        : requests.arrival[index]!
      : requests.finished[index]!
  }
  const started = (index: number): number => (wasScheduled(index) ? requests.scheduled[index]! : end(index))
  return {
    requests,
    gaps: {
      count: 0,
      first: new Float64Array(0),
      increment: new Float64Array(0),
      steps: new Float64Array(0),
      sequences: new Float64Array(0)
    },
    replicas: [
      {
        totals: {
          steps: 10,
          busySeconds: 0,
          stageSeconds: 0,
          hostSeconds: 0,
          communicationSeconds: 0,
          flops: 0,
          bytes: 0,
          prefillTokens: sum((index) =>
            requests.generated[index]! > 0 ? requests.prompt[index]! - requests.cached[index]! : 0
          ),
          decodeTokens: sum((index) => requests.generated[index]!) - firsts,
          recomputedTokens: 0,
          preemptions: sum((index) => requests.preemptions[index]!),
          swappedTokens: 0,
          prefixLookups: 0,
          prefixHitTokens: 0,
          prefixLookupTokens: 0,
          runningIntegral: sum((index) => end(index) - started(index)),
          waitingIntegral: sum((index) => started(index) - requests.arrival[index]!),
          usedBlockIntegral: 0,
          largestBatch: 1,
          peakBlocks: 0,
          heldBlocks: 0,
          ...totals
        },
        series: {
          time: new Float64Array(0),
          running: new Float64Array(0),
          waiting: new Float64Array(0),
          usedBlocks: new Float64Array(0)
        }
      }
    ],
    seconds,
    events: rows.length,
    rejectedTries: 0,
    isCut: false,
    trace: null,
    ...changes
  }
}

/**
 * A single server that takes requests one at a time, first come first served, each for the same time.
 *
 * @param arrivals  ascending
 * @param limit     the run ends then, whatever is left
 */
export const oneAtATime = (arrivals: readonly number[], service: number, limit = Infinity): ServingLog => {
  let free = 0
  const rows = arrivals
    .filter((arrival) => arrival <= limit)
    .map((arrival): Row => {
      const scheduled = Math.max(free, arrival)
      free = scheduled + service
      if (scheduled >= limit) return { arrival, state: "waiting" }
      if (free > limit) return { arrival, scheduled, state: "running" }
      return { arrival, scheduled, firstToken: scheduled + service / 11, finished: free }
    })
  const seconds = Math.min(limit, free)
  const busy = rows.reduce(
    (sum, { scheduled, finished }) => sum + (scheduled === undefined ? 0 : (finished ?? seconds) - scheduled),
    0
  )
  return makeLog(rows, seconds, { isCut: free > limit }, { busySeconds: busy, stageSeconds: busy })
}
