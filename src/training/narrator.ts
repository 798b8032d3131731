/**
 * Tells the trace what happens: tracks named cluster > node > rank > stream, one slice an operation with a template of
 * the layers and kernels inside, transfers with arrows, memory as a counter.
 */
import { operationChunk, operationKind, operationMicroBatch } from "../parallel/index.ts"
import type { Recorder } from "../trace/index.ts"
import { formatPercent } from "../units/index.ts"
import type { Actor } from "./actors.ts"
import { operationsOf, type ExecutionPlan } from "./execution-plan.ts"
import type { Transient } from "./memory-journal.ts"
import type { OperationTable } from "./operation-table.ts"
import type { OperationTimes } from "./operation-times.ts"
import type { Piece } from "./pass.ts"

export interface Narrator {
  /** Records the operation at an index of a stage's list, alone or as one of the pair there; answers its slice or -1. */
  readonly operation: (actor: Actor, at: number, step: number, start: number, end: number) => number
  readonly transferStarts: (actor: Actor, code: number, now: number, from: number) => number
  /** Ends the oldest open transfer of a sender; answers its slice. */
  readonly transferEnds: (sender: number, pending: number, now: number) => number
  readonly exchange: (actor: Actor, name: string, start: number, end: number) => void
  readonly optimizer: (actor: Actor, start: number, seconds: number) => void
  /** Bytes in use, and of these what comes and goes. */
  readonly memory: (actor: number, now: number, bytes: number, activations: number, moving: Transient) => void
}

const silent: Narrator = {
  operation: () => -1,
  transferStarts: () => -1,
  transferEnds: () => -1,
  exchange: () => undefined,
  optimizer: () => undefined,
  memory: () => undefined
}

const stretchSteps = 256

const letters = { forward: "F", backward: "B", backwardInput: "Bi", backwardWeight: "W" } as const

/** Numbers of counters; -1 where a rank never has such bytes. */
interface MemoryCounters {
  readonly all: number
  readonly activations: number
  readonly working: number
  readonly logits: number
}

interface Open {
  readonly actor: Actor
  readonly code: number
  readonly start: number
  readonly from: number
}

