/**
 * Which published measurements are most like a scenario: a distance, and the choice of the nearest.
 *
 * The distance counts what predictions are known to depend on, in this order: the software, the accelerator, the size of the
 * model, dense or mixture, how many accelerators, and for serving whether requests come one by one or all at once.
 */

/** What of a scenario or of a measurement the distance looks at. */
export interface Likeness {
  /** A stack and what it is derived from, the stack first. */
  readonly stacks: readonly string[]
  readonly accelerator: string
  /** Accelerators of one class share their efficiency constants; of one generation, their architecture. */
  readonly efficiencyClass: string
  readonly generation: string
  readonly parameters: number
  readonly isMixture: boolean
  readonly accelerators: number
  /** static: a batch; else requests that arrive. */
  readonly load: "static" | "arriving" | "training"
}

/** Steps of what two cases differ in; 0 = alike in all that counts. */
export const distance = (one: Likeness, other: Likeness): number => {
  const stack = one.stacks[0] === other.stacks[0] ? 0 : one.stacks.some((name) => other.stacks.includes(name)) ? 1 : 2
  const accelerator =
    one.accelerator === other.accelerator
      ? 0
      : one.efficiencyClass === other.efficiencyClass
        ? 0.5
        : one.generation === other.generation
          ? 1
          : 2
  return (
    stack +
    accelerator +
    0.5 * Math.abs(Math.log2(one.parameters / other.parameters)) +
    (one.isMixture === other.isMixture ? 0 : 1) +
    0.25 * Math.abs(Math.log2(one.accelerators / other.accelerators)) +
    (one.load === other.load ? 0 : 1)
  )
}

export interface Measured extends Likeness {
  readonly id: string
  /** Points of one table are much alike: only so many of each source are chosen. */
  readonly source: string
}

const ofOneSource = 4

/** The nearest cases, the nearest first; ties in the order of their names. */
export const nearestOf = <Case extends Measured>(to: Likeness, cases: readonly Case[], most = 8): readonly Case[] => {
  const sorted = cases
    .map((one) => ({ one, far: distance(to, one) }))
    .filter(({ far }) => Number.isFinite(far))
    .sort((a, b) => a.far - b.far || (a.one.id < b.one.id ? -1 : 1))
  const chosen: Case[] = []
  const taken = new Map<string, number>()
  for (const { one } of sorted) {
    const already = taken.get(one.source) ?? 0
    if (already >= ofOneSource) continue
    taken.set(one.source, already + 1)
    chosen.push(one)
    if (chosen.length === most) break
  }
  return chosen
}

/** A measured case beside its prediction by this version. */
export interface NearestCase {
  readonly id: string
  readonly source: string
  readonly model: string
  readonly accelerator: string
  readonly accelerators: number
  readonly stack: string
  /** Name and unit, as the source has it. */
  readonly metric: string
  readonly measured: number
  readonly predicted: number
  /** Predicted time over measured time - 1, also where the metric is a rate: above 0 = predicted too slow. */
  readonly error: number
}
