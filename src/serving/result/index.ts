/** From the log of a serving run to metrics, verdict and request table. */
export { modelledCapacity } from "./capacity.ts"
export { requestMix, windowOf, type RequestMix } from "./mix.ts"
export { benchmarkNames } from "./benchmark-names.ts"
export { conservationFindings } from "./conservation.ts"
export type { Distributions } from "./distributions.ts"
export { servingMemory, type ServingMemory, type ServingMemoryPart } from "./memory-course.ts"
export type { LatencyOverTime, OverTime } from "./over-time.ts"
export { requestTableColumns, requestTableCsv } from "./request-table.ts"
export { routingLogColumns, routingLogCsv, type RoutingResult } from "./routing.ts"
export type { ScalingResult } from "./scaling.ts"
export { summariseServing } from "./summarise.ts"
export type {
  AdapterUse,
  Attainment,
  CacheUse,
  ClassResult,
  ComputeShares,
  Cost,
  Energy,
  Latencies,
  LatencySummary,
  HandoverSummary,
  Load,
  MeasuredWindow,
  PoolResult,
  ReplicaBreakdown,
  RequestBreakdown,
  RequestCounts,
  Series,
  ServingResult,
  Throughput,
  Utilisation,
  Verdict
} from "./types.ts"
