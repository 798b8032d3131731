/**
 * A command line of Megatron-LM or Megatron-DeepSpeed in the words of a scenario.
 */
import type { ReadText, ScenarioIssue } from "../../scenario/index.ts"
import { readFlags, type FlagProblem, type GivenFlag } from "../flags.ts"
import { issueOf, refuse, type RefusedImport } from "../refusal.ts"
import { given } from "../settings.ts"
import { rampOf } from "./batch-ramp.ts"
import { deepspeedConfig, noConfig, type DeepspeedConfig } from "./deepspeed-config.ts"
import { flagLines } from "./flag-lines.ts"
import { launchedMachines } from "./launcher.ts"
import { megatronFlags, megatronTargets } from "./megatron-flags.ts"
import { layerSplitOf, layoutOf } from "./megatron-layout.ts"
import { megatronShape } from "./megatron-shape.ts"
import { megatronStack } from "./megatron-stack.ts"
import { optionReader, type Option, type OptionReader, type Options, type Rule } from "./options.ts"
import { assumed, type TrainingRemark } from "./remarks.ts"
import type { SaidMachines, SaidTraining } from "./said.ts"
import { saidModel } from "./said-model.ts"
import type { TrainingCommand } from "./training-command.ts"

export const readMegatron = (
  source: string,
  command: TrainingCommand,
  readText: ReadText
): SaidTraining | RefusedImport => {
  const options = megatronOptions(source, command)
  const flags = optionReader(options, source)
  const isDeepspeed = command.framework === "megatron-deepspeed"
  const said = megatronShape(flags, isDeepspeed)
  if (said === undefined && flags.wrong.length === 0)
    return refuse({
      source,
      problem: "the model's shapes are not said",
      given: command.program,
      expected: "--num-layers, --hidden-size and --num-attention-heads"
    })
  const config = isDeepspeed ? configOf(command, flags, readText) : noConfig
  const model = said === undefined ? undefined : saidModel(said)
  const chosen = megatronStack(command, flags)
  const machines = launchedMachines(command)
  const sizes = sizesOf(flags, config, machines)
  const layout = layoutOf(flags, said?.shape.layers ?? 1, chosen.base)
  const precision = precisionOf(flags, config)
  const zero = zeroOf(flags, config, isDeepspeed, precision)
  const training = given({
    schedule: zeroBubbleSchedule(flags),
    microBatch: sizes.microBatch,
    globalBatch: sizes.globalBatch,
    sequenceLength: flags.count("seq-length"),
    precision,
    zeroStage: zero.stage,
    recompute: recomputeOf(flags),
    offload: offloadOf(flags, config),
    layerSplit: layerSplitOf(flags, said?.shape.layers ?? 1, layout, isDeepspeed),
    expertCapacity: said?.shape.experts === null ? undefined : capacityOf(flags),
    tokens: sizes.tokens,
    run: rampOf(flags, "rampup-batch-size", sizes.tokens)
  })
  if (sizes.globalBatch === undefined && flags.wrong.length === 0)
    return refuse({ source, problem: "the batch is not said", given: command.program, expected: "--global-batch-size" })
  if (model === undefined || flags.wrong.length > 0) return { _tag: "RefusedImport", issues: flags.wrong }
  return {
    options,
    model,
    stack: chosen.stack,
    parallelism: layout,
    training,
    machines,
    fields: fieldsOf(options),
    remarks: [...model.remarks, ...chosen.remarks, ...zero.remarks, ...sizes.remarks, ...config.remarks]
  }
}

/** The option that a field of the scenario is set by. */
const fieldsOf = ({ given: options }: Options): Readonly<Record<string, string>> =>
  Object.fromEntries([...options.keys()].map((key) => [(megatronTargets[key] ?? "").replace(/[:,].*$/, ""), key]))

export const megatronOptions = (source: string, { args, text }: TrainingCommand): Options => {
  const read = readFlags(args, megatronFlags)
  const lines = flagLines(text)
  const place = (name: string) => {
    const line = lines.get(name)
    return { file: source, ...(line === undefined ? {} : { line }) }
  }
  const option = ({ name, written, values, isOn }: GivenFlag): Option => ({
    key: name,
    written,
    values,
    isOn,
    ...place(name)
  })
  return {
    given: new Map([...read.flags.values()].map((flag) => [flag.name, option(flag)])),
    ruleOf,
    unknown: read.unknown.map(({ flag, nearest }) => ({
      option: { key: flag, written: flag, values: [], isOn: true, ...place(bare(flag)) },
      nearest
    })),
    // Only of flags that matter does it matter whether versions differ in what they take.
    wrong: read.wrong
      .filter(({ flag }) => ruleOf(bare(flag))?.kind === "understood")
      .map((problem) => wrongFlag(source, problem, lines))
  }
}

