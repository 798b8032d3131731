/**
 * A whole training run: what it is simulated from, and what comes out. Names are resolved and defaults filled in before
 * this point. Seconds and bytes throughout.
 */
import type { ComponentName } from "./components.ts"
import type { RunCourse } from "./course.ts"

/** A part of the run with a batch and a sequence length of its own; the last part takes what tokens are left. */
export interface RunStage {
  readonly tokens?: number
  readonly globalBatch: number
  readonly sequenceLength: number
  readonly microBatch: number
  /** Context-parallel size; replicas give way to it. */
  readonly context: number
}

/** The batch grows from `from` by `increment` to the full batch while `samples` sequences pass (Megatron's --rampup-batch-size). */
export interface BatchRamp {
  readonly from: number
  readonly increment: number
  readonly samples: number
}

/** How units of one component fail. */
export interface FailureLaw {
  readonly component: ComponentName
  readonly units: number
  /** Mean seconds from new to failed of one unit. */
  readonly meanSeconds: number
  /** Weibull shape: 1 exponential, below it early failures, above it wear. */
  readonly shape: number
  /** Seconds until the job has stopped and somebody or something knows. */
  readonly detectionSeconds: number
  /** Share of failures that hang instead of ending the job, and the seconds after which a hang is noticed. */
  readonly hangShare: number
  readonly hangSeconds: number
  /** Nodes that leave the job and are repaired. */
  readonly nodesLost: number
  readonly repairSeconds: number
}

export interface CheckpointSettings {
  /** Seconds of work between checkpoints, steps between them, or the interval that the simulation finds best. */
  readonly interval: { readonly seconds: number } | { readonly steps: number } | "best"
  readonly mode: "synchronous" | "asynchronous"
  readonly bytes: number
  /** Seconds in which no step runs: the whole of a synchronous save, the copy to the host of an asynchronous one. */
  readonly pauseSeconds: number
  /** Seconds after the pause until the checkpoint can be used. */
  readonly uploadSeconds: number
}

export interface RestartSettings {
  readonly schedulerSeconds: number
  readonly initialisationSeconds: number
  readonly loadSeconds: number
  readonly warmUpSeconds: number
}

/** Nodes that stand by. */
export interface SpareSettings {
  readonly nodes: number
  readonly swapSeconds: number
}

/** Data-parallel replicas may be dropped while nodes are missing. */
export interface ElasticSettings {
  readonly leastReplicas: number
  /** Seconds to go on with fewer replicas, and to take them back. */
  readonly reconfigureSeconds: number
  /** Where the survivors find the state: among themselves, so that no step is lost, or in the last checkpoint. */
  readonly stateFrom: "replicas" | "checkpoint"
}

/** A stop that was planned: the job saves, stops, and starts again. */
export type PlannedStop = { readonly lastingSeconds: number } & (
  | { readonly everySeconds: number }
  | { readonly atSeconds: number }
)

/** Nodes that compute on, but slower, until they are found and replaced. */
export interface SlowNodeSettings {
  /** Mean seconds between two episodes of one node. */
  readonly meanSeconds: number
  readonly nodes: number
  /** Seconds of a step with a slow node over seconds of one without. */
  readonly slowdown: number
  readonly foundSeconds: number
  readonly repairSeconds: number
}

export interface RunSettings {
  readonly tokens: number
  readonly stages: readonly RunStage[]
  readonly ramp: BatchRamp | null
  readonly failures: readonly FailureLaw[]
  readonly checkpoint: CheckpointSettings | null
  readonly restart: RestartSettings
  /** Absent: a broken node is replaced at once from a pool without end. */
  readonly spares: SpareSettings | null
  readonly elastic: ElasticSettings | null
  readonly stops: readonly PlannedStop[]
  readonly slowNodes: SlowNodeSettings | null
  /** Runs that are simulated, each with random streams of its own. */
  readonly runs: number
}

/** Consecutive steps that take the same time. */
export interface Segment {
  readonly steps: number
  readonly globalBatch: number
  readonly sequenceLength: number
  readonly stepSeconds: number
  readonly tokensPerStep: number
  /** Mean watts of all accelerators and nodes of the job while it computes. */
  readonly watts: number
  /** Whether its iteration fits in memory. */
  readonly fits: boolean
}

/** Watts of the whole job by what it does; the spares' come on top. */
export interface RunPower {
  /** Ranks wait in their communication library: saving, hanging. */
  readonly waiting: number
  /** Nothing runs. */
  readonly idle: number
  readonly spares: number
  /** Accelerators and hosts at their rated power, the way in which much is published. */
  readonly rated: number
}

/** A run ready to be played: all that `playRun` needs besides its random streams. */
export interface RunPlan extends Omit<RunSettings, "stages" | "ramp" | "tokens" | "runs"> {
  readonly segments: readonly Segment[]
  readonly accelerators: number
  readonly nodes: number
  readonly replicas: number
  readonly acceleratorsPerNode: number
  readonly acceleratorsPerReplica: number
  readonly power: RunPower
}

/** What the calendar time of a run goes to; the parts add up to it. */
export const runParts = [
  "productive",
  "slowed",
  "checkpoint",
  "lost",
  "detection",
  "waiting",
  "swap",
  "restart",
  "planned"
] as const
export type RunPart = (typeof runParts)[number]

/** A quantity over the simulated runs. */
export interface Spread {
  readonly mean: number
  readonly p5: number
  readonly p50: number
  readonly p95: number
}

export interface CheckpointAdvice {
  /** Seconds of work between checkpoints after Young 1974 and Daly 2006; null where nothing fails or nothing is paid. */
  readonly young: number | null
  readonly daly: number | null
  /** Best of the simulated intervals, and the mean calendar seconds with it. */
  readonly intervalSeconds: number
  readonly runSeconds: number
  /** What was simulated, from the shortest interval to the longest. */
  readonly tried: readonly { readonly intervalSeconds: number; readonly runSeconds: number }[]
}

export interface WholeRun {
  readonly tokens: number
  readonly steps: number
  /** Runs that were simulated, and those of them that were given up before the last step. */
  readonly runs: number
  readonly unfinished: number
  /** Steps times their seconds: what the run would take if nothing failed and nothing was saved. */
  readonly idealSeconds: number
  readonly seconds: Spread
  /** Productive over calendar time: the effective training time ratio. */
  readonly goodput: Spread
  readonly acceleratorHours: Spread
  /** Mean seconds by what the calendar time goes to; they add up to the mean of `seconds`. */
  readonly breakdown: Readonly<Record<RunPart, number>>
  readonly lostSeconds: Spread
  readonly interruptions: {
    readonly total: Spread
    readonly unplanned: Spread
    /** Means by component, of failures that stopped the job. */
    readonly byComponent: Readonly<Record<ComponentName, number>>
    readonly planned: number
    readonly slowNodes: number
  }
  /** Mean seconds between failures of the whole job; null where nothing fails. */
  readonly failureSeconds: number | null
  readonly kilowattHours: Spread
  /** Mean energy had the machines always drawn their rated power, as publications often reckon; accelerators alone. */
  readonly ratedKilowattHours: number
  readonly gramsCarbon: Spread | null
  readonly cost: Spread | null
  readonly checkpoint: {
    readonly bytes: number
    readonly pauseSeconds: number
    readonly uploadSeconds: number
    readonly intervalSeconds: number
    readonly advice: CheckpointAdvice | null
  } | null
  readonly restartSeconds: number
  readonly segments: readonly Segment[]
  /** What the first of the runs did, and when. */
  readonly course: RunCourse
  readonly events: number
}
