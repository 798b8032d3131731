/**
 * How much of two predictions' errors cancels, by what they share and by what they differ in; and whether spreads and
 * chances of pairs hold for sources that had no part in them.
 */
import { mean, median, quantileOfSorted } from "../statistics/index.ts"
import { groupOf, type CoverageGroup, type Tested } from "./cross-validation.ts"
import { levels, type Level } from "./interval.ts"
import { differing, type Dimension } from "./pair-difference.ts"
import { measuredPairs, pairsOf, pairSpread, type MeasuredPairs, type Placed } from "./pairs.ts"
import type { Quantity, Residual } from "./residual.ts"

/** How far ratios of some pairs were off. */
export interface SpreadGroup {
  readonly name: string
  readonly pairs: number
  readonly sources: number
  /** |measured ratio / predicted ratio - 1| that so large a share of them stays below. */
  readonly spreads: readonly { readonly level: Level; readonly error: number }[]
}

/** Pairs of which the order was predicted with a chance between two. */
export interface OrderGroup {
  readonly from: number
  readonly to: number
  readonly pairs: number
  readonly sources: number
  /** Mean of the chances stated, and the share whose order was measured so. */
  readonly stated: number
  readonly right: number
}

export interface PairCoverage {
  readonly shared: readonly SpreadGroup[]
  readonly differing: readonly SpreadGroup[]
  readonly covered: readonly CoverageGroup[]
  readonly order: readonly OrderGroup[]
}

const spreadOf = (name: string, scores: readonly number[], sources: number): SpreadGroup => {
  const sorted = Float64Array.from(scores).toSorted()
  return {
    name,
    pairs: scores.length,
    sources,
    spreads: levels.map((level) => ({ level, error: Math.expm1(quantileOfSorted(sorted, level)) }))
  }
}

const apart = (one: Residual, other: Residual): number => Math.abs(one.leftOut - other.leftOut)

/** From nothing in common to everything but the layout: each a condition more. */
const sharing: readonly (readonly [name: string, isShared: (one: Residual, other: Residual) => boolean])[] = [
  ["nothing in common", () => true],
  ["one accelerator", (one, other) => one.accelerator.name === other.accelerator.name],
  ["and software", (one, other) => one.stack === other.stack],
  ["and machine room", (one, other) => one.source === other.source],
  [
    "and model",
    (one, other) => one.model === other.model && Math.abs(Math.log(one.parameters / other.parameters)) < 0.1
  ],
  ["and work: layouts", (one, other) => isSameWork(one, other)]
]

const ofWork = ["globalBatch", "sequence", "precision"] as const

const isSameWork = ({ setup: one = {} }: Residual, { setup: other = {} }: Residual): boolean =>
  ofWork.every((name) => one[name] === other[name])

const sharedGroups = (residuals: readonly Residual[]): readonly SpreadGroup[] => {
  const scores = sharing.map((): number[] => [])
  const sources = sharing.map(() => new Set<string>())
  residuals.forEach((one, index) => {
    for (const other of residuals.slice(index + 1)) {
      const different = sharing.findIndex(([, isShared]) => !isShared(one, other))
      const group = (different < 0 ? sharing.length : different) - 1
      // What shares a machine room shares more than its kind.
      if (group < 3 && one.source === other.source) continue
      scores[group]?.push(apart(one, other))
      for (const { source } of [one, other]) sources[group]?.add(source)
    }
  })
  return sharing.map(([name], index) => spreadOf(name, scores[index] ?? [], sources[index]?.size ?? 0))
}

/** What layouts of a plan may differ in. */
const ofLayout: readonly Dimension[] = [
  "tensor",
  "pipeline",
  "parts",
  "context",
  "expert",
  "microBatch",
  "zero",
  "recompute",
  "schedule",
  "accelerators"
]

/** Layouts of one model and work, on one kind of machines. */
const isOfLayouts = (different: readonly Dimension[]): boolean => different.every((name) => ofLayout.includes(name))
/** The same on two kinds of machines. */
const isOfMachines = (different: readonly Dimension[]): boolean =>
  different.includes("machine") &&
  different.every((name) => name === "machine" || ofLayout.includes(name) || name === "dataAttention")

const sourceNames = ({ cases, one }: MeasuredPairs, places: readonly number[]): number =>
  new Set(places.map((place) => cases[one[place]!]!.source)).size

const placesOf = ({ scores }: MeasuredPairs): readonly number[] => Array.from(scores.keys())

const differingGroups = (pairs: MeasuredPairs, names: readonly (readonly Dimension[])[]): readonly SpreadGroup[] =>
  ["nothing: repeated" as const, ...ofLayout].map((name) => {
    const places = placesOf(pairs).filter((place) => {
      const different = names[place]!
      return (
        isOfLayouts(different) && (name === "nothing: repeated" ? different.length === 0 : different.includes(name))
      )
    })
    return spreadOf(
      name,
      places.map((place) => pairs.scores[place]!),
      sourceNames(pairs, places)
    )
  })

/** So many pairs of each source are tried: those of one are much alike. */
const mostOfASource = 40

