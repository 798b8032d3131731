/**
 * The memory of a rank as a table of allocations, as PyTorch's memory snapshot has them: what, how many bytes, from when
 * to when, by which operation; and the peak with all that is alive then.
 *
 * The allocations are made again from the plan's tables and from what the tracker wrote down; that those alive add up to
 * the tracker's counter at every event is a test.
 */
import { operationChunk, operationKind, operationMicroBatch, partOf, rankOf } from "../parallel/index.ts"
import type { PartCost } from "./compile.ts"
import { execute } from "./execute.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import { stageCapacities } from "./machines/groups.ts"
import { makeJournal, type MemoryJournal } from "./memory-journal.ts"
import { logitsOf, peakDuring, workingOf } from "./memory-tracker.ts"
import { rankTableParameters } from "./parameters.ts"
import { withPlan } from "./simulate.ts"
import { firstLayers, residentBytes } from "./stage-memory.ts"
import type { ImpossibleLayout, TrainingJob } from "./types.ts"

export type MemoryKind =
  | "weights"
  | "gradients"
  | "optimizer"
  | "buffers"
  | "context"
  | "activations"
  | "logits"
  | "working"
  | "fragmentation"

/** Bytes that belong together, from the event that brings them to the one that takes them away. */
export interface Allocation {
  readonly kind: MemoryKind
  /** "optimizer states of layers 0 to 4", "activations of micro-batch 3". */
  readonly name: string
  readonly bytes: number
  /** Index of the event from which on it is alive; -1 = before the iteration. */
  readonly from: number
  /** Index of the event from which on it is not; undefined = it stays. */
  readonly until?: number
  /** Which allocations of a kind are alike: those of the same model part. */
  readonly group: string
  readonly microBatch?: number
}

export interface MemorySnapshot {
  readonly stage: number
  /** First rank of the stage; the others hold the same. */
  readonly rank: number
  readonly capacityBytes: number
  /** Events of the iteration: an operation begins or ends. */
  readonly events: {
    readonly seconds: readonly number[]
    readonly name: readonly string[]
    /** Bytes in use from the event on, without fragmentation. */
    readonly bytes: readonly number[]
  }
  readonly allocations: readonly Allocation[]
  readonly peak: {
    /** With fragmentation. */
    readonly bytes: number
    readonly event: number
    readonly seconds: number
    readonly during: string
    /** All that is alive, the largest first; fragmentation is one of them. */
    readonly alive: readonly Allocation[]
  }
}

/** Simulates an iteration and keeps the memory of a stage's first rank. */
export const memorySnapshot = (job: TrainingJob, stage: number): MemorySnapshot | ImpossibleLayout =>
  withPlan({ ...job, trace: "off" }, (plan) => {
    const journal = makeJournal(stage)
    execute({ ...plan, journal })
    return snapshotOf(plan, journal)
  })

/** What is alive after an event. */
export const aliveAfter = (
  { allocations }: Pick<MemorySnapshot, "allocations">,
  event: number
): readonly Allocation[] =>
  allocations.filter(({ from, until }) => from <= event && (until === undefined || event < until))

const snapshotOf = (plan: ExecutionPlan, journal: MemoryJournal): MemorySnapshot => {
  const { job } = plan
  const { stage } = journal
  const allocations = [...residentAllocations(plan, stage), ...movingAllocations(plan, journal)]
  const event = journal.bytes.reduce((best, bytes, index) => (bytes > (journal.bytes[best] ?? 0) ? index : best), 0)
  const alive = aliveAfter({ allocations }, event)
  const moving = alive.filter(({ kind }) => isMoving(kind)).reduce((sum, { bytes }) => sum + bytes, 0)
  const fragmentation: Allocation = {
    kind: "fragmentation",
    name: "fragmentation of what comes and goes",
    bytes: job.stack.memory.fragmentation * moving,
    from: event,
    group: "fragmentation"
  }
  const all = fragmentation.bytes > 0 ? [...alive, fragmentation] : alive
  return {
    stage,
    rank: rankOf(job.layout, { tensor: 0, context: 0, data: 0, pipeline: stage }),
    capacityBytes: stageCapacities(job)[stage] ?? job.accelerator.memory.bytes,
    events: {
      seconds: journal.seconds,
      name: journal.code.map((code, index) => eventName(plan, code, journal.isEnd[index] === true)),
      bytes: journal.bytes
    },
    allocations,
    peak: {
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      event,
      seconds: journal.seconds[event] ?? 0,
      during: peakDuring(journal.code[event] ?? 0),
      alive: all.toSorted((one, other) => other.bytes - one.bytes)
    }
  }
}

const isMoving = (kind: MemoryKind): boolean => kind === "activations" || kind === "logits" || kind === "working"

const chunkText = ({ schedule }: ExecutionPlan, code: number): string =>
  schedule.chunks === 1 ? "" : `, chunk ${operationChunk(code)}`

const eventName = (plan: ExecutionPlan, code: number, isEnd: boolean): string =>
  `${peakDuring(code)}${chunkText(plan, code)} ${isEnd ? "ends" : "begins"}`

