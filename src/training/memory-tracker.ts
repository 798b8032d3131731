/**
 * Memory of every actor along the iteration, operation by operation; the peak and what filled it.
 */
import { operationChunk, operationKind, operationMicroBatch, partOf } from "../parallel/index.ts"
import type { Recorder } from "../trace/index.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import type { Narrator } from "./narrator.ts"
import type { PartBytes, ResidentBytes } from "./stage-memory.ts"

export interface MemoryPeak {
  readonly bytes: number
  readonly atSeconds: number
  readonly during: string
  readonly activations: number
  readonly logits: number
  readonly working: number
}

export interface MemoryTracker {
  readonly begin: (actor: number, stage: number, code: number, now: number) => void
  readonly end: (actor: number, stage: number, code: number, now: number) => void
  readonly peakOf: (actor: number) => MemoryPeak
}

const residentTotal = (resident: ResidentBytes): number =>
  resident.weights + resident.gradients + resident.optimizer + resident.buffers + resident.context

const wording = {
  forward: "forward",
  backward: "backward",
  backwardInput: "input gradient",
  backwardWeight: "weight gradient"
} as const

/** Tracks the memory of a plan's actors. */
export const makeMemoryTracker = (plan: ExecutionPlan, recorder: Recorder, narrator: Narrator): MemoryTracker => {
  const { actors } = plan.cast
  const live = new Float64Array(actors.length)
  const peaks = new Float64Array(actors.length).fill(-1)
  const peakAt = new Float64Array(actors.length)
  const peakCode = new Int32Array(actors.length)
  const peakActivations = new Float64Array(actors.length)
  const peakLogits = new Float64Array(actors.length)
  const peakWorking = new Float64Array(actors.length)
  const resident = plan.memory.map((stage) => residentTotal(stage.resident))
  const bytesOf = (stage: number, code: number): PartBytes => {
    const bytes = plan.memory[stage]?.chunks[operationChunk(code)]
    if (bytes === undefined)
      throw new Error(`no memory table for stage ${stage}, part ${partOf(plan.schedule, stage, operationChunk(code))}`)
    return bytes
  }
  const touch = (actor: number, stage: number, code: number, now: number, extra: number, logits: number): void => {
    const total = (resident[stage] ?? 0) + (live[actor] ?? 0) + extra + logits
    if (recorder.isOn) narrator.memory(actor, now, total)
    if (total <= (peaks[actor] ?? 0)) return
    peaks[actor] = total
    peakAt[actor] = now
    peakCode[actor] = code
    peakActivations[actor] = live[actor] ?? 0
    peakLogits[actor] = logits
    peakWorking[actor] = extra
  }
  return {
    begin: (actor, stage, code, now) => {
      const bytes = bytesOf(stage, code)
      const kind = operationKind(code)
      if (kind === "forward") live[actor] = (live[actor] ?? 0) + bytes.activations
      touch(
        actor,
        stage,
        code,
        now,
        kind === "forward" ? 0 : bytes.working,
        kind === "backwardWeight" ? 0 : bytes.logits
      )
    },
    end: (actor, stage, code, now) => {
      const bytes = bytesOf(stage, code)
      const kind = operationKind(code)
      const freed =
        kind === "backward"
          ? bytes.activations
          : kind === "backwardInput"
            ? bytes.freedByInput
            : kind === "backwardWeight"
              ? bytes.activations - bytes.freedByInput
              : 0
      live[actor] = (live[actor] ?? 0) - freed
      if (recorder.isOn) narrator.memory(actor, now, (resident[stage] ?? 0) + (live[actor] ?? 0))
    },
    peakOf: (actor) => {
      const code = peakCode[actor] ?? 0
      return {
        bytes: peaks[actor] ?? 0,
        atSeconds: peakAt[actor] ?? 0,
        during: `${wording[operationKind(code)]} of micro-batch ${operationMicroBatch(code)}`,
        activations: peakActivations[actor] ?? 0,
        logits: peakLogits[actor] ?? 0,
        working: peakWorking[actor] ?? 0
      }
    }
  }
}
