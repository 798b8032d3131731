/**
 * DeepSpeed's JSON configuration: batch sizes, ZeRO stage, number format, what is kept on the host (deepspeed/runtime/config.py).
 */
import { isFields, type Fields } from "../config-file.ts"
import { yamlFields } from "../option-file.ts"
import { assumed, type TrainingRemark } from "./remarks.ts"

export interface DeepspeedConfig {
  readonly zeroStage: number | undefined
  readonly microBatch: number | undefined
  readonly globalBatch: number | undefined
  readonly precision: "bf16" | "fp16" | undefined
  readonly offloadsOptimizer: boolean
  readonly remarks: readonly TrainingRemark[]
}

export const noConfig: DeepspeedConfig = {
  zeroStage: undefined,
  microBatch: undefined,
  globalBatch: undefined,
  precision: undefined,
  offloadsOptimizer: false,
  remarks: []
}

/** Settings by their path in the file. */
const meanings: Readonly<Record<string, string>> = {
  train_micro_batch_size_per_gpu: "training.microBatch",
  train_batch_size: "training.globalBatch",
  "zero_optimization.stage": "training.zeroStage",
  "zero_optimization.offload_optimizer.device": "training.offload.optimizer",
  "bf16.enabled": "training.precision",
  "bfloat16.enabled": "training.precision",
  "fp16.enabled": "training.precision"
}

const notModelled: Readonly<Record<string, string>> = {
  "zero_optimization.offload_param.device": "parameters on the host",
  "zero_optimization.zero_hpz_partition_size": "shards of a node (ZeRO++)",
  "zero_optimization.zero_quantized_weights": "quantised gathers (ZeRO++)",
  "zero_optimization.zero_quantized_gradients": "quantised reductions (ZeRO++)"
}

const stages = [0, 1, 2, 3]

/** Reads the file's text; a file that is no JSON map is said and left out. */
export const deepspeedConfig = (file: string, text: string): DeepspeedConfig => {
  const fields = yamlFields(text)
  if (fields === undefined) return { ...noConfig, remarks: [assumed(`nothing of ${file}, which is no JSON map`)] }
  const at = (path: string): unknown =>
    path.split(".").reduce<unknown>((value, key) => (isFields(value) ? value[key] : undefined), fields)
  const number = (path: string): number | undefined => {
    const value = at(path)
    return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined
  }
  const positive = (path: string): number | undefined => number(path) || undefined
  const zeroStage = number("zero_optimization.stage")
  const device = at("zero_optimization.offload_optimizer.device")
  return {
    zeroStage: zeroStage === undefined || !stages.includes(zeroStage) ? undefined : zeroStage,
    microBatch: positive("train_micro_batch_size_per_gpu"),
    globalBatch: positive("train_batch_size"),
    precision:
      at("bf16.enabled") === true || at("bfloat16.enabled") === true
        ? "bf16"
        : at("fp16.enabled") === true
          ? "fp16"
          : undefined,
    offloadsOptimizer: device === "cpu" || device === "nvme",
    remarks: remarksOf(file, text, fields)
  }
}

const leaves = (fields: Fields, path: readonly string[] = []): readonly (readonly [string, unknown])[] =>
  Object.entries(fields).flatMap(([key, value]) =>
    isFields(value) && path.length < 4 ? leaves(value, [...path, key]) : [[[...path, key].join("."), value] as const]
  )

const remarksOf = (file: string, text: string, fields: Fields): readonly TrainingRemark[] => {
  const lines = text.split("\n")
  return leaves(fields).map(([path, value]): TrainingRemark => {
    const index = lines.findIndex((line) => line.includes(`"${path.split(".").at(-1) ?? ""}"`))
    const place = { file, ...(index < 0 ? {} : { line: index + 1 }) }
    const written = `${path}: ${JSON.stringify(value)}`
    const meaning = meanings[path]
    const why = notModelled[path]
    if (meaning !== undefined) return { kind: "understood", written, text: meaning, ...place }
    return why !== undefined && value !== false && value !== "none"
      ? { kind: "not modelled", written, text: why, ...place }
      : { kind: "ignored", written, text: "", ...place }
  })
}
