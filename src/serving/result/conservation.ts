/**
 * What must hold in every run, whatever the policy: requests, tokens, blocks and time neither appear nor vanish.
 */
import { poolsOf } from "../fleet/pools.ts"
import { requestStates, type RequestLog, type ServingJob, type ServingLog } from "../types.ts"
import { servedTokens } from "./lengths.ts"
import { presenceOf } from "./presence.ts"
import { stateIndex } from "./request-times.ts"
import { blocksPerReplica, sumOf } from "./totals.ts"

/** Relative slack for sums of a run's worth of floating-point seconds. */
const slack = 1e-6

/** Sentences on what does not hold; empty where all is well. At most a few of the same kind are told one by one. */
export const conservationFindings = (job: ServingJob, log: ServingLog): readonly string[] => [
  ...requestFindings(job, log),
  ...tokenFindings(job, log),
  ...blockFindings(job, log),
  ...timeFindings(job, log),
  ...tierFindings(log)
]

const mostExamples = 3

/** No tier of the cache holds more than it can, or gave more than was looked up. */
const tierFindings = (log: ServingLog): readonly string[] => {
  const { tiers = [] } = log
  const hits = tiers.reduce((sum, { hitTokens }) => sum + hitTokens, 0)
  const found = sumOf(log, "prefixHitTokens")
  return [
    ...tiers
      .filter(({ usedBytes, capacityBytes }) => usedBytes > capacityBytes || usedBytes < 0)
      .map((tier) => `${tier.in} holds ${tier.usedBytes} of ${tier.capacityBytes} bytes`),
    ...(hits > found ? [`tiers gave ${hits} tokens, of ${found} found in all`] : [])
  ]
}

/** Keeps the first few findings of a kind and counts the others. */
const makeCollector = (): { readonly add: (kind: string, finding: string) => void; readonly all: () => string[] } => {
  const byKind = new Map<string, string[]>()
  return {
    add: (kind, finding) => {
      const findings = byKind.get(kind)
      if (findings === undefined) byKind.set(kind, [finding])
      else findings.push(finding)
    },
    all: () =>
      [...byKind.values()].flatMap((findings) =>
        findings.length <= mostExamples
          ? findings
          : [...findings.slice(0, mostExamples), `... and ${findings.length - mostExamples} more like it`]
      )
  }
}

const longestFirstToken = (job: ServingJob): number =>
  Math.max(...poolsOf(job).map(({ steps }) => steps.firstTokenSeconds))

/** Seconds that a request was with two replicas: from when the second was asked to when the first had sent everything. */
const handedOver = ({ handovers }: RequestLog, request: number, left: number): number => {
  if (handovers === undefined || handovers.replica[request]! < 0) return 0
  const moved = handovers.moved[request]!
  return Math.max(0, (moved === moved ? moved : left) - handovers.asked[request]!)
}

