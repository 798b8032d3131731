/**
 * The command of a script that trains, under whatever wraps it: srun, torchrun, deepspeed, `bash -c "..."`, eval.
 */
import { isRefused, refuse, type RefusedImport } from "../refusal.ts"
import { readShell, type ShellCommand, type ShellScript, type Unterminated } from "../shell-words.ts"
import { slurmHeader, type SlurmHeader } from "./slurm.ts"

export type Framework = "megatron-lm" | "megatron-deepspeed" | "nemo" | "torchtitan" | "llm-foundry"

export const frameworkTitles: Readonly<Record<Framework, string>> = {
  "megatron-lm": "Megatron-LM",
  "megatron-deepspeed": "Megatron-DeepSpeed",
  nemo: "NeMo",
  torchtitan: "torchtitan",
  "llm-foundry": "llm-foundry"
}

export interface TrainingCommand {
  readonly framework: Framework
  /** Words in front of the training program. */
  readonly launcher: readonly string[]
  /** Words behind it. */
  readonly args: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  /** Files that the script writes before. */
  readonly files: ReadonlyMap<string, string>
  readonly slurm: SlurmHeader
  /** The program with its launcher, on one line, without flags. */
  readonly program: string
  readonly undecided: ShellScript["undecided"]
  /** The script, where there is one: places of flags are looked up in it. */
  readonly text: string
  /** What the user says of the machines, which goes before the script. */
  readonly wanted?: WantedMachines
}

export interface WantedMachines {
  readonly system?: string
  readonly nodes?: number
}

export const knownTraining =
  "a launch script of Megatron-LM, Megatron-DeepSpeed, NeMo, torchtitan or llm-foundry, or a configuration of one of the last three"

interface Start {
  readonly framework: Framework
  readonly at: number
  readonly after: number
}

