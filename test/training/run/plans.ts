/** Runs to play, written out: a hundred nodes of one accelerator, steps of ten seconds. */
import { playRun, type PlayedRun, type PlayOptions } from "../../../src/training/run/play-run.ts"
import type { FailureLaw, RunPlan, Segment } from "../../../src/training/run/types.ts"

export const hour = 3600
export const day = 86_400

export const stepsOf = (steps: number, stepSeconds = 10): Segment => ({
  steps,
  globalBatch: 100,
  sequenceLength: 1000,
  stepSeconds,
  tokensPerStep: 1e5,
  watts: 1000,
  fits: true
})

/** Failures of the whole job, as if it were one unit, noticed at once and without a node to replace. */
export const failing = (meanSeconds: number, law: Partial<FailureLaw> = {}): FailureLaw => ({
  component: "gpu",
  units: 1,
  meanSeconds,
  shape: 1,
  detectionSeconds: 0,
  hangShare: 0,
  hangSeconds: 0,
  nodesLost: 0,
  repairSeconds: 0,
  ...law
})

/** Ten thousand steps, nothing saved, nothing that fails. */
export const planOf = (changes: Partial<RunPlan> = {}): RunPlan => ({
  segments: [stepsOf(10_000)],
  failures: [],
  checkpoint: null,
  restart: { schedulerSeconds: 0, initialisationSeconds: 0, loadSeconds: 0, warmUpSeconds: 0 },
  spares: null,
  elastic: null,
  stops: [],
  slowNodes: null,
  accelerators: 100,
  nodes: 100,
  replicas: 10,
  acceleratorsPerNode: 1,
  acceleratorsPerReplica: 10,
  power: { waiting: 500, idle: 100, spares: 10, rated: 2000 },
  ...changes
})

/** A checkpoint that stops the work for so long, and can be used so much later. */
export const saving = (pauseSeconds: number, uploadSeconds = 0): RunPlan["checkpoint"] => ({
  interval: "best",
  mode: uploadSeconds === 0 ? "synchronous" : "asynchronous",
  bytes: 1e12,
  pauseSeconds,
  uploadSeconds
})

export const restarting = (schedulerSeconds: number): RunPlan["restart"] => ({
  schedulerSeconds,
  initialisationSeconds: 0,
  loadSeconds: 0,
  warmUpSeconds: 0
})

export const play = (plan: RunPlan, every: number = Infinity, options: Partial<PlayOptions> = {}): PlayedRun =>
  playRun(plan, {
    seed: 1,
    index: 0,
    every: plan.segments.map(() => every),
    mostSeconds: 1e9,
    mostEvents: 1e6,
    ...options
  })

/** Several runs with streams of their own. */
export const playMany = (plan: RunPlan, every: number, count: number): readonly PlayedRun[] =>
  Array.from({ length: count }, (_, index) => play(plan, every, { index }))

export const sumOf = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((sum, part) => sum + part, 0)
