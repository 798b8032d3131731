/**
 * What a serving simulation is made from, and what comes out of it. Names are resolved before this point: a `ServingJob`
 * holds entries and numbers. Seconds, bytes, tokens, FLOP/s throughout.
 */
import type { Evidence } from "../training/index.ts"
import type { InferenceMemory, InferenceTarget, StepModel } from "../inference/index.ts"
import type { Trace } from "../trace/index.ts"
import type { AdapterCost } from "./adapters/adapter-cost.ts"
import type { CacheTiers, TierTotals } from "./cache/tiers/types.ts"
import type { Lifecycle, LifeLog } from "./fleet/scaling/types.ts"
import type { DecisionLog, DoorLog, Routing } from "./server/routing/types.ts"

// ------------------------------------------------------------------------------------------------ work that arrives

/** A random number of seconds or tokens. Token counts are rounded to whole numbers of at least 1. */
export type Distribution =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "exponential"; readonly mean: number }
  /** Of the variable itself, not of its logarithm; cut at `high` where given. */
  | { readonly kind: "lognormal"; readonly mean: number; readonly deviation: number; readonly high?: number }
  /** Value low ... high with probability proportional to rank^-exponent, rank 1 = low. */
  | { readonly kind: "zipf"; readonly exponent: number; readonly low: number; readonly high: number }
  /** Bins of given upper edges, uniform inside a bin; the first bin starts at `low`. */
  | {
      readonly kind: "histogram"
      readonly low: number
      readonly edges: readonly number[]
      readonly weights: readonly number[]
    }
  /** One of the values, each as likely. */
  | { readonly kind: "empirical"; readonly values: readonly number[] }

/** Requests per second as a function of time. */
export type RateCurve =
  | { readonly kind: "constant"; readonly rate: number }
  /** From one rate to another over a time, then constant. */
  | { readonly kind: "ramp"; readonly from: number; readonly to: number; readonly seconds: number }
  /** Mean rate times 1 + amplitude x cosine, highest at `peakSeconds` of each period (86,400 s for a day). */
  | {
      readonly kind: "daily"
      readonly mean: number
      readonly amplitude: number
      readonly peakSeconds: number
      readonly periodSeconds: number
    }
  /** `rate`, but `burstRate` during the first `burstSeconds` of every `everySeconds`. */
  | {
      readonly kind: "bursts"
      readonly rate: number
      readonly burstRate: number
      readonly burstSeconds: number
      readonly everySeconds: number
    }
  /** Piecewise constant: rate[i] from time[i] on. */
  | { readonly kind: "steps"; readonly seconds: readonly number[]; readonly rates: readonly number[] }

export type Arrivals =
  /** A non-homogeneous Poisson process (thinning) of a rate curve. */
  | { readonly kind: "poisson"; readonly rate: RateCurve }
  /** Independent gamma gaps with a coefficient of variation. */
  | { readonly kind: "gamma"; readonly rate: number; readonly variation: number }
  /** Equal gaps. */
  | { readonly kind: "deterministic"; readonly rate: number }
  /** Everything at time 0. */
  | { readonly kind: "batch" }
  /** Users who wait for their answer, think, and ask again. */
  | { readonly kind: "closedLoop"; readonly users: number; readonly thinkTime: Distribution }
  /**
   * Roll-outs of reinforcement learning: every round brings `prompts` prompts at once, each `samples` times, and begins
   * `refreshSeconds` (new weights) after the last answer of the one before.
   */
  | {
      readonly kind: "rounds"
      readonly prompts: number
      readonly samples: number
      readonly rounds: number
      readonly refreshSeconds: number
    }
  /** Recorded requests: arrival times, lengths and prefixes come from the trace. */
  | { readonly kind: "trace"; readonly trace: RequestTrace; readonly speedUp: number }

/** A recorded workload in columns, in order of arrival. */
export interface RequestTrace {
  readonly name: string
  readonly arrivalSeconds: Float64Array
  readonly promptTokens: Int32Array
  readonly outputTokens: Int32Array
  /** Content of each request's prompt as block ids: ids[first[i] ... first[i + 1] - 1]; null where the trace has none. */
  readonly prefixes: { readonly first: Int32Array; readonly ids: Float64Array; readonly blockTokens: number } | null
  /** Rows left out because `onBadRow: skip`. */
  readonly skippedRows: number
  /** Class of each request by the trace's own names; left out where the trace names none: classes are then drawn by weight. */
  readonly classes?: { readonly names: readonly string[]; readonly index: Int32Array }
  /** What the reader did to the rows, one sentence each: times shifted, failed requests left out. */
  readonly notes?: readonly string[]
}

/** Goals that make a request count for goodput; a goal left out is met by every request. */
export interface Objectives {
  readonly ttftSeconds?: number
  readonly tpotSeconds?: number
  readonly e2eSeconds?: number
}