/** A narrator for a recorder; silent when it is off. `tables` are by variant, `secondsOf` what operations really take. */
export const makeNarrator = (
  recorder: Recorder,
  plan: ExecutionPlan,
  tables: readonly OperationTable[],
  secondsOf: OperationTimes["seconds"]
): Narrator => {
  if (!recorder.isOn) return silent
  const { job, compiled, cast } = plan
  const tracks = new Map<string, number>()
  const pace = ({ variant }: Actor): string => {
    const factor = plan.variants[variant]?.compiled.kernelFactor ?? 1
    return factor === 1 ? "" : `, computes at ${formatPercent(1 / factor)}`
  }
  const path = (actor: Actor, stream: string | null): readonly string[] => [
    job.name,
    `node ${Math.floor(actor.rank / job.fabric.acceleratorsPerNode)}`,
    `rank ${actor.rank} (stage ${actor.stage}${pace(actor)})`,
    ...(stream === null ? [] : [stream])
  ]
  const track = (actor: Actor, stream: string): number => {
    const key = `${actor.index} ${stream}`
    const known = tracks.get(key)
    if (known !== undefined) return known
    const made = recorder.track(path(actor, stream))
    tracks.set(key, made)
    return made
  }
  const counters = new Map<number, MemoryCounters>()
  /** Counters of an actor: the sum on its rank, its kinds on a track below; what stays is told once. */
  const memoryOf = (actor: Actor, now: number): MemoryCounters => {
    const known = counters.get(actor.index)
    if (known !== undefined) return known
    const all = recorder.counter(recorder.track(path(actor, null)), recorder.name("memory (bytes)"))
    const kind = (name: string): number => recorder.counter(track(actor, "memory"), recorder.name(`${name} (bytes)`))
    const stage = plan.memory[actor.stage]
    for (const [name, bytes] of Object.entries(stage?.resident ?? {}))
      if (bytes > 0) recorder.sample(kind(name), now, bytes)
    const made = {
      all,
      activations: kind("activations"),
      working: stage?.chunks.some(({ working }) => working > 0) === true ? kind("working") : -1,
      logits: stage?.chunks.some(({ logits }) => logits > 0) === true ? kind("logits") : -1
    }
    counters.set(actor.index, made)
    return made
  }
  const templates = new Map<readonly Piece[], Map<number, number>>()
  /** The template of pieces that start so many seconds before the slice and last so many times as long. */
  const templateOf = (pieces: readonly Piece[], before: number, stretch: number): number => {
    const ofPieces = templates.get(pieces) ?? new Map<number, number>()
    templates.set(pieces, ofPieces)
    const known = ofPieces.get(stretch)
    if (known !== undefined) return known
    const made = recorder.template(
      pieces.map((piece) => ({
        name: piece.name,
        stream: piece.stream,
        offsetSeconds: (piece.offsetSeconds - before) * stretch,
        durationSeconds: piece.durationSeconds * stretch,
        flops: piece.flops,
        bytes: piece.bytes,
        ...(piece.layer >= 0 ? { layer: piece.layer } : {})
      }))
    )
    ofPieces.set(stretch, made)
    return made
  }
  /** How much longer than in the table; in steps, so that few templates do, and rounded down, so that all fits inside. */
  const stretchOf = (actor: Actor, operations: Int32Array, at: number): number => {
    if (plan.scales === null) return 1
    const table = tables[actor.variant] as OperationTable
    const ratio = secondsOf(actor, operations, at) / table.seconds(actor.stage, operations, at)
    return Math.max(1, Math.floor(ratio * stretchSteps)) / stretchSteps
  }
  const open: Open[] = []
  const freeOpen: number[] = []
  const nameOf = (code: number): string => `${letters[operationKind(code)]} ${operationMicroBatch(code)}`
  return {
    operation: (actor, at, step, start, end) => {
      const operations = operationsOf(plan, actor)
      const code = operations[at + step] ?? 0
      const table = tables[actor.variant] as OperationTable
      const pass = table.passOf(actor.stage, code)
      const pair = table.pairOf(actor.stage, operations, at)
      const stretch = stretchOf(actor, operations, at)
      // Two operations that run as one are drawn side by side, half the time each, with their kernels where they ran.
      const half = pair === null ? 0 : (pair.seconds * stretch) / 2
      const before = step * half
      const inside = pair === null ? pass.pieces : pair.inside[step === 0 ? 0 : 1]
      return recorder.slice(
        track(actor, "schedule"),
        recorder.name(schedule(code, plan.schedule.chunks)),
        start + before,
        pair === null || step === 1 ? end - start - before : half,
        {
          microBatch: operationMicroBatch(code),
          stage: actor.stage,
          flops: pass.flops,
          template: templateOf(inside, before / stretch, stretch)
        }
      )
    },
    transferStarts: (actor, code, now, from) => {
      const slot = freeOpen.pop() ?? open.length
      open[slot] = { actor, code, start: now, from }
      return slot
    },
    transferEnds: (_sender, pending, now) => {
      const opened = open[pending]
      if (opened === undefined) return -1
      freeOpen.push(pending)
      const slice = recorder.slice(
        track(opened.actor, "pipeline"),
        recorder.name(`send ${nameOf(opened.code)}`),
        opened.start,
        now - opened.start,
        { microBatch: operationMicroBatch(opened.code), stage: opened.actor.stage, bytes: compiled.boundaryBytes }
      )
      recorder.flow(opened.from, slice)
      return slice
    },
    exchange: (actor, name, start, end) => {
      recorder.slice(track(actor, "data"), recorder.name(name), start, end - start, { stage: actor.stage })
    },
    optimizer: (actor, start, seconds) => {
      recorder.slice(track(actor, "schedule"), recorder.name("optimizer"), start, seconds, { stage: actor.stage })
    },
    memory: (index, now, bytes, activations, { working, logits }) => {
      const actor = cast.actors[index]
      if (actor === undefined) return
      const counters = memoryOf(actor, now)
      recorder.sample(counters.all, now, bytes)
      recorder.sample(counters.activations, now, activations)
      if (counters.working >= 0) recorder.sample(counters.working, now, working)
      if (counters.logits >= 0) recorder.sample(counters.logits, now, logits)
    }
  }
}

const schedule = (code: number, chunks: number): string => {
  const name = `${letters[operationKind(code)]} ${operationMicroBatch(code)}`
  return chunks === 1 ? name : `${name} (chunk ${operationChunk(code)})`
}
