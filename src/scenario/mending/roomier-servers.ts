/**
 * Changes after which a server needs less of an accelerator's memory, or has more of it.
 */
import type { ServingJob } from "../../serving/index.ts"
import type { ResolvedServing } from "../resolve-serving.ts"
import { acceleratorsOf } from "../serving/feasibility.ts"
import { usualPrecision } from "../serving/precision.ts"
import type { Changes } from "./changes.ts"
import { clusterSize } from "./cluster-size.ts"
import { largerVariant } from "./roomier.ts"

/** Formats that take less room than bf16, the widest first: of GGML where the stack reads its files. */
const narrower = ({ target }: ServingJob): readonly string[] => {
  const { stack, accelerator, precision } = target
  const formats = stack.name.startsWith("llama")
    ? ["q8_0", "q4_k_m"]
    : [...(accelerator.peakFlops.fp8 === undefined ? ["int8"] : ["fp8"]), "int4-awq"]
  const at = formats.indexOf(precision)
  return precision === usualPrecision(accelerator) || at >= 0 ? formats.slice(at + 1) : []
}

/** Changes after which a server needs less of an accelerator's memory, or has more of it. */
export const roomierServers = ({ job, scenario, accelerators }: ResolvedServing): readonly Changes[] => {
  const { layout, fabric } = job.target
  const { tensor, pipeline } = layout
  const { replicas } = scenario.serving
  const sizes = "serving.parallelism"
  const clusterOf = clusterSize(scenario.cluster, fabric.acceleratorsPerNode)
  /** A replica of more accelerators, out of those that there are where they suffice. */
  const grown = (name: "tensor" | "pipeline", from: number, times: number): Changes => {
    const each = times * acceleratorsOf(layout)
    const isEnough = accelerators % each === 0
    return {
      [`${sizes}.${name}`]: from * times,
      ...(isEnough ? {} : clusterOf(each * (replicas ?? Math.ceil(accelerators / each)))),
      ...(isEnough && replicas !== undefined ? { "serving.replicas": accelerators / each } : {})
    }
  }
  const { blocks, memoryUtilisation } = scenario.serving.kvCache ?? {}
  return [
    // Too little was set aside by hand.
    ...(blocks === undefined ? [] : [{ "serving.kvCache.blocks": null }]),
    ...(memoryUtilisation === undefined ? [] : [{ "serving.kvCache.memoryUtilisation": null }]),
    ...[2, 4, 8, 16].map((times) => grown("tensor", tensor, times)),
    ...narrower(job).map((precision) => ({ "serving.precision": precision })),
    ...largerVariant(job.target.accelerator).map((accelerator) => ({ "cluster.accelerator": accelerator })),
    ...[2, 4, 8].map((times) => grown("pipeline", pipeline, times)),
    ...[0.25, 0.5, 1].map((share) => ({ "serving.offload.share": share }))
  ]
}
