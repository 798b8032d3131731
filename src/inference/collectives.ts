/**
 * Seconds of the collectives of a served layer: NCCL's, those inside a captured graph, and those over PCIe, which go
 * through the host where cards do not reach each other.
 */
import {
  constantOf,
  inGraphAllReduce,
  inferenceClass,
  pcieAllReduce,
  type AllReduceTable,
  type Constant
} from "../catalog/index.ts"
import { groupOf, planCollective, type CollectiveKind, type Fabric, type Group } from "../cluster/index.ts"
import type { InferenceTarget } from "./types.ts"

export interface Collectives {
  /** All-reduce of a buffer over the first `ranks` neighbouring ranks. */
  readonly allReduce: (bytes: number, ranks: number) => number
  /** Bytes: gathered size. */
  readonly allGather: (bytes: number, ranks: number) => number
  /** Bytes: what each rank sends in all. */
  readonly allToAll: (bytes: number, ranks: number) => number
  /** Tokens sent straight to other ranks by kernels of their own; bytes that a rank puts on its NIC and on its scale-up port. */
  readonly exchange: (bytes: { readonly network: number; readonly scaleUp: number }, ranks: number) => number
  /** Mean over the pipeline's boundaries of a message between neighbouring stages. */
  readonly hop: { readonly latencySeconds: number; readonly secondsPerByte: number }
}

/** The group of ranks first, first + 1 ... */
const neighbours = (fabric: Fabric, first: number, ranks: number): Group =>
  groupOf(
    Array.from({ length: ranks }, (_, index) => first + index),
    fabric
  )

/** Log-log interpolation in a table of two columns; beyond its ends, by its last slope or its first value. */
const interpolate = (xs: readonly number[], ys: readonly number[], x: number): number => {
  const last = xs.length - 1
  if (x <= (xs[0] ?? 0)) return ys[0] ?? 0
  if (x >= (xs[last] ?? 0)) return ((ys[last] ?? 0) * x) / (xs[last] ?? 1)
  let high = 1
  while ((xs[high] ?? 0) < x) high++
  const [x0, x1, y0, y1] = [xs[high - 1] ?? 1, xs[high] ?? 1, ys[high - 1] ?? 1, ys[high] ?? 1]
  return y0 * (y1 / y0) ** (Math.log(x / x0) / Math.log(x1 / x0))
}

const fromTable = (table: AllReduceTable, bytes: number, ranks: number): number | undefined => {
  if (ranks > 8) return undefined
  const column = ranks <= 2 ? 2 : ranks <= 4 ? 4 : 8
  return interpolate(table.bytes, table.microseconds[column], bytes) * 1e-6
}

/**
 * Share of a NIC's nominal rate that kernels reach which send tokens one by one: 128 tokens x 8 experts leave at 39 to 40 of 50 GB/s
 * over 128 and 256 ranks (deepseek-ai/DeepEP, docs/legacy.md).
 */
const exchangeShare = 0.8

/**
 * The same of a fabric that varies the measured one: the smallest buffer's time is latency, the rest goes by the rate. The
 * measured one itself is read as it is.
 */
const asChanged = (seconds: number, smallest: number, changed: Fabric["changed"]): number =>
  changed === undefined
    ? seconds
    : Math.min(seconds, smallest) * changed.latency + Math.max(0, seconds - smallest) / changed.scaleUpRate

const pcieLatency = (ranks: number): number =>
  pcieAllReduce.latencySeconds[ranks <= 2 ? 2 : ranks <= 4 ? 4 : 8] * Math.max(1, ranks / 8)

/** Whether cards reach each other through the host's memory only: as the scenario says, else as the cards do. */
const isStaged = ({ accelerator, fabric }: InferenceTarget): boolean =>
  !(fabric.scaleUp.peerToPeer ?? accelerator.peerToPeer ?? true)

