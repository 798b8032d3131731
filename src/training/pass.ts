/**
 * One pass (forward, input gradient, weight gradient) of one layer or model part on one rank: its seconds, what they
 * were spent on, and the slices inside for the trace.
 */
import type { Stack } from "../catalog/index.ts"
import type { Fabric } from "../cluster/index.ts"
import type { Communication, LayerGroup, Operator } from "../kernels/index.ts"
import { addComposition, categoryIndex, emptyComposition, type Category, type Composition } from "./category.ts"
import { plan, type Communicators, type WireOptions } from "./groups.ts"

/** A slice of a pass, relative to its start. */
export interface Piece {
  readonly name: string
  readonly stream: "compute" | "tensor" | "context" | "expert" | "data" | "host"
  readonly offsetSeconds: number
  readonly durationSeconds: number
  readonly flops: number
  readonly bytes: number
  readonly layer: number
}

export interface Pass {
  readonly seconds: number
  readonly composition: Composition
  /** FLOPs executed, recompute included; and of these, recompute. */
  readonly flops: number
  readonly recomputedFlops: number
  readonly pieces: readonly Piece[]
}

export interface PassContext {
  readonly fabric: Fabric
  readonly stack: Stack
  readonly communicators: Communicators
  readonly wire: WireOptions
  /** Factor on every second: the era's pace and the spread of many nodes. */
  readonly stretch: number
  /** Factor on every kernel, on an accelerator that is slower than it should be. */
  readonly kernelFactor: number
  readonly withPieces: boolean
}

const groupCategory: Readonly<Record<LayerGroup, Category & Piece["stream"]>> = {
  tensor: "tensor",
  expertTensor: "tensor",
  context: "context",
  expert: "expert"
}

/** Seconds a collective takes, and those the compute stream waits for it. */
const timed = (context: PassContext, operator: Communication): { readonly full: number; readonly exposed: number } => {
  const { fabric, communicators, stack, wire, kernelFactor } = context
  const planned = plan(fabric, operator.collective, operator.bytes, communicators[operator.group], wire)
  const isTensor = operator.group === "tensor" || operator.group === "expertTensor"
  const onWire = planned.seconds - planned.latencySeconds
  const slowed = isTensor ? onWire / stack.constants.tensorRateShare.value : onWire
  const full = (planned.latencySeconds + slowed) * operator.repeats
  if (operator.group === "context")
    return { full, exposed: operator.repeats * Math.max(0, planned.seconds - operator.besideSeconds * kernelFactor) }
  const overlap =
    operator.group === "expert" ? stack.constants.expertOverlap.value : stack.constants.tensorOverlap.value
  return { full, exposed: full * (1 - overlap) }
}

export interface PassOptions {
  /** Operators that run before the pass proper because their results were dropped. */
  readonly recomputed?: readonly Operator[]
  readonly hostSeconds: number
  readonly layer: number
}

/** Runs a layer's operators one after another on the compute stream, collectives beside it as far as the stack hides them. */
export const runPass = (context: PassContext, operators: readonly Operator[], options: PassOptions): Pass => {
  const composition = emptyComposition()
  const pieces: Piece[] = []
  const { stretch, stack, kernelFactor } = context
  let cursor = 0
  let flops = 0
  let recomputedFlops = 0
  const add = (category: Category, seconds: number): void => {
    const index = categoryIndex[category]
    composition[index] = (composition[index] ?? 0) + seconds
    cursor += seconds
  }
  const record = (
    name: string,
    stream: Piece["stream"],
    start: number,
    duration: number,
    flops: number,
    bytes: number
  ) => {
    if (context.withPieces)
      pieces.push({
        name,
        stream,
        offsetSeconds: Math.max(0, start),
        durationSeconds: duration,
        flops,
        bytes,
        layer: options.layer
      })
  }
  const run = (operator: Operator, recomputed: boolean): void => {
    if (operator.type === "kernel") {
      const seconds = operator.seconds * stretch * kernelFactor
      record(
        recomputed ? `${operator.name} (recompute)` : operator.name,
        "compute",
        cursor,
        seconds,
        operator.flops,
        operator.bytes
      )
      add(recomputed ? "recompute" : operator.kind, seconds)
      flops += operator.flops
      if (recomputed) recomputedFlops += operator.flops
      return
    }
    const time = timed(context, operator)
    const category = groupCategory[operator.group]
    const full = time.full * stretch
    const exposed = time.exposed * stretch
    record(operator.name, category, cursor - (full - exposed), full, 0, operator.bytes)
    add(category, exposed)
  }
  for (const operator of options.recomputed ?? []) run(operator, true)
  for (const operator of operators) run(operator, false)
  const host = options.hostSeconds * stretch
  // Blocking launches add to the device's time; asynchronous ones hide behind it unless they are the longer.
  const waited = stack.host.mode === "blocking" ? host : Math.max(0, host - cursor)
  if (waited > 0) {
    record("host", "host", cursor, waited, 0, 0)
    add("host", waited)
  }
  return { seconds: cursor, composition, flops, recomputedFlops, pieces }
}

/** Passes one after another. */
export const joinPasses = (passes: readonly Pass[]): Pass => {
  const composition = emptyComposition()
  const pieces: Piece[] = []
  let [seconds, flops, recomputedFlops] = [0, 0, 0]
  for (const pass of passes) {
    for (const piece of pass.pieces) pieces.push({ ...piece, offsetSeconds: piece.offsetSeconds + seconds })
    addComposition(composition, pass.composition)
    seconds += pass.seconds
    flops += pass.flops
    recomputedFlops += pass.recomputedFlops
  }
  return { seconds, composition, flops, recomputedFlops, pieces }
}

/** A pass with nothing in it. */
export const emptyPass: Pass = {
  seconds: 0,
  composition: emptyComposition(),
  flops: 0,
  recomputedFlops: 0,
  pieces: []
}

/** A pass in which the compute stream also waits: seconds are booked, and drawn, under a stream at its end. */
export const withWait = (pass: Pass, category: "data" | "host", name: string, seconds: number): Pass => {
  if (seconds === 0) return pass
  const composition = Float64Array.from(pass.composition)
  const index = categoryIndex[category]
  composition[index] = (composition[index] ?? 0) + seconds
  const wait: Piece = {
    name,
    stream: category,
    offsetSeconds: pass.seconds,
    durationSeconds: seconds,
    flops: 0,
    bytes: 0,
    layer: -1
  }
  const pieces = pass.pieces.length === 0 ? pass.pieces : [...pass.pieces, wait]
  return { ...pass, seconds: pass.seconds + seconds, composition, pieces }
}
