/** A fleet's run as one run a pool: what is said of a server can be said of each. */
import { firstReplicas, poolsOf } from "../fleet/pools.ts"
import type { LifeLog } from "../fleet/scaling/types.ts"
import type { Pool, RequestLog, ServingJob, ServingLog } from "../types.ts"

export interface PoolView {
  readonly pool: Pool
  /** Number of its first replica. */
  readonly first: number
  /** The job as if the pool were all of it. */
  readonly job: ServingJob
  /** The log of its replicas and of the requests that were with them. */
  readonly log: ServingLog
}

/** One view a pool; of a single server the job and the log themselves. */
export const poolViews = (job: ServingJob, log: ServingLog): readonly PoolView[] => {
  const pools = poolsOf(job)
  if (job.pools === undefined) return [{ pool: pools[0]!, first: 0, job, log }]
  const firsts = firstReplicas(pools)
  const { pools: _all, ...shared } = job
  return pools.map((pool, index) => {
    const [first, end] = [firsts[index]!, firsts[index + 1]!]
    const { name: _name, ...server } = pool
    return {
      pool,
      first,
      job: { ...shared, ...server },
      log: {
        ...log,
        replicas: log.replicas.slice(first, end),
        requests: requestsOf(log.requests, first, end),
        ...(log.life === undefined ? {} : { life: ofReplicas(log.life, first, end) })
      }
    }
  })
}

const ofReplicas = (life: LifeLog, first: number, end: number): LifeLog => ({
  ...life,
  upSeconds: life.upSeconds.subarray(first, end),
  paidSeconds: life.paidSeconds.subarray(first, end)
})

/** The rows of requests that were prefilled or answered by replicas first ... end - 1. */
const requestsOf = (requests: RequestLog, first: number, end: number): RequestLog => {
  const isHere = (replica: number | undefined): boolean => replica !== undefined && replica >= first && replica < end
  const rows: number[] = []
  for (let request = 0; request < requests.count; request++)
    if (isHere(requests.replica[request]) || isHere(requests.handovers?.replica[request])) rows.push(request)
  if (rows.length === requests.count) return requests
  const floats = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!)
  const integers = (column: Int32Array): Int32Array => Int32Array.from(rows, (row) => column[row]!)
  const { preemptedSeconds, handovers: _handovers, ...columns } = requests
  return {
    count: rows.length,
    arrival: floats(columns.arrival),
    scheduled: floats(columns.scheduled),
    firstToken: floats(columns.firstToken),
    finished: floats(columns.finished),
    prompt: integers(columns.prompt),
    output: integers(columns.output),
    generated: integers(columns.generated),
    cached: integers(columns.cached),
    preemptions: integers(columns.preemptions),
    ...(preemptedSeconds === undefined ? {} : { preemptedSeconds: floats(preemptedSeconds) }),
    classIndex: integers(columns.classIndex),
    replica: integers(columns.replica),
    state: Uint8Array.from(rows, (row) => columns.state[row]!)
  }
}
