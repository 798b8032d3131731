/**
 * Which software stack a measurement ran on.
 *
 * The point's own `stack` wins. Else the rule goes by where the point comes from, because a source measures one piece
 * of software, and by its schedule where a source compares several. A point from anywhere else gets a generic preset:
 * fully sharded, tensor/pipeline parallel of the unfused era (V100, A100), or modern.
 */
import type { Measurement } from "./measurement.ts"
import { beforeJeanZayRepair, releaseOf, sourceFamily } from "./source-family.ts"

const byFamily: Readonly<Record<string, string>> = {
  "llm-foundry": "llm-foundry",
  "zero-bubble": "zero-bubble",
  sc21: "megatron-lm-2021",
  korthikanti: "megatron-lm-2021",
  "mt-nlg": "megatron-lm-2021",
  glm: "megatron-lm-2021",
  "gpt-neox": "megatron-lm-2021",
  maxtext: "maxtext-pax",
  pax: "maxtext-pax",
  nemo: "nemo-24",
  "nemo-long-sequence": "nemo-24",
  modelzoo: "megatron-bridge",
  "megatron-bridge": "megatron-bridge",
  "moe-folding": "megatron-core",
  "mcore-readme": "megatron-core",
  llama3: "llama3-meta",
  torchtitan: "torchtitan",
  "fms-fsdp": "torchtitan",
  "pytorch-fsdp": "torchtitan",
  stas: "deepspeed-zero3"
}

const byWords: readonly { readonly match: RegExp; readonly stack: string }[] = [
  { match: /\bzb-|zero.?bubble/i, stack: "zero-bubble" },
  { match: /zero-3 \(deepspeed\)|deepspeed.*zero-?3|zero-?3.*deepspeed/i, stack: "deepspeed-zero3" },
  { match: /maxtext|paxml|\bpax\b|\bxla\b|\bjax\b/i, stack: "maxtext-pax" },
  { match: /torchtitan|fsdp2/i, stack: "torchtitan" },
  { match: /megatron-bridge/i, stack: "megatron-bridge" },
  { match: /\bnemo\b/i, stack: "nemo-24" },
  { match: /mcore|megatron-core/i, stack: "megatron-core" }
]

/** First release of DGXC and NeMo containers whose recipes run on Megatron-Bridge. */
const firstBridgeRelease = 2509

/**
 * @param sharded whether parameters are fully sharded (FSDP, ZeRO-3)
 */
export const stackOf = (point: Measurement, sharded: boolean): string => {
  if (point.stack !== null && point.stack !== undefined && point.stack !== "") return point.stack
  const family = sourceFamily(point)
  const schedule = point.schedule ?? ""
  if (family.startsWith("bigscience"))
    return beforeJeanZayRepair(point) ? "megatron-deepspeed-2022-02" : "megatron-deepspeed"
  if (family === "dgxc") return (releaseOf(point) ?? 0) >= firstBridgeRelease ? "megatron-bridge" : "nemo-24"
  // SC'21 compares its own Megatron with ZeRO-3.
  if (family === "sc21" && /zero-?3/i.test(schedule)) return "deepspeed-zero3"
  if (/no post-validation|without post-validation/i.test(schedule)) return "zero-bubble-synchronised"
  const known = byFamily[family]
  if (known !== undefined) return known
  const named =
    byWords.find(({ match }) => match.test(schedule)) ?? byWords.find(({ match }) => match.test(point.source ?? ""))
  if (named !== undefined) return named.stack
  if (sharded) return "generic-fsdp"
  return /V100|A100/i.test(`${point.cluster?.gpu ?? ""} ${point.cluster?.gpu_family ?? ""}`)
    ? "generic-legacy"
    : "generic-modern"
}
