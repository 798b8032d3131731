/** Replicas that come, go and fail, that stand in for one another, and what the front door did, for the summary of a serving run. */
import type { ServingResult } from "../serving/index.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { indent, row } from "./summary-parts.ts"
import { columns, wrapped } from "./wrapping.ts"

const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`

const line = (label: string, parts: readonly string[]): string => row(label, wrapped(parts, " · ", columns - indent))

export const scalingRows = ({ scaling }: ServingResult): readonly string[] => {
  if (scaling === undefined) return []
  const { failures, lostRequests, resentRequests, acceleratorHours, fixedFleetAcceleratorHours: fixed } = scaling
  const saved = fixed > 0 ? 1 - acceleratorHours / fixed : 0
  const events = [
    ...(scaling.starts === 0
      ? []
      : [
          `${plural(scaling.starts, "start")}${scaling.startUp === null ? "" : ` of ${formatSeconds(scaling.startUp.seconds)}`}`
        ]),
    ...(scaling.stops === 0 ? [] : [plural(scaling.stops, "stop")]),
    ...(scaling.restarts === 0 ? [] : [plural(scaling.restarts, "restart")])
  ]
  return [
    line("replicas", [
      `${formatFigures(scaling.meanUp)} up on average, ${formatCount(scaling.fewestUp)} to ${formatCount(scaling.mostUp)}`,
      ...events
    ]),
    row(
      "paid",
      `${formatFigures(acceleratorHours)} of ${formatFigures(fixed)} GPU-hours${saved > 0 ? ` (${formatPercent(saved)} saved)` : ""}`
    ),
    ...(failures === 0
      ? []
      : [
          line("failures", [
            formatCount(failures),
            `${plural(lostRequests, "request")} lost, ${formatCount(resentRequests)} sent again`,
            ...(scaling.discardedTokens === 0 ? [] : [`${formatCount(scaling.discardedTokens)} tokens for nothing`])
          ])
        ])
  ]
}

export const mixingRows = ({ mixing }: ServingResult): readonly string[] => {
  if (mixing === undefined) return []
  const { meanReplicas, entered, promptsBehind, answersInFront, stayed } = mixing
  return [
    line("stand-ins", [
      `${formatFigures(meanReplicas)} replicas on average did the other side's work, ${plural(entered, "change")}`,
      `${plural(promptsBehind, "prompt")} on decode replicas`,
      `${plural(answersInFront, "answer")} on prefill replicas`,
      ...(stayed === 0 ? [] : [`${plural(stayed, "request")} did not move`])
    ])
  ]
}

export const routingRows = ({ routing }: ServingResult): readonly string[] => {
  if (routing === undefined) return []
  const { decisions, held, deferred, refused } = routing
  return [
    line("routing", [
      `${routing.router}, the busiest replica took ${formatFigures(routing.busiestOverMean)} x the mean`,
      ...(held === 0 ? [] : [`${formatCount(held)} held while none was open`]),
      ...(deferred === 0 ? [] : [`${formatCount(deferred)} deferred`]),
      ...(refused === 0 ? [] : [`${formatCount(refused)} turned away for their goal`]),
      ...(decisions === undefined
        ? []
        : [
            `${formatPercent(decisions.quickestShare)} of decisions the quickest, ${formatSeconds(decisions.meanRegretSeconds)} lost on average`
          ])
    ])
  ]
}
