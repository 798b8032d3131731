/**
 * The server: batching, cache, queue, pools, and the job that a simulation runs. Names are resolved before this point: a
 * `ServingJob` holds entries and numbers. Seconds, bytes, tokens, FLOP/s.
 */
import type { Evidence } from "../training/index.ts"
import type { InferenceMemory, InferenceTarget, StepModel } from "../inference/index.ts"
import type { AdapterCost } from "./adapters/adapter-cost.ts"
import type { CacheTiers } from "./cache/tiers/types.ts"
import type { Lifecycle } from "./fleet/scaling/types.ts"
import type { Routing } from "./server/routing/types.ts"
import type { WorkloadSpec } from "./workload-types.ts"

/** One scheduling decision of a policy written by a user: what the next step works on. */
export interface BatchPlan {
  /** Running requests that decode one token in this step, by index into `view.running`; default all that have finished prefill. */
  readonly decode?: readonly number[]
  /** Prompt tokens to prefill: of running requests with prompt left and of waiting ones, by id. Admission is implied. */
  readonly prefill?: readonly { readonly id: number; readonly tokens: number }[]
  /** Running requests to preempt first, by id. */
  readonly preempt?: readonly number[]
  /** Do nothing before this time or the next arrival. */
  readonly waitUntil?: number
}

/** A request as a policy sees it. */
export interface RequestView {
  readonly id: number
  readonly arrivalSeconds: number
  readonly promptTokens: number
  /** Prompt tokens not yet computed (after preemption: prompt and generated tokens to compute again). */
  readonly prefillLeft: number
  readonly generated: number
  /** What the client allows (its maximum), which is also what it will generate. */
  readonly outputTokens: number
  readonly priority: number
  readonly classIndex: number
}

export interface SchedulerView {
  readonly now: number
  readonly waiting: readonly RequestView[]
  readonly running: readonly RequestView[]
  readonly freeBlocks: number
  readonly blockTokens: number
  readonly maximumSequences: number
  readonly maximumStepTokens: number
}

/** A batching policy as code in a scenario script. */
export type BatchPolicyFunction = (view: SchedulerView) => BatchPlan

export type BatchPolicyName =
  /** One request at a time. */
  | "none"
  /** Fixed batches: starts when maximumSequences wait (or no more will come), all end with the longest. */
  | "static"
  /** As static, but starts after a timeout with what there is. */
  | "dynamic"
  /** vLLM v0: whole prompts first, then decodes; preempts the last. */
  | "continuous"
  /** vLLM v1: one token budget, running requests first, prompts in chunks (science.md 6.1). */
  | "continuous-chunked"
  /** Sarathi-Serve: decodes, then prompts under way, then new ones, in chunks of a budget. */
  | "sarathi"
  /** Orca: iteration-level first come first served; reserves the longest sequence. */
  | "orca"
  /** TensorRT-LLM in-flight batching: whole prompts beside decodes; reserves prompt and output. */
  | "in-flight"
  /** Splitwise: whole prompts first, decodes beside them as far as the budget lasts; reserves prompt and output. */
  | "mixed"

/** How long new prompts are held back, so that one step takes in several (TensorRT-LLM's batch_wait_*). */
export interface PromptWait {
  /** Steps that go by without them, at most. */
  readonly steps: number
  /** Share of a step's tokens at which they wait no longer. */
  readonly tokensShare: number
}

export interface Batching {
  readonly policy: BatchPolicyName | BatchPolicyFunction
  readonly maximumSequences: number
  readonly maximumStepTokens: number
  /** dynamic: longest wait of the oldest request. */
  readonly timeoutSeconds: number
  /** continuous-chunked: cap on the tokens of one prompt in a step; 0 = none. sarathi: the chunk budget. */
  readonly chunkTokens: number
  /** in-flight: prompts may be split over steps. */
  readonly chunkedPrefill: boolean
  /** in-flight: new prompts wait for one another while answers are generated; absent = they start at once. */
  readonly promptWait?: PromptWait
  /** mixed: times that an answer may sit out a step for prompts before it goes first; absent = 4. */
  readonly mostPauses?: number
  /** Order of the waiting line: first come first served, by priority then arrival, or by fair shares of the classes. */
  readonly order: "arrival" | "priority" | "fair"
  /** Batches in flight in a pipelined replica: 1 = naive (a batch passes all stages before the next starts). */
  readonly batchesInFlight: number
}

export interface KeyValueCache {
  readonly blockTokens: number
  /** Blocks of a replica (of each data-attention group); from the memory plan unless the scenario says otherwise. */
  readonly blocks: number
  readonly prefixCaching: boolean
  readonly preemption: "recompute" | "swap"
  /** Seconds per token to move KV to or from the host; used with swap. */
  readonly swapSecondsPerToken: number
  /** Blocks in host memory that preempted requests may take; when they are full, preemption recomputes. */
  readonly swapBlocks: number
  /** Share of the blocks that admission leaves free (vLLM v0, Sarathi: 0.01). */
  readonly watermark: number
  /** Where shared blocks go beyond the accelerators' memory; absent = nowhere. */
  readonly tiers?: CacheTiers
}

