/**
 * NeMo's configuration in YAML with its overrides, or a recipe of NeMo 2 with those, in the words of a scenario.
 */
import { models, nearestNames } from "../../catalog/index.ts"
import type { ReadText } from "../../scenario/index.ts"
import { isRefused, refuse, type RefusedImport } from "../refusal.ts"
import { given, stackWith } from "../settings.ts"
import { rampOf } from "./batch-ramp.ts"
import { equalsOverrides, fieldsBy, lacking, treeOptions, yamlLeaves, type Leaf } from "./config-tree.ts"
import { launchedMachines } from "./launcher.ts"
import { modelOfLetters } from "./model-letters.ts"
import { nemoNames, nemoRules } from "./nemo-options.ts"
import { nemoShape } from "./nemo-shape.ts"
import { optionReader, type OptionReader } from "./options.ts"
import { assumed, type TrainingRemark } from "./remarks.ts"
import { aboveOne, type SaidMachines, type SaidTraining } from "./said.ts"
import { saidModel, type SaidModel } from "./said-model.ts"
import type { TrainingCommand } from "./training-command.ts"

export const readNemo = (
  source: string,
  command: TrainingCommand,
  readText: ReadText
): SaidTraining | RefusedImport => {
  const file = leavesOfFile(source, command, readText)
  if (isRefused(file)) return file
  const leaves = [...file.leaves, ...equalsOverrides(command.args, source)].map((leaf) => {
    const path = leaf.path.replace(/^training\.(?=model\.|trainer\.)/, "")
    return { ...leaf, path: nemoNames[path] ?? path }
  })
  const options = treeOptions(leaves, nemoRules)
  const flags = optionReader(options, source)
  const recipe = factoryOf(command.args)
  const model = recipe === undefined ? describedModel(flags, source) : recipeModel(recipe, source)
  const sizes = sizesOf(flags, recipe)
  if (flags.wrong.length > 0) return { _tag: "RefusedImport", issues: flags.wrong }
  if (isRefused(model)) return model
  if (sizes.globalBatch === undefined) return lacking(source, ["model.global_batch_size"], "the batch")
  const tensor = flags.count("model.tensor_model_parallel_size")
  const sequence = flags.isOn("model.sequence_parallel") === true
  const virtual = flags.count("model.virtual_pipeline_model_parallel_size")
  const pipeline = flags.count("model.pipeline_model_parallel_size")
  const training = given({
    microBatch: sizes.microBatch,
    globalBatch: sizes.globalBatch,
    sequenceLength: sizes.sequence,
    precision: precisionOf(flags),
    zeroStage: zeroOf(flags, recipe),
    recompute: recomputeOf(flags),
    offload: flags.isOn("model.cpu_offloading") === true ? { activations: true } : undefined,
    tokens: sizes.tokens,
    run: rampOf(flags, "model.rampup_batch_size", sizes.tokens)
  })
  if (flags.wrong.length > 0) return { _tag: "RefusedImport", issues: flags.wrong }
  return {
    options,
    model,
    stack: stackWith("nemo-24", {
      attention: flags.isOn("model.use_flash_attention") === false ? "unfused" : undefined
    }),
    parallelism: {
      ...aboveOne({
        tensor,
        pipeline,
        context: flags.count("model.context_parallel_size"),
        expert: flags.count("model.expert_model_parallel_size"),
        virtualPipeline: (pipeline ?? 1) > 1 ? virtual : undefined
      }),
      ...given({
        expertTensor: flags.count("model.expert_tensor_parallel_size"),
        // The stack splits sequences unless told otherwise; NeMo does not.
        sequenceParallel: (tensor ?? 1) > 1 && !sequence ? false : undefined
      })
    },
    training,
    machines: machinesOf(command, flags),
    fields: fieldsBy(options, nemoRules),
    remarks: [...model.remarks, ...sizes.remarks, ...file.remarks]
  }
}

const factoryOf = (args: readonly string[]): string | undefined => {
  const at = args.findIndex((word) => word === "--factory" || word.startsWith("--factory="))
  if (at < 0) return undefined
  return args[at]?.split("=")[1] ?? args[at + 1]
}

const hydraFile = (args: readonly string[]): string | undefined => {
  const value = (names: readonly string[]): string | undefined => {
    for (const [at, word] of args.entries())
      for (const name of names) {
        if (word === name) return args[at + 1]
        if (word.startsWith(`${name}=`)) return word.slice(name.length + 1)
      }
    return undefined
  }
  const name = value(["--config-name", "-cn"])
  const folder = value(["--config-path", "--config-dir", "-cp", "-cd"])
  const own = args.find((word) => /^[^-=][^=]*\.ya?ml$/.test(word))
  if (name === undefined) return own
  const file = /\.ya?ml$/.test(name) ? name : `${name}.yaml`
  return folder === undefined ? file : `${folder.replace(/\/$/, "")}/${file}`
}

