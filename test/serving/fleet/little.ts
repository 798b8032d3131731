/** Little's law without slack: what replicas count of requests in time is what the requests count themselves. */
import { requestStates, type Pool, type ServingJob, type ServingLog } from "../../../src/serving/index.ts"

/** The same fleet with clients that wait for ever and come once, so that every request is somewhere until it ends. */
export const patient = (job: ServingJob): ServingJob => {
  const prompt = <A extends Pick<Pool, "steps" | "lifecycle">>(server: A): A => {
    const { steps, lifecycle } = server
    const failures = lifecycle?.failures
    return {
      ...server,
      // An API server's share of the first token is off the replicas' path.
      steps: { ...steps, firstTokenSeconds: 0 },
      // Who is given up because another replica failed keeps its place to the end of the step under way.
      ...(failures === undefined ? {} : { lifecycle: { ...lifecycle, failures: { ...failures, retries: 1000 } } })
    }
  }
  return {
    ...prompt(job),
    ...(job.pools === undefined ? {} : { pools: job.pools.map(prompt) }),
    timeLimitSeconds: Infinity,
    queue: { ...job.queue, limit: Infinity, timeoutSeconds: Infinity, retries: 0 },
    workload: { ...job.workload, classes: job.workload.classes.map((one) => ({ ...one, patienceSeconds: null })) }
  }
}

/** Seconds that requests were with replicas, as these counted them and as the requests' own times tell; of a patient fleet's run. */
export const requestSeconds = (log: ServingLog): { readonly counted: number; readonly told: number } => {
  const { requests, replicas, transfers, door } = log
  let told = (transfers?.abandonedSeconds ?? 0) - (door?.heldSeconds ?? 0)
  for (let row = 0; row < requests.count; row++) {
    const isFinished = requestStates[requests.state[row]!] === "finished"
    // Who does not fit fails as it comes; only then are there ends without a time.
    const left = isFinished ? requests.finished[row]! : (requests.fates?.left[row] ?? requests.arrival[row]!)
    told += left - requests.arrival[row]!
    const { handovers } = requests
    if (handovers !== undefined && handovers.replica[row]! >= 0) {
      const moved = handovers.moved[row]!
      told += (Number.isNaN(moved) ? left : moved) - handovers.asked[row]!
    }
  }
  const counted = replicas.reduce((sum, { totals }) => sum + totals.runningIntegral + totals.waitingIntegral, 0)
  return { counted, told }
}
