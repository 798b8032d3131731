/**
 * How far a measured case is from another in what predictions are known to depend on.
 *
 * Steps were chosen once, together with the bandwidth of `interval.ts`, so that intervals of sources that had no part in
 * them cover what they say (`windtunnel validate --intervals` prints it). A mixture of experts differs most from a dense
 * model: errors are two to three times as large.
 */
import { servingStackLineage, stackLineage } from "../catalog/index.ts"
import type { AcceleratorKind, Likeness, Load } from "./residual.ts"

/** What a difference counts. */
export const steps = {
  /** Software of one family, or of another. */
  relatedStack: 0.5,
  otherStack: 1,
  /** The same chip in another form, a chip of the generation, a chip of another. */
  otherForm: 0.25,
  sameGeneration: 0.5,
  otherGeneration: 1,
  doubledParameters: 0.25,
  doubledAccelerators: 0.1,
  /**
   * A rate or a latency of the machine twice or half as large as where it was measured. From A100 to H100 peak FLOP/s, memory,
   * NVLink and network double 4.0 times in all: another generation.
   */
  doubledRate: 0.25,
  mixture: 3,
  /** A batch that nobody waits for beside requests that come; work that waits beside users who do. */
  otherLoad: 2,
  relatedLoad: 0.5
} as const

/** Infinite between different quantities. */
export const distance = (one: Likeness, other: Likeness): number =>
  one.quantity !== other.quantity
    ? Infinity
    : ofStacks(one, other) +
      ofAccelerators(one, other) +
      ofLoads(one.load, other.load) +
      steps.doubledParameters * doublings(one.parameters, other.parameters) +
      steps.doubledAccelerators * doublings(one.accelerators, other.accelerators) +
      (one.isMixture === other.isMixture ? 0 : steps.mixture)

/** By how many steps a machine is one that nobody has, whatever it is compared with. */
export const imagined = ({ doublings = 0 }: Likeness): number => steps.doubledRate * doublings

const doublings = (one: number, other: number): number => Math.abs(Math.log2(one / other))

const ofStacks = (one: Likeness, other: Likeness): number => {
  if (one.stack === other.stack) return 0
  const lineage = one.load === "training" ? stackLineage : servingStackLineage
  const ancestors = lineage(one.stack)
  return lineage(other.stack).some((name) => ancestors.includes(name)) ? steps.relatedStack : steps.otherStack
}

const ofAccelerators = (one: Likeness, other: Likeness): number => acceleratorStep(one.accelerator, other.accelerator)

/** 0 = the same. */
export const acceleratorStep = (one: AcceleratorKind, other: AcceleratorKind): number => {
  if (one.name === other.name) return 0
  if (one.efficiencyClass === other.efficiencyClass) return steps.otherForm
  return one.generation === other.generation ? steps.sameGeneration : steps.otherGeneration
}

const ofLoads = (one: Load, other: Load): number => {
  if (one === other) return 0
  return one === "static" || other === "static" ? steps.otherLoad : steps.relatedLoad
}
