/**
 * A torchtitan configuration, with the flags of its command line, in the words of a scenario.
 */
import { find, isUnknownName, models, nearestNames, type Model } from "../../catalog/index.ts"
import type { ReadText } from "../../scenario/index.ts"
import { isRefused, refuse, type RefusedImport } from "../refusal.ts"
import { given } from "../settings.ts"
import { fieldsBy, flagOverrides, lacking, tomlLeaves, treeOptions, type Leaf } from "./config-tree.ts"
import { flagLines } from "./flag-lines.ts"
import { launchedMachines } from "./launcher.ts"
import { optionReader, type OptionReader } from "./options.ts"
import { assumed, type TrainingRemark } from "./remarks.ts"
import { aboveOne, type SaidMachines, type SaidTraining } from "./said.ts"
import { modelOfLetters } from "./model-letters.ts"
import { formerNames, titanRules } from "./titan-options.ts"
import type { TrainingCommand } from "./training-command.ts"

export const readTitan = (
  source: string,
  command: TrainingCommand,
  readText: ReadText
): SaidTraining | RefusedImport => {
  const file = leavesOfFile(source, command, readText)
  if (isRefused(file)) return file
  const overrides = flagOverrides(command.args, source, flagLines(command.text)).filter(
    ({ path }) => path !== "job.config_file"
  )
  const leaves = [...file.leaves, ...overrides].map((leaf) => ({ ...leaf, path: formerNames[leaf.path] ?? leaf.path }))
  const options = treeOptions(leaves, titanRules)
  const flags = optionReader(options, source)
  const found = modelOf(flags, source)
  if (isRefused(found)) return found
  const launched = launchedMachines(command)
  const layout = layoutOf(flags, launched, nodeOf(command))
  const sizes = sizesOf(flags, layout)
  const schedule = scheduleOf(flags)
  const chunks = chunksOf(flags, found.model, layout.pipeline, schedule)
  const training = given({
    schedule,
    microBatch: sizes.microBatch,
    globalBatch: sizes.globalBatch,
    sequenceLength: sizes.sequenceLength,
    precision: precisionOf(flags),
    zeroStage: layout.zeroStage,
    sharding: layout.group === undefined ? undefined : { group: layout.group },
    recompute: recomputeOf(flags),
    offload: flags.isOn("training.enable_cpu_offload") === true ? { optimizer: true } : undefined,
    tokens: sizes.tokens
  })
  const { tensor, pipeline, context, expert } = layout
  const expertTensor = expert > 1 ? flags.count("parallelism.expert_tensor_parallel_degree") : undefined
  if (flags.wrong.length > 0) return { _tag: "RefusedImport", issues: flags.wrong }
  if (sizes.globalBatch === undefined)
    return lacking(source, ["training.local_batch_size", "training.global_batch_size"], "the batch")
  return {
    options,
    model: { model: found.model, written: found.model.name, remarks: found.remarks },
    stack: "torchtitan",
    parallelism: {
      ...aboveOne({ tensor, pipeline, data: layout.data, context, expert }),
      ...given({
        expertTensor,
        virtualPipeline: chunks > 1 ? chunks : undefined
      })
    },
    training,
    machines: layout.machines,
    fields: fieldsBy(options, titanRules),
    remarks: [...found.remarks, ...file.remarks, ...layout.remarks, ...sizes.remarks]
  }
}

const leavesOfFile = (source: string, { args, environment }: TrainingCommand, readText: ReadText) => {
  const at = args.findIndex((word) => /^--job\.config[-_]file/.test(word))
  const joined = /^--job\.config[-_]file=(.*)$/.exec(args[at] ?? "")?.[1]
  const name = (at < 0 ? undefined : (joined ?? args[at + 1])) ?? environment.get("CONFIG_FILE")
  const none: { readonly leaves: readonly Leaf[]; readonly remarks: readonly TrainingRemark[] } = {
    leaves: [],
    remarks: []
  }
  if (name === undefined) return none
  const read = readText(name)
  if ("failure" in read)
    return refuse({
      source,
      path: "--job.config_file",
      problem: `cannot read ${JSON.stringify(name)}: ${read.failure}`,
      given: name,
      expected: "torchtitan's TOML file, which says the model and its batch"
    })
  const leaves = tomlLeaves(name === source ? source : name, read.text)
  return isRefused(leaves) ? leaves : { leaves, remarks: [] }
}

const modelOf = (
  flags: OptionReader,
  source: string
): { readonly model: Model; readonly remarks: readonly TrainingRemark[] } | RefusedImport => {
  const name = flags.word("model.name") ?? flags.word("module")
  const flavor = flags.word("model.flavor") ?? ""
  const config = flags.word("config")
  const wanted = config ?? `${name ?? ""}-${flavor}`
  // Its "llama3" are Llama 3 and 3.1 alike, which differ in their longest sequence.
  const model =
    modelOfLetters(wanted) ??
    modelOfLetters(wanted.replace(/^llama3[-_]/, "llama-3.1-")) ??
    modelOfLetters(wanted.replace(/^llama3[-_]/, "llama-3.2-")) ??
    modelOfLetters(name ?? "")
  if (model === undefined)
    return refuse({
      source,
      path: "model.flavor",
      problem:
        name === undefined && config === undefined ? "no model is named" : `the catalogue has no model "${wanted}"`,
      given: wanted,
      expected: "[model] name and flavor of a model in `windtunnel catalog models`",
      nearest: nearestNames(
        wanted,
        models.map((entry) => entry.name)
      )
    })
  return { model, remarks: [assumed(`model ${model.name}, by its name and flavor: ${wanted}`)] }
}

