/**
 * Operation -> seconds, composition, FLOPs: one row a (stage, chunk), made before the clock starts.
 */
import {
  isPaired,
  operationChunk,
  operationKind,
  partOf,
  type OperationKind,
  type Schedule
} from "../parallel/index.ts"
import type { Composition } from "./category.ts"
import type { Compiled, PartCost } from "./compile.ts"
import { pairPasses, type PairedPass } from "./pair.ts"
import { joinPasses, type Pass } from "./pass.ts"

export interface OperationTable {
  /** Seconds of the operation at an index of a stage's list, or of the pair that starts there. */
  seconds(stage: number, operations: Int32Array, at: number): number
  composition(stage: number, operations: Int32Array, at: number): Composition
  flops(stage: number, operations: Int32Array, at: number): number
  recomputedFlops(stage: number, operations: Int32Array, at: number): number
  passOf(stage: number, code: number): Pass
  /** The pair that starts at an index of a stage's list; null where an operation runs alone. */
  pairOf(stage: number, operations: Int32Array, at: number): PairedPass | null
  isFirst(stage: number, chunk: number): boolean
  isLast(stage: number, chunk: number): boolean
}

/** Builds the table of a schedule over compiled parts. */
export const makeOperationTable = (schedule: Schedule, compiled: Compiled): OperationTable => {
  const lastPart = compiled.parts.length - 1
  const passes = new Map<PartCost, Readonly<Record<OperationKind, Pass>>>()
  const passesOf = (part: PartCost): Readonly<Record<OperationKind, Pass>> => {
    const known = passes.get(part)
    if (known !== undefined) return known
    const made = {
      forward: part.forward,
      backward: joinPasses([part.backwardInput, part.backwardWeight]),
      backwardInput: part.backwardInput,
      backwardWeight: part.backwardWeight
    }
    passes.set(part, made)
    return made
  }
  const rows = Array.from({ length: schedule.stages }, (_, stage) =>
    Array.from({ length: schedule.chunks }, (_, chunk) => {
      const index = partOf(schedule, stage, chunk)
      const part = compiled.parts[index]
      if (part === undefined) throw new Error(`the schedule names part ${index} of ${compiled.parts.length}`)
      return { index, passes: passesOf(part) }
    })
  )
  const rowOf = (stage: number, chunk: number) => {
    const row = rows[stage]?.[chunk]
    if (row === undefined) throw new Error(`the schedule has no chunk ${chunk} on stage ${stage}`)
    return row
  }
  const passOf = (stage: number, code: number): Pass => rowOf(stage, operationChunk(code)).passes[operationKind(code)]
  const pairs = new Map<string, PairedPass>()
  const pairOf = (stage: number, operations: Int32Array, at: number): PairedPass | null => {
    const code = operations[at] ?? 0
    if (!isPaired(code)) return null
    const other = operations[at + 1] ?? 0
    const key = `${stage} ${operationChunk(code)} ${operationKind(code)} ${operationChunk(other)} ${operationKind(other)}`
    const known = pairs.get(key)
    if (known !== undefined) return known
    const made = pairPasses(passOf(stage, code), passOf(stage, other))
    pairs.set(key, made)
    return made
  }
  const runs = (stage: number, operations: Int32Array, at: number): Pass =>
    pairOf(stage, operations, at) ?? passOf(stage, operations[at] ?? 0)
  return {
    seconds: (stage, operations, at) => runs(stage, operations, at).seconds,
    composition: (stage, operations, at) => runs(stage, operations, at).composition,
    flops: (stage, operations, at) => runs(stage, operations, at).flops,
    recomputedFlops: (stage, operations, at) => runs(stage, operations, at).recomputedFlops,
    passOf,
    pairOf,
    isFirst: (stage, chunk) => rowOf(stage, chunk).index === 0,
    isLast: (stage, chunk) => rowOf(stage, chunk).index === lastPart
  }
}