/** What stays: by kind and by part of the model. */
const residentAllocations = (plan: ExecutionPlan, stage: number): readonly Allocation[] => {
  const { job, schedule, compiled } = plan
  const first = firstLayers(compiled)
  const pieces = Array.from({ length: schedule.chunks }, (_, chunk) => partOf(schedule, stage, chunk)).flatMap(
    (index) => {
      const part = compiled.parts[index]
      return part === undefined ? [] : piecesOf(job, part, first[index] ?? 0)
    }
  )
  const stays = (kind: MemoryKind, name: string, bytes: number): readonly Allocation[] =>
    bytes > 0 ? [{ kind, name, bytes, from: -1, group: name }] : []
  const { buffers = 0, context = 0 } = plan.memory[stage]?.resident ?? {}
  return [
    ...pieces.flatMap(({ name, part }) => {
      const { weights, gradients, optimizer } = residentBytes(job, [part])
      return [
        ...stays("weights", `weights of ${name}`, weights),
        ...stays("gradients", `gradients of ${name}`, gradients),
        ...stays("optimizer", `optimizer states of ${name}`, optimizer)
      ]
    }),
    ...stays("buffers", "gathered layers, parameters and gradients", buffers),
    ...stays("context", "context and communication buffers", context)
  ]
}

interface Piece {
  readonly name: string
  readonly part: PartCost
}

/** A part of the model in pieces that a reader knows: tables, layers, experts. */
const piecesOf = (job: TrainingJob, part: PartCost, first: number): readonly Piece[] => {
  const tables = rankTableParameters(job, part.hasEmbedding, part.hasHead).dense
  const layers = part.layers === 1 ? `layer ${first}` : `layers ${first} to ${first + part.layers - 1}`
  const ends = [...(part.hasEmbedding ? ["embedding"] : []), ...(part.hasHead ? ["LM head"] : [])].join(" and ")
  const { dense, expert } = part.parameters
  const of = (name: string, dense: number, expert: number): readonly Piece[] =>
    dense + expert > 0 ? [{ name, part: { ...part, parameters: { dense, expert } } }] : []
  return [...of(ends, tables, 0), ...of(layers, dense - tables, 0), ...of(`experts of ${layers}`, 0, expert)]
}

/** What comes and goes with the operations. */
const movingAllocations = (plan: ExecutionPlan, journal: MemoryJournal): readonly Allocation[] => {
  const made: Allocation[] = []
  /** Allocations of activations that wait for a backward pass, by micro-batch and chunk: index into `made`. */
  const waiting = new Map<string, { readonly byInput: number; readonly rest: number }>()
  let transients: readonly number[] = []
  const chunks = plan.memory[journal.stage]?.chunks ?? []
  const isSplit = splitsBackward(plan, journal.stage)
  const add = (allocation: Allocation): number => (allocation.bytes > 0 ? made.push(allocation) - 1 : -1)
  const end = (index: number, event: number): void => {
    const open = made[index]
    if (open !== undefined) made[index] = { ...open, until: event }
  }
  for (const [event, code] of journal.code.entries()) {
    const bytes = chunks[operationChunk(code)]
    if (bytes === undefined) continue
    const microBatch = operationMicroBatch(code)
    const key = `${microBatch} ${operationChunk(code)}`
    const chunk = chunkText(plan, code)
    // What an operation needs by itself is counted until the next event of the rank.
    for (const index of transients) end(index, event)
    transients = []
    if (journal.isEnd[event] === true) {
      const held = waiting.get(key)
      const kind = operationKind(code)
      if (held === undefined || kind === "forward") continue
      if (kind !== "backwardWeight") end(held.byInput, event)
      if (kind !== "backwardInput") end(held.rest, event)
      continue
    }
    if (operationKind(code) === "forward") {
      const base = { kind: "activations", from: event, microBatch } as const
      const name = `activations of micro-batch ${microBatch}${chunk}`
      waiting.set(
        key,
        isSplit
          ? {
              byInput: add({ ...base, name, bytes: bytes.freedByInput, group: `activations${chunk}` }),
              rest: add({
                ...base,
                name: `kept for W of micro-batch ${microBatch}${chunk}`,
                bytes: bytes.activations - bytes.freedByInput,
                group: `kept for W${chunk}`
              })
            }
          : { byInput: -1, rest: add({ ...base, name, bytes: bytes.activations, group: `activations${chunk}` }) }
      )
    }
    transients = [
      add({
        kind: "working",
        name: "recomputed layer",
        bytes: workingOf(code, bytes),
        from: event,
        group: "working"
      }),
      add({
        kind: "logits",
        name: "logits and their gradient",
        bytes: logitsOf(code, bytes),
        from: event,
        group: "logits"
      })
    ]
  }
  return made
}

/** Whether a stage's backward passes run as two operations. */
const splitsBackward = ({ schedule }: ExecutionPlan, stage: number): boolean =>
  (schedule.operations[stage] ?? new Int32Array(0)).some((code) => operationKind(code) === "backwardInput")
