/**
 * The software stack that a Megatron script runs on: which fork, of which years, with which attention.
 */
import { stackWith, type WrittenStack } from "../settings.ts"
import type { OptionReader } from "./options.ts"
import { assumed, type TrainingRemark } from "./remarks.ts"
import type { TrainingCommand } from "./training-command.ts"

export interface ChosenStack {
  readonly stack: WrittenStack
  /** The catalogue's name of it. */
  readonly base: string
  readonly remarks: readonly TrainingRemark[]
}

const flash = ["use-flash-attn", "use-flash-attn-v1", "use-flash-attn-v2", "use-flash-attn-triton"]

/** Flags that Megatron-LM had before its core, and dropped with it. */
const early = [
  "checkpoint-activations",
  "activations-checkpoint-method",
  "activations-checkpoint-num-layers",
  "model-parallel-size",
  "batch-size"
]
const earlyValues = (flags: OptionReader): boolean =>
  early.some((name) => flags.has(name)) || flags.has("ddp-impl") || flags.isOn("use-legacy-models") === true

export const megatronStack = (command: TrainingCommand, flags: OptionReader): ChosenStack => {
  const isFlash = flash.some((name) => flags.isOn(name) === true)
  if (command.framework === "megatron-deepspeed") {
    const isBlocking = command.environment.get("CUDA_LAUNCH_BLOCKING") === "1"
    return {
      base: "megatron-deepspeed",
      stack: stackWith("megatron-deepspeed", {
        host: isBlocking ? undefined : { mode: "asynchronous" },
        attention: isFlash ? "fused" : undefined
      }),
      remarks: isBlocking
        ? [
            {
              kind: "understood",
              written: "CUDA_LAUNCH_BLOCKING=1",
              text: "training.stack: every launch waits",
              ...lineOf(command, "CUDA_LAUNCH_BLOCKING")
            }
          ]
        : [assumed("training.stack: launches do not wait, as CUDA_LAUNCH_BLOCKING=1 is not set")]
    }
  }
  if (flags.has("enable-zero-bubble") || flags.has("enable-zb-runtime") || flags.has("zero-bubble-v-schedule"))
    return { base: "zero-bubble", stack: "zero-bubble", remarks: [] }
  const isEarly = earlyValues(flags) && !isFlash && flags.isOn("use-mcore-models") !== true
  const backend = flags.word("attention-backend")
  const base = isEarly ? "megatron-lm-2021" : "megatron-core"
  return {
    base,
    stack: stackWith(base, {
      attention: !isEarly && (backend === "unfused" || backend === "local") ? "unfused" : undefined
    }),
    remarks: [
      assumed(
        isEarly
          ? "training.stack megatron-lm-2021: the flags are those of its years"
          : "training.stack megatron-core: the newest whose flags these are"
      )
    ]
  }
}

/** Line of a script that sets a variable. */
const lineOf = ({ text }: TrainingCommand, name: string): { readonly line?: number } => {
  const index = text.split("\n").findIndex((line) => line.includes(`${name}=`) && !line.trimStart().startsWith("#"))
  return index < 0 ? {} : { line: index + 1 }
}
