/**
 * A fleet as a whole from its pools, and each pool for itself. What is said of one server is said of each pool's view; shares
 * of the whole are means over pools, weighed by their accelerators.
 */
import type { ServingJob, ServingLog } from "../types.ts"
import { energyOf } from "./energy.ts"
import { loadOf } from "./load.ts"
import { poolRates } from "./pool-rates.ts"
import { poolViews, type PoolView } from "./pool-views.ts"
import type { Presence } from "./presence.ts"
import { replicaBreakdownOf } from "./replica-breakdown.ts"
import { acceleratorsOf } from "./totals.ts"
import { handoversOf } from "./handovers.ts"
import type { ComputeShares, Energy, Load, MeasuredWindow, PoolResult, ReplicaBreakdown, Utilisation } from "./types.ts"
import { utilisationOf } from "./utilisation.ts"

interface ViewResult {
  readonly view: PoolView
  readonly accelerators: number
  readonly utilisation: Utilisation
  readonly breakdown: ReplicaBreakdown
  readonly energy: Energy
}

export interface FleetParts {
  readonly utilisation: Utilisation
  readonly breakdown: ReplicaBreakdown
  readonly energy: Energy
  readonly load: Load
  /** Absent for a single server. */
  readonly pools?: readonly PoolResult[]
}

export const fleetPartsOf = (
  job: ServingJob,
  log: ServingLog,
  presence: Presence,
  outputTokens: number,
  window: MeasuredWindow
): FleetParts => {
  const views = poolViews(job, log).map((view): ViewResult => {
    const utilisation = utilisationOf(view.job, view.log)
    const breakdown = replicaBreakdownOf(view.job, view.log)
    return {
      view,
      accelerators: acceleratorsOf(view.job),
      utilisation,
      breakdown,
      energy: energyOf(view.job, view.log, utilisation, breakdown, outputTokens)
    }
  })
  const [only] = views
  const load = loadOf(job, log, presence)
  if (job.pools === undefined) return { ...pick(only!), load }
  return {
    utilisation: meanUtilisation(views),
    breakdown: meanBreakdown(views),
    energy: totalEnergy(views),
    load,
    pools: views.map((each) => poolResult(each, log, window))
  }
}

const pick = ({ utilisation, breakdown, energy }: ViewResult) => ({ utilisation, breakdown, energy })

/** Mean over pools of something about each, weighed by their accelerators. */
const meanOf = (views: readonly ViewResult[], of: (view: ViewResult) => number): number => {
  let [sum, weight] = [0, 0]
  for (const view of views) {
    sum += view.accelerators * of(view)
    weight += view.accelerators
  }
  return sum / weight
}

const meanUtilisation = (views: readonly ViewResult[]): Utilisation => {
  const mean = (name: keyof Utilisation): number => meanOf(views, ({ utilisation }) => utilisation[name])
  const peak = mean("peakFlopsPerAccelerator")
  return {
    busy: mean("busy"),
    // Of the peaks of all accelerators together.
    modelFlops: meanOf(views, ({ utilisation }) => utilisation.modelFlops * utilisation.peakFlopsPerAccelerator) / peak,
    peakFlopsPerAccelerator: peak,
    memoryBandwidth: mean("memoryBandwidth"),
    communication: mean("communication"),
    host: mean("host")
  }
}

const meanBreakdown = (views: readonly ViewResult[]): ReplicaBreakdown => {
  const shares = (of: "prefill" | "decode"): ComputeShares =>
    Object.fromEntries(
      Object.keys(views[0]!.breakdown[of]).map((kind) => [
        kind,
        meanOf(views, ({ breakdown }) => breakdown[of][kind as keyof ComputeShares])
      ])
    ) as unknown as ComputeShares
  const share = (of: "communication" | "host" | "bubble" | "idle"): number =>
    meanOf(views, ({ breakdown }) => breakdown[of])
  return {
    prefill: shares("prefill"),
    decode: shares("decode"),
    communication: share("communication"),
    host: share("host"),
    bubble: share("bubble"),
    idle: share("idle")
  }
}

const totalEnergy = (views: readonly ViewResult[]): Energy => {
  const sum = (of: (energy: Energy) => number): number => views.reduce((total, { energy }) => total + of(energy), 0)
  const hasCarbon = views.every(({ energy }) => energy.gramsCarbon !== null)
  return {
    averageWattsPerAccelerator: meanOf(views, ({ energy }) => energy.averageWattsPerAccelerator),
    joules: sum(({ joules }) => joules),
    kilowattHours: sum(({ kilowattHours }) => kilowattHours),
    joulesPerOutputToken: sum(({ joulesPerOutputToken }) => joulesPerOutputToken),
    gramsCarbon: hasCarbon ? sum(({ gramsCarbon }) => gramsCarbon ?? 0) : null,
    gramsCarbonPerMillionOutputTokens: hasCarbon
      ? sum(({ gramsCarbonPerMillionOutputTokens }) => gramsCarbonPerMillionOutputTokens ?? 0)
      : null
  }
}

const poolResult = (
  { view, accelerators, utilisation, breakdown, energy }: ViewResult,
  log: ServingLog,
  window: MeasuredWindow
): PoolResult => {
  const { pool, job, log: own } = view
  const { target } = pool
  const rates = poolRates(log, own, window, [view.first, view.first + pool.replicas])
  const nodes = accelerators / target.fabric.acceleratorsPerNode
  const blank: Presence = { arrival: new Float64Array(0), taken: new Float64Array(0), left: new Float64Array(0) }
  const { peakConcurrent: _none, ...load } = loadOf(job, own, blank)
  return {
    name: pool.name,
    role: pool.role,
    model: target.model.name,
    accelerator: target.accelerator.name,
    stack: target.stack.name,
    replicas: pool.replicas,
    accelerators,
    weight: pool.weight,
    requests: own.requests.count,
    promptTokensPerSecondPerNode: rates.prompt / nodes,
    prefillTokensPerSecond: rates.prefill,
    prefillTokensPerSecondPerNode: rates.prefill / nodes,
    decodeTokensPerSecond: rates.decode,
    decodeTokensPerSecondPerNode: rates.decode / nodes,
    utilisation,
    load,
    memory: pool.memory,
    breakdown,
    energy: {
      averageWattsPerAccelerator: energy.averageWattsPerAccelerator,
      joules: energy.joules,
      kilowattHours: energy.kilowattHours
    },
    handovers:
      pool.role === "decode" || (pool.role === "prefill" && log.mixing !== undefined)
        ? handoversOf(log, view.first, view.first + pool.replicas)
        : null
  }
}