/** The places of some pairs, evenly taken from each source. */
const sampled = (
  pairs: MeasuredPairs,
  isTested: (place: number) => boolean
): ReadonlyMap<number, readonly number[]> => {
  const bySource = Map.groupBy(placesOf(pairs).filter(isTested), (place) => pairs.sources[place]!)
  return new Map(
    [...bySource].map(([source, places]) => {
      const step = Math.max(1, places.length / mostOfASource)
      return [
        source,
        Array.from({ length: Math.min(places.length, mostOfASource) }, (_, at) => places[Math.floor(at * step)]!)
      ]
    })
  )
}

interface Trial extends Tested {
  readonly one: Placed
  readonly other: Placed
  readonly chance: (ratio: number) => number
}

/** Pairs whose spread is made of the other sources' pairs. */
const tried = (pairs: MeasuredPairs, isTested: (place: number) => boolean): readonly Trial[] =>
  [...sampled(pairs, isTested)].flatMap(([source, places]) => {
    const others = pairsOf(pairs, (place) => pairs.sources[place] !== source)
    return places.flatMap((place): readonly Trial[] => {
      const [one, other] = [pairs.cases[pairs.one[place]!]!, pairs.cases[pairs.other[place]!]!]
      const spread = pairSpread(one, other, others)
      return spread === undefined
        ? []
        : [{ one, other, source: one.source, score: pairs.scores[place]!, bands: spread.bands, chance: spread.chance }]
    })
  })

const isTime = (metric: string): boolean => /^seconds|_ms$|^ms_/.test(metric)

/** log of the ratio of two numbers of one metric, as of times; undefined where they don't say which takes longer. */
const logTimes = (one: Placed, other: Placed, of: "measured" | "predicted"): number | undefined => {
  const isSaid = one.metric === other.metric && one.accelerators === other.accelerators && isSameWork(one, other)
  // Counted FLOPs may have those of recomputation among them.
  const isCounted = /flops|utilisation/i.test(one.metric) && one.setup["recompute"] !== other.setup["recompute"]
  if (!isSaid || isCounted) return undefined
  const log = Math.log(one[of] / other[of])
  return isTime(one.metric) ? log : -log
}

const bins = [0.5, 0.6, 0.75, 0.9, 1] as const

/** Whether the layout predicted better was better, as often as was said. */
const orderGroups = (trials: readonly Trial[]): readonly OrderGroup[] => {
  const told = trials.flatMap(({ one, other, source, chance }) => {
    const [predicted, measured] = [logTimes(one, other, "predicted"), logTimes(one, other, "measured")]
    // Of equal times neither comes first.
    if (predicted === undefined || measured === undefined || Math.abs(predicted) < 1e-4 || measured === 0) return []
    return [{ source, chance: chance(Math.exp(predicted)), isRight: predicted > 0 === measured > 0 }]
  })
  return bins.slice(0, -1).flatMap((from, index): readonly OrderGroup[] => {
    const to = bins[index + 1] ?? 1
    const own = told.filter(({ chance }) => chance >= from && (chance < to || to === 1))
    return own.length === 0
      ? []
      : [
          {
            from,
            to,
            pairs: own.length,
            sources: new Set(own.map(({ source }) => source)).size,
            stated: mean(own.map(({ chance }) => chance)),
            right: mean(own.map(({ isRight }) => (isRight ? 1 : 0)))
          }
        ]
  })
}

export const coverageOfPairs = (residuals: readonly Residual[]): PairCoverage => {
  const kindsOf = (quantity: Quantity) => {
    const pairs = measuredPairs(residuals, quantity)
    const names = Array.from(pairs.scores.keys(), (place) => differing(pairs.differences, place))
    return { pairs, names }
  }
  const training = kindsOf("iteration")
  const serving = kindsOf("throughput")
  const layouts = tried(training.pairs, (place) => isOfLayouts(training.names[place]!))
  const groups = [
    ["layouts of a training", layouts],
    ["trainings on two machines", tried(training.pairs, (place) => isOfMachines(training.names[place]!))],
    [
      "replicas of a server",
      tried(serving.pairs, (place) => isOfLayouts(serving.names[place]!.filter((name) => name !== "dataAttention")))
    ],
    ["replicas on two machines", tried(serving.pairs, (place) => isOfMachines(serving.names[place]!))]
  ] as const
  return {
    shared: sharedGroups(residuals.filter(({ quantity }) => quantity === "iteration")),
    differing: differingGroups(training.pairs, training.names),
    covered: groups.filter(([, trials]) => trials.length > 0).map(([name, trials]) => groupOf(name, trials)),
    order: orderGroups(layouts)
  }
}

/**
 * How far two measurements of one and the same setup lie apart: |log|, the median over sources of each one's median; undefined
 * where nothing was measured twice. Days, nodes and releases between them are in it, so a comparison run in turns is nearer.
 */
export const repeatNoise = (
  residuals: readonly Residual[],
  quantity: Quantity = "iteration"
): { readonly score: number; readonly pairs: number; readonly sources: number } | undefined => {
  const pairs = measuredPairs(residuals, quantity)
  const places = placesOf(pairs).filter((place) => {
    const [one, other] = [pairs.cases[pairs.one[place]!]!, pairs.cases[pairs.other[place]!]!]
    return one.metric === other.metric && differing(pairs.differences, place).length === 0
  })
  const bySource = Map.groupBy(places, (place) => pairs.sources[place]!)
  return places.length === 0
    ? undefined
    : {
        score: median([...bySource.values()].map((own) => median(own.map((place) => pairs.scores[place]!)))),
        pairs: places.length,
        sources: bySource.size
      }
}
