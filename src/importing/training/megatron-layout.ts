/**
 * How Megatron's flags split a model over ranks and stages.
 */
import { isSplitError, splitLayers } from "../../parallel/index.ts"
import { given } from "../settings.ts"
import type { OptionReader } from "./options.ts"
import { aboveOne } from "./said.ts"

/** A scenario's `training.parallelism`. */
export const layoutOf = (flags: OptionReader, layers: number, stack: string): Readonly<Record<string, unknown>> => {
  const tensor = flags.count("tensor-model-parallel-size") ?? flags.count("model-parallel-size")
  const written = flags.count("pipeline-model-parallel-size")
  const pipeline = flags.isOn("no-pipeline-parallel") === true ? 1 : written
  const each = flags.count("num-layers-per-virtual-pipeline-stage")
  const chunks =
    flags.count("num-virtual-stages-per-pipeline-rank") ??
    (each === undefined ? undefined : Math.max(1, Math.floor(layers / ((pipeline ?? 1) * each))))
  const sequence = flags.isOn("sequence-parallel") === true
  // Only where the stack would do otherwise; one rank has nothing to split.
  const byDefault = stack === "megatron-core"
  return {
    ...aboveOne({
      tensor,
      pipeline,
      context: flags.count("context-parallel-size"),
      expert: flags.count("expert-model-parallel-size") ?? flags.count("moe-expert-parallel-size")
    }),
    ...given({
      expertTensor: flags.count("expert-tensor-parallel-size"),
      virtualPipeline: flags.isOn("zero-bubble-v-schedule") === true ? 2 : chunks === 1 ? undefined : chunks,
      sequenceParallel: (tensor ?? 1) > 1 && sequence !== byDefault ? sequence : undefined,
      order: flags.isOn("use-tp-pp-dp-mapping") === true ? "tp-cp-ep-pp-dp" : undefined
    })
  }
}

/** Layers of each stage where they are not those that a scenario takes by itself. */
export const layerSplitOf = (
  flags: OptionReader,
  layers: number,
  layout: Readonly<Record<string, unknown>>,
  isDeepspeed: boolean
): unknown => {
  const stages = Number(layout["pipeline"] ?? 1)
  if (stages === 1 || stages > 1e4) return undefined
  const parts = stages * Number(layout["virtualPipeline"] ?? 1)
  const first = flags.count("decoder-first-pipeline-num-layers")
  const last = flags.count("decoder-last-pipeline-num-layers")
  if ((first !== undefined || last !== undefined) && parts === stages) {
    const others = stages - (first === undefined ? 0 : 1) - (last === undefined ? 0 : 1)
    const each = (layers - (first ?? 0) - (last ?? 0)) / others
    if (!Number.isInteger(each) || each < 0)
      return flags.refuse(
        first === undefined ? "decoder-last-pipeline-num-layers" : "decoder-first-pipeline-num-layers",
        `numbers that leave the other ${others} stages alike`
      )
    return [
      ...(first === undefined ? [] : [first]),
      ...Array.from({ length: others }, () => each),
      ...(last === undefined ? [] : [last])
    ]
  }
  const method = flags.word("pp-partition-method") ?? ""
  const counted = /embed/i.test(method)
  const embedding = counted || flags.isOn("account-for-embedding-in-pipeline-split") === true
  const head = counted || flags.isOn("account-for-loss-in-pipeline-split") === true
  if (!embedding && !head) return undefined
  const filling = isDeepspeed ? "greedy" : "even"
  const meant = splitLayers({ layers, parts, filling, embeddingAsLayer: embedding, headAsLayer: head })
  const usual = splitLayers({ layers, parts, filling })
  if (isSplitError(meant) || JSON.stringify(meant) === JSON.stringify(usual)) return undefined
  return meant
}