export type RouterName =
  | "round-robin"
  | "random"
  | "least-requests"
  | "least-tokens"
  /** Prompt tokens that are not computed, and one for each request (Splitwise's shortest queue). */
  | "least-queued"
  | "power-of-two"
  /** Most tokens found in the replica's cache, less those queued there. */
  | "prefix-aware"
  /** A conversation stays with its replica. */
  | "session"
  /** The first token is predicted to come soonest. */
  | "least-ttft"

export interface ServerQueue {
  readonly router: RouterName
  /** Waiting requests a replica holds before it turns one away; Infinity = unbounded. */
  readonly limit: number
  /** A waiting request is dropped after this long; Infinity = never. */
  readonly timeoutSeconds: number
  /** Times a client tries again after a rejection, and how long it waits (doubled each time). */
  readonly retries: number
  readonly retrySeconds: number
}

/** Which adapter a request asks for: one of `count` by Zipf's law, or with probability 1 - share none. */
export interface AdapterChoice {
  readonly count: number
  readonly exponent: number
  readonly share: number
}

/** Equal replicas: the machines and software of one, and how many there are. */
export interface Server {
  readonly target: InferenceTarget
  readonly steps: StepModel
  readonly memory: InferenceMemory
  readonly replicas: number
  readonly batching: Batching
  readonly cache: KeyValueCache
  /** LoRA adapters: places on the accelerators of a replica, and what they cost; absent = the model alone. */
  readonly adapters?: { readonly places: number; readonly rank: number; readonly cost: AdapterCost }
  /** Watts of a node besides its accelerators. */
  readonly nodeWatts: number
  /** How replicas start, come and go, and fail; absent = all are there all the time. */
  readonly lifecycle?: Lifecycle
}

/** What a pool does with its requests: all of it, their prompts only, or their answers only. */
export type PoolRole = "both" | "prefill" | "decode"

/** Equal replicas of a fleet under one name. */
export interface Pool extends Server {
  readonly name: string
  readonly role: PoolRole
  /** Requests that a replica gets for one of a replica of weight 1, where the router weighs pools. */
  readonly weight: number
  /** Index of the machines that the pool's replicas are on; pools with the same index share nodes, in the order of pools. */
  readonly machines: number
  /** Dollars for an hour of one of its accelerators; absent = the job's price. */
  readonly perAcceleratorHour?: number
}

/** How keys and values get from the replica that computed a prompt to the one that writes the answer. */
export interface Handover {
  /** layer-wise: a layer leaves when its part of the prompt is computed; after-prefill: all of it when the prompt is done. */
  readonly overlap: "layer-wise" | "after-prefill"
  /** Which replica of the decode pools takes a request. */
  readonly router: RouterName
  /** Replicas of both sides stand in for one another; absent = they do not. */
  readonly mixing?: {
    /** Prompt tokens queued at a replica beyond which prompts go elsewhere. */
    readonly promptTokens: number
  }
}

/**
 * A server, or a fleet of pools behind one door. The fields of `Server` are those of its only pool; of a fleet, of its first
 * one: what is about all pools asks `poolsOf`.
 */
export interface ServingJob extends Server {
  readonly name: string
  /** The pools of a fleet; absent = one pool, made of the job's own fields. */
  readonly pools?: readonly Pool[]
  /** How requests get from prefill pools to decode pools; absent = layer-wise, to the fewest requests. */
  readonly handover?: Handover
  /** The adapters that requests ask for; absent = none. */
  readonly adapterChoice?: AdapterChoice
  /** The router goes by the weights of pools; absent = every replica counts alike. */
  readonly isWeighed?: boolean
  readonly queue: ServerQueue
  /** What routers know and log; absent = the defaults, nothing logged. */
  readonly routing?: Routing
  readonly workload: WorkloadSpec
  /** Simulated seconds after which the run ends whatever is left; Infinity = when the work is done. */
  readonly timeLimitSeconds: number
  /** off: every step of every batch is an event. */
  readonly leap: "on" | "off"
  readonly seed: number
  readonly trace: "off" | "full" | { readonly window: readonly [number, number] }
  /** One lane a request in the trace. */
  readonly requestLanes: boolean
  readonly price: {
    readonly perAcceleratorHour?: number
    readonly perKilowattHour?: number
    readonly powerUsageEffectiveness: number
    readonly gramsPerKilowattHour?: number
  } | null
  readonly evidence: readonly Evidence[]
}
