/**
 * The summary of a serving run: verdict and latencies, where the time goes, memory, how far to trust it, what to do next.
 * 80 columns, one screen.
 */
import type { Ranged, ServingIntervals } from "../intervals/index.ts"
import { describeServing, type LoadedScenario, type ResolvedServing, type ServingScenario } from "../scenario/index.ts"
import type { Arrivals, LatencySummary, ServingResult } from "../serving/index.ts"
import {
  formatBytes,
  formatCount,
  formatFigures,
  formatPercent,
  formatQuantity3,
  formatSeconds
} from "../units/index.ts"
import { rangedServing, type RangedServing } from "./prediction-intervals.ts"
import { sessionRows } from "./session-rows.ts"
import { capacityRows, meanRows } from "./serving-interval-rows.ts"
import { mixingRows, routingRows, scalingRows } from "./scaling-rows.ts"
import { servingShares } from "./serving-shares.ts"
import { poolRows } from "./pool-rows.ts"
import { beside, carbon, dollars, indent, labelled, rangeRows, row, trustLines } from "./summary-parts.ts"
import type { Terminal } from "./terminal.ts"
import { columns, paragraph, wrapped } from "./wrapping.ts"

export interface ServingRun {
  readonly resolved: ResolvedServing
  readonly result: ServingResult
  /** Brings what was measured before `--set` changed the scenario. */
  readonly loaded?: Pick<LoadedScenario, "measuredUnchanged">
  readonly intervals?: ServingIntervals | undefined
}

type Measured = NonNullable<ServingScenario["measured"]>

export const servingSummary = (
  { resolved, result, loaded, intervals }: ServingRun,
  terminal: Terminal,
  next: readonly string[]
): string => {
  const about = describeServing(resolved)
  const measured: Measured = resolved.scenario.measured ?? {}
  const unchanged: Measured = loaded?.measuredUnchanged ?? {}
  const ranged = intervals === undefined ? undefined : rangedServing(result, intervals)
  return [
    about.title,
    ...wrapped(about.server, " · "),
    ...wrapped(about.workload, " · "),
    "",
    ...verdictRows(result, resolved.job.workload.arrivals, terminal, ranged?.requests),
    ...throughputRows(result, measured, unchanged, result.verdict.kind === "closed" ? ranged?.requests : undefined),
    "",
    ...latencyRows(result, measured, unchanged, ranged),
    ...sessionRows(result),
    ...scalingRows(result),
    ...mixingRows(result),
    ...routingRows(result),
    "",
    ...(result.pools === undefined
      ? memoryRows(resolved, result, measured, unchanged)
      : poolRows(result.pools, resolved)),
    ...adapterRows(result),
    ...costRows(result),
    "",
    ...breakdownRows(result),
    "",
    ...labelled("trust", trustLines(result.evidence, (intervals?.throughput ?? intervals?.token)?.basis)),
    ...(next.length === 0 ? [] : labelled("next", next))
  ].join("\n")
}

/** A number that the run may not be able to tell: a rate over no time, the cost of nothing. */
const shown = (value: number, format: (value: number) => string): string =>
  Number.isFinite(value) ? format(value) : "-"

const rate = (perSecond: number): string => shown(perSecond, perSecond < 1e6 ? formatFigures : formatCount)

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** Work that waits for the server cannot overload it. */
const closedText = ({ kind }: Arrivals): string =>
  kind === "batch" || kind === "rounds" ? "done: offline work" : "keeps up: users wait for their answers"

const verdictRows = (
  { verdict, requests, window, skippedRows }: ServingResult,
  arrivals: Arrivals,
  terminal: Terminal,
  ranged: Ranged | undefined
): readonly string[] => {
  const { kind, offeredRequestsPerSecond: offered, estimatedCapacityRequestsPerSecond: capacity } = verdict
  const mark = kind === "overloaded" ? terminal.bad : kind === "backlogged" ? (text: string) => text : terminal.good
  const load =
    Number.isFinite(capacity) && Number.isFinite(offered) && kind !== "closed"
      ? `: ${rate(offered)} requests/s come, about ${rate(capacity)} can be served`
      : ""
  const lost = [
    ["rejected", requests.rejected],
    ["failed", requests.failed],
    ["cancelled", requests.cancelled],
    ["running", requests.running],
    ["waiting", requests.waiting]
  ] as const
  const ended = lost.filter(([, count]) => count > 0).map(([name, count]) => `${formatCount(count)} ${name}`)
  const [reason] = kind === "stable" || kind === "closed" ? [] : verdict.reasons
  return [
    row("verdict", `${mark(kind === "closed" ? closedText(arrivals) : kind)}${load}`),
    ...(kind === "closed" ? [] : capacityRows(ranged)),
    ...(reason === undefined ? [] : paragraph(sentence(reason), columns - indent).map((line) => row("", line))),
    ...(window.isWarmUpTooLong ? [row("warm-up", "not left out: every request arrived within it")] : []),
    ...(window.isCut ? [row("", `The run ended at ${formatSeconds(window.toSeconds)}, before its work was done`)] : []),
    ...(skippedRows === 0 ? [] : [row("trace", `${formatCount(skippedRows)} rows that cannot be read were skipped`)]),
    row(
      "requests",
      [`${formatCount(requests.finished)} of ${formatCount(requests.arrived)} finished`, ...ended].join(" · ")
    )
  ]
}

