/**
 * A result under the names of vLLM's `benchmark_serving` (now `vllm bench serve`, vllm/benchmarks/serve.py), so that
 * what reads its JSON reads ours. Milliseconds, as there.
 *
 * Two of its names mean slightly more here: with a warm-up, `duration` and the rates are of the time after it; and
 * `failed` counts every request that ended without its answer. `p99.9_ttft_ms` and the like are spelled as vLLM spells
 * them for `--metric-percentiles`; the names with `queueing` are ours.
 */
import type { LatencySummary, ServingResult } from "./types.ts"

const percentiles = [
  ["p50", "p50"],
  ["p90", "p90"],
  ["p95", "p95"],
  ["p99", "p99"],
  ["p99.9", "p999"]
] as const

const milliseconds = (seconds: number): number | null => (Number.isFinite(seconds) ? seconds * 1000 : null)

const latencyNames = (metric: string, latency: LatencySummary): [string, number | null][] => [
  [`mean_${metric}_ms`, milliseconds(latency.mean)],
  [`median_${metric}_ms`, milliseconds(latency.p50)],
  [`std_${metric}_ms`, milliseconds(latency.deviation)],
  ...percentiles.map(([name, of]): [string, number | null] => [`${name}_${metric}_ms`, milliseconds(latency[of])])
]

/** null where a sample is empty or no objective is given. */
export const benchmarkNames = (result: ServingResult): Readonly<Record<string, number | null>> => {
  const { requests, throughput, latency, window, load } = result
  return {
    duration: window.seconds,
    num_prompts: requests.arrived,
    completed: requests.countedFinished,
    failed: requests.rejected + requests.failed + requests.cancelled,
    total_input_tokens: result.tokens.prompt,
    total_output_tokens: result.tokens.output,
    request_throughput: throughput.requestsPerSecond,
    request_goodput: throughput.goodRequestsPerSecond,
    output_throughput: throughput.outputTokensPerSecond,
    total_token_throughput: throughput.tokensPerSecond,
    max_concurrent_requests: load.peakConcurrent,
    ...Object.fromEntries([
      ...latencyNames("ttft", latency.ttft),
      ...latencyNames("tpot", latency.tpot),
      ...latencyNames("itl", result.interTokenLatency),
      ...latencyNames("e2el", latency.e2e),
      ...latencyNames("queueing", latency.queueing)
    ])
  }
}
