/**
 * What a plan makes small, and what it must keep within: quantities of a simulated layout, each with a bound from the
 * layout's least time and memory that no simulation comes below.
 */
import { acceleratorWatts, type TrainingJob, type TrainingResult } from "../../training/index.ts"

export type Objective = "time" | "throughput" | "cost" | "gpus" | "days" | "energy"

export interface Constraints {
  /** Share of the memory that must stay free. */
  readonly memoryHeadroom?: number
  /** Seconds for the tokens of the run. */
  readonly deadline?: number
  /** Dollars for the tokens of the run. */
  readonly budget?: number
  /** Watts of all machines, mean over an iteration. */
  readonly power?: number
  readonly accelerators?: number
}

/** Machines as quantities see them. */
export interface Site {
  readonly base: TrainingJob
  readonly accelerators: number
  /** Iterations of the whole run; null where no tokens are given. */
  readonly iterations: number | null
}

/** What is known of a layout without simulating it; nothing of it is ever more than the simulation says. */
export interface Least {
  readonly seconds: number
  readonly products: number
  readonly memory: number
  readonly peakBytes: number
}

export interface Quantity {
  readonly of: (result: TrainingResult, site: Site) => number
  readonly least: (least: Least, site: Site) => number
}

const kilowattHour = 3.6e6

/** Joules of all machines in an iteration; longer idling only adds. */
const leastJoules = ({ seconds, products, memory }: Least, { base, accelerators }: Site): number => {
  const waiting = Math.max(0, seconds - products - memory)
  const watts = acceleratorWatts(base.accelerator.powerWatts, {
    compute: Math.min(1, products / seconds),
    memory: Math.min(1, memory / seconds),
    network: 0,
    waiting: waiting / seconds
  })
  return seconds > 0 ? accelerators * seconds * (watts + base.nodeWatts / base.fabric.acceleratorsPerNode) : 0
}

const leastCost = (least: Least, site: Site): number => {
  const { perAcceleratorHour = 0, perKilowattHour = 0, powerUsageEffectiveness = 1 } = site.base.price ?? {}
  const rent = (perAcceleratorHour * site.accelerators * least.seconds) / 3600
  return rent + (perKilowattHour * leastJoules(least, site) * powerUsageEffectiveness) / kilowattHour
}

const seconds: Quantity = { of: ({ iterationSeconds }) => iterationSeconds, least: (least) => least.seconds }

/** Dollars of an iteration; NaN without a price. */
const cost: Quantity = { of: (result) => result.cost.perIteration ?? Number.NaN, least: leastCost }

const energy: Quantity = { of: (result) => result.energy.joulesPerIteration, least: leastJoules }

const times = ({ of, least }: Quantity, factor: (site: Site) => number): Quantity => ({
  of: (result, site) => of(result, site) * factor(site),
  least: (known, site) => least(known, site) * factor(site)
})

const perToken = ({ base }: Site): number => 1 / (base.globalBatch * base.sequenceLength)
const iterationsOf = ({ iterations }: Site): number => iterations ?? Number.NaN

/** What each objective makes small. */
export const objectives: Readonly<Record<Objective, Quantity>> = {
  time: seconds,
  throughput: times(seconds, perToken),
  cost: times(cost, (site) => 1e6 * perToken(site)),
  gpus: { of: (_, { accelerators }) => accelerators, least: (_, { accelerators }) => accelerators },
  days: times(seconds, iterationsOf),
  energy: times(energy, perToken)
}

export type Limit = keyof Constraints

/** What each constraint limits. */
export const limited: Readonly<Record<Limit, Quantity>> = {
  memoryHeadroom: {
    of: ({ memory }) => memory.fullest.peakBytes / memory.capacityBytes,
    least: ({ peakBytes }, { base }) => peakBytes / base.accelerator.memory.bytes
  },
  deadline: objectives.days,
  budget: times(cost, iterationsOf),
  power: {
    of: ({ energy: { joulesPerIteration }, iterationSeconds }) => joulesPerIteration / iterationSeconds,
    // However long it takes, machines that idle draw this.
    least: (_, { base, accelerators }) =>
      accelerators *
      (acceleratorWatts(base.accelerator.powerWatts, { compute: 0, memory: 0, network: 0, waiting: 0 }) +
        base.nodeWatts / base.fabric.acceleratorsPerNode)
  },
  accelerators: objectives.gpus
}

export const limits = Object.keys(limited) as readonly Limit[]

/** The most that a limited quantity may be; infinite where it is not limited. Memory is always: all of it. */
export const ceiling = (constraints: Constraints, limit: Limit): number =>
  limit === "memoryHeadroom" ? 1 - (constraints.memoryHeadroom ?? 0) : (constraints[limit] ?? Number.POSITIVE_INFINITY)

/** The constraints that a layout is certain to break, by its bounds. */
export const brokenByBound = (constraints: Constraints, least: Least, site: Site): Limit | undefined =>
  limits.find((limit) => limited[limit].least(least, site) > ceiling(constraints, limit))

/** The constraint that a simulated layout breaks. */
export const brokenBy = (constraints: Constraints, result: TrainingResult, site: Site): Limit | undefined =>
  limits.find((limit) => limited[limit].of(result, site) > ceiling(constraints, limit))
