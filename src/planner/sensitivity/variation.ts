/**
 * Which resources of a job can be moved, and how far: one step up and one step down, everything else as it is.
 */
import type { Changes, ResolvedServing, ResolvedTraining, ResourceFactors } from "../../scenario/index.ts"

/** The same scenario with one resource moved. */
export interface Side {
  /** What the resource is over what it was. */
  readonly times: number
  /** How the resolved machines and requests change, or which fields of the scenario. */
  readonly factors?: ResourceFactors
  readonly changes?: Changes
}

/** Something that one buys, something that one tunes, or the work itself. */
export type ResourceGroup = "machines" | "software" | "work"

export interface Variation {
  readonly resource: string
  readonly title: string
  readonly group: ResourceGroup
  /** null: there is no less of it. */
  readonly less: Side | null
  readonly more: Side
  /** It comes in whole pieces, so that the step is as large as a piece. */
  readonly isWhole: boolean
}

/** A resource that a factor moves: up by `by`, and down by as much on a logarithmic scale. */
const byFactor = (resource: keyof ResourceFactors, title: string, group: ResourceGroup, by: number): Variation => ({
  resource,
  title,
  group,
  less: { times: 1 / (1 + by), factors: { [resource]: 1 / (1 + by) } },
  more: { times: 1 + by, factors: { [resource]: 1 + by } },
  isWhole: false
})

interface Whole {
  readonly resource: string
  readonly title: string
  readonly path: string
  readonly value: number
  /** Values are multiples of it. */
  readonly piece: number
}

/** A field that holds a whole number: the nearest multiples of a piece on both sides. */
const byPieces = ({ resource, title, path, value, piece }: Whole, by: number): Variation => {
  const nearest = (wanted: number): number => Math.round(wanted / piece) * piece
  const more = Math.max(value + piece, nearest(value * (1 + by)))
  const less = Math.min(value - piece, nearest(value / (1 + by)))
  const side = (moved: number): Side => ({ times: moved / value, changes: { [path]: moved } })
  return {
    resource,
    title,
    group: "work",
    less: less < piece ? null : side(less),
    more: side(more),
    isWhole: Math.abs(more / value - (1 + by)) > by / 2
  }
}

/** Twice as much and half of it. */
const byDoubling = (whole: Omit<Whole, "piece">): Variation => {
  const side = (times: number): Side => ({ times, changes: { [whole.path]: whole.value * times } })
  const { resource, title, value } = whole
  return { resource, title, group: "work", less: value % 2 === 0 ? side(0.5) : null, more: side(2), isWhole: true }
}

interface Wires {
  readonly hasScaleUp: boolean
  readonly hasNetwork: boolean
  /** Bytes go between accelerators and hosts. */
  readonly usesHosts: boolean
}

const machines = ({ hasScaleUp, hasNetwork, usesHosts }: Wires, by: number): readonly Variation[] => [
  byFactor("flops", "FLOP/s", "machines", by),
  byFactor("memoryRate", "memory bandwidth", "machines", by),
  byFactor("memoryBytes", "memory size", "machines", by),
  ...(hasScaleUp ? [byFactor("scaleUpRate", "links in a node", "machines", by)] : []),
  ...(hasNetwork ? [byFactor("networkRate", "network", "machines", by)] : []),
  ...(hasScaleUp || hasNetwork ? [byFactor("latency", "message latency", "machines", by)] : []),
  ...(usesHosts ? [byFactor("hostRate", "link to the host", "machines", by)] : []),
  byFactor("launch", "kernel launch time", "software", by),
  byFactor("host", "host time", "software", by)
]

/** @param by  0.1 = ten per cent more of each */
export const trainingVariations = (resolved: ResolvedTraining, by: number): readonly Variation[] => {
  const { job, accelerators } = resolved
  const { layout, microBatch, globalBatch, sequenceLength, fabric } = job
  const { domain } = fabric.scaleUp
  const interleaved = job.virtualPipeline > 1 ? layout.pipeline : 1
  const isAlone = accelerators === 1
  return [
    ...machines(
      {
        hasScaleUp: !isAlone && domain > 1,
        hasNetwork: !isAlone && fabric.network !== null && accelerators > domain,
        usesHosts: job.offload.activations || job.offload.optimizer
      },
      by
    ),
    byPieces(
      {
        resource: "globalBatch",
        title: "global batch",
        path: "training.globalBatch",
        value: globalBatch,
        piece: layout.data * microBatch * interleaved
      },
      by
    ),
    byDoubling({
      resource: "microBatch",
      title: "micro-batch",
      path: "training.microBatch",
      value: microBatch
    }),
    byPieces(
      {
        resource: "sequenceLength",
        title: "sequence length",
        path: "training.sequenceLength",
        value: sequenceLength,
        piece: Math.min(sequenceLength, 8 * layout.context * layout.tensor)
      },
      by
    )
  ]
}

/** @param by  0.1 = ten per cent more of each */
export const servingVariations = (resolved: ResolvedServing, by: number): readonly Variation[] => {
  const { job, accelerators } = resolved
  const pools = job.pools ?? [job]
  const fabrics = pools.map(({ target }) => target.fabric)
  return [
    ...machines(
      {
        hasScaleUp: accelerators > 1 && fabrics.some(({ scaleUp }) => scaleUp.domain > 1),
        hasNetwork: fabrics.some(({ network, scaleUp }) => network !== null && accelerators > scaleUp.domain),
        usesHosts: pools.some(
          ({ target, cache, adapters }) =>
            target.offload !== null ||
            cache.preemption === "swap" ||
            cache.tiers !== undefined ||
            adapters !== undefined
        )
      },
      by
    ),
    byFactor("load", "load", "work", by),
    byFactor("prompt", "prompt length", "work", by),
    byFactor("output", "answer length", "work", by),
    ...(job.pools === undefined
      ? [
          byPieces(
            {
              resource: "maxBatchSize",
              title: "batch at most",
              path: "serving.batching.maxBatchSize",
              value: job.batching.maximumSequences,
              piece: 1
            },
            by
          )
        ]
      : [])
  ]
}