export const makeCollectives = (target: InferenceTarget, evidence: Map<string, Constant>): Collectives => {
  const { fabric, stack, layout, accelerator } = target
  const isPcie = fabric.scaleUp.topology === "pcie"
  const table = stack.allReduce === "in-graph" && !isPcie ? inGraphAllReduce[inferenceClass(accelerator)] : undefined
  const share = constantOf("inference.pcieAllReduceShare")
  if (isPcie && share !== undefined) evidence.set("inference.pcieAllReduceShare", share)
  const plan = (kind: CollectiveKind, bytes: number, ranks: number): number =>
    planCollective(fabric, kind, bytes, neighbours(fabric, 0, ranks)).seconds
  /** Over PCIe, the ring's two passes at the rate of the narrowest way. */
  const overPcie = (bytes: number, ranks: number): number => {
    const narrowed = isStaged(target) ? (2 / ranks) ** pcieAllReduce.stagedExponent : 1
    const rate = (share?.value ?? 0.5) * fabric.scaleUp.bytesPerSecond * narrowed
    return pcieLatency(ranks) * (fabric.changed?.latency ?? 1) + (((2 * (ranks - 1)) / ranks) * bytes) / rate
  }
  const allReduce = (bytes: number, ranks: number): number => {
    if (ranks < 2) return 0
    if (ranks <= fabric.scaleUp.domain) {
      if (isPcie) return overPcie(bytes, ranks)
      const inGraph = table === undefined ? undefined : fromTable(table, bytes, ranks)
      if (inGraph !== undefined && table !== undefined)
        return asChanged(inGraph, fromTable(table, 0, ranks) ?? 0, fabric.changed)
    }
    return plan("allReduce", bytes, ranks)
  }
  /** Over PCIe one of the ring's two passes; over several nodes the network counts as well. */
  const halfOfAllReduce = (kind: CollectiveKind, bytes: number, ranks: number): number => {
    if (ranks < 2) return 0
    return isPcie && ranks <= fabric.scaleUp.domain ? overPcie(bytes / 2, ranks) : plan(kind, bytes, ranks)
  }
  const exchange: Collectives["exchange"] = (bytes, ranks) => {
    if (ranks < 2) return 0
    if (isPcie && ranks <= fabric.scaleUp.domain) return overPcie((bytes.scaleUp * ranks) / (ranks - 1) / 2, ranks)
    const group = neighbours(fabric, 0, ranks)
    const { scaleUpRate, networkRate } = planCollective(fabric, "allToAll", large, group)
    const { latencySeconds } = planCollective(fabric, "sendReceive", 256, groupOf([0, ranks - 1], fabric))
    const { link, bytesPerSecond } = fabric.scaleUp
    const port = Math.min(scaleUpRate, bytesPerSecond * link.pointToPointShare)
    const wire = networkRate * Math.min(1, exchangeShare / (fabric.network?.link.collectiveShare ?? 1))
    const share = (sent: number, rate: number): number => (sent === 0 ? 0 : sent / rate)
    return latencySeconds + Math.max(share(bytes.scaleUp, port), share(bytes.network * group.perDomain, wire))
  }
  return {
    allReduce,
    exchange,
    allGather: (bytes, ranks) => halfOfAllReduce("allGather", bytes, ranks),
    allToAll: (bytes, ranks) => halfOfAllReduce("allToAll", bytes, ranks),
    hop: hopOf(fabric, layout.tensor * layout.dataAttention, layout.pipeline)
  }
}

const large = 2 ** 26

/** Latency and inverse rate of the sends between stages, averaged over the boundaries. */
const hopOf = (fabric: Fabric, ranksPerStage: number, stages: number): Collectives["hop"] => {
  if (stages < 2) return { latencySeconds: 0, secondsPerByte: 0 }
  let latencySeconds = 0
  let secondsPerByte = 0
  for (let stage = 0; stage + 1 < stages; stage++) {
    const group = groupOf([stage * ranksPerStage, (stage + 1) * ranksPerStage], fabric)
    const small = planCollective(fabric, "sendReceive", 256, group).seconds
    latencySeconds += small
    secondsPerByte += (planCollective(fabric, "sendReceive", large, group).seconds - small) / large
  }
  return { latencySeconds: latencySeconds / (stages - 1), secondsPerByte: secondsPerByte / (stages - 1) }
}
