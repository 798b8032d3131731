/**
 * Which software stack a measurement ran on.
 *
 * The point's own `stack` wins. Else the rule goes by where the point comes from, because a source measures one piece
 * of software, and by its schedule where a source compares several. A point from anywhere else gets a generic preset:
 * fully sharded, tensor/pipeline parallel of the unfused era (V100, A100), or modern.
 */
import type { Measurement } from "./measurement.ts"
import { sizeOf } from "./reading.ts"
import { beforeJeanZayRepair, releaseOf, sourceFamily } from "./source-family.ts"

const byFamily: Readonly<Record<string, string>> = {
  "llm-foundry": "llm-foundry",
  "zero-bubble": "zero-bubble",
  sc21: "megatron-lm-2021",
  korthikanti: "megatron-lm-2021",
  // All three run DeepSpeed's pipeline engine around Megatron's layers, as BLOOM did (2201.11990 section 2.3, 2210.02414
  // section 2.3, 2204.06745 section 2).
  "mt-nlg": "megatron-deepspeed",
  glm: "megatron-deepspeed",
  "gpt-neox": "megatron-deepspeed",
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
 * First release whose recipes for mixtures in MXFP8 fuse activation and cast into the experts' grouped products and
 * capture the whole iteration in one CUDA graph (Megatron-Bridge pull requests 3983, 4226, 4249).
 */
const firstFusedRelease = 2606

/**
 * Recipes of that release without them: DeepSeek-V3 on B200 and B300 got them in 26.06.01 (pull request 4498), and the
 * fused kernels of GPT-OSS had regressed until 26.08 (release notes 0.5.1, cudnn-frontend issue 256).
 */
const isUnfused = (point: Measurement): boolean => {
  if (releaseOf(point) !== firstFusedRelease) return false
  const model = point.model?.name ?? ""
  if (/gpt.?oss/i.test(model)) return true
  const patched = /26\.06\.01/.test(`${point.source ?? ""} ${point.id}`)
  return /deepseek/i.test(model) && /^B[23]00/i.test(point.cluster?.gpu ?? "") && !patched
}

/** The variant of Megatron-Bridge that a point ran on. */
const bridgeOf = (point: Measurement, sharded: boolean): string => {
  if (sharded) return "megatron-fsdp"
  const mixture = (sizeOf(point.model?.experts) ?? 0) > 1
  const blockScaled = /mxfp8|fp8-mx/i.test(point.precision ?? "")
  const fused = mixture && blockScaled && (releaseOf(point) ?? 0) >= firstFusedRelease && !isUnfused(point)
  return fused ? "megatron-bridge-2606" : "megatron-bridge"
}

/**
 * @param sharded whether parameters are fully sharded (FSDP, ZeRO-3)
 */
export const stackOf = (point: Measurement, sharded: boolean): string => {
  if (point.stack !== null && point.stack !== undefined && point.stack !== "") return point.stack
  const family = sourceFamily(point)
  const schedule = point.schedule ?? ""
  if (family.startsWith("bigscience"))
    return beforeJeanZayRepair(point) ? "megatron-deepspeed-2022-02" : "megatron-deepspeed"
  if (family === "dgxc") return (releaseOf(point) ?? 0) >= firstBridgeRelease ? bridgeOf(point, sharded) : "nemo-24"
  // SC'21 compares its own Megatron with ZeRO-3.
  if (family === "sc21" && /zero-?3/i.test(schedule)) return "deepspeed-zero3"
  if (/no post-validation|without post-validation/i.test(schedule)) return "zero-bubble-synchronised"
  const known = byFamily[family]
  if (known !== undefined) return known === "megatron-bridge" ? bridgeOf(point, sharded) : known
  const named =
    byWords.find(({ match }) => match.test(schedule)) ?? byWords.find(({ match }) => match.test(point.source ?? ""))
  if (named !== undefined) return named.stack
  if (sharded) return "generic-fsdp"
  return /V100|A100/i.test(`${point.cluster?.gpu ?? ""} ${point.cluster?.gpu_family ?? ""}`)
    ? "generic-legacy"
    : "generic-modern"
}
