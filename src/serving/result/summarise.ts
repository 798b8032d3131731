/** From a job and the log of its run to what it comes to. */
import type { ServingJob, ServingLog } from "../types.ts"
import { countRequests } from "./counts.ts"
import { distributionsOf } from "./distributions.ts"
import { costOf } from "./energy.ts"
import { summariseGaps } from "./inter-token.ts"
import { finishedSince, latenciesOf } from "./latencies.ts"
import { adapterUseOf, cacheUseOf } from "./load.ts"
import { attainments } from "./objectives.ts"
import { overTimeOf } from "./over-time.ts"
import { fleetPartsOf } from "./pools.ts"
import { mixingOf } from "./mixing.ts"
import { presenceOf } from "./presence.ts"
import { requestBreakdownOf } from "./request-breakdown.ts"
import { lastTokenSeconds } from "./request-times.ts"
import { seriesOf } from "./series.ts"
import { throughputs } from "./throughput.ts"
import { roundsOf } from "./rounds.ts"
import { sessionsOf } from "./sessions.ts"
import { speculationOf } from "./speculation.ts"
import { tiersOf } from "./tiers.ts"
import { acceleratorsOf, replicasOf } from "./totals.ts"
import type { ClassResult, ServingResult } from "./types.ts"
import { routingOf } from "./routing.ts"
import { scalingOf } from "./scaling.ts"
import { judge } from "./verdict.ts"
import { measuredWindow } from "./window.ts"

/**
 * Summary of a run. A million requests take well under a second; the log is not changed.
 *
 * Energy and dollars a token are of every token generated in the run, warm-up and what cancelled requests had got
 * included: they were paid for.
 */
export const summariseServing = (job: ServingJob, log: ServingLog): ServingResult => {
  const { requests } = log
  const { classes, arrivals } = job.workload
  const accelerators = acceleratorsOf(job)
  const finished = finishedSince(requests, -Infinity)
  const window = measuredWindow(job, log, finished)
  const since = window.fromSeconds
  const rows = since > 0 ? finishedSince(requests, since) : finished

  const counts = countRequests(requests, classes.length, -Infinity)
  const counted = countRequests(requests, classes.length, since)
  const throughput = throughputs(requests, classes, window, accelerators)
  const attained = attainments(requests, classes, since)
  const latency = latenciesOf(requests, rows)
  const all = classes.length

  const presence = presenceOf(job, log)
  const generated = sumOfRows(requests.generated, requests.count)
  const { utilisation, breakdown, energy, load, pools } = fleetPartsOf(job, log, presence, generated, window)
  const tokens = { prompt: 0, output: 0 }
  for (const request of rows) {
    tokens.prompt += requests.prompt[request]!
    tokens.output += requests.generated[request]!
  }
  const served = {
    requests: finished.length,
    promptTokens: finished.reduce((sum, request) => sum + requests.prompt[request]!, 0),
    outputTokens: generated
  }
  const guessed = speculationOf(log)
  const tiers = tiersOf(log)
  const sessions = sessionsOf(requests, log.isCut)
  const rounds = roundsOf(job, requests)
  const scaling = scalingOf(job, log)
  const mixing = mixingOf(log)
  const routing = routingOf(job, log)
  return {
    kind: "serving",
    accelerators,
    replicas: replicasOf(job),
    ...(pools === undefined ? {} : { pools }),
    window,
    requests: {
      ...counts[all]!,
      rejectedTries: log.rejectedTries,
      counted: counted[all]!.arrived,
      countedFinished: rows.length
    },
    tokens,
    throughput: throughput[all]!,
    latency,
    interTokenLatency: summariseGaps(log.gaps),
    attainment: attained[all]!,
    classes: classes.map(({ name, objectives }, index): ClassResult => ({
      name,
      objectives,
      requests: counted[index]!,
      throughput: throughput[index]!,
      latency: classes.length === 1 ? latency : latenciesOf(requests, finishedSince(requests, since, index)),
      attainment: attained[index]!
    })),
    verdict: judge(job, log, window, presence),
    utilisation,
    load,
    cache: cacheUseOf(log),
    ...(job.adapterChoice === undefined ? {} : { adapters: adapterUseOf(log) }),
    ...(tiers === undefined ? {} : { tiers }),
    ...(guessed === undefined ? {} : { speculation: guessed }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(rounds === undefined ? {} : { rounds }),
    ...(scaling === undefined ? {} : { scaling }),
    ...(mixing === undefined ? {} : { mixing }),
    ...(routing === undefined ? {} : { routing }),
    breakdown: { request: requestBreakdownOf(requests, rows), replica: breakdown },
    memory: job.memory,
    energy,
    cost: costOf(job, log, energy, served),
    series: seriesOf(job, log, presence, endsOf(log, finished)),
    distributions: distributionsOf(requests, rows),
    overTime: overTimeOf(requests, finished, log.seconds),
    skippedRows: arrivals.kind === "trace" ? arrivals.trace.skippedRows : 0,
    evidence: evidenceOf(job),
    events: log.events,
    trace: log.trace
  }
}

/** When requests finished, the API server's share after the end of the run left out. */
const endsOf = ({ requests, seconds }: ServingLog, rows: Int32Array): Float64Array => {
  const ends = new Float64Array(rows.length)
  for (let index = 0; index < rows.length; index++)
    ends[index] = Math.min(seconds, lastTokenSeconds(requests, rows[index]!))
  return ends
}

/** Every constant that mattered to any pool, once. */
const evidenceOf = (job: ServingJob): ServingResult["evidence"] => {
  if (job.pools === undefined) return [...job.steps.evidence, ...job.evidence]
  const all = [...job.pools.flatMap(({ steps }) => steps.evidence), ...job.evidence]
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()]
}

const sumOfRows = (values: Int32Array, count: number): number => {
  let sum = 0
  for (let row = 0; row < count; row++) sum += values[row]!
  return sum
}
