/**
 * The life of a pool's replicas: how they start, when more or fewer of them are wanted, how they fail. Part of a `Server`; a pool
 * without it has all of its replicas from the first second to the last.
 */

/** What a start takes, one part after the other. */
export interface StartUp {
  /** A machine is found and boots. */
  readonly nodeSeconds: number
  /** The container's image is pulled; 0 where it is there. */
  readonly imageSeconds: number
  /** Bytes of the weights of a replica, and the most bytes/s that its software reads. */
  readonly weightBytes: number
  readonly readBytesPerSecond: number
  /** Bytes/s of the storage that replicas of the pool share when they load at once. */
  readonly storageBytesPerSecond: number
  /** Kernels are compiled, graphs captured, the first batch tried. */
  readonly warmUpSeconds: number
}

/** What the number of replicas follows. */
export type ScalingSignal =
  /** Requests at a replica, waiting ones included: mean over the window. */
  | "requests"
  /** Prompt and output tokens of the requests at a replica, now. */
  | "tokens"
  /** Share of the time in which a replica had work, over the window. */
  | "busy"
  /** Requests waiting at a replica, mean over the window. */
  | "queue"
  /** A quantile of what requests took whose first (last) token left in the window, seconds. */
  | "ttft"
  | "tpot"
  /** By hand: numbers of replicas at given times. */
  | "schedule"

export interface Scaling {
  readonly minimum: number
  readonly maximum: number
  readonly initial: number
  readonly signal: ScalingSignal
  /** What the signal is to be; of `schedule` nothing. */
  readonly target: number
  /** Of ttft and tpot. */
  readonly quantile: number
  readonly windowSeconds: number
  /** Seconds between two looks. */
  readonly everySeconds: number
  /** A signal so near to the target, as a share of it, changes nothing. */
  readonly tolerance: number
  /** Least seconds from a change to the next start, and to the next stop. */
  readonly upCooldownSeconds: number
  readonly downCooldownSeconds: number
  /** Replicas more than the signal asks for: N + k. */
  readonly spare: number
  /** [seconds, replicas], in order of time. */
  readonly schedule: readonly (readonly [number, number])[]
}

export interface Failures {
  /** Mean seconds that a replica is up between failures, exponentially distributed; Infinity = only those at given times. */
  readonly meanSeconds: number
  /** [seconds, replica of the pool]. */
  readonly at: readonly (readonly [number, number])[]
  /** From the failure to the next start of that replica. */
  readonly repairSeconds: number
  /**
   * What becomes of its requests. lost: they fail. retry: they are sent again as they first came. resume: they are sent again
   * with the tokens that they have got, whose keys and values are computed anew.
   */
  readonly requests: "lost" | "retry" | "resume"
  /** Times that a request is sent again, at most; one failure more and it is lost. */
  readonly retries: number
}

/** Replicas are drained and started anew, one after the other, from a given time on. */
export interface RollingRestart {
  readonly atSeconds: number
}

export interface Lifecycle {
  readonly startUp: StartUp
  readonly scaling?: Scaling
  readonly failures?: Failures
  readonly restart?: RollingRestart
}

/** Where a replica is in its life. */
export const lifeStates = ["off", "starting", "up", "draining", "failed"] as const
export type LifeState = (typeof lifeStates)[number]

/** What happened to a replica, one row a change. */
export interface LifeEvent {
  readonly seconds: number
  readonly replica: number
  readonly from: LifeState
  readonly to: LifeState
  /** A sentence: why. */
  readonly why: "load" | "schedule" | "replacement" | "failure" | "restart" | "ready" | "drained" | "repaired"
}

/** A start that was completed. */
export interface LoggedStart {
  readonly replica: number
  /** When it was asked for. */
  readonly seconds: number
  readonly nodeSeconds: number
  readonly imageSeconds: number
  readonly weightSeconds: number
  readonly warmUpSeconds: number
}

/** Of a run in which replicas come and go; columns by replica, numbered through all pools. */
export interface LifeLog {
  readonly events: readonly LifeEvent[]
  readonly starts: readonly LoggedStart[]
  readonly firstStates: readonly LifeState[]
  /** Seconds in which it took requests; in which it was there at all (starting, up, draining, under repair) and is paid. */
  readonly upSeconds: Float64Array
  readonly paidSeconds: Float64Array
  readonly failures: number
  /** Requests that a failure ended, and times that one was sent again. */
  readonly lostRequests: number
  readonly resentRequests: number
  /** Generated tokens that were thrown away with them. */
  readonly discardedTokens: number
}