const requestRate = (perSecond: number): string => `${rate(perSecond)} requests/s`

const throughputRows = (
  { throughput, attainment }: ServingResult,
  measured: Measured,
  unchanged: Measured,
  ranged: Ranged | undefined
): readonly string[] => [
  row("throughput", [
    `${rate(throughput.requestsPerSecond)} requests/s · ${rate(throughput.outputTokensPerSecond)} output tokens/s · ${rate(throughput.outputTokensPerSecondPerAccelerator)}/GPU`,
    `${rate(throughput.tokensPerSecond)} tokens/s with the prompts`
  ]),
  ...rangeRows(ranged, requestRate),
  ...compared(
    "requests/s",
    throughput.requestsPerSecond,
    measured.requestsPerSecond,
    unchanged.requestsPerSecond,
    rate
  ),
  ...compared(
    "output tokens/s",
    throughput.outputTokensPerSecond,
    measured.outputTokensPerSecond,
    unchanged.outputTokensPerSecond,
    rate
  ),
  ...compared("tokens/s", throughput.tokensPerSecond, measured.tokensPerSecond, unchanged.tokensPerSecond, rate),
  ...(throughput.goodRequestsPerSecond === null
    ? []
    : [
        row(
          "goodput",
          `${rate(throughput.goodRequestsPerSecond)} requests/s met every goal${attainment.all === null ? "" : ` (${formatPercent(attainment.all)} of them)`}`
        )
      ])
]

/** A measurement with the unit in its words. */
const compared = (
  unit: string,
  predicted: number,
  measured: number | undefined,
  unchanged: number | undefined,
  format: (value: number) => string
): readonly string[] => beside(predicted, measured, unchanged, (value) => `${format(value)} ${unit}`.trim())

const cell = (text: string): string => text.padStart(12)

const line = (label: string, cells: readonly string[]): string => `  ${label}`.padEnd(indent) + cells.map(cell).join("")

const latencyRows = (
  { latency, interTokenLatency }: ServingResult,
  measured: Measured,
  unchanged: Measured,
  ranged: RangedServing | undefined
): readonly string[] => {
  const rows: readonly (readonly [string, LatencySummary, "ttft" | "tpot" | "e2e" | undefined])[] = [
    ["first token", latency.ttft, "ttft"],
    ["per token", latency.tpot, "tpot"],
    ["between two", interTokenLatency, undefined],
    ["end to end", latency.e2e, "e2e"],
    ["in the queue", latency.queueing, undefined]
  ]
  const seconds = (value: number): string => shown(value, formatSeconds)
  return [
    line("latency", ["mean", "p50", "p90", "p99", "p99.9"]),
    ...rows.flatMap(([label, summary, field]) => [
      line(label, [summary.mean, summary.p50, summary.p90, summary.p99, summary.p999].map(seconds)),
      ...(field === undefined ? [] : compared("mean", summary.mean, measured[field], unchanged[field], formatSeconds)),
      ...(field === "e2e"
        ? [
            ...compared("p50", summary.p50, measured.e2eP50, unchanged.e2eP50, formatSeconds),
            ...compared("p99", summary.p99, measured.e2eP99, unchanged.e2eP99, formatSeconds)
          ]
        : [])
    ]),
    ...meanRows(ranged)
  ]
}

