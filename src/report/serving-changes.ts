/**
 * What may let a server do more, or answer faster: small changes of settings, layout and hardware.
 */
import type { ResolvedServing } from "../scenario/index.ts"
import type { Candidate } from "./candidate.ts"
import { hardwareChanges } from "./hardware-changes.ts"

export const servingChanges = (resolved: ResolvedServing): readonly Candidate[] => {
  const { job, scenario } = resolved
  return [
    ...settings(resolved),
    ...layouts(resolved),
    ...hardwareChanges({ scenario, accelerator: job.target.accelerator, fabric: job.target.fabric })
  ]
}

const setting = (name: string, changes: Candidate["changes"]): Candidate => ({ name, kind: "setting", changes })

const settings = ({ job }: ResolvedServing): readonly Candidate[] => {
  const { target, batching, cache, queue, replicas } = job
  const { accelerator, stack, precision } = target
  const isWide = precision === "bf16" || precision === "fp16"
  const chunks = [512, 2048, 8192].filter(
    (tokens) => tokens >= batching.maximumSequences && tokens !== batching.maximumStepTokens
  )
  return [
    ...(isWide
      ? [
          ...(accelerator.peakFlops.fp8 === undefined
            ? []
            : [setting("weights in fp8", { "serving.precision": "fp8" })]),
          setting("weights in 4 bits (AWQ)", { "serving.precision": "int4-awq" })
        ]
      : []),
    ...(target.keyValuePrecision === "bf16" || target.keyValuePrecision === "fp16"
      ? [setting("keys and values in fp8", { "serving.kvCache.precision": "fp8" })]
      : []),
    ...(cache.prefixCaching || stack.batching.blockTokens === 1
      ? []
      : [setting("prefix caching", { "serving.kvCache.prefixCaching": true })]),
    ...(batching.policy === "continuous-chunked" || batching.policy === "in-flight"
      ? chunks.map((tokens) =>
          setting(`steps of at most ${tokens} tokens`, { "serving.batching.maxBatchTokens": tokens })
        )
      : []),
    ...(["none", "static", "dynamic", "orca"].includes(String(batching.policy))
      ? [setting("continuous batching", { "serving.batching.policy": "continuous" })]
      : []),
    ...(typeof batching.policy === "string" && batching.policy !== "none"
      ? [2 * batching.maximumSequences, Math.floor(batching.maximumSequences / 2)]
          .filter((size) => size >= 1)
          .map((size) => setting(`batches of ${size} sequences`, { "serving.batching.maxBatchSize": size }))
      : []),
    ...(replicas > 1 && queue.router !== "least-tokens"
      ? [setting("requests routed to the replica with the fewest tokens", { "serving.router": "least-tokens" })]
      : [])
  ]
}

/** Replicas of more or fewer accelerators, out of those that there are. */
const layouts = ({ job, accelerators }: ResolvedServing): readonly Candidate[] => {
  const { tensor, pipeline, dataAttention } = job.target.layout
  if (dataAttention > 1) return []
  const sizes: readonly (readonly [number, number])[] = [
    [2 * tensor, pipeline],
    [4 * tensor, pipeline],
    [tensor / 2, pipeline],
    [tensor / 4, pipeline],
    [2 * tensor, pipeline / 2],
    [tensor / 2, 2 * pipeline]
  ]
  return sizes.flatMap(([tp, pp]): readonly Candidate[] => {
    const replicas = accelerators / (tp * pp)
    if (![tp, pp, replicas].every((size) => Number.isInteger(size) && size >= 1)) return []
    return [
      {
        name: `${replicas} replica${replicas === 1 ? "" : "s"} of TP ${tp}${pp === 1 ? "" : ` x PP ${pp}`}`,
        kind: "layout",
        changes: {
          "serving.parallelism.tensor": tp,
          "serving.parallelism.pipeline": pp,
          "serving.replicas": replicas
        }
      }
    ]
  })
}
