/** What the front door and the router did, and the table of their decisions. */
import type { RouterName, ServingJob, ServingLog } from "../types.ts"

export interface RoutingResult {
  readonly router: RouterName
  /** Requests that each replica took last, over the mean of those that took any: the busiest one's. */
  readonly busiestOverMean: number
  /** Requests held at the door while no replica was open, deferred for their goals, and turned away for them. */
  readonly held: number
  readonly deferred: number
  readonly refused: number
  readonly heldSeconds: number
  /** Only where decisions are logged. */
  readonly decisions?: {
    readonly count: number
    /** Not logged because the table was full. */
    readonly left: number
    /** Share that went where the first token was predicted to come soonest, and what the others were predicted to lose. */
    readonly quickestShare: number
    readonly meanRegretSeconds: number
    /** Mean tokens believed to be cached where the request went, and the most at any alternative. */
    readonly cachedTokens: number
    readonly mostCachedTokens: number
  }
}

const plain: ReadonlySet<RouterName> = new Set([
  "round-robin",
  "random",
  "least-requests",
  "least-tokens",
  "least-queued",
  "power-of-two"
])

export const routingOf = (
  job: ServingJob,
  { requests, replicas, door, decisions }: ServingLog
): RoutingResult | undefined => {
  const { router } = job.queue
  const isHolding = door !== undefined && door.held + door.deferred + door.refused > 0
  if (plain.has(router) && !isHolding && decisions === undefined) return undefined
  const taken = new Float64Array(replicas.length)
  for (let request = 0; request < requests.count; request++) {
    const replica = requests.replica[request]!
    if (replica >= 0) taken[replica] = taken[replica]! + 1
  }
  const some = taken.filter((count) => count > 0)
  const mean = some.reduce((sum, count) => sum + count, 0) / some.length
  return {
    router,
    busiestOverMean: some.length === 0 ? 1 : Math.max(...some) / mean,
    held: door?.held ?? 0,
    deferred: door?.deferred ?? 0,
    refused: door?.refused ?? 0,
    heldSeconds: door?.heldSeconds ?? 0,
    ...(decisions === undefined ? {} : { decisions: decisionsOf(decisions) })
  }
}

const decisionsOf = (log: NonNullable<ServingLog["decisions"]>): NonNullable<RoutingResult["decisions"]> => {
  const count = log.request.length
  let [quickest, regret, cached, mostCached] = [0, 0, 0, 0]
  for (let decision = 0; decision < count; decision++) {
    let [best, own, most, ownCached] = [Infinity, 0, 0, 0]
    for (let row = log.first[decision]!; row < log.first[decision + 1]!; row++) {
      const seconds = log.predictedTtft[row]!
      best = Math.min(best, seconds)
      most = Math.max(most, log.cachedTokens[row]!)
      if (log.replica[row] !== log.chosen[decision]) continue
      own = seconds
      ownCached = log.cachedTokens[row]!
    }
    if (own <= best) quickest++
    regret += own - best
    cached += ownCached
    mostCached += most
  }
  const of = (sum: number): number => (count > 0 ? sum / count : 0)
  return {
    count,
    left: log.left,
    quickestShare: of(quickest),
    meanRegretSeconds: of(regret),
    cachedTokens: of(cached),
    mostCachedTokens: of(mostCached)
  }
}

export const routingLogColumns = [
  "request",
  "class",
  "time_s",
  "chosen_replica",
  "replica",
  "queued_tokens",
  "cached_tokens",
  "predicted_ttft_s"
] as const

const rowsPerChunk = 2048

/** One line a candidate of a decision, in chunks, as the request table. */
export function* routingLogCsv(job: ServingJob, { requests, decisions }: ServingLog): Generator<string, void> {
  let chunk = `${routingLogColumns.join(",")}\n`
  const names = job.workload.classes.map(({ name }) =>
    /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name
  )
  const digits = (seconds: number): number => Math.round(seconds * 1e9) / 1e9
  const count = decisions?.request.length ?? 0
  for (let decision = 0; decision < count; decision++) {
    const request = decisions!.request[decision]!
    const head = `${request},${names[requests.classIndex[request]!] ?? ""},${digits(decisions!.seconds[decision]!)},${decisions!.chosen[decision]}`
    for (let row = decisions!.first[decision]!; row < decisions!.first[decision + 1]!; row++)
      chunk += `${head},${decisions!.replica[row]},${decisions!.queuedTokens[row]},${decisions!.cachedTokens[row]},${digits(decisions!.predictedTtft[row]!)}\n`
    if ((decision + 1) % rowsPerChunk > 0) continue
    yield chunk
    chunk = ""
  }
  if (chunk !== "") yield chunk
}
