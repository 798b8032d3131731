/**
 * What a serving run comes to. Seconds, tokens, requests, bytes, watts, joules, grams; shares are 0 ... 1. What a run
 * cannot answer (no request finished, no price given) is null or NaN as the field says.
 *
 * The request's clock starts when its client first sends it. Requests that arrive during the warm-up count in `requests`
 * alone; rates and latencies are of the time after it.
 */
import type { InferenceMemory } from "../../inference/index.ts"
import type { Trace } from "../../trace/index.ts"
import type { Evidence } from "../../training/index.ts"
import type { Objectives, PoolRole } from "../types.ts"
import type { Distributions } from "./distributions.ts"
import type { TiersResult } from "./tiers.ts"
import type { OverTime } from "./over-time.ts"
import type { RoundResult } from "./rounds.ts"
import type { RoutingResult } from "./routing.ts"
import type { MixingResult } from "./mixing.ts"
import type { ScalingResult } from "./scaling.ts"
import type { SpeculationResult } from "./speculation.ts"

export interface ServingResult {
  readonly kind: "serving"
  readonly accelerators: number
  readonly replicas: number
  /** Absent where no request asks for an adapter. */
  readonly adapters?: AdapterUse
  /** Each pool of a fleet; absent for a single server. */
  readonly pools?: readonly PoolResult[]
  readonly window: MeasuredWindow
  /** All requests of the run, warm-up included. */
  readonly requests: RequestCounts
  /** Of the counted requests that finished. */
  readonly tokens: { readonly prompt: number; readonly output: number }
  readonly throughput: Throughput
  readonly latency: Latencies
  /** Gaps between the tokens of a request, over all requests of all classes; warm-up included. */
  readonly interTokenLatency: LatencySummary
  readonly attainment: Attainment
  /** The same by request class, in the order of the workload's classes. */
  readonly classes: readonly ClassResult[]
  readonly verdict: Verdict
  readonly utilisation: Utilisation
  readonly load: Load
  readonly cache: CacheUse
  /** Only where there are conversations. */
  readonly sessions?: SessionResult
  /** Only where the workload comes in rounds. */
  readonly rounds?: readonly RoundResult[]
  /** Only where the cache has tiers beyond device memory. */
  readonly tiers?: TiersResult
  /** Only where replicas come and go. */
  readonly scaling?: ScalingResult
  /** Only where prefill and decode replicas stand in for one another. */
  readonly mixing?: MixingResult
  /** Only where requests are routed by what is known of them, held, turned away for their goals, or decisions logged. */
  readonly routing?: RoutingResult
  /** Only where tokens were guessed ahead. */
  readonly speculation?: SpeculationResult
  readonly breakdown: { readonly request: RequestBreakdown; readonly replica: ReplicaBreakdown }
  readonly memory: InferenceMemory
  readonly energy: Energy
  readonly cost: Cost
  readonly series: Series
  readonly distributions: Distributions
  readonly overTime: OverTime
  /** Rows of a recorded workload that were left out because they could not be read. */
  readonly skippedRows: number
  readonly evidence: readonly Evidence[]
  readonly events: number
  readonly trace: Trace | null
}

/** The time that rates and latencies are taken over. */
export interface MeasuredWindow {
  /** The end of the warm-up. */
  readonly fromSeconds: number
  readonly toSeconds: number
  readonly seconds: number
  /**
   * Where the initial transient of the time to first token ends by the rule MSER-5, over the requests that finished in
   * order of arrival; null where there are too few to say. 0 = no transient is seen. A hint for `warmUp`.
   */
  readonly suggestedWarmUpSeconds: number | null
  /** The time limit ended the run while work was left. */
  readonly isCut: boolean
  /** Every request arrived within the warm-up, which was therefore not left out. */
  readonly isWarmUpTooLong: boolean
}

export interface RequestCounts {
  readonly arrived: number
  readonly finished: number
  readonly rejected: number
  readonly failed: number
  readonly cancelled: number
  /** Being worked on, and waiting, when the run ended. */
  readonly running: number
  readonly waiting: number
  /** Times that a client was turned away, tries again included. */
  readonly rejectedTries: number
  /** Those that arrived after the warm-up, and of them those that finished: the sample of the latencies. */
  readonly counted: number
  readonly countedFinished: number
}

/** Means over the window; what happens in it counts, whenever the request arrived. */
export interface Throughput {
  /** Requests that arrived. */
  readonly arrivalsPerSecond: number
  /** Requests that finished. */
  readonly requestsPerSecond: number
  /** Prompt tokens of the requests that finished. */
  readonly promptTokensPerSecond: number
  /** Tokens generated for requests that finished or still run; what cancelled ones had got is not counted. */
  readonly outputTokensPerSecond: number
  readonly tokensPerSecond: number
  readonly outputTokensPerSecondPerAccelerator: number
  /** Finished requests that met every objective of their class; null where no class has one. */
  readonly goodRequestsPerSecond: number | null
}