/** Every request is in a state, ended ones are complete, and its times are in order. */
const requestFindings = (job: ServingJob, { requests, seconds, isCut }: ServingLog): readonly string[] => {
  const { add, all } = makeCollector()
  const counts = requestStates.map(() => 0)
  const latestToken = longestFirstToken(job)
  for (let request = 0; request < requests.count; request++) {
    const state = requestStates[requests.state[request]!]
    if (state === undefined) {
      add("state", `request ${request} is in the unknown state ${requests.state[request]}`)
      continue
    }
    counts[requests.state[request]!]! += 1
    const [arrival, scheduled, first, finished] = [
      requests.arrival[request]!,
      requests.scheduled[request]!,
      requests.firstToken[request]!,
      requests.finished[request]!
    ]
    if (!(arrival >= 0 && arrival <= seconds * (1 + slack)))
      add("arrival", `request ${request} arrived at ${arrival} s of a run of ${seconds} s`)
    if (request > 0 && arrival < requests.arrival[request - 1]!)
      add("order", `request ${request} arrived before request ${request - 1}`)
    if (scheduled < arrival || first < scheduled || finished < arrival)
      add("times", `request ${request} has its times out of order: ${arrival}, ${scheduled}, ${first}, ${finished}`)
    if (requests.generated[request]! > requests.output[request]!)
      add("excess", `request ${request} generated ${requests.generated[request]} of ${requests.output[request]} tokens`)
    if (requests.cached[request]! > requests.prompt[request]!)
      add("cached", `request ${request} found ${requests.cached[request]} of ${requests.prompt[request]} prompt tokens`)
    if (state !== "finished") continue
    if (requests.generated[request] !== servedTokens(job, requests, request))
      add(
        "short",
        `request ${request} finished with ${requests.generated[request]} of ${requests.output[request]} tokens`
      )
    // The API server's share of the first token may end after the last step.
    if (!(finished >= first - latestToken * (1 + slack) - slack))
      add("incomplete", `request ${request} finished at ${finished} s, its first token left at ${first} s`)
  }
  const ended = counts.reduce((sum, count) => sum + count, 0)
  if (ended !== requests.count) add("count", `${requests.count} requests arrived, ${ended} are accounted for`)
  const left = counts[stateIndex.waiting]! + counts[stateIndex.running]!
  if (!isCut && left > 0) add("left", `the run ended by itself with ${left} requests waiting or running`)
  return all()
}

/** Tokens in the table are the tokens that replicas computed. */
const tokenFindings = (job: ServingJob, log: ServingLog): readonly string[] => {
  const { requests } = log
  const findings: string[] = []
  let [generated, firsts, preemptions, toPrefill, mostPrefill] = [0, 0, 0, 0, 0]
  let isComplete = true
  const findsPrefixes = poolsOf(job).some(({ cache }) => cache.prefixCaching)
  for (let request = 0; request < requests.count; request++) {
    generated += requests.generated[request]!
    preemptions += requests.preemptions[request]!
    if (requests.generated[request]! > 0) firsts++
    const state = requests.state[request]
    const isScheduled = requests.scheduled[request] === requests.scheduled[request]
    const left = requests.prompt[request]! - requests.cached[request]!
    // Who was sent again, or is back after a preemption, may find in a cache what was not there at first.
    const isBack = (requests.fates?.resent[request] ?? 0) > 0 || (findsPrefixes && requests.preemptions[request]! > 0)
    if (requests.generated[request]! > 0 && !isBack) toPrefill += left
    if (isScheduled) mostPrefill += requests.prompt[request]!
    if (isScheduled && state !== stateIndex.finished) isComplete = false
  }
  const decoded = sumOf(log, "decodeTokens")
  // A prefill that is done gives a token without a decode step: the first, and the next after each recomputation.
  generated += log.life?.discardedTokens ?? 0
  const resent = log.life?.resentRequests ?? 0
  if (generated < decoded + firsts || generated > decoded + firsts + preemptions + resent)
    findings.push(
      `${generated} tokens were generated, ${decoded} decoded after ${firsts} first tokens and ${preemptions} preemptions`
    )
  const prefilled = sumOf(log, "prefillTokens")
  const recomputed = sumOf(log, "recomputedTokens")
  if (prefilled + recomputed < toPrefill)
    findings.push(`${prefilled} prompt tokens were computed of ${toPrefill} that first tokens needed`)
  // After a preemption the newest token, whose keys and values nobody had yet, is computed with those that were lost.
  if (prefilled > mostPrefill + recomputed + preemptions + resent)
    findings.push(`${prefilled} prompt tokens were computed, more than the ${mostPrefill} of all requests taken up`)
  if (isComplete && preemptions === 0 && (log.life?.failures ?? 0) === 0 && prefilled !== toPrefill)
    findings.push(`${prefilled} prompt tokens were computed, not the ${toPrefill} that were not in the cache`)
  if (sumOf(log, "preemptions") !== preemptions)
    findings.push(`replicas preempted ${sumOf(log, "preemptions")} times, requests were preempted ${preemptions} times`)
  if (sumOf(log, "prefixHitTokens") > sumOf(log, "prefixLookupTokens"))
    findings.push(
      `the prefix cache found ${sumOf(log, "prefixHitTokens")} of ${sumOf(log, "prefixLookupTokens")} tokens`
    )
  return findings
}