const bare = (flag: string): string => flag.replace(/^-+/, "").replaceAll("_", "-")

const wrongFlag = (source: string, problem: FlagProblem, lines: ReadonlyMap<string, number>): ScenarioIssue => {
  const line = lines.get(bare(problem.flag))
  return issueOf({
    source,
    path: problem.flag,
    problem: problem.problem,
    given: problem.given,
    expected: problem.expected,
    ...(line === undefined ? {} : { place: { line, column: 1 } })
  })
}

const ruleOf = (key: string): Rule | undefined => {
  const effect = megatronFlags.rules.get(key)?.effect
  if (effect === undefined) return undefined
  if (effect.kind === "not modelled") return { kind: "not modelled", text: effect.why }
  return effect.kind === "nothing"
    ? { kind: "ignored" }
    : { kind: "understood", text: megatronTargets[key] ?? "the scenario" }
}

const configOf = ({ files }: TrainingCommand, flags: OptionReader, readText: ReadText): DeepspeedConfig => {
  const file = flags.word("deepspeed-config")
  if (file === undefined) return noConfig
  const written = files.get(file) ?? files.get(file.replace(/^\.\//, "")) ?? files.get(`./${file}`)
  const read = written === undefined ? readText(file) : { text: written }
  if ("text" in read) return deepspeedConfig(file, read.text)
  return { ...noConfig, remarks: [assumed(`nothing of ${file}, which is not at hand`)] }
}

/** Replicas of the launched ranks, where their number is known. */
const replicasOf = (flags: OptionReader, { nodes, perNode, ranks }: SaidMachines): number | undefined => {
  const total =
    nodes !== undefined && perNode !== undefined
      ? nodes * perNode
      : (ranks ?? (nodes === undefined ? perNode : undefined))
  const size = (name: string): number => flags.count(`${name}-parallel-size`) ?? 1
  const each = size("tensor-model") * size("pipeline-model") * size("context")
  return total === undefined || total % each !== 0 ? undefined : total / each
}

/**
 * The schedule of the zero-bubble fork (sail-sg/zero-bubble-pipeline-parallelism): a V with one of three memories, or an
 * order found for so many micro-batches in memory (twice the stages in its example script).
 */
const zeroBubbleSchedule = (flags: OptionReader): string | undefined => {
  const memory = flags.word("zero-bubble-v-schedule-mem-setup") ?? "zb"
  const v = { zb: "zb-v", half: "v-half", min: "v-min" }[memory]
  if (v === undefined) return flags.refuse("zero-bubble-v-schedule-mem-setup", "zb, half or min")
  const pending = flags.count("zero-bubble-max-pending-backward")
  if (flags.isOn("zero-bubble-v-schedule") === true) return v
  if (flags.isOn("enable-zero-bubble") !== true) return undefined
  if (pending === undefined) return "zb-h1"
  return pending >= 2 * (flags.count("pipeline-model-parallel-size") ?? 1) ? "zb-2p" : "zb-1p"
}

const sizesOf = (flags: OptionReader, config: DeepspeedConfig, machines: SaidMachines) => {
  const microBatch = flags.count("micro-batch-size") ?? flags.count("batch-size") ?? config.microBatch
  const said = flags.count("global-batch-size") ?? config.globalBatch
  const replicas = said === undefined ? replicasOf(flags, machines) : undefined
  const globalBatch = said ?? (microBatch === undefined || replicas === undefined ? undefined : microBatch * replicas)
  const sequence = flags.count("seq-length") ?? 0
  const samples = flags.count("train-samples")
  const iterations = flags.count("train-iters")
  const tokens =
    flags.count("train-tokens") ??
    (samples !== undefined
      ? samples * sequence
      : iterations === undefined || globalBatch === undefined
        ? undefined
        : iterations * globalBatch * sequence)
  const remarks: TrainingRemark[] =
    config.microBatch !== undefined && microBatch !== config.microBatch
      ? [assumed(`${microBatch} sequences in a micro-batch: DeepSpeed's configuration says ${config.microBatch}`)]
      : []
  if (said === undefined && globalBatch !== undefined)
    remarks.push(
      assumed(`training.globalBatch ${globalBatch}: one micro-batch a replica, as Megatron has it unless told`)
    )
  return { microBatch, globalBatch, tokens: tokens === 0 ? undefined : tokens, remarks }
}

const precisionOf = (flags: OptionReader, config: DeepspeedConfig): string => {
  if (flags.has("fp4-format")) return "nvfp4"
  if (flags.has("fp8-format") || flags.isOn("fp8-hybrid") === true || flags.isOn("fp8-e4m3") === true)
    return flags.word("fp8-recipe") === "mxfp8" ? "mxfp8" : "fp8"
  if (flags.isOn("bf16") === true) return "bf16"
  if (flags.isOn("fp16") === true) return "fp16"
  return config.precision ?? "fp32"
}

const fsdpStages: Readonly<Record<string, number>> = {
  no_shard: 0,
  optim: 1,
  optim_grads: 2,
  optim_grads_params: 3
}

const zeroOf = (flags: OptionReader, config: DeepspeedConfig, isDeepspeed: boolean, precision: string) => {
  if (isDeepspeed) {
    const stage = config.zeroStage ?? flags.count("zero-stage", 0) ?? 0
    if (stage > 3) return { stage: flags.refuse("zero-stage", "0, 1, 2 or 3"), remarks: [] }
    // DeepSpeed's BF16_Optimizer partitions its states over the data-parallel ranks whatever the stage.
    return stage === 0 && precision === "bf16"
      ? {
          stage: 1,
          remarks: [assumed("training.zeroStage 1: with bf16, DeepSpeed's optimizer shards its states at stage 0 too")]
        }
      : { stage, remarks: [] }
  }
  if (flags.isOn("use-torch-fsdp2") === true)
    return { stage: flags.has("torch-fsdp2-no-reshard-after-forward") ? 2 : 3, remarks: [] }
  if (flags.isOn("use-custom-fsdp") === true || flags.isOn("use-megatron-fsdp") === true) {
    const strategy = flags.word("data-parallel-sharding-strategy") ?? "no_shard"
    return {
      stage:
        fsdpStages[strategy] ?? flags.refuse("data-parallel-sharding-strategy", Object.keys(fsdpStages).join(", ")),
      remarks: []
    }
  }
  return { stage: flags.isOn("use-distributed-optimizer") === true ? 1 : undefined, remarks: [] }
}

const recomputeOf = (flags: OptionReader): unknown => {
  const granularity = flags.word("recompute-granularity")
  const method = flags.word("recompute-method") ?? flags.word("activations-checkpoint-method")
  const layers = flags.count("recompute-num-layers") ?? flags.count("activations-checkpoint-num-layers")
  if (granularity !== undefined && !["full", "selective"].includes(granularity))
    return flags.refuse("recompute-granularity", "full or selective")
  if (granularity === "selective" || (granularity === undefined && flags.isOn("recompute-activations") === true))
    return "selective"
  const isFull =
    granularity === "full" ||
    flags.isOn("checkpoint-activations") === true ||
    flags.has("activations-checkpoint-method")
  if (!isFull) return undefined
  return method === "block" && layers !== undefined ? { blocks: layers } : "full"
}

const offloadOf = (flags: OptionReader, config: DeepspeedConfig): unknown => {
  const optimizer =
    flags.isOn("optimizer-cpu-offload") === true || flags.isOn("cpu-optimizer") === true || config.offloadsOptimizer
  const activations = flags.isOn("cpu-offloading") === true
  return optimizer || activations
    ? { ...(activations ? { activations } : {}), ...(optimizer ? { optimizer } : {}) }
    : undefined
}

const capacityOf = (flags: OptionReader): unknown => {
  const factor =
    flags.number("moe-expert-capacity-factor", 0.01, 1000) ?? flags.number("moe-train-capacity-factor", 0.01, 1000)
  if (factor === undefined) return undefined
  return { factor, ...(flags.isOn("moe-pad-expert-input-to-capacity") === true ? { padded: true } : {}) }
}
