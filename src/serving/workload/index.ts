/** Work that arrives: sources of requests, what their lengths and times are drawn from, and readers of recorded workloads. */
export { makeRequestSource } from "./request-source.ts"
export { unknownTraceClasses } from "./trace-rows.ts"
export { distributionMean, sampler, tokenSampler, type Sampler } from "./distribution.ts"
export { rateAt } from "./rate-curve.ts"
export { makeTraceReader, type TraceReader, type TraceReaderOptions } from "./trace-reader.ts"
export { traceFormatNames, type TraceFormatName } from "./trace-formats.ts"
export { isTraceRefusal, type TraceRefusal } from "./trace-refusal.ts"
export { publishedLengths, type PublishedLengths } from "./published-workloads.ts"
