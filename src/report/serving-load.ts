/**
 * Latency against load.
 */
import { batchCurve, loadCurve, type Picture } from "../charts/index.ts"
import type { ServingResult } from "../serving/index.ts"
import { formatCount } from "../units/index.ts"
import { attainedShare } from "./attained.ts"
import { picture, table, text, type Section } from "./document.ts"
import { servingPoint } from "./point.ts"
import { capacityOf, goalOf, type ServingFindings } from "./serving-findings.ts"
import { amount, count, money, seconds, words } from "./show.ts"
import { wellServed } from "./study.ts"

export const metrics = [
  { key: "ttft", what: "time to first token", goal: "ttftSeconds" },
  { key: "tpot", what: "time per output token", goal: "tpotSeconds" },
  { key: "e2e", what: "time to last token", goal: "e2eSeconds" }
] as const

/** Latency against load by metric: the goal that is missed at the lowest load first, then those with a goal, then the others. */
export const loadPictures = (findings: ServingFindings): readonly Picture[] => {
  const { study, result } = findings
  const { knob, loads } = study
  if (knob === undefined || loads.length < 3) return []
  const goals = goalOf(findings)
  const own = servingPoint(result)
  const missed = ({ key, goal }: (typeof metrics)[number]): number => {
    const seconds = goals[goal]
    return seconds === undefined ? 0 : own[key].p99 / seconds
  }
  const endOf = ({ key, goal }: (typeof metrics)[number]): number => {
    const seconds = goals[goal]
    const late = seconds === undefined ? undefined : loads.find(({ point }) => point[key].p99 > seconds)
    return late?.load ?? Number.MAX_VALUE
  }
  return metrics
    .toSorted((one, other) => endOf(one) - endOf(other) || missed(other) - missed(one))
    .map(({ key, what, goal }) => {
      const goalSeconds = goals[goal]
      return loadCurve({
        what,
        unit: knob.unit,
        statistics: ["p50", "p99"],
        points: loads.map(({ load, point }) => ({
          load,
          seconds: [point[key].p50, point[key].p99],
          isOverloaded: point.verdict === "overloaded"
        })),
        here: knob.users ?? own.offeredPerSecond,
        ...(goalSeconds === undefined ? {} : { goalSeconds }),
        ...(knob.users === undefined && own.verdict !== "closed"
          ? { capacity: capacityOf(findings).requestsPerSecond }
          : {})
      })
    })
}

/** Throughput against requests at once, where all come at once. */
export const batchPicture = ({ study: { batches }, resolved }: ServingFindings): Picture | undefined =>
  batches.length < 3
    ? undefined
    : batchCurve({
        points: batches.map(({ requests, point }) => ({
          requests,
          tokensPerSecond: point.outputTokensPerSecond,
          answerSeconds: point.e2e.mean
        })),
        here: resolved.job.workload.requests
      })

const batchSection = (findings: ServingFindings): readonly Section[] => {
  const { study, resolved } = findings
  const { batches } = study
  const why = "All requests come at once, so there is no load that could be turned up"
  return [
    {
      id: "load",
      title: "Throughput against requests at once",
      blocks:
        batches.length < 3
          ? [
              text(
                `${why}, and the server works on one at a time: neither latency nor throughput depends on how many there are.`
              )
            ]
          : [
              text(
                `${why}: instead, more and fewer requests at once, each a simulation of its own. Where there are more than the server may run together (${formatCount(resolved.job.batching.maximumSequences)} sequence${resolved.job.batching.maximumSequences === 1 ? "" : "s"}), it is allowed as many; the cache of a replica holds ${formatCount(resolved.job.cache.blocks * resolved.job.cache.blockTokens)} tokens, and what does not fit waits.`
              ),
              table(
                "By requests at once",
                [
                  count("requests at once"),
                  amount("output", "tokens/s"),
                  seconds("first token, mean"),
                  seconds("per token, mean"),
                  seconds("last token, mean"),
                  ...(batches.some(({ point }) => point.dollarsPerMillionOutputTokens !== null)
                    ? [money("a million output tokens")]
                    : [])
                ],
                batches.map(({ requests, point }) => [
                  requests,
                  point.outputTokensPerSecond,
                  point.ttft.mean,
                  point.tpot.mean,
                  point.e2e.mean,
                  ...(point.dollarsPerMillionOutputTokens === null ? [] : [point.dollarsPerMillionOutputTokens])
                ])
              )
            ]
    }
  ]
}

export const loadSection = (findings: ServingFindings, curves: readonly Picture[]): readonly Section[] => {
  const { study, resolved } = findings
  const { loads, knob } = study
  if (knob === undefined) return batchSection(findings)
  const hasGoal = loads.some(({ point }) => point.attained !== null)
  return [
    {
      id: "load",
      title: "Latency against load",
      blocks: [
        text(
          `The same requests at ${loads.length} loads, each a simulation of its own. The knee is where a curve lies furthest below the chord from its first point to its last. ${hasGoal ? `"Within the goals" means that ${wellServed * 100} of 100 requests meet every one.` : "The scenario has no objective (workload.slo), so no load can be called too high."}`
        ),
        ...(study.isCut
          ? [
              text(
                "The work ends after a time, so a higher load is more requests: loads that would be millions of them are left out, and so are other sizes of the machine under them. A shorter workload.duration, or workload.requests, shows them."
              )
            ]
          : []),
        ...curves.map(picture),
        table(
          "By load",
          [
            amount("load", knob.unit),
            amount("requests served", "requests/s"),
            seconds("first token p50"),
            seconds("p99"),
            seconds("per token p50"),
            seconds("p99"),
            seconds("last token p99"),
            ...(hasGoal ? [attainedShare("met goals")] : []),
            words("verdict")
          ],
          loads.map(({ load, point }) => [
            load,
            point.requestsPerSecond,
            point.ttft.p50,
            point.ttft.p99,
            point.tpot.p50,
            point.tpot.p99,
            point.e2e.p99,
            ...(hasGoal ? [point.attained] : []),
            verdicts[point.verdict]
          ])
        ),
        ...(resolved.job.workload.requests < 300
          ? [
              text(
                `Of ${resolved.job.workload.requests} requests the 99th percentile is the worst few: raise workload.requests for smoother curves.`
              )
            ]
          : [])
      ]
    }
  ]
}

const verdicts: Readonly<Record<ServingResult["verdict"]["kind"], string>> = {
  stable: "keeps up",
  backlogged: "a queue builds up",
  overloaded: "overloaded",
  closed: "users wait"
}