/** Requests that follow one another: a user's turns, or the steps of an agent between its tools' answers. */
export interface Conversation {
  readonly turns: Distribution
  /** What a user thinks, or a tool takes. */
  readonly thinkTime: Distribution
  /** Tokens that each later turn adds (what the tool says); absent = as the class's prompt. */
  readonly followUp?: Distribution
  /** What was said is summed up in `to` tokens before a turn that would begin with more than `at`; absent = never. */
  readonly compact?: { readonly at: number; readonly to: number }
}

export interface RequestClass {
  readonly name: string
  /** Share of arrivals, relative to the other classes. */
  readonly weight: number
  /** Lower is served first, as in vLLM. */
  readonly priority: number
  readonly prompt: Distribution
  readonly output: Distribution
  /** Prompt and output together from a random row of this trace (lengths only), instead of `prompt` and `output`. */
  readonly lengths?: RequestTrace
  readonly objectives: Objectives
  /** Name of the model that it asks for, by the catalogue; absent = the only one. */
  readonly model?: string
  /** A prefix that requests of the class share: its tokens come on top of the prompt's; one of `count` texts, Zipf-distributed. */
  readonly sharedPrefix: { readonly tokens: number; readonly count: number; readonly exponent: number } | null
  /** Turns of a conversation: each carries all earlier prompts and answers as its prefix. */
  readonly conversation: Conversation | null
  /** A client gives up after this long without its last token; null = never. */
  readonly patienceSeconds: number | null
  /** Part of the server that it gets under overload, relative to the other classes, where the order is fair; absent = 1. */
  readonly share?: number
  /**
   * What the front door does with a request whose first token is predicted to come later than its goal: turn it away, or
   * hold it until some replica is quicker. Absent = nothing.
   */
  readonly admission?: "reject" | "defer"
}

export interface WorkloadSpec {
  readonly arrivals: Arrivals
  readonly classes: readonly RequestClass[]
  /** The workload ends after so many requests have arrived, or at this time, whichever is first. */
  readonly requests: number
  readonly seconds: number
  /** Left out of the statistics: requests that arrive before this time. */
  readonly warmUpSeconds: number
}

/** A piece of a prompt's content: requests whose prompts begin with the same pieces share their KV blocks. */
export interface PromptPiece {
  /** Equal ids mean equal content. */
  readonly id: number
  readonly tokens: number
}

/** One arriving request, written into a record that the caller reuses. */
export interface Arrival {
  arrivalSeconds: number
  promptTokens: number
  outputTokens: number
  classIndex: number
  /** Content of the prompt from its start; what the pieces do not cover is the request's own. null = nothing shared. */
  pieces: readonly PromptPiece[] | null
  /** Number of the conversation that it belongs to; -1 or absent = none. */
  session?: number
  /** Id under which the generated tokens may be part of a later prompt; 0 = they never are. */
  outputPiece: number
}

/** Where requests come from. Pulled in order of time; closed loops and conversations are told of what ended. */
export interface RequestSource {
  /** Writes the next request whose time is known already into `into`; false when there is none (for now, or for good). */
  readonly next: (into: Arrival) => boolean
  /**
   * Time of the request that `next` would give, without taking it; Infinity when none is known. Ask again after every
   * `ended`: an answer may bring an earlier arrival than the one that was next. Who takes a request only when its time has
   * come sees all of them in order of time.
   */
  readonly peek: () => number
  /** A request ended (finished, rejected, cancelled): the source may know of another arrival now, at or after `now`. */
  readonly ended: (request: number, classIndex: number, now: number) => void
  /** True when nothing will ever come again, whatever ends. */
  readonly isExhausted: () => boolean
}

// --------------------------------------------------------------------------------------------------------- the server

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

// ------------------------------------------------------------------------------------------------- what the engine logs

/** How a request stands when the simulation ends. */
export const requestStates = ["waiting", "running", "finished", "rejected", "failed", "cancelled"] as const
export type RequestState = (typeof requestStates)[number]

/** One row a request that arrived, in order of arrival; times are NaN where they never came. */
export interface RequestLog {
  readonly count: number
  readonly arrival: Float64Array
  /** When its first step started. */
  readonly scheduled: Float64Array
  /** When its first token left, `firstTokenSeconds` included. */
  readonly firstToken: Float64Array
  readonly finished: Float64Array
  readonly prompt: Int32Array
  readonly output: Int32Array
  /** Tokens generated by the end. */
  readonly generated: Int32Array
  /** Prompt tokens found in the prefix cache when first scheduled. */
  readonly cached: Int32Array
  readonly preemptions: Int32Array
  /** Seconds between being preempted and being worked on again, summed; absent = not logged. */
  readonly preemptedSeconds?: Float64Array
  readonly classIndex: Int32Array
  /** Conversation of each request, -1 = none; absent where no class has any. */
  readonly session?: Int32Array
  /** The replica that it was sent to: numbered through all pools, in their order. */
  readonly replica: Int32Array
  /** Index into `requestStates`. */
  readonly state: Uint8Array
  /** What became of requests that another replica goes on with; absent where no pool only prefills. */
  readonly handovers?: HandoverLog
  /** What requests fetched from tiers of the cache; absent where there are none. */
  readonly fetches?: FetchLog
  /** Absent where every request is with one replica from its arrival to its end. */
  readonly fates?: FateLog
}

