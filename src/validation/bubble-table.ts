/**
 * Pipeline bubbles that were published (Qi et al. 2401.10241, tables 3 to 5, with the profiled times of the appendix), beside
 * those of our schedules under the same times. A bubble rate is (cost - m(F + Bi + W)) / cost, the cost being the
 * longest span of a stage from its first to its last operation.
 */
import rows from "./data/zero-bubble.json" with { type: "json" }
import { bubbleSeconds, isScheduleError, peakInFlight, schedules } from "../parallel/index.ts"

/** What of a point is read here; times in milliseconds of a micro-batch on a stage. */
interface PublishedPoint {
  readonly id: string
  readonly schedule: string
  readonly model: { readonly name: string; readonly hidden: number; readonly heads: number; readonly seq_len: number }
  readonly parallel: { readonly pp: number; readonly vpp?: number }
  readonly batch: { readonly num_microbatches: number }
  readonly measured: {
    readonly bubble?: number
    readonly memory_gb?: number
    readonly profiled_TF_ms?: number
    readonly profiled_TB_ms?: number
    readonly profiled_TW_ms?: number
    readonly profiled_Tcomm_ms?: number
  }
}

export interface BubbleRow {
  readonly id: string
  readonly model: string
  readonly stages: number
  readonly microBatches: number
  /** As the paper names it, and as we do. */
  readonly published: string
  readonly schedule: string
  readonly publishedRate: number
  readonly rate: number
  /** Most micro-batches whose activations a stage of ours holds, those between input and weight gradient in part. */
  readonly inFlight: number
  /** Peak memory of the fullest rank, where it was measured. */
  readonly publishedBytes: number | null
}

const names: Readonly<Record<string, string>> = {
  "1F1B": "1f1b",
  "1F1B-I": "interleaved-1f1b",
  "ZB-H1": "zb-h1",
  "ZB-H2": "zb-h2",
  "ZB-1p": "zb-1p",
  "ZB-2p": "zb-2p"
}

/** Activations that wait for the weight gradient over all that a layer keeps: 32 / (34 + 5as/h) (table 1 there). */
const weightShareOf = ({ hidden, heads, seq_len }: PublishedPoint["model"]): number =>
  32 / (34 + (5 * heads * seq_len) / hidden)

/** The profiled times of a model and number of micro-batches are printed once, with one of its schedules. */
const profileOf = (points: readonly PublishedPoint[], point: PublishedPoint): PublishedPoint["measured"] | undefined =>
  points.find(
    (other) =>
      other.measured.profiled_TF_ms !== undefined &&
      other.model.name === point.model.name &&
      other.batch.num_microbatches === point.batch.num_microbatches
  )?.measured

const rowOf = (points: readonly PublishedPoint[], point: PublishedPoint): readonly BubbleRow[] => {
  const { bubble, memory_gb: gigabytes } = point.measured
  const profile = profileOf(points, point)
  const name = names[point.schedule]
  if (bubble === undefined || profile === undefined || name === undefined) return []
  const { pp: stages, vpp: chunks = 1 } = point.parallel
  const microBatches = point.batch.num_microbatches
  const seconds = (milliseconds = 0): number => milliseconds / 1e3 / chunks
  const times = {
    forward: seconds(profile.profiled_TF_ms),
    backwardInput: seconds(profile.profiled_TB_ms),
    backwardWeight: seconds(profile.profiled_TW_ms),
    // A boundary is as large between chunks as between stages.
    communication: (profile.profiled_Tcomm_ms ?? 0) / 1e3
  }
  const weightShare = weightShareOf(point.model)
  const schedule = schedules[name]?.({ stages, microBatches, chunks, times, weightShare })
  if (schedule === undefined || isScheduleError(schedule)) return []
  const idle = bubbleSeconds(schedule, times, { communication: times.communication })
  const work = microBatches * chunks * (times.forward + times.backwardInput + times.backwardWeight)
  return [
    {
      id: point.id,
      model: point.model.name,
      stages,
      microBatches,
      published: point.schedule,
      schedule: name,
      publishedRate: bubble,
      rate: idle / (idle + work),
      inFlight: Math.max(...peakInFlight(schedule, weightShare)) / schedule.chunks,
      publishedBytes: gigabytes === undefined ? null : gigabytes * 1e9
    }
  ]
}

/** Every published bubble rate, in the order of the file. */
export const bubbleRows = (): readonly BubbleRow[] => {
  const points = rows as readonly PublishedPoint[]
  return points.flatMap((point) => rowOf(points, point))
}

const percent = (share: number): string => (100 * share).toFixed(2)

/** The table for `docs/accuracy.md`. */
export const bubbleMarkdown = (table: readonly BubbleRow[]): readonly string[] => [
  "## Pipeline bubbles",
  "",
  "Published bubble rates of zero-bubble schedules (Qi et al. arXiv:2401.10241), and those of the schedules here under the",
  "times that were profiled there. ZB-1p and ZB-2p are orders found by search. In flight: micro-batches whose",
  "activations the fullest stage holds.",
  "",
  "| model | stages | micro-batches | schedule | published % | here % | points | in flight | published GB |",
  "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
  ...table.map((row) =>
    [
      "",
      row.model,
      row.stages,
      row.microBatches,
      row.published,
      percent(row.publishedRate),
      percent(row.rate),
      `${row.rate >= row.publishedRate ? "+" : ""}${percent(row.rate - row.publishedRate)}`,
      row.inFlight.toFixed(1),
      row.publishedBytes === null ? "" : (row.publishedBytes / 1e9).toFixed(0),
      ""
    ]
      .join(" | ")
      .trim()
  )
]

/** The same in a line, for a terminal. */
export const bubbleText = (table: readonly BubbleRow[]): string => {
  const worst = Math.max(...table.map((row) => Math.abs(row.rate - row.publishedRate)))
  return `  pipeline bubbles             ${table.length} published rates met within ${percent(worst)} points\n`
}
