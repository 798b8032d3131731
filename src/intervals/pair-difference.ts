/**
 * What two cases differ in, and by how much: the errors of two predictions cancel the better the more alike they are.
 *
 * A size counts by doublings, a choice by being another. Every doubling and every choice counts half a step (`pairs.ts`);
 * that was chosen once, together with the weights, so that ratios of sources that had no part in them lie where they
 * should (`windtunnel validate --intervals` prints it).
 */
import { acceleratorStep } from "./distance.ts"
import type { Likeness, Setup } from "./residual.ts"

/** A case as half of a pair. */
export interface Half extends Likeness {
  readonly setup: Setup
  /** Title of the model. */
  readonly model: string
}

/** Of a setup, then of the case itself. */
export const dimensions = [
  "tensor",
  "pipeline",
  "parts",
  "context",
  "expert",
  "microBatch",
  "zero",
  "recompute",
  "schedule",
  "precision",
  "dataAttention",
  "globalBatch",
  "sequence",
  "accelerators",
  "parameters",
  "model",
  "machine"
] as const
export type Dimension = (typeof dimensions)[number]

/** More doublings than these are as far. */
const mostDoublings = 3
/** Steps of `distance.ts` between accelerators are in halves. */
const ofMachines = 2

const doublings = (one: number, other: number): number => Math.min(mostDoublings, Math.abs(Math.log2(one / other)))

const ofSetups = (one: number | string | undefined, other: number | string | undefined): number => {
  if (one === undefined || other === undefined || one === other) return 0
  return typeof one === "number" && typeof other === "number" ? doublings(one, other) : 1
}

const between = (dimension: Dimension, one: Half, other: Half): number => {
  switch (dimension) {
    case "accelerators":
    case "parameters":
      return doublings(one[dimension], other[dimension])
    case "model":
      return one.model === other.model ? 0 : 1
    case "machine":
      return ofMachines * acceleratorStep(one.accelerator, other.accelerator)
    default:
      return ofSetups(one.setup[dimension], other.setup[dimension])
  }
}

/** One number a dimension; 0 = alike. */
export const differencesOf = (one: Half, other: Half): Float64Array =>
  Float64Array.from(dimensions, (dimension) => between(dimension, one, other))

/** Parameters that differ by less are the same model counted in another way. */
const sameParameters = 0.1

/** The names of what differs. @param place  of the pair among the differences */
export const differing = (differences: Float64Array, place = 0): readonly Dimension[] =>
  dimensions.filter(
    (dimension, index) =>
      differences[place * dimensions.length + index]! > (dimension === "parameters" ? sameParameters : 0)
  )

/** How far a pair is from differing as another does. @param place  of the other among the differences of many */
export const unlikeness = (own: Float64Array, differences: Float64Array, place: number): number => {
  const start = place * own.length
  let sum = 0
  for (let index = 0; index < own.length; index++) sum += Math.abs(own[index]! - differences[start + index]!)
  return sum
}

/** How much a pair differs in all. */
export const sizeOf = (differences: Float64Array): number => differences.reduce((sum, one) => sum + one, 0)
