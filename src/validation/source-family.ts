/**
 * Where a measurement comes from, as one word, and when it was taken.
 */
import type { Measurement } from "./measurement.ts"

/** First match wins; tried on the source, then on the id. */
const families: readonly { readonly family: string; readonly match: RegExp }[] = [
  { family: "llm-foundry", match: /llm-foundry|^llmf-/i },
  { family: "bigscience-prequel", match: /chronicles-prequel|bloom-prequel/i },
  { family: "bigscience", match: /bigscience|^bloom/i },
  { family: "zero-bubble", match: /zero.?bubble|2401\.10241|^zb-/i },
  { family: "korthikanti", match: /korthikanti|2205\.05198|^recomp-/i },
  { family: "mt-nlg", match: /mt-?nlg|2201\.11990/i },
  { family: "modelzoo", match: /modelzoo|^moezoo/i },
  { family: "megatron-bridge", match: /megatron-bridge|^mbridge/i },
  { family: "moe-folding", match: /folding|^moefold/i },
  { family: "mcore-readme", match: /mcore.*(weak|strong|h100)|^mcore-/i },
  { family: "sc21", match: /sc'?21|2104\.04473|megatron-lm readme|^megatron-readme/i },
  { family: "maxtext", match: /maxtext/i },
  { family: "pax", match: /pax(ml)?\b|jax-toolbox|^pax-/i },
  { family: "dgxc", match: /dgxc/i },
  { family: "nemo-long-sequence", match: /performance_long_sequence|nemo-longseq/i },
  { family: "nemo", match: /nemo/i },
  { family: "llama3", match: /llama 3 herd|2407\.21783|^llama3-405b/i },
  { family: "torchtitan", match: /torchtitan/i },
  { family: "fms-fsdp", match: /fms-?fsdp/i },
  { family: "pytorch-fsdp", match: /pytorch fsdp|2304\.11277|^fsdp-/i },
  { family: "glm", match: /glm-?130b|2210\.02414/i },
  { family: "gpt-neox", match: /neox|2204\.06745/i },
  { family: "stas", match: /stas00|ml-engineering|^mleng/i },
  { family: "opt", match: /\bopt\b|metaseq|2205\.01068/i },
  { family: "alpa", match: /alpa\b/i },
  { family: "mlperf", match: /mlperf|mlcommons/i },
  { family: "vtrain", match: /vtrain/i },
  { family: "colossal-ai", match: /colossal/i }
]

/** Family of a point's source, "other" where it is none that we know. */
export const sourceFamily = (point: Measurement): string => {
  for (const words of [point.source ?? "", point.id]) {
    const found = families.find(({ match }) => match.test(words))
    if (found !== undefined) return found.family
  }
  return "other"
}

/** Sections of the BLOOM chronicles that were written after the repair of 25 February 2022. */
const afterRepair = /GBS Variations|Another round of NHEADS|Batchsize Warmup|Re-do|Rebalancing/i

/**
 * Whether a run on Jean Zay predates the PCIe/NUMA repair of 25 February 2022, which made every step 1 to 5 % faster
 * (bigscience chronicles-prequel). The day is read from the notes or the id, else from the section of the chronicle.
 */
export const beforeJeanZayRepair = (point: Measurement): boolean => {
  if (sourceFamily(point) !== "bigscience-prequel") return false
  const notes = point.notes ?? ""
  const written = `${notes} ${point.id}`
  const day =
    /2022-(\d\d)-(\d\d)/.exec(written) ??
    /dated (\d\d)-(\d\d)/.exec(written) ??
    /prequel-(\d\d)-?(\d\d)(?:-|$)/.exec(point.id)
  if (day !== null) return Number(day[1]) * 100 + Number(day[2]) < 225
  return !/after pcie/i.test(notes) && !afterRepair.test(point.source ?? "")
}

/** Release such as 25.05 as 2505: of a DGXC tag or a NeMo container; undefined where none is named. */
export const releaseOf = (point: Measurement): number | undefined => {
  const found = /(?:tag v|container |nemo ?|-v)(2\d)\.(\d\d)/i.exec(`${point.source ?? ""} ${point.id}`)
  return found === null ? undefined : Number(found[1]) * 100 + Number(found[2])
}