const leavesOfFile = (source: string, { args }: TrainingCommand, readText: ReadText) => {
  const none: { readonly leaves: readonly Leaf[]; readonly remarks: readonly TrainingRemark[] } = {
    leaves: [],
    remarks: []
  }
  const name = hydraFile(args)
  if (name === undefined) return none
  const read = readText(name)
  if ("failure" in read)
    return {
      ...none,
      remarks: [assumed(`nothing of ${name}, which is not at hand: only what the command overrides is known`)]
    }
  const leaves = yamlLeaves(name, read.text)
  return isRefused(leaves) ? leaves : { leaves, remarks: [] }
}

const describedModel = (flags: OptionReader, source: string): SaidModel | RefusedImport => {
  const said = nemoShape(flags)
  return said === undefined
    ? lacking(source, ["model.num_layers, model.hidden_size and model.num_attention_heads"], "the model's shape")
    : saidModel(said)
}

const recipeModel = (recipe: string, source: string): SaidModel | RefusedImport => {
  const wanted = recipe.replaceAll(/_(?:nemorun|performance|16k|64k|128k|pretrain)/g, "")
  const model = modelOfLetters(wanted) ?? modelOfLetters(wanted.replace(/^llama31/, "llama-3.1-"))
  if (model === undefined)
    return refuse({
      source,
      path: "--factory",
      problem: `the catalogue has no model of the recipe "${recipe}"`,
      given: recipe,
      expected: "a recipe of a model in `windtunnel catalog models`",
      nearest: nearestNames(
        wanted,
        models.map(({ name }) => name)
      )
    })
  return {
    model,
    written: model.name,
    remarks: [
      { kind: "understood", written: `--factory ${recipe}`, text: "model" },
      assumed(`nothing of the recipe ${recipe} but its model and batch: its layout is that of the overrides`)
    ]
  }
}

/** What the recipes of NeMo 2 have unless told otherwise (nemo/collections/llm/recipes, MockDataModule). */
const recipeBatch = { microBatch: 1, globalBatch: 512, sequence: 8192 } as const

const sizesOf = (flags: OptionReader, recipe: string | undefined) => {
  const usual = recipe === undefined ? undefined : recipeBatch
  const globalBatch = flags.count("model.global_batch_size") ?? usual?.globalBatch
  const sequence =
    flags.count("model.encoder_seq_length") ??
    flags.count("model.seq_length") ??
    flags.count("model.data.seq_length") ??
    usual?.sequence
  const steps = flags.number("trainer.max_steps", -1, 1e12)
  return {
    microBatch: flags.count("model.micro_batch_size") ?? usual?.microBatch,
    globalBatch,
    sequence,
    tokens:
      steps === undefined || steps < 1 || globalBatch === undefined || sequence === undefined
        ? undefined
        : steps * globalBatch * sequence,
    remarks:
      usual !== undefined && !flags.has("model.global_batch_size")
        ? [assumed("512 sequences of 8,192 tokens in an iteration, as the recipes of NeMo 2 have")]
        : []
  }
}

const precisionOf = (flags: OptionReader): string => {
  if (flags.isOn("model.fp8") === true) return "fp8"
  const text = flags.word("trainer.precision") ?? "bf16"
  if (text.startsWith("bf16")) return "bf16"
  if (text.startsWith("16")) return "fp16"
  return text.startsWith("32") ? "fp32" : (flags.refuse("trainer.precision", "bf16, 16 or 32") ?? "bf16")
}

const zeroOf = (flags: OptionReader, recipe: string | undefined): number | undefined => {
  if (recipe !== undefined)
    return flags.isOn("trainer.strategy.ddp.use_distributed_optimizer") === false ? undefined : 1
  return /distributed/.test(flags.word("model.optim.name") ?? "") ? 1 : undefined
}

const recomputeOf = (flags: OptionReader): unknown => {
  const option = (name: string): string =>
    flags.has(`model.activations_checkpoint_${name}`)
      ? `model.activations_checkpoint_${name}`
      : `model.recompute_${name}`
  const granularity = flags.word(option("granularity"))
  if (granularity === undefined) return undefined
  if (granularity === "selective") return "selective"
  if (granularity !== "full") return flags.refuse(option("granularity"), "full or selective")
  const layers = flags.count(option("num_layers"))
  return flags.word(option("method")) === "block" && layers !== undefined ? { blocks: layers } : "full"
}

/** The trainer's own numbers go before those of what starts it. */
const machinesOf = (command: TrainingCommand, flags: OptionReader): SaidMachines => {
  const launched = launchedMachines(command)
  const nodes = command.wanted?.nodes ?? flags.count("trainer.num_nodes")
  const devices =
    flags.words("trainer.devices").length > 1
      ? flags.words("trainer.devices").length
      : flags.number("trainer.devices", -1, 1e6)
  const perNode = devices !== undefined && devices > 0 ? devices : launched.perNode
  return nodes === undefined ? { ...launched, perNode } : { ...launched, nodes, perNode, ranks: undefined, remarks: [] }
}
