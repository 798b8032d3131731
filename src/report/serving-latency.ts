/**
 * Latencies of the scenario as it is: their distribution, their percentiles, by class.
 */
import { distributionCurve } from "../charts/index.ts"
import type { ServingResult } from "../serving/index.ts"
import { picture, table, type Block, type Section } from "./document.ts"
import { goalOf, goalText, type ServingFindings } from "./serving-findings.ts"
import { metrics } from "./serving-load.ts"
import { count, seconds, share, words } from "./show.ts"

export const latencySection = (findings: ServingFindings): Section => {
  const { result, latencies } = findings
  const goals = goalOf(findings)
  const rows = [
    ...metrics.map(({ key, what }) => [what, result.latency[key]] as const),
    ["in the queue", result.latency.queueing] as const
  ]
  const curves = [
    { what: "time to first token", sorted: latencies.ttft, goal: goals.ttftSeconds },
    { what: "time to last token", sorted: latencies.e2e, goal: goals.e2eSeconds }
  ].filter(({ sorted }) => sorted.length > 1)
  return {
    id: "latency",
    title: "Latency of this scenario",
    blocks: [
      ...curves.map(({ what, sorted, goal }) =>
        picture(distributionCurve({ what, sorted, ...(goal === undefined ? {} : { goalSeconds: goal }) }))
      ),
      table(
        "Over the requests that finished; ± is half of the 95 % confidence interval of the p99",
        [
          words("latency"),
          seconds("mean"),
          seconds("p50"),
          seconds("p90"),
          seconds("p99"),
          seconds("±"),
          seconds("p99.9")
        ],
        rows.map(([name, { mean, p50, p90, p99, p999, halfWidths }]) => [
          name,
          mean,
          p50,
          p90,
          p99,
          halfWidths.p99,
          p999
        ])
      ),
      ...classTable(result)
    ]
  }
}

const classTable = ({ classes }: ServingResult): readonly Block[] =>
  classes.length < 2
    ? []
    : [
        table(
          "By class of request",
          [
            words("class"),
            words("goals"),
            count("finished"),
            seconds("first token p99"),
            seconds("per token p99"),
            seconds("last token p99"),
            share("met goals")
          ],
          classes.map((one) => [
            one.name,
            goalText(one.objectives),
            one.requests.finished,
            one.latency.ttft.p99,
            one.latency.tpot.p99,
            one.latency.e2e.p99,
            one.attainment.all
          ])
        )
      ]