const basename = (word: string): string => word.replace(/^.*\//, "")

const megatronFlag =
  /^--(?:num[-_]layers|tensor[-_]model[-_]parallel[-_]size|micro[-_]batch[-_]size|hidden[-_]size|seq[-_]length)(?:=|$)/
const deepspeedFlag = /^--(?:deepspeed|deepspeed[-_]config|zero[-_]stage)(?:=|$)/
const titanFlag = /^--(?:job\.config[-_]file|training\.[\w.]+|parallelism\.[\w.]+|module|config)(?:=|$)/
const hydra = /^\+{0,2}(?:model|trainer|training|exp_manager)(?:\.[\w.]+)?=/

const megatron = (args: readonly string[], launcher: readonly string[]): Framework =>
  args.some((word) => deepspeedFlag.test(word)) || launcher.some((word) => basename(word) === "deepspeed")
    ? "megatron-deepspeed"
    : "megatron-lm"

/** What trains at a word. */
const startAt = (words: readonly string[], at: number, environment: ReadonlyMap<string, string>): Start | undefined => {
  const word = words[at] ?? ""
  const name = basename(word)
  const module = word === "-m" ? (words[at + 1] ?? "") : undefined
  const next = module === undefined ? at + 1 : at + 2
  const start = (framework: Framework, after = next): Start => ({ framework, at, after })
  if (module === "torchtitan.train" || /torchtitan\/(?:[\w]+\/)?train\.py$/.test(word)) return start("torchtitan")
  if (/^run_(?:train|llama_train)\.sh$/.test(name)) return start("torchtitan")
  if (name === "nemo" && (words[at + 1] === "llm" || words[at + 1] === "pretrain")) {
    const pretrain = words.indexOf("pretrain", at)
    return pretrain < 0 ? undefined : start("nemo", pretrain + 1)
  }
  if (name === "llmfoundry" && words[at + 1] === "train") return start("llm-foundry", at + 2)
  const isProgram = word.endsWith(".py") || (module !== undefined && !module.startsWith("torch.distributed"))
  if (!isProgram) return undefined
  const args = words.slice(next, next + mostFlags)
  if (args.some((given) => megatronFlag.test(given)) || /^pretrain_(?:gpt|llama|mamba|t5|bert)\w*\.py$/.test(name))
    return start(megatron(args, words.slice(0, at)))
  if (/^megatron_\w+\.py$/.test(name) || args.some((given) => hydra.test(given))) return start("nemo")
  if (args.some((given) => titanFlag.test(given)) && (name === "train.py" || environment.has("CONFIG_FILE")))
    return start("torchtitan")
  if (
    args.some((given) => /\.ya?ml$/.test(given)) &&
    (words.slice(0, at).some((given) => basename(given) === "composer") || name === "train.py")
  )
    return start("llm-foundry")
  return undefined
}

const deepest = 4
/** A program stands near the start of its command, behind its launcher. */
const furthest = 300
/** Flags that tell whose a program is stand among its first. */
const mostFlags = 5000

/** Words of commands that a command runs as a text: `bash -c "..."`, `eval ...`. */
const insideOf = ({ words, environment }: ShellCommand): ShellScript | Unterminated | undefined => {
  const shell = words.findIndex(
    (word, at) => /^(?:ba|z|da|k)?sh$/.test(basename(word)) && /^-[a-z]*c$/.test(words[at + 1] ?? "")
  )
  if (shell >= 0) return readShell(words[shell + 2] ?? "", environment)
  const evaluated = words.indexOf("eval")
  return evaluated === 0 ? readShell(words.slice(1).join(" "), environment) : undefined
}

interface Found {
  readonly start: Start
  readonly command: ShellCommand
  readonly outer: readonly string[]
}

const findIn = (commands: readonly ShellCommand[], outer: readonly string[], depth: number): Found | undefined => {
  for (const command of commands) {
    const inside = depth < deepest ? insideOf(command) : undefined
    if (inside !== undefined && !("_tag" in inside)) {
      const found = findIn(inside.commands, [...outer, ...command.words.slice(0, -1)], depth + 1)
      if (found !== undefined) return found
    }
    if (["echo", "printf", "cat", "tee"].includes(command.words[0] ?? "")) continue
    for (let at = 0; at < Math.min(command.words.length, furthest); at++) {
      const start = startAt(command.words, at, command.environment)
      if (start !== undefined) return { start, command, outer }
    }
  }
  return undefined
}

/** Finds what a text trains; undefined where it trains nothing. */
export const findTraining = (source: string, text: string): TrainingCommand | RefusedImport | undefined => {
  const slurm = slurmHeader(source, text)
  const script = readShell(text, slurm.variables)
  if ("_tag" in script)
    return refuse({
      source,
      place: { line: script.line, column: script.column },
      problem: `${script.what} is opened and never closed`,
      given: text.split("\n")[script.line - 1] ?? "",
      expected: "the other one of the pair"
    })
  return commandOf(script, slurm, text)
}

/** The same for a command that a shell has split into words already. */
export const trainingOfWords = (words: readonly string[]): TrainingCommand | undefined => {
  const first = Math.max(
    0,
    words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word))
  )
  const environment = new Map(
    words.slice(0, first).map((word) => [word.replace(/=.*$/s, ""), word.replace(/^.*?=/s, "")])
  )
  const script = { commands: [{ words: words.slice(first), environment }], files: new Map(), undecided: [] }
  return commandOf(script, { options: new Map(), variables: new Map() }, "")
}

const commandOf = (script: ShellScript, slurm: SlurmHeader, text: string): TrainingCommand | undefined => {
  const found = findIn(script.commands, [], 0)
  if (found === undefined) return undefined
  const { start, command, outer } = found
  const launcher = [...outer, ...command.words.slice(0, start.at)]
  return {
    framework: start.framework,
    launcher,
    args: command.words.slice(start.after),
    environment: command.environment,
    files: script.files,
    slurm,
    program: command.words.slice(start.at, start.after).join(" "),
    undecided: script.undecided,
    text
  }
}

export const isTraining = (source: string, text: string | readonly string[]): boolean => {
  const found = typeof text === "string" ? findTraining(source, text) : trainingOfWords(text)
  return found !== undefined && !isRefused(found)
}
