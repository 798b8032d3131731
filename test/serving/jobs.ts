/** Serving jobs for tests: a step law that can be computed by hand, a cache of any size, and requests written down one by one. */
import type { InferenceTarget, StepLoad, StepModel } from "../../src/inference/index.ts"
import type {
  Arrival,
  Batching,
  KeyValueCache,
  RequestSource,
  ServerQueue,
  ServingJob,
  WorkloadSpec
} from "../../src/serving/index.ts"

/** Seconds of a step: fixed + perToken x new tokens + perContext x tokens attended to + perPair x pairs of a prompt. */
export interface Law {
  readonly fixed: number
  readonly perToken: number
  readonly perContext: number
  readonly perPair?: number
  /** Times the tokens of the fullest data-attention group, where there are several. */
  readonly perFullest?: number
  /** Least seconds of a stage. */
  readonly floor?: number
  readonly host?: number
  readonly hop?: number
  readonly stages?: number
  readonly firstToken?: number
  /** Context is cut at the sliding window. */
  readonly isWindowed?: boolean
  /** No line: every step is computed for itself. */
  readonly hasNoLine?: boolean
}

export const stepModel = (law: Law): StepModel => {
  const { fixed, perToken, perContext, perPair = 0, floor = 0, host = 0, hop = 0, stages = 1, firstToken = 0 } = law
  const { perFullest = 0 } = law
  const contextOf = (load: StepLoad): number => (law.isWindowed ? load.decodeWindow : load.decodeContext)
  return {
    stages,
    stageSeconds: (stage, load) =>
      Math.max(
        // Every second stage has no floor, so that stages cross apart.
        stage % 2 === 0 ? floor : 0,
        fixed +
          perToken * (load.decodes + load.prefillTokens) +
          perFullest * (load.fullestTokens ?? 0) +
          perContext * (contextOf(load) + load.prefillContext) +
          perPair * load.prefillPairs
      ),
    hopSeconds: () => hop,
    hostSeconds: (load) => host + (host / 100) * (load.decodes + load.prefills),
    firstTokenSeconds: firstToken,
    decodeLine: (stage, decodes, fullest = 0) =>
      law.hasNoLine
        ? undefined
        : {
            floor: stage % 2 === 0 ? floor : 0,
            base: fixed + perToken * decodes + perFullest * fullest,
            slope: law.isWindowed ? 0 : perContext,
            windowSlope: law.isWindowed ? perContext : 0
          },
    addWork: (load, into) => {
      into.flops += 2 * (load.decodes + load.prefillTokens) + load.decodeContext
      into.bytes += 1000 + load.decodeContext
      into.communicationSeconds += 0
    },
    parts: (_stage, load) => [
      { name: "matrix products", kind: "gemm", seconds: fixed + perToken * (load.decodes + load.prefillTokens) },
      { name: "attention", kind: "attention", seconds: perContext * (load.decodeContext + load.prefillContext) }
    ],
    evidence: []
  }
}

export interface JobChanges {
  readonly law?: Law
  readonly batching?: Partial<Batching>
  readonly cache?: Partial<KeyValueCache>
  readonly queue?: Partial<ServerQueue>
  readonly workload?: Partial<WorkloadSpec>
  readonly job?: Partial<ServingJob>
  readonly dataAttention?: number
  readonly maximumSequence?: number
  readonly window?: number
  /** Not all layers have the window, so that all tokens are kept. */
  readonly isHybrid?: boolean
}

export const batching: Batching = {
  policy: "continuous-chunked",
  maximumSequences: 16,
  maximumStepTokens: 512,
  timeoutSeconds: 1,
  chunkTokens: 0,
  chunkedPrefill: false,
  order: "arrival",
  batchesInFlight: 1
}

export const workload: WorkloadSpec = {
  arrivals: { kind: "batch" },
  classes: [
    {
      name: "all",
      weight: 1,
      priority: 0,
      prompt: { kind: "constant", value: 10 },
      output: { kind: "constant", value: 10 },
      objectives: {},
      sharedPrefix: null,
      conversation: null,
      patienceSeconds: null
    }
  ],
  requests: 10,
  seconds: Infinity,
  warmUpSeconds: 0
}

export const servingJob = (changes: JobChanges = {}): ServingJob => ({
  name: "test",
  target: {
    layout: { tensor: 1, pipeline: 1, expert: 1, dataAttention: changes.dataAttention ?? 1 },
    model: {
      layers: changes.isHybrid === true ? 2 : 1,
      slidingWindow: changes.window === undefined ? null : { tokens: changes.window, layers: 1 }
    },
    maximumSequence: changes.maximumSequence ?? 100_000
  } as unknown as InferenceTarget,
  steps: stepModel(changes.law ?? { fixed: 1, perToken: 0, perContext: 0 }),
  memory: {} as unknown as ServingJob["memory"],
  replicas: 1,
  batching: { ...batching, ...changes.batching },
  cache: {
    blockTokens: 16,
    blocks: 10_000,
    prefixCaching: false,
    preemption: "recompute",
    swapSecondsPerToken: 0,
    swapBlocks: 0,
    watermark: 0,
    ...changes.cache
  },
  queue: {
    router: "round-robin",
    limit: Infinity,
    timeoutSeconds: Infinity,
    retries: 0,
    retrySeconds: 1,
    ...changes.queue
  },
  workload: { ...workload, ...changes.workload },
  timeLimitSeconds: Infinity,
  leap: "on",
  seed: 1,
  trace: "off",
  requestLanes: false,
  price: null,
  nodeWatts: 0,
  evidence: [],
  ...changes.job
})

/** Requests written down: [arrival, prompt, output, and anything else of the arrival]. */
export const listed = (rows: readonly (readonly [number, number, number, Partial<Arrival>?])[]): RequestSource => {
  let row = 0
  return {
    peek: () => rows[row]?.[0] ?? Infinity,
    next: (into) => {
      const found = rows[row++]
      if (found === undefined) return false
      const [arrivalSeconds, promptTokens, outputTokens, more] = found
      Object.assign(into, {
        classIndex: 0,
        pieces: null,
        outputPiece: 0,
        ...more,
        arrivalSeconds,
        promptTokens,
        outputTokens
      })
      return true
    },
    ended: () => undefined,
    isExhausted: () => row >= rows.length
  }
}
