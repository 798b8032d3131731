/**
 * Tells the trace what happens: tracks named cluster > node > rank > stream, one slice an operation with a template of
 * the layers and kernels inside, transfers with arrows, memory as a counter.
 */
import { operationChunk, operationKind, operationMicroBatch } from "../parallel/index.ts"
import type { Recorder } from "../trace/index.ts"
import type { Actor } from "./actors.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import type { OperationTable } from "./operation-table.ts"
import type { Piece } from "./pass.ts"

export interface Narrator {
  /** Records the operation at an index of a stage's list, alone or as one of the pair there; answers its slice or -1. */
  readonly operation: (actor: Actor, at: number, step: number, start: number, end: number) => number
  readonly transferStarts: (actor: Actor, code: number, now: number, from: number) => number
  /** Ends the oldest open transfer of a sender; answers its slice. */
  readonly transferEnds: (sender: number, pending: number, now: number) => number
  readonly exchange: (actor: Actor, name: string, start: number, end: number) => void
  readonly optimizer: (actor: Actor, start: number, seconds: number) => void
  readonly memory: (actor: number, now: number, bytes: number) => void
}

const silent: Narrator = {
  operation: () => -1,
  transferStarts: () => -1,
  transferEnds: () => -1,
  exchange: () => undefined,
  optimizer: () => undefined,
  memory: () => undefined
}

const letters = { forward: "F", backward: "B", backwardInput: "Bi", backwardWeight: "W" } as const

interface Open {
  readonly actor: Actor
  readonly code: number
  readonly start: number
  readonly from: number
}

/** A narrator for a recorder; silent when it is off. */
export const makeNarrator = (recorder: Recorder, plan: ExecutionPlan, table: OperationTable): Narrator => {
  if (!recorder.isOn) return silent
  const { job, compiled, cast } = plan
  const tracks = new Map<string, number>()
  const path = (actor: Actor, stream: string | null): readonly string[] => [
    job.name,
    `node ${Math.floor(actor.rank / job.fabric.acceleratorsPerNode)}`,
    `rank ${actor.rank} (stage ${actor.stage})`,
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
  const counters = new Map<number, number>()
  const memoryCounter = (actor: Actor): number => {
    const known = counters.get(actor.index)
    if (known !== undefined) return known
    const made = recorder.counter(recorder.track(path(actor, null)), recorder.name("memory (bytes)"))
    counters.set(actor.index, made)
    return made
  }
  const templates = new Map<readonly Piece[], number>()
  /** The template of pieces that start so many seconds before the slice. */
  const templateOf = (pieces: readonly Piece[], before: number): number => {
    const known = templates.get(pieces)
    if (known !== undefined) return known
    const made = recorder.template(
      pieces.map((piece) => ({
        name: piece.name,
        stream: piece.stream,
        offsetSeconds: piece.offsetSeconds - before,
        durationSeconds: piece.durationSeconds,
        flops: piece.flops,
        bytes: piece.bytes,
        ...(piece.layer >= 0 ? { layer: piece.layer } : {})
      }))
    )
    templates.set(pieces, made)
    return made
  }
  const open: Open[] = []
  const freeOpen: number[] = []
  const nameOf = (code: number): string => `${letters[operationKind(code)]} ${operationMicroBatch(code)}`
  return {
    operation: (actor, at, step, start, end) => {
      const operations = plan.schedule.operations[actor.stage] ?? new Int32Array(0)
      const code = operations[at + step] ?? 0
      const pass = table.passOf(actor.stage, code)
      const pair = table.pairOf(actor.stage, operations, at)
      // Two operations that run as one are drawn side by side, half the time each, with their kernels where they ran.
      const half = pair === null ? 0 : pair.seconds / 2
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
          template: templateOf(inside, before)
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
    memory: (index, now, bytes) => {
      const actor = cast.actors[index]
      if (actor !== undefined) recorder.sample(memoryCounter(actor), now, bytes)
    }
  }
}

const schedule = (code: number, chunks: number): string => {
  const name = `${letters[operationKind(code)]} ${operationMicroBatch(code)}`
  return chunks === 1 ? name : `${name} (chunk ${operationChunk(code)})`
}
