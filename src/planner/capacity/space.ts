/**
 * The kinds of replicas that a plan chooses from, and those that are impossible by what no simulation could change.
 */
import { find, isUnknownName, systems, type Accelerator } from "../../catalog/index.ts"
import { fitsOneRequest, type ResolveOptions } from "../../scenario/index.ts"
import { formatBytes, formatSeconds } from "../../units/index.ts"
import { boundsOf, type ReplicaBounds } from "./bounds.ts"
import { acceleratorsOf, resolvedFleet } from "./fleet.ts"
import { goalText, type LatencyGoal } from "./goals.ts"
import { drawnRequests } from "./mix.ts"
import { hourlyPrice } from "./prices.ts"
import { runsOf } from "./runs.ts"
import type { ReplicaKind, CapacityRequest, CapacityObjective, CapacitySpace, KindSpace, PoolSide } from "./types.ts"

/** What a layout may fail by before anything is simulated. */
export const pruneCauses = ["impossible", "memory", "token", "first", "available", "price"] as const
export type PruneCause = (typeof pruneCauses)[number]

export interface PrunedKind {
  readonly candidate: ReplicaKind
  readonly cause: PruneCause
  /** A sentence with the numbers. */
  readonly reason: string
  /** Of one that serves the load with more accelerators than there are: how many it needs at least. */
  readonly needs?: number
  /** The pool that it would have been, of a fleet that is apart. */
  readonly side?: PoolSide
}

/** A kind of replica that may do. */
export interface RatedKind {
  readonly candidate: ReplicaKind
  readonly accelerator: Accelerator
  readonly bounds: ReplicaBounds
  /** Dollars an hour of a replica; undefined without a price. */
  readonly dollars: number | undefined
  /** What a replica adds to the objective: dollars an hour, accelerators, or watts at full power. */
  readonly worth: number
  /** Replicas that there can be. */
  readonly most: number
  /** Replicas below which no simulation can succeed, and about how many it will take. */
  readonly least: number
  readonly about: number
}

/** One a generation of the accelerators that are rented most: of each the catalogue knows a price. */
export const usualSystems: readonly string[] = ["l40s-8x-pcie", "dgx-a100", "dgx-h100", "dgx-h200", "dgx-b200"]

export const usualSpace: CapacitySpace = {
  systems: usualSystems,
  tensor: [1, 2, 4, 8],
  pipeline: [1, 2, 4],
  precisions: ["bf16", "fp8"],
  batchSequences: [null],
  // A prompt in a step makes everybody in it wait: what a step may hold settles the time of a token.
  batchTokens: [null, 2048, 512]
}

export const candidatesOf = (space: KindSpace): readonly ReplicaKind[] =>
  space.systems.flatMap((system) =>
    space.precisions.flatMap((precision) =>
      space.tensor.flatMap((tensor) =>
        space.pipeline.flatMap((pipeline) =>
          expertSizes(space, tensor).flatMap((sizes) =>
            space.batchSequences.flatMap((batchSequences) =>
              space.batchTokens.map((batchTokens): ReplicaKind => ({
                system,
                tensor,
                pipeline,
                precision,
                batchSequences,
                batchTokens,
                ...sizes
              }))
            )
          )
        )
      )
    )
  )

type ExpertSizes = Pick<ReplicaKind, "expert" | "dataAttention">

/** Experts spread over so many ranks, with attention over the groups that were given or that fill the ranks. */
const expertSizes = ({ expert, dataAttention }: KindSpace, tensor: number): readonly ExpertSizes[] => {
  if (expert === undefined)
    return dataAttention === undefined ? [{}] : dataAttention.map((own) => ({ dataAttention: own }))
  return expert.flatMap((ranks) =>
    (dataAttention ?? [ranks % tensor === 0 ? ranks / tensor : 1]).map((groups) => ({
      expert: ranks,
      dataAttention: groups
    }))
  )
}

/** What a pool chooses from. */
export const sideSpace = (space: CapacitySpace, side: PoolSide): KindSpace => ({ ...space, ...space[side] })

export const isTogether = ({ disaggregation = ["together"] }: CapacitySpace): boolean =>
  disaggregation.includes("together")
export const isApart = ({ disaggregation = [] }: CapacitySpace): boolean => disaggregation.includes("apart")

/** Requests that bounds are computed from. */
const drawn = 4000

export interface RatedSpace {
  readonly rated: readonly RatedKind[]
  readonly pruned: readonly PrunedKind[]
  readonly nearest: NearestSeconds
}

