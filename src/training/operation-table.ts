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
import { categoryIndex, type Category, type Composition } from "./category.ts"
import type { Compiled, PartCost } from "./compile.ts"
import { joinPasses, type Pass } from "./pass.ts"

export interface OperationTable {
  /** Seconds of the operation at an index of a stage's list, or of the pair that starts there. */
  seconds(stage: number, operations: Int32Array, at: number): number
  composition(stage: number, operations: Int32Array, at: number): Composition
  flops(stage: number, operations: Int32Array, at: number): number
  recomputedFlops(stage: number, operations: Int32Array, at: number): number
  passOf(stage: number, code: number): Pass
  isFirst(stage: number, chunk: number): boolean
  isLast(stage: number, chunk: number): boolean
}

/** Categories of communication that an overlapped forward-backward pair hides behind the other's compute. */
const hiddenInPairs: readonly Category[] = ["tensor", "expert", "context"]

const paired = (first: Pass, second: Pass): Pass => {
  const joined = joinPasses([first, second])
  const composition = Float64Array.from(joined.composition)
  let exposed = 0
  for (const category of hiddenInPairs) exposed += composition[categoryIndex[category]] ?? 0
  const compute = joined.seconds - exposed
  // Communication of one hides behind the compute of the other; what is longer than that compute stays.
  const kept = exposed === 0 ? 0 : Math.max(0, exposed - compute) / exposed
  for (const category of hiddenInPairs) {
    const index = categoryIndex[category]
    composition[index] = (composition[index] ?? 0) * kept
  }
  return { ...joined, composition, seconds: compute + exposed * kept }
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
  const pairs = new Map<string, Pass>()
  const runs = (stage: number, operations: Int32Array, at: number): Pass => {
    const code = operations[at] ?? 0
    if (!isPaired(code)) return passOf(stage, code)
    const other = operations[at + 1] ?? 0
    const key = `${stage} ${operationChunk(code)} ${operationKind(code)} ${operationChunk(other)} ${operationKind(other)}`
    const known = pairs.get(key)
    if (known !== undefined) return known
    const made = paired(passOf(stage, code), passOf(stage, other))
    pairs.set(key, made)
    return made
  }
  return {
    seconds: (stage, operations, at) => runs(stage, operations, at).seconds,
    composition: (stage, operations, at) => runs(stage, operations, at).composition,
    flops: (stage, operations, at) => runs(stage, operations, at).flops,
    recomputedFlops: (stage, operations, at) => runs(stage, operations, at).recomputedFlops,
    passOf,
    isFirst: (stage, chunk) => rowOf(stage, chunk).index === 0,
    isLast: (stage, chunk) => rowOf(stage, chunk).index === lastPart
  }
}
