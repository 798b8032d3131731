/**
 * The constants of NCCL's cost model that `src/cluster/nccl.ts` calls fitted, refitted to nccl-tests sweeps on one node
 * through `planCollective` itself.
 *
 * Minimises the mean |log(predicted / measured)|, twice as heavy from 1 MiB up, where training lives. The choice among
 * protocols makes the loss jagged, so the search follows no slope: it starts at NCCL's published latencies and tries
 * each constant, in log space, up and down by steps that shrink when none helps any more; the best of a few starts counts.
 */
import { find, isUnknownName } from "../catalog/index.ts"
import {
  makeFabric,
  ncclConstants,
  planCollective,
  type CollectiveKind,
  type Fabric,
  type NcclConstants,
  type NcclGeneration
} from "../cluster/index.ts"
import { median, quantile } from "../statistics/index.ts"
import type { CollectivesFile } from "./data/index.ts"

/** One line of a sweep. */
export interface MeasuredCollective {
  readonly generation: NcclGeneration
  readonly fabric: Fabric
  readonly kind: CollectiveKind
  readonly ranks: number
  readonly bytes: number
  readonly seconds: number
}

const machines: Readonly<Record<string, string>> = {
  a100: "dgx-a100",
  h100: "dgx-h100",
  h200: "dgx-h200",
  b200: "dgx-b200"
}

const fabricOf = (accelerator: string): Fabric => {
  const system = find("systems", machines[accelerator] ?? accelerator)
  if (isUnknownName(system)) throw new Error(`no machine stands for ${accelerator}`)
  const own = find("accelerators", system.accelerator)
  const scaleUp = find("links", system.scaleUp.link)
  if (isUnknownName(own) || isUnknownName(scaleUp)) throw new Error(`${system.name} names an unknown entry`)
  return makeFabric({ system, accelerator: own, scaleUp, network: null, nodes: 1 })
}

/** The lines of a shipped file. */
export const measuredCollectives = (file: CollectivesFile): readonly MeasuredCollective[] => {
  const fabrics = new Map<string, Fabric>()
  return file.rows.map(([accelerator, kind, ranks, bytes, microseconds]) => {
    const fabric = fabrics.get(accelerator) ?? fabricOf(accelerator)
    fabrics.set(accelerator, fabric)
    const { generation } = fabric.scaleUp
    return { generation, fabric, kind: kind as CollectiveKind, ranks, bytes, seconds: microseconds * 1e-6 }
  })
}

/** What the fit moves, in seconds or as shares. */
export type CollectiveConstants = Readonly<Record<string, number>>

/** NCCL's own latencies (tuning.cc v2.30.7: base, NVLink hop, NVLS), and neutral values of what it does not model. */
const start = (generation: NcclGeneration): CollectiveConstants => ({
  "base.LL": 6.6e-6,
  "base.LL128": 14e-6,
  "base.Simple": 8.4e-6,
  "hop.LL": 0.6e-6,
  "hop.LL128": 1.9e-6,
  "hop.Simple": 3.4e-6,
  rampSeconds: 10e-6,
  copyCost: 0.4,
  allToAllShare: 0.8,
  ...(ncclConstants[generation].nvls === null ? {} : { "nvls.latency": 25e-6 })
})

/** The shipped values of what the fit moves. */
export const shippedCollectiveConstants = (generation: NcclGeneration): CollectiveConstants => {
  const { base, hop, rampSeconds, copyCost, allToAllShare, nvls } = ncclConstants[generation]
  return {
    "base.LL": base.LL,
    "base.LL128": base.LL128,
    "base.Simple": base.Simple,
    "hop.LL": hop.LL,
    "hop.LL128": hop.LL128,
    "hop.Simple": hop.Simple,
    rampSeconds,
    copyCost,
    allToAllShare,
    ...(nvls === null ? {} : { "nvls.latency": nvls.latency })
  }
}

/** Shipped constants with moved ones in their place. */
const replaced = (generation: NcclGeneration, values: CollectiveConstants): NcclConstants => {
  const shipped = ncclConstants[generation]
  const of = (key: string): number => values[key] ?? Number.NaN
  const byProtocol = (name: string) => ({
    LL: of(`${name}.LL`),
    LL128: of(`${name}.LL128`),
    Simple: of(`${name}.Simple`)
  })
  return {
    ...shipped,
    base: byProtocol("base"),
    hop: byProtocol("hop"),
    rampSeconds: of("rampSeconds"),
    copyCost: of("copyCost"),
    allToAllShare: Math.min(1, of("allToAllShare")),
    nvls: shipped.nvls === null ? null : { ...shipped.nvls, latency: of("nvls.latency") }
  }
}