const memoryRows = (
  { job }: ResolvedServing,
  { memory, load, cache, speculation, tiers }: ServingResult,
  measured: Measured,
  unchanged: Measured
): readonly string[] => {
  const { blocks, blockTokens } = job.cache
  const used = memory.weights + memory.activations + memory.overhead
  const keyValues = blocks * blockTokens * memory.keyValueBytesPerToken
  const tokens = `${formatCount(blocks * blockTokens)} tokens${blockTokens > 1 ? ` in ${formatCount(blocks)} blocks` : ""}`
  return [
    row(
      "memory",
      `${formatBytes(memory.weights)} weights of ${formatBytes(memory.capacityBytes)} · ${formatBytes(used - memory.weights)} besides${memory.feedForwardWeights === undefined ? "" : ` · experts' ranks ${formatBytes(memory.feedForwardWeights)}`}`
    ),
    ...beside(used + keyValues, measured.memory, unchanged.memory, formatBytes),
    row(
      "KV cache",
      wrapped(
        [
          tokens,
          `${shown(load.meanKeyValueShare, formatPercent)} used, ${shown(load.peakKeyValueShare, formatPercent)} at most`,
          ...(load.preemptions === 0 ? [] : [`${formatCount(load.preemptions)} preemptions`]),
          // Tiers tell it in parts.
          ...(cache.hitShare === null || cache.hitTokens === 0 || tiers !== undefined
            ? []
            : [`${formatPercent(cache.hitShare)} of prompt tokens found`])
        ],
        " · ",
        columns - indent
      )
    ),
    row("batch", [
      `${rate(load.meanRunning)} requests at work, ${rate(load.meanWaiting)} waiting on average`,
      `${rate(load.meanStepDecodes)} decode in a mean step, ${formatCount(load.largestBatch)} sequences at most`
    ]),
    ...(tiers === undefined ? [] : [row("KV tiers", tierCells(tiers))]),
    ...(speculation === undefined
      ? []
      : [
          row(
            "speculation",
            `${speculation.tokensPerStep.toFixed(2)} tokens a step · ${formatPercent(speculation.acceptanceRate)} of ${formatCount(speculation.draftedTokens)} guesses accepted`
          )
        ]),
    row("loading", formatSeconds(memory.loadSeconds)),
    ...beside(memory.loadSeconds, measured.loadSeconds, unchanged.loadSeconds, formatSeconds)
  ]
}

const tierNames = { host: "host", nvme: "NVMe", remote: "remote" } as const

/** Where prompt tokens were found, and what a request waited that fetched. */
const tierCells = ({
  deviceShare,
  tiers,
  meanSeconds
}: NonNullable<ServingResult["tiers"]>): string | readonly string[] => {
  const share = (of: number | null): string => shown(of ?? NaN, formatPercent)
  const found = tiers.map(({ in: place, hitShare }) => `${share(hitShare)} ${tierNames[place]}`)
  return wrapped(
    [`found ${share(deviceShare)} GPU`, ...found, `${formatSeconds(meanSeconds)} a fetch`],
    " · ",
    columns - indent
  )
}

const adapterRows = ({ adapters }: ServingResult): readonly string[] =>
  adapters === undefined
    ? []
    : [
        row(
          "adapters",
          `${formatCount(adapters.loads)} of ${formatCount(adapters.uses)} were loaded for a request, ${formatSeconds(adapters.loadSeconds)} in all`
        )
      ]

const costRows = ({ utilisation, energy, cost }: ServingResult): readonly string[] => [
  row(
    "utilisation",
    [
      `busy ${shown(utilisation.busy, formatPercent)}`,
      `MFU ${shown(utilisation.modelFlops, formatPercent)}`,
      `memory rate ${shown(utilisation.memoryBandwidth, formatPercent)}`
    ].join(" · ")
  ),
  row(
    "energy",
    wrapped(
      [
        `${shown(energy.averageWattsPerAccelerator, (watts) => formatQuantity3(watts, "W"))} a GPU`,
        `${shown(energy.joulesPerOutputToken, (joules) => formatQuantity3(joules, "J"))} an output token`,
        ...(energy.gramsCarbonPerMillionOutputTokens === null
          ? []
          : [`${shown(energy.gramsCarbonPerMillionOutputTokens, carbon)} a million`])
      ],
      " · ",
      columns - indent
    )
  ),
  ...(cost.perMillionOutputTokens === null || cost.perMillionTokens === null
    ? []
    : [
        row(
          "cost",
          `${shown(cost.perMillionOutputTokens, dollars)} a million output tokens · ${shown(cost.perMillionTokens, dollars)} with prompts`
        )
      ])
]

const breakdownRows = (result: ServingResult): readonly string[] => {
  const shares = servingShares(result.breakdown.replica)
  const shown = shares.filter(({ share }) => share >= 0.01).sort((one, other) => other.share - one.share)
  const rest = shares.filter((one) => !shown.includes(one)).reduce((sum, { share }) => sum + share, 0)
  const all = rest >= 0.005 ? [...shown, { name: "everything else", share: rest }] : shown
  return [
    "where a replica's time goes",
    ...all.map(({ name, share }) =>
      `  ${name.padEnd(26)}${`${(share * 100).toFixed(0)} %`.padStart(6)}  ${"#".repeat(Math.round(share * 40))}`.trimEnd()
    )
  ]
}
