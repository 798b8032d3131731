/**
 * An llm-foundry configuration, with its overrides, in the words of a scenario.
 */
import type { ReadText } from "../../scenario/index.ts"
import { findModel, nearestModels } from "../model-name.ts"
import { isRefused, refuse, type RefusedImport } from "../refusal.ts"
import { given, stackWith } from "../settings.ts"
import { equalsOverrides, fieldsBy, lacking, treeOptions, yamlLeaves } from "./config-tree.ts"
import { foundryRules } from "./foundry-options.ts"
import { foundryShape } from "./foundry-shape.ts"
import { launchedMachines } from "./launcher.ts"
import { optionReader, type OptionReader } from "./options.ts"
import { assumed } from "./remarks.ts"
import type { SaidMachines, SaidTraining } from "./said.ts"
import { saidModel, type SaidModel } from "./said-model.ts"
import type { TrainingCommand } from "./training-command.ts"

export const readFoundry = (
  source: string,
  command: TrainingCommand,
  readText: ReadText
): SaidTraining | RefusedImport => {
  const name = command.args.find((word) => /\.ya?ml$/.test(word))
  const read = name === undefined ? { failure: "no YAML file is named" } : readText(name)
  if ("failure" in read)
    return refuse({
      source,
      problem: `cannot read the configuration: ${read.failure}`,
      given: name ?? command.program,
      expected: "llm-foundry's YAML file, beside the script"
    })
  const file = yamlLeaves(name ?? source, read.text)
  if (isRefused(file)) return file
  const leaves = [...file, ...equalsOverrides(command.args, source)].map((leaf) => ({
    ...leaf,
    path: leaf.path.replace(/^parameters\./, "")
  }))
  const options = treeOptions(withVariables(leaves), foundryRules)
  const flags = optionReader(options, source)
  const model = modelOf(flags, source)
  const globalBatch = flags.count("global_train_batch_size")
  const sequenceLength = flags.count("max_seq_len") ?? flags.count("model.max_seq_len")
  const microBatch = flags.count("device_train_microbatch_size")
  const strategy = flags.word("fsdp_config.sharding_strategy")
  const machines = machinesOf(command, flags)
  const training = given({
    microBatch: microBatch ?? 1,
    globalBatch,
    sequenceLength,
    precision: precisionOf(flags),
    zeroStage: zeroOf(flags, strategy),
    sharding: strategy?.startsWith("HYBRID") === true ? { group: machines.perNode ?? 8 } : undefined,
    recompute: flags.isOn("fsdp_config.activation_checkpointing") === true ? "full" : undefined,
    offload: flags.isOn("fsdp_config.activation_cpu_offload") === true ? { activations: true } : undefined,
    tokens: tokensOf(flags, globalBatch, sequenceLength)
  })
  if (flags.wrong.length > 0) return { _tag: "RefusedImport", issues: flags.wrong }
  if (isRefused(model)) return model
  if (globalBatch === undefined) return lacking(source, ["global_train_batch_size"], "the batch")
  return {
    options,
    model,
    stack: stackWith("llm-foundry", {
      attention: flags.word("model.attn_config.attn_impl") === "torch" ? "unfused" : undefined
    }),
    parallelism: {},
    training,
    machines,
    fields: fieldsBy(options, foundryRules),
    remarks: [
      ...model.remarks,
      ...(microBatch === undefined
        ? [assumed("training.microBatch 1: the configuration takes what fits, which windtunnel sweep finds")]
        : [])
    ]
  }
}

/** `variables:` of newer configurations are named without that word. */
const withVariables = <L extends { readonly path: string }>(leaves: readonly L[]): readonly L[] => [
  ...leaves,
  ...leaves
    .filter(({ path }) => path === "variables.max_seq_len" && !leaves.some((other) => other.path === "max_seq_len"))
    .map((leaf) => ({ ...leaf, path: "max_seq_len" }))
]

const modelOf = (flags: OptionReader, source: string): SaidModel | RefusedImport => {
  const pretrained = flags.word("model.pretrained_model_name_or_path")
  const name = flags.word("model.name") ?? ""
  if (pretrained !== undefined && !name.startsWith("mpt")) {
    const found = findModel(pretrained)
    if (found === undefined)
      return refuse({
        source,
        path: "model.pretrained_model_name_or_path",
        problem: `the catalogue has no model "${pretrained}"`,
        given: pretrained,
        expected: "a name from `windtunnel catalog models`",
        nearest: nearestModels(pretrained)
      })
    return { model: found.model, written: found.model.name, remarks: [] }
  }
  const said = foundryShape(flags)
  return said === undefined
    ? lacking(source, ["model.n_layers, model.d_model and model.n_heads"], "the model's shape")
    : saidModel(said)
}

const precisionOf = (flags: OptionReader): string => {
  const text = flags.word("precision") ?? "amp_bf16"
  const found = /^(?:amp_)?(bf16|fp16|fp8|fp32)$/.exec(text)?.[1]
  return found ?? flags.refuse("precision", "amp_bf16, amp_fp16, amp_fp8 or fp32") ?? "bf16"
}

const stages: Readonly<Record<string, number>> = {
  FULL_SHARD: 3,
  HYBRID_SHARD: 3,
  SHARD_GRAD_OP: 2,
  _HYBRID_SHARD_ZERO2: 2,
  NO_SHARD: 0
}

const zeroOf = (flags: OptionReader, strategy: string | undefined): number | undefined => {
  // Without a configuration of FSDP every rank keeps all.
  if (strategy === undefined)
    return flags.has("fsdp_config.mixed_precision") || flags.has("fsdp_config.state_dict_type") ? 3 : 0
  return stages[strategy.toUpperCase()] ?? flags.refuse("fsdp_config.sharding_strategy", Object.keys(stages).join(", "))
}

/** `63900ba` batches, `1e12tok` tokens, `1000sp` sequences; epochs of data whose size nobody says are none. */
const tokensOf = (flags: OptionReader, batch: number | undefined, sequence: number | undefined): number | undefined => {
  const text = flags.word("max_duration")
  if (text === undefined || /(?:ep|dur)$/.test(text)) return undefined
  const [, digits, unit] = /^([\d._e+]+)(ba|tok|sp)$/i.exec(text) ?? []
  const value = Number((digits ?? "x").replaceAll("_", ""))
  if (!Number.isFinite(value) || value <= 0)
    return flags.refuse("max_duration", "a length such as 63900ba, 134e9tok or 1ep")
  if (unit === "tok") return Math.round(value)
  const each = unit === "sp" ? (sequence ?? 0) : (batch ?? 0) * (sequence ?? 0)
  return each === 0 ? undefined : Math.round(value * each)
}

const machinesOf = (command: TrainingCommand, flags: OptionReader): SaidMachines => {
  const launched = launchedMachines(command)
  const ranks = flags.count("compute.gpus") ?? flags.count("gpu_num")
  const hint = [...flags.words("compute.gpu_type"), ...flags.words("gpu_type"), ...flags.words("compute.cluster")]
  return { ...launched, ranks: launched.ranks ?? ranks, hints: [...launched.hints, ...hint] }
}