const mebibyte = 2 ** 20

const logErrors = (rows: readonly MeasuredCollective[], constants: NcclConstants): readonly number[] =>
  rows.map(({ fabric, kind, ranks, bytes, seconds }) =>
    Math.log(
      planCollective(fabric, kind, bytes, { ranks, perDomain: ranks, domains: 1 }, { constants }).seconds / seconds
    )
  )

/** Mean |log error| of a generation's lines under constants, twice as heavy from 1 MiB up. */
export const collectiveLoss = (
  rows: readonly MeasuredCollective[],
  generation: NcclGeneration,
  values: CollectiveConstants
): number => {
  let [sum, weights] = [0, 0]
  logErrors(rows, replaced(generation, values)).forEach((error, index) => {
    const weight = (rows[index]?.bytes ?? 0) >= mebibyte ? 2 : 1
    sum += weight * Math.abs(error)
    weights += weight
  })
  return sum / weights
}

/** The links' shares were read at 8 GiB (some 20 ms), of which a longer ramp would take more than 3 %. */
const longestRamp = 15e-6

/** Factors of the search, widest first. */
const steps = [2, 1.5, 1.25, 1.12, 1.06, 1.03, 1.015] as const
const mostSweeps = 40

const search = (
  rows: readonly MeasuredCollective[],
  generation: NcclGeneration,
  from: CollectiveConstants
): CollectiveConstants => {
  let values = from
  let loss = collectiveLoss(rows, generation, values)
  for (const step of steps) {
    for (let sweep = 0; sweep < mostSweeps; sweep++) {
      const before = loss
      for (const key of Object.keys(values)) {
        for (const factor of [step, 1 / step]) {
          const moved = (values[key] ?? 0) * factor
          const tried = { ...values, [key]: key === "rampSeconds" ? Math.min(longestRamp, moved) : moved }
          const reached = collectiveLoss(rows, generation, tried)
          if (reached < loss) [values, loss] = [tried, reached]
        }
      }
      if (before - loss < 1e-6) break
    }
  }
  return values
}

/** Where else the search starts: other ramps and latencies of the switch, which trade against one another. */
const detours: readonly CollectiveConstants[] = [0.5, 1, 1.5].flatMap((ramp) =>
  [1, 2, 3].map((latency) => ({ rampSeconds: ramp, "nvls.latency": latency }))
)

const bestOf = (rows: readonly MeasuredCollective[], generation: NcclGeneration): CollectiveConstants => {
  let best = start(generation)
  let loss = Infinity
  for (const detour of detours) {
    const from = Object.fromEntries(
      Object.entries(start(generation)).map(([key, value]) => [key, value * (detour[key] ?? 1)])
    )
    const values = search(rows, generation, from)
    const reached = collectiveLoss(rows, generation, values)
    if (reached < loss) [best, loss] = [values, reached]
  }
  return best
}

export interface CollectiveFit {
  readonly generation: NcclGeneration
  readonly values: CollectiveConstants
  readonly shipped: CollectiveConstants
  readonly points: number
  /** Mean weighted |log error| of the fit, and of what is shipped. */
  readonly loss: number
  readonly shippedLoss: number
  /** Of |predicted / measured - 1| from 1 MiB up, under the fit. */
  readonly median: number
  readonly p90: number
}

/** Refits every generation that was measured. */
export const fitCollectives = (rows: readonly MeasuredCollective[]): readonly CollectiveFit[] =>
  [...new Set(rows.map(({ generation }) => generation))].map((generation) => {
    const own = rows.filter((row) => row.generation === generation)
    const values = bestOf(own, generation)
    const large = own.filter(({ bytes }) => bytes >= mebibyte)
    const errors = logErrors(large, replaced(generation, values)).map((error) => Math.abs(Math.expm1(error)))
    const shipped = shippedCollectiveConstants(generation)
    return {
      generation,
      values,
      shipped,
      points: own.length,
      loss: collectiveLoss(own, generation, values),
      shippedLoss: collectiveLoss(own, generation, shipped),
      median: median(errors),
      p90: quantile(errors, 0.9)
    }
  })
