/**
 * What a plan makes small, and what it must keep within: quantities of a simulated layout, each with a bound from the
 * layout's least time and memory that no simulation comes below.
 */
import { acceleratorWatts, type TrainingJob, type TrainingResult, type WholeRun } from "../../training/index.ts"

export type Objective = "time" | "throughput" | "goodput" | "cost" | "gpus" | "days" | "energy"

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
  /** What happens in the whole run beside its iterations; null where the scenario does not say. */
  readonly course: Course | null
}

/** The whole run as bounds see it: failures, saves and stops add to it, and a smaller batch is never quicker a token. */
export interface Course {
  readonly tokens: number
  /** Iterations of the sizes that layouts are planned for, in it, a part of one counting; those of other stages are left out. */
  readonly iterations: number
}

/** What is known of a layout without simulating it; nothing of it is ever more than the simulation says. */
export interface Least {
  readonly seconds: number
  readonly products: number
  readonly memory: number
  readonly peakBytes: number
}

export interface Quantity {
  /** @param whole  the whole run, where the quantity depends on it and the scenario says what happens in it */
  readonly of: (result: TrainingResult, site: Site, whole?: WholeRun) => number
  readonly least: (least: Least, site: Site) => number
  /** Whether what happens in the whole run beside its iterations counts. */
  readonly isOfRun?: true
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

/**
 * Of a whole run where the scenario tells of one; else of undisturbed iterations.
 *
 * @param each      of an iteration
 * @param whenPlain  what an iteration's counts, where there is no whole run
 * @param over      what the whole run's sum is divided by
 */
const ofRun = (
  each: Quantity,
  whenPlain: (site: Site) => number,
  of: (whole: WholeRun) => number,
  over: (course: Course) => number
): Quantity => ({
  of: (result, site, whole) =>
    whole === undefined || site.course === null
      ? each.of(result, site) * whenPlain(site)
      : of(whole) / over(site.course),
  least: (known, site) =>
    each.least(known, site) * (site.course === null ? whenPlain(site) : site.course.iterations / over(site.course)),
  isOfRun: true
})

const perToken = ({ base }: Site): number => 1 / (base.globalBatch * base.sequenceLength)
const iterationsOf = ({ iterations }: Site): number => iterations ?? Number.NaN

const secondsOf = ({ seconds: { mean } }: WholeRun): number => mean
const costOf = ({ cost: dollars }: WholeRun): number => dollars?.mean ?? Number.NaN

/** What each objective makes small. */
export const objectives: Readonly<Record<Objective, Quantity>> = {
  time: seconds,
  throughput: times(seconds, perToken),
  goodput: ofRun(seconds, perToken, secondsOf, ({ tokens }) => tokens),
  cost: ofRun(
    cost,
    (site) => 1e6 * perToken(site),
    costOf,
    ({ tokens }) => tokens / 1e6
  ),
  gpus: { of: (_, { accelerators }) => accelerators, least: (_, { accelerators }) => accelerators },
  days: ofRun(seconds, iterationsOf, secondsOf, () => 1),
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
  budget: ofRun(cost, iterationsOf, costOf, () => 1),
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

/** The constraint that a simulated layout breaks; without its whole run, whatever that would add. */
export const brokenBy = (
  constraints: Constraints,
  result: TrainingResult,
  site: Site,
  whole?: WholeRun
): Limit | undefined =>
  limits.find((limit) => {
    const quantity = limited[limit]
    const isLeast = whole === undefined && quantity.isOfRun === true && site.course !== null
    const value = isLeast ? quantity.least(simulatedLeast(result), site) : quantity.of(result, site, whole)
    return value > ceiling(constraints, limit)
  })

/** A simulated iteration as the least of a whole run of them. */
export const simulatedLeast = ({ iterationSeconds, memory }: TrainingResult): Least => ({
  seconds: iterationSeconds,
  products: 0,
  memory: 0,
  peakBytes: memory.fullest.peakBytes
})

/** Whether whole runs have to be simulated for an objective under constraints. */
export const needsRun = (objective: Quantity, constraints: Constraints): boolean =>
  objective.isOfRun === true || limits.some((limit) => constraints[limit] !== undefined && limited[limit].isOfRun)
