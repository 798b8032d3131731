/** From the log of a serving run to metrics, verdict and request table. */
export { benchmarkNames } from "./benchmark-names.ts"
export { conservationFindings } from "./conservation.ts"
export type { Distributions } from "./distributions.ts"
export type { LatencyOverTime, OverTime } from "./over-time.ts"
export { requestTableColumns, requestTableCsv } from "./request-table.ts"
export { summariseServing } from "./summarise.ts"
export type {
  Attainment,
  CacheUse,
  ClassResult,
  ComputeShares,
  Cost,
  Energy,
  Latencies,
  LatencySummary,
  Load,
  MeasuredWindow,
  ReplicaBreakdown,
  RequestBreakdown,
  RequestCounts,
  Series,
  ServingResult,
  Throughput,
  Utilisation,
  Verdict
} from "./types.ts"
