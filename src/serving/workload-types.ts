/**
 * Work that arrives: when, how long, in which classes. Seconds, tokens.
 */

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
