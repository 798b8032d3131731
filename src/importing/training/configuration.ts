/**
 * A configuration file without the command that starts it: which framework's it is.
 */
import { isFields, type Fields } from "../config-file.ts"
import { yamlFields } from "../option-file.ts"
import { parseToml } from "./toml.ts"
import type { Framework, TrainingCommand } from "./training-command.ts"

const titanSections = ["training", "parallelism", "activation_checkpoint", "experimental", "job"]

/** The training that a text configures; undefined where it is no configuration of one. */
export const configurationOf = (source: string, text: string): TrainingCommand | undefined => {
  const framework = frameworkOf(source, text)
  if (framework === undefined) return undefined
  const args = framework === "torchtitan" ? ["--job.config_file", source] : [source]
  return {
    framework,
    launcher: [],
    args,
    environment: new Map(),
    files: new Map([[source, text]]),
    slurm: { options: new Map(), variables: new Map() },
    program: source,
    undecided: [],
    text: ""
  }
}

const frameworkOf = (source: string, text: string): Framework | undefined => {
  if (/\.toml$/i.test(source) || /^\s*(?:#[^\n]*\n\s*)*\[(?:job|model|training|metrics|profiling)\]/.test(text)) {
    const leaves = parseToml(text)
    // A broken file of that name is refused by its reader, with the line.
    if ("_tag" in leaves) return "torchtitan"
    return leaves.some(({ path }) => titanSections.includes(path.split(".")[0] ?? "")) ? "torchtitan" : undefined
  }
  if (!/\.ya?ml$/i.test(source) && !/^[\w.]+:/m.test(text)) return undefined
  const fields = yamlFields(text)
  return fields === undefined ? undefined : frameworkOfYaml(fields)
}

const frameworkOfYaml = (fields: Fields): Framework | undefined => {
  const inner = isFields(fields["parameters"]) ? fields["parameters"] : fields
  const model = inner["model"]
  if (!isFields(model) || "cluster" in fields) return undefined
  if ("global_train_batch_size" in inner || "max_duration" in inner || "fsdp_config" in inner) return "llm-foundry"
  return isFields(inner["trainer"]) ? "nemo" : undefined
}