/** Blocks come back, and no limit is passed. */
const blockFindings = (job: ServingJob, { replicas, requests, isCut }: ServingLog): readonly string[] => {
  // Who gives up in a fixed batch holds its blocks to the batch's end, which a time limit may come before.
  const holding = new Set<number>()
  for (let request = 0; request < requests.count; request++) {
    const state = requests.state[request]
    // So does who waits for blocks from a tier, for its whole prompt.
    const isFetching = requests.fetches !== undefined && state === stateIndex.waiting
    if (state !== stateIndex.running && !(isCut && (state === stateIndex.cancelled || isFetching))) continue
    holding.add(requests.replica[request]!)
    if (requests.handovers !== undefined) holding.add(requests.handovers.replica[request]!)
  }
  const servers = poolsOf(job).flatMap((pool) => Array.from({ length: pool.replicas }, () => pool))
  return replicas.flatMap(({ totals }, replica) => {
    const findings: string[] = []
    const { batching, target, cache } = servers[replica] ?? job
    const blocks = blocksPerReplica({ cache, target })
    if (!holding.has(replica) && totals.heldBlocks !== 0)
      findings.push(`replica ${replica} holds ${totals.heldBlocks} blocks though nothing runs on it`)
    if (totals.heldBlocks < 0) findings.push(`replica ${replica} gave back ${-totals.heldBlocks} blocks too many`)
    if (totals.peakBlocks > blocks) findings.push(`replica ${replica} used ${totals.peakBlocks} of ${blocks} blocks`)
    const most = batching.maximumSequences * target.layout.dataAttention
    if (totals.largestBatch > most)
      findings.push(`replica ${replica} ran ${totals.largestBatch} sequences of ${most} at most`)
    return findings
  })
}

/**
 * Seconds fit into the run, and Little's law: the time integral of the requests present is the sum of the times that each
 * was present. Clients that wait to try again are not with a replica; the API server's share of a first token is off
 * the replica's path.
 */
const timeFindings = (job: ServingJob, log: ServingLog): readonly string[] => {
  const { requests, seconds } = log
  const findings: string[] = []
  const servers = poolsOf(job).flatMap((pool) => Array.from({ length: pool.replicas }, () => pool))
  log.replicas.forEach(({ totals }, replica) => {
    const { steps } = servers[replica] ?? job
    if (totals.busySeconds > seconds * (1 + slack))
      findings.push(`replica ${replica} was busy for ${totals.busySeconds} s of ${seconds} s`)
    if (totals.stageSeconds > totals.busySeconds * steps.stages * (1 + slack) + slack)
      findings.push(`replica ${replica} worked ${totals.stageSeconds} stage seconds in ${totals.busySeconds} s`)
  })
  const { arrival, left } = presenceOf(job, log)
  let [present, unknown] = [0, 0]
  for (let request = 0; request < requests.count; request++) {
    present += left[request]! - arrival[request]!
    // Who gives up during a step, or in a fixed batch, keeps the place to its end.
    const state = requests.state[request]
    if (state === stateIndex.cancelled || (state === stateIndex.failed && requests.fates !== undefined))
      unknown += seconds - left[request]!
    present += handedOver(requests, request, left[request]!)
  }
  present += log.transfers?.abandonedSeconds ?? 0
  // At the door it is with no replica.
  present -= log.door?.heldSeconds ?? 0
  const logged = sumOf(log, "runningIntegral") + sumOf(log, "waitingIntegral")
  const off = slack * Math.max(1, present)
  const late = longestFirstToken(job) * requests.count
  const isRetried = log.rejectedTries > 0 && job.queue.retries > 0
  if (logged > present + unknown + off || (!isRetried && logged < present - late - off))
    findings.push(
      `Little's law: replicas counted ${logged} request seconds, the requests themselves ${present} ... ${present + unknown}`
    )
  return findings
}