interface TitanLayout {
  readonly tensor: number
  readonly pipeline: number
  readonly context: number
  readonly expert: number
  readonly data: number
  readonly zeroStage: number
  readonly group: number | undefined
  readonly machines: SaidMachines
  readonly remarks: readonly TrainingRemark[]
}

/** Accelerators of the node that torchtitan's own launcher takes (NGPU of run_train.sh). */
const usualNode = 8

const nodeOf = ({ wanted }: TrainingCommand): number => {
  const system = wanted?.system === undefined ? undefined : find("systems", wanted.system)
  return system === undefined || isUnknownName(system) ? usualNode : system.acceleratorsPerNode
}

const layoutOf = (flags: OptionReader, launched: SaidMachines, ownNode: number): TitanLayout => {
  const degree = (name: string): number => flags.count(`parallelism.${name}_parallel_degree`) ?? 1
  const [tensor, pipeline, context, expert] = [
    degree("tensor"),
    degree("pipeline"),
    degree("context"),
    degree("expert")
  ]
  const replicate = flags.count("parallelism.data_parallel_replicate_degree") ?? 1
  const shardText = flags.number("parallelism.data_parallel_shard_degree", -1, 1e6)
  const each = tensor * pipeline * context * replicate
  const { nodes, perNode, ranks } = launched
  const known = nodes === undefined ? (ranks ?? perNode) : nodes * (perNode ?? ownNode)
  const isWhole = shardText !== undefined && shardText > 0
  const total = isWhole ? each * shardText : (known ?? Math.max(ownNode, each))
  const shard = isWhole ? shardText : Math.max(1, Math.floor(total / each))
  const isSharded = shard > 1
  const reshard = flags.word("parallelism.fsdp_reshard_after_forward") ?? "default"
  // By default parameters stay gathered where a pipeline runs them again at once.
  const keeps = reshard === "never" || (reshard === "default" && pipeline > 1)
  return {
    tensor,
    pipeline,
    context,
    expert,
    data: replicate * shard,
    zeroStage: isSharded ? (keeps ? 2 : 3) : 0,
    group: isSharded && replicate > 1 ? shard : undefined,
    machines: known === undefined ? { ...launched, ranks: total } : launched,
    remarks:
      known === undefined ? [assumed(`${total} accelerators: the configuration does not say how many start`)] : []
  }
}

const sizesOf = (flags: OptionReader, { data, pipeline }: TitanLayout) => {
  const local = flags.count("training.local_batch_size") ?? flags.count("training.batch_size")
  const said = flags.number("training.global_batch_size", -1, 1e9)
  const sequenceLength = flags.count("training.seq_len") ?? 2048
  const isSaid = said !== undefined && said > 0
  const globalBatch = isSaid ? said : local === undefined ? undefined : local * data
  const microBatch = pipeline > 1 ? (flags.count("parallelism.pipeline_parallel_microbatch_size") ?? 1) : local
  const steps = flags.count("training.steps")
  const accumulated = pipeline > 1 && isSaid && local !== undefined && said > local * data
  return {
    microBatch,
    globalBatch,
    sequenceLength,
    tokens: steps === undefined || globalBatch === undefined ? undefined : steps * globalBatch * sequenceLength,
    remarks: accumulated
      ? [assumed("one schedule over all micro-batches of an iteration, instead of one after the other")]
      : []
  }
}

const schedules: Readonly<Record<string, string>> = {
  "1f1b": "1f1b",
  gpipe: "gpipe",
  interleaved1f1b: "interleaved-1f1b",
  zbvzerobubble: "zb-v",
  interleavedzerobubble: "zb-h1",
  dualpipev: "dualpipe-v"
}

const scheduleOf = (flags: OptionReader): string | undefined => {
  if ((flags.count("parallelism.pipeline_parallel_degree") ?? 1) === 1) return undefined
  const name = flags.word("parallelism.pipeline_parallel_schedule")
  if (name === undefined) return undefined
  return (
    schedules[name.toLowerCase()] ??
    flags.refuse("parallelism.pipeline_parallel_schedule", "1F1B, GPipe, Interleaved1F1B, ZBVZeroBubble or DualPipeV")
  )
}

/**
 * Parts of a stage: as few as hold all layers of so many each, embedding and head counted as one; two where a schedule
 * needs several and nobody says so. A schedule in the shape of a V has two whatever a scenario says.
 */
const chunksOf = (flags: OptionReader, model: Model, pipeline: number, schedule: string | undefined): number => {
  const layers = flags.count("parallelism.pipeline_parallel_layers_per_stage")
  const isV = schedule === "zb-v" || schedule === "dualpipe-v"
  if (pipeline > 1 && layers !== undefined && !isV)
    return Math.max(1, Math.round(Math.ceil((model.layers + 2) / layers) / pipeline))
  return schedule === "interleaved-1f1b" ? 2 : 1
}

const precisionOf = (flags: OptionReader): string => {
  const converters = flags.words("model.converters").join(",")
  if (/mx/.test(converters)) return "mxfp8"
  if (/float8/.test(converters) || flags.isOn("float8.enable_float8_linear") === true) return "fp8"
  const type = flags.word("training.mixed_precision_param")
  return type === "float16" ? "fp16" : type === "float32" ? "fp32" : "bf16"
}

const recomputeOf = (flags: OptionReader): string | undefined => {
  const mode = flags.option("activation_checkpoint.mode")?.values[0] ?? "selective"
  if (mode === "none") return undefined
  if (mode === "memory_budget") return "selective"
  return mode === "full" || mode === "selective"
    ? mode
    : flags.refuse("activation_checkpoint.mode", "none, selective or full")
}