/** Of the requests counted that finished. */
export interface Latencies {
  /** Time to first token: arrival to the first token's leaving. */
  readonly ttft: LatencySummary
  /** Time per output token after the first, (e2e - ttft) / (output - 1); requests of one token have none. */
  readonly tpot: LatencySummary
  /** End to end: arrival to last token. */
  readonly e2e: LatencySummary
  /** Arrival to the start of the first step that works on the request. */
  readonly queueing: LatencySummary
  /** End-to-end seconds per output token (the normalised latency of Orca and vLLM's papers). */
  readonly perToken: LatencySummary
}

/** Seconds. NaN throughout where the sample is empty; quantiles are exact, interpolated as numpy does. */
export interface LatencySummary {
  readonly count: number
  readonly mean: number
  /** Standard deviation of the sample, divisor n, as vLLM's benchmark takes it. */
  readonly deviation: number
  readonly least: number
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
  readonly greatest: number
  /**
   * Half the width of the 95 % confidence interval of the statistic of that name, by batch means over the requests in
   * order of arrival; null where the batches are too small to tell.
   */
  readonly halfWidths: {
    readonly mean: number | null
    readonly p50: number | null
    readonly p90: number | null
    readonly p95: number | null
    readonly p99: number | null
    readonly p999: number | null
  }
}

/** Shares of the counted requests that ended (finished, rejected, failed, cancelled) and met the objective; null = there is none. */
export interface Attainment {
  readonly all: number | null
  readonly ttft: number | null
  readonly tpot: number | null
  readonly e2e: number | null
}

export interface ClassResult {
  readonly name: string
  readonly objectives: Objectives
  /** Of requests that arrived after the warm-up. */
  readonly requests: Omit<RequestCounts, "rejectedTries" | "counted" | "countedFinished">
  readonly throughput: Pick<
    Throughput,
    "arrivalsPerSecond" | "requestsPerSecond" | "outputTokensPerSecond" | "goodRequestsPerSecond"
  >
  readonly latency: Latencies
  readonly attainment: Attainment
}

export interface Verdict {
  /**
   * stable: what arrives is served, and the queue has no trend. backlogged: a queue built up and went down again, or the
   * run is too short to say. overloaded: more arrives than can be served. closed: a closed loop or a batch, which wait
   * for the server and cannot overload it.
   */
  readonly kind: "stable" | "backlogged" | "overloaded" | "closed"
  /** Sentences, the weightiest first. */
  readonly reasons: readonly string[]
  /** Requests per second that arrived between the warm-up and the last arrival; NaN for a batch. */
  readonly offeredRequestsPerSecond: number
  /**
   * The rate of such requests at which the verdict turns to overloaded: an estimate, see `capacity.ts`. NaN where the
   * run cannot tell (nothing finished).
   */
  readonly estimatedCapacityRequestsPerSecond: number
  /** Measured: what left per second while the queue was never empty. Modelled: from the step model at the batch that memory and limits allow. */
  readonly capacityBasis: "measured while saturated" | "modelled"
  /** offered / capacity. */
  readonly offeredShareOfCapacity: number
}

/** Means over the whole run, all replicas. */
export interface Utilisation {
  /** Share of the time in which a replica had work. */
  readonly busy: number
  /** FLOPs done per second over the accelerators' peak in the format that the layers compute in. */
  readonly modelFlops: number
  /** The peak that `modelFlops` is a share of, FLOP/s of an accelerator. */
  readonly peakFlopsPerAccelerator: number
  /** Bytes moved in device memory per second over the accelerators' peak. */
  readonly memoryBandwidth: number
  /** Shares of a stage's time: waiting for communication inside steps, and for the host between them. */
  readonly communication: number
  readonly host: number
}

/** A quantity over time: its time mean, exact, and its peak. Sums over replicas, but for the peaks and shares of one replica. */
export interface Load {
  /** Requests being worked on, and waiting, in the whole cluster. */
  readonly meanRunning: number
  readonly meanWaiting: number
  /** Most sequences in a step of any replica. */
  readonly largestBatch: number
  /** Mean over steps of the tokens in a step, prefilled and decoded. */
  readonly meanStepTokens: number
  /** Mean over steps of the sequences that decode. */
  readonly meanStepDecodes: number
  /** Most requests in the system within a second of the clock, as vLLM's benchmark counts `max_concurrent_requests`. */
  readonly peakConcurrent: number
  /** Most requests waiting at one replica, as far as the recorded series shows. */
  readonly peakWaiting: number
  /** Share of the KV blocks in use: time mean over replicas, and the peak of the fullest. */
  readonly meanKeyValueShare: number
  readonly peakKeyValueShare: number
  readonly steps: number
  readonly prefillTokens: number
  readonly decodeTokens: number
  readonly preemptions: number
  /** Tokens computed again after preemption, and moved to and from the host. */
  readonly recomputedTokens: number
  readonly swappedTokens: number
}

export interface CacheUse {
  readonly lookups: number
  readonly lookupTokens: number
  readonly hitTokens: number
  /** hitTokens / lookupTokens; null where nothing was looked up. */
  readonly hitShare: number | null
}