/** What happened to requests outside of replicas, by request. */
export interface FateLog {
  /** When it ended, in whatever way; NaN = it did not. */
  readonly left: Float64Array
  /** Seconds held at the front door, tries again of turned-away clients not counted. */
  readonly held: Float64Array
  /** Times that it was sent again because its replica failed. */
  readonly resent: Int32Array
}

/** Columns by request: tokens that it fetched from tiers of the cache, and the seconds that it waited for them. */
export interface FetchLog {
  readonly tokens: Int32Array
  readonly seconds: Float64Array
}

/** Columns by request, NaN or -1 for those that were answered where they were prefilled. */
export interface HandoverLog {
  /** The replica that writes the answer. */
  readonly replica: Int32Array
  /** When it was asked to take the request. */
  readonly asked: Float64Array
  /** When it had blocks for it. */
  readonly reserved: Float64Array
  /** When the prompt was computed. */
  readonly prefilled: Float64Array
  /** When the last byte of its keys and values had arrived. */
  readonly moved: Float64Array
}

/**
 * Gaps between tokens of the same request, without storing each: row i stands for `steps[i]` gaps first, first + increment,
 * first + 2 increment ..., each seen by `sequences[i]` requests.
 */
export interface TokenGaps {
  readonly count: number
  readonly first: Float64Array
  readonly increment: Float64Array
  readonly steps: Float64Array
  readonly sequences: Float64Array
}

/** Piecewise-constant counters of a replica over time, one row a change (thinned to a bounded number of rows). */
export interface ServingSeries {
  readonly time: Float64Array
  readonly running: Float64Array
  readonly waiting: Float64Array
  readonly usedBlocks: Float64Array
  /** Preemptions so far; absent = not logged. */
  readonly preemptions?: Float64Array
}

/** Totals of a replica over the run. */
export interface ReplicaTotals {
  readonly steps: number
  /** Seconds in which at least one stage worked or the host kept it waiting. */
  readonly busySeconds: number
  /** Sum over stages of the seconds in which each worked. */
  readonly stageSeconds: number
  /** Steps that compute (a part of) a prompt, and their share of `stageSeconds`; absent = not logged. */
  readonly prefillSteps?: number
  readonly prefillStageSeconds?: number
  readonly hostSeconds: number
  /** Summed over stages, as `stageSeconds`, which it is part of. */
  readonly communicationSeconds: number
  readonly flops: number
  readonly bytes: number
  readonly prefillTokens: number
  readonly decodeTokens: number
  /** Sequences verified, tokens guessed for them, and guesses accepted; 0 without speculation, absent = not logged. */
  readonly verifications?: number
  readonly draftedTokens?: number
  readonly acceptedTokens?: number
  readonly recomputedTokens: number
  readonly preemptions: number
  readonly swappedTokens: number
  readonly prefixLookups: number
  readonly prefixHitTokens: number
  readonly prefixLookupTokens: number
  /** Time integrals, for exact means: of running and waiting requests, and of used blocks. */
  readonly runningIntegral: number
  readonly waitingIntegral: number
  readonly usedBlockIntegral: number
  /** Admissions of requests with an adapter, those whose adapter had to be loaded, and how long that took. */
  readonly adapterUses?: number
  readonly adapterLoads?: number
  readonly adapterLoadSeconds?: number
  readonly largestBatch: number
  readonly peakBlocks: number
  /** Blocks still held when the run ended; the conservation test wants the running requests' alone. */
  readonly heldBlocks: number
}

export interface TransferTotals {
  readonly count: number
  readonly bytes: number
  /** Seconds that requests were in line at a decode replica which they then did not come to, summed. */
  readonly abandonedSeconds: number
}

export interface ServingLog {
  readonly requests: RequestLog
  readonly gaps: TokenGaps
  readonly replicas: readonly { readonly totals: ReplicaTotals; readonly series: ServingSeries }[]
  /** Simulated seconds from the first arrival's clock zero to the last event. */
  readonly seconds: number
  readonly events: number
  /** The time limit ended the run while work was left. */
  readonly isCut: boolean
  readonly rejectedTries: number
  /** Keys and values that went from replica to replica; absent where no pool only prefills. */
  readonly transfers?: TransferTotals
  /** Tiers of the KV cache over all replicas, each kind once; absent where there are none. */
  readonly tiers?: readonly TierTotals[]
  /** Absent where all replicas are there all the time. */
  readonly life?: LifeLog
  /** Absent unless routing decisions are logged. */
  readonly decisions?: DecisionLog
  /** Absent unless the front door holds requests or turns them away for their goals. */
  readonly door?: DoorLog
  readonly trace: Trace | null
}