/** Rates every candidate or says why it cannot do: of replicas that do all, or of one pool of a fleet that is apart. */
export const rated = (request: CapacityRequest, options: ResolveOptions = {}, side?: PoolSide): RatedSpace => {
  const kept: RatedKind[] = []
  const pruned: PrunedKind[] = []
  const nearest: { token: number; first: number } = { token: Infinity, first: Infinity }
  for (const candidate of candidatesOf(side === undefined ? request.space : sideSpace(request.space, side))) {
    const one = rate(request, candidate, nearest, options, side)
    if ("cause" in one) pruned.push(one)
    else kept.push(one)
  }
  return { rated: kept, pruned, nearest }
}

/** Least seconds of a token and of a first token that any candidate with room could reach. */
export interface NearestSeconds {
  readonly token: number
  readonly first: number
}

const rate = (
  request: CapacityRequest,
  candidate: ReplicaKind,
  nearest: { token: number; first: number },
  options: ResolveOptions,
  side: PoolSide | undefined
): RatedKind | PrunedKind => {
  const out = (cause: PruneCause, reason: string): PrunedKind => ({
    candidate,
    cause,
    reason,
    ...(side === undefined ? {} : { side })
  })
  const { goals, seed, available } = request
  const system = find("systems", candidate.system)
  if (isUnknownName(system)) return out("impossible", `there is no system ${candidate.system}`)
  const size = acceleratorsOf(candidate)
  const { domain } = system.scaleUp
  if (candidate.tensor > domain)
    return out("impossible", `tensor ${candidate.tensor} is more than the ${domain} accelerators of a fast domain`)
  const most = Math.floor(
    Math.min(available, system.nodes === null ? Infinity : system.nodes * system.acceleratorsPerNode) / size
  )
  if (most < 1) return out("available", `a replica takes ${size} accelerators, there are ${available}`)
  const count = request.wantsFront === true ? Math.max(drawn, request.requests) : drawn
  const alone = runsOf({ ...request, requests: count }).at({ candidate }, 1, seed)
  const one = side === undefined ? alone : { ...alone, side }
  const fleet = resolvedFleet(one, options)
  if ("kind" in fleet) return out("impossible", fleet.reason)
  const { job } = fleet.resolved
  if (!fitsOneRequest(job))
    return out(
      "memory",
      `needs ${formatBytes(job.memory.weights + job.memory.activations + job.memory.overhead)} before the first token's keys and values, of ${formatBytes(job.memory.usableBytes)} an accelerator`
    )
  const { accelerator } = job.target
  const price = hourlyPrice(accelerator, request.prices, request.priceAt)
  if (price === undefined && request.objective === "cost")
    return out("price", `nothing says what an hour of ${accelerator.title} costs`)
  const bounds = boundsOf(job, drawnRequests(job, count), goals, side)
  nearest.token = Math.min(nearest.token, bounds.tokenSeconds)
  nearest.first = Math.min(nearest.first, bounds.firstSeconds)
  const missed = missedByBound(bounds, goals)
  if (missed !== undefined) return missed.cause === "token" ? out("token", missed.reason) : out("first", missed.reason)
  const dollars = price === undefined ? undefined : price * size
  const least = Math.max(1, Math.ceil(request.rate / bounds.mostPerSecond - 1e-9))
  if (least > most)
    return {
      ...out("available", `needs ${least} replicas at least, and there are accelerators for ${most}`),
      needs: least * size
    }
  return {
    candidate,
    accelerator,
    bounds,
    dollars,
    worth: worthOf(request.objective, { dollars, size, watts: accelerator.powerWatts * size }),
    most,
    least,
    about: Math.min(most, Math.max(least, Math.ceil(request.rate / Math.max(1e-12, bounds.modelledPerSecond))))
  }
}

const worthOf = (
  objective: CapacityObjective,
  { dollars, size, watts }: { readonly dollars: number | undefined; readonly size: number; readonly watts: number }
): number => (objective === "cost" ? (dollars ?? Infinity) : objective === "energy" ? watts : size)

const missedByBound = (
  { tokenSeconds, firstSeconds }: ReplicaBounds,
  goals: readonly LatencyGoal[]
): { readonly cause: "token" | "first"; readonly reason: string } | undefined => {
  for (const goal of goals) {
    if (goal.metric === "tpot" && tokenSeconds > goal.seconds)
      return {
        cause: "token",
        reason: `a token takes ${formatSeconds(tokenSeconds)} at least: ${goalText(goal)} is out of reach`
      }
    if (goal.metric !== "tpot" && firstSeconds > goal.seconds)
      return {
        cause: "first",
        reason: `a first token takes ${formatSeconds(firstSeconds)} at least: ${goalText(goal)} is out of reach`
      }
  }
  return undefined
}

/** Systems that one can plan with. */
export const knownSystems = (): readonly string[] => systems.map(({ name }) => name)