/** Mean seconds of a counted request that finished, which add up to the mean end-to-end latency. */
export interface RequestBreakdown {
  readonly queue: number
  /** First step to first token. */
  readonly prefill: number
  /** First token to last. */
  readonly decode: number
  /** Put aside for lack of KV blocks, out of prefill and decode; null where the engine did not log it (it is then in them). */
  readonly preempted: number | null
}

/** Shares of the time of an average stage of an average replica, which add up to 1. */
export interface ReplicaBreakdown {
  /** Of steps that compute (a part of) a prompt; decodes that ride along included. */
  readonly prefill: ComputeShares
  /** Of steps that only decode. */
  readonly decode: ComputeShares
  /** Waiting for communication inside steps. */
  readonly communication: number
  /** Waiting for the host: between steps, and inside them where it is slower than the accelerator. */
  readonly host: number
  /** Other stages work and this one waits for them. */
  readonly bubble: number
  /** The replica has nothing to do. */
  readonly idle: number
}

/** By kind of kernel; from the step model at the mean step of the run, scaled to the seconds that steps took. */
export interface ComputeShares {
  readonly gemm: number
  readonly attention: number
  readonly elementwise: number
  readonly head: number
  readonly experts: number
  /** Weights that stream in from host or storage. */
  readonly transfer: number
}

/** Of the whole run, idle time included. */
export interface Energy {
  readonly averageWattsPerAccelerator: number
  /** Of accelerators and nodes, before the building's overhead. */
  readonly joules: number
  /** After it (power usage effectiveness). */
  readonly kilowattHours: number
  readonly joulesPerOutputToken: number
  readonly gramsCarbon: number | null
  readonly gramsCarbonPerMillionOutputTokens: number | null
}

/** Dollars; null without a price. */
export interface Cost {
  readonly total: number | null
  readonly perHour: number | null
  readonly perMillionOutputTokens: number | null
  /** Prompt and output. */
  readonly perMillionTokens: number | null
  readonly perRequest: number | null
}

/** LoRA adapters: admissions of requests that ask for one, and those for which it had to be loaded first. */
export interface AdapterUse {
  readonly uses: number
  readonly loads: number
  readonly residentShare: number
  /** Seconds that steps waited for loads, summed over replicas. */
  readonly loadSeconds: number
}

/** What requests of a decode pool waited between the end of their prompt and the arrival of its last byte. */
export interface HandoverSummary {
  readonly count: number
  readonly meanSeconds: number
  readonly medianSeconds: number
  readonly p99Seconds: number
  /** Of the mean: for blocks on the decode side. */
  readonly meanBlockedSeconds: number
}

/** A pool of a fleet. */
export interface PoolResult {
  readonly name: string
  readonly role: PoolRole
  readonly model: string
  readonly accelerator: string
  readonly stack: string
  readonly replicas: number
  readonly accelerators: number
  readonly weight: number
  /** Requests that were prefilled or answered here. */
  readonly requests: number
  /** After the warm-up. Prompt tokens of requests that were prefilled, those that a prefix cache had included. */
  readonly promptTokensPerSecondPerNode: number
  /** Prompt tokens computed, and tokens decoded, after the warm-up; a first token comes with its prompt. */
  readonly prefillTokensPerSecond: number
  readonly prefillTokensPerSecondPerNode: number
  readonly decodeTokensPerSecond: number
  readonly decodeTokensPerSecondPerNode: number
  readonly utilisation: Utilisation
  readonly load: Omit<Load, "peakConcurrent">
  readonly memory: InferenceMemory
  readonly breakdown: ReplicaBreakdown
  readonly energy: Pick<Energy, "averageWattsPerAccelerator" | "joules" | "kilowattHours">
  /** null but for decode pools, and prefill pools that stand in for them. */
  readonly handovers: HandoverSummary | null
}

/** The run in equal intervals, all replicas together; index i is the interval that ends at `until[i]`. */
export interface Series {
  readonly until: readonly number[]
  readonly arrivalsPerSecond: readonly number[]
  readonly finishedPerSecond: readonly number[]
  /** Time means in the interval. */
  readonly running: readonly number[]
  readonly waiting: readonly number[]
  readonly keyValueShare: readonly number[]
  readonly preemptionsPerSecond: readonly number[]
  /** Share of the tokens of prompts first worked on in the interval that the prefix cache held; null where there were none. */
  readonly cacheHitShare: readonly (number | null)[]
}

/** Conversations, or an agent's tasks, over the whole run. */
export interface SessionResult {
  readonly count: number
  /** Those of which every request finished; the figures are of them. */
  readonly whole: number
  /** The run ended before the work did: a conversation may have had more turns. */
  readonly isCut: boolean
  readonly meanTurns: number
  /** From the first request to the last answer, and of that what its requests took; the rest thought, or ran tools. */
  readonly seconds: LatencySummary
  readonly servedSeconds: LatencySummary
}
