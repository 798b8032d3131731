/**
 * Memory of every actor along the iteration, operation by operation; the peak and what filled it.
 */
import { operationChunk, operationKind, operationMicroBatch, partOf } from "../parallel/index.ts"
import type { Recorder } from "../trace/index.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import { writeDown, type Transient } from "./memory-journal.ts"
import type { Narrator } from "./narrator.ts"
import type { PartBytes, ResidentBytes } from "./stage-memory.ts"

export interface MemoryPeak {
  readonly bytes: number
  readonly atSeconds: number
  /** The operation, packed, and in words. */
  readonly code: number
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

/** An operation in words. */
export const peakDuring = (code: number): string =>
  `${wording[operationKind(code)]} of micro-batch ${operationMicroBatch(code)}`

/** Bytes of a part's activations that an operation gives back when it ends. */
export const freedBy = (code: number, { activations, freedByInput }: PartBytes): number => {
  const kind = operationKind(code)
  if (kind === "forward") return 0
  return kind === "backward" ? activations : kind === "backwardInput" ? freedByInput : activations - freedByInput
}

/** Bytes that an operation needs only while it runs: to recompute layers, and for the loss. */
export const workingOf = (code: number, { working }: PartBytes): number =>
  operationKind(code) === "forward" ? 0 : working
export const logitsOf = (code: number, { logits }: PartBytes): number =>
  operationKind(code) === "backwardWeight" ? 0 : logits

const nothing: Transient = { working: 0, logits: 0 }

const timesLoad = ({ activations, freedByInput, working, logits }: PartBytes, load: number): PartBytes => ({
  activations: activations * load,
  freedByInput: freedByInput * load,
  working: working * load,
  logits: logits * load
})

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
  /** What an operation of more or fewer tokens than the mean holds. */
  const loadedBytes = (actor: number, stage: number, code: number): PartBytes => {
    const bytes = bytesOf(stage, code)
    const who = actors[actor]
    const load = plan.scales === null || who === undefined ? 1 : plan.scales.load(who, code)
    return load === 1 ? bytes : timesLoad(bytes, load)
  }
  const journal = plan.journal
  const journalled = journal === undefined ? -1 : actors.findIndex(({ stage }) => stage === journal.stage)
  const note = (actor: number, code: number, isEnd: boolean, now: number, total: number, moving: Transient): void => {
    if (recorder.isOn) narrator.memory(actor, now, total, live[actor] ?? 0, moving)
    if (journal !== undefined && actor === journalled) writeDown(journal, now, code, isEnd, total)
  }
  const isTold = recorder.isOn || journal !== undefined
  const touch = (actor: number, stage: number, code: number, now: number, extra: number, logits: number): void => {
    const total = (resident[stage] ?? 0) + (live[actor] ?? 0) + extra + logits
    if (isTold) note(actor, code, false, now, total, { working: extra, logits })
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
      const bytes = loadedBytes(actor, stage, code)
      if (operationKind(code) === "forward") live[actor] = (live[actor] ?? 0) + bytes.activations
      touch(actor, stage, code, now, workingOf(code, bytes), logitsOf(code, bytes))
    },
    end: (actor, stage, code, now) => {
      const bytes = loadedBytes(actor, stage, code)
      live[actor] = (live[actor] ?? 0) - freedBy(code, bytes)
      if (isTold) note(actor, code, true, now, (resident[stage] ?? 0) + (live[actor] ?? 0), nothing)
    },
    peakOf: (actor) => {
      const code = peakCode[actor] ?? 0
      return {
        bytes: peaks[actor] ?? 0,
        atSeconds: peakAt[actor] ?? 0,
        code,
        during: peakDuring(code),
        activations: peakActivations[actor] ?? 0,
        logits: peakLogits[actor] ?? 0,
        working: peakWorking[actor] ?? 0
      }
    }
  }
}
