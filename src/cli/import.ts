/**
 * `windtunnel import`: a Hugging Face config.json to a model; a serving engine's command line, or a training script, to a scenario.
 */
import { readFileSync, statSync } from "node:fs"
import { basename, dirname, isAbsolute, join } from "node:path"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import {
  importModel,
  importServer,
  importTraining,
  isRefused,
  modelFields,
  modelRemarks,
  modelText,
  serverRemarks,
  serverText,
  trainingIn,
  trainingRemarks,
  trainingText,
  type ImportedModel,
  type ServerRequest
} from "../importing/index.ts"
import { show } from "../scenario/index.ts"
import { InputWrong, inputWrong } from "./failure.ts"
import { invocation } from "./next-steps.ts"
import { print, printJson, remark } from "./output.ts"
import { jsonFlag } from "./run.ts"
import { readText, reasonOf, writeText } from "./text-file.ts"

const optionalText = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

export const importCommand = Command.make(
  "import",
  {
    what: Argument.String("what").pipe(
      Argument.withDescription(
        "A config.json, a script or command line of a server or a training, its configuration: a file, - for standard input, or the words"
      ),
      Argument.variadic({ min: 1 })
    ),
    config: optionalText("config", "file", "The served model's config.json; default: the catalogue's entry"),
    name: optionalText("name", "name", "Name of the model that a config.json describes"),
    system: optionalText(
      "system",
      "name",
      "Machines, from `windtunnel catalog systems`; default: what a training script names, the smallest that a server fits on"
    ),
    nodes: Flag.Int("nodes").pipe(
      Flag.withDescription("Nodes; default: what a training script or one server takes"),
      Flag.optional
    ),
    out: optionalText("out", "file", "Write the YAML there"),
    strict: Flag.Boolean("strict").pipe(
      Flag.withDescription("Refuse flags that nobody knows"),
      Flag.withDefault(false)
    ),
    json: jsonFlag
  },
  Effect.fn("import")(function* ({ what, config, name, system, nodes, out, strict, json }) {
    const input = yield* inputOf(what)
    const file = Option.getOrUndefined(config)
    const machines = { system: Option.getOrUndefined(system), nodes: Option.getOrUndefined(nodes) }
    const target = Option.getOrUndefined(out)
    if (machines.nodes !== undefined && machines.nodes < 1)
      return yield* new InputWrong({ text: "--nodes takes a whole number from 1 on" })
    if (isTraining(input)) {
      if (file !== undefined) return yield* new InputWrong({ text: "--config goes with a server's command line" })
      return yield* training({ ...input, ...machines, isStrict: strict, target, json })
    }
    if (typeof input.text === "string" && isConfig(input.source, input.text)) {
      if (file !== undefined || machines.system !== undefined || machines.nodes !== undefined)
        return yield* new InputWrong({ text: "--config, --system and --nodes go with a server's command line" })
      const model = yield* modelFrom(input.source, input.text, Option.getOrUndefined(name))
      return yield* finish({
        target,
        json,
        text: modelText(model),
        summary: modelRemarks(model),
        document: { model: modelFields(model.model), parameters: model.parameters, remarks: modelRemarks(model) }
      })
    }
    const model = file === undefined ? undefined : yield* configOf(file, Option.getOrUndefined(name))
    const server = importServer(requestOf({ ...input, model, ...machines, isStrict: strict, readText }))
    if (isRefused(server)) return yield* inputWrong(server.issues)
    const unknown = server.remarks.filter(({ kind }) => kind === "unknown")
    if (!json) for (const { text } of unknown) yield* remark(text)
    return yield* finish({
      target,
      json,
      text: serverText(server),
      summary: serverRemarks(server),
      next: "run",
      document: {
        scenario: server.scenario,
        fits: server.fits,
        remarks: server.remarks,
        noTimeDependsOn: server.ignored
      }
    })
  })
).pipe(
  Command.withDescription(
    "Read a model's config.json, a command line of vLLM, TensorRT-LLM or SGLang, or a training script or configuration of Megatron-LM, Megatron-DeepSpeed, NeMo, torchtitan or llm-foundry, as YAML"
  ),
  Command.withExamples([
    { command: "windtunnel import config.json", description: "a Hugging Face config.json to a model" },
    {
      command: "windtunnel import vllm serve meta-llama/Llama-3.1-70B-Instruct -tp 8",
      description: "a command line to a scenario"
    },
    {
      command: "windtunnel import serve.sh --system dgx-h100 --nodes 2 --out serve.yaml",
      description: "a script to a file, on machines of your choice"
    },
    {
      command: "windtunnel import train.slurm --system jean-zay-a100 --out train.yaml",
      description: "a training script, line by line, to a file"
    },
    { command: "windtunnel import llama3_8b.toml --nodes 2", description: "torchtitan's configuration, on two nodes" },
    {
      command: "windtunnel import serve.sh --config config.json",
      description: "for a model that the catalogue does not know"
    }
  ])
)

const isTraining = ({ source, text }: Input): boolean => {
  if (source.toLowerCase().endsWith(".json")) return false
  const found = trainingIn({ source, text })
  return found !== undefined && !isRefused(found)
}

interface WantedTraining extends Input {
  readonly system: string | undefined
  readonly nodes: number | undefined
  readonly isStrict: boolean
  readonly target: string | undefined
  readonly json: boolean
}

const training = Effect.fn("training")(function* (wanted: WantedTraining) {
  const { source, text, system, nodes, isStrict, target, json } = wanted
  const imported = importTraining({
    source,
    text,
    isStrict,
    readText: (path) => readBeside(source, path),
    ...(system === undefined ? {} : { system }),
    ...(nodes === undefined ? {} : { nodes })
  })
  if (isRefused(imported)) return yield* inputWrong(imported.issues)
  const { framework, scenario, remarks } = imported
  if (!json)
    for (const { kind, written = "", text: why } of remarks) if (kind === "unknown") yield* remark(`${written}: ${why}`)
  return yield* finish({
    target,
    json,
    text: trainingText(imported),
    summary: trainingRemarks(imported),
    next: "run",
    document: { framework, scenario, remarks }
  })
})

/** A file that a script names stands in the folder of the command, or in the script's. */
const readBeside = (source: string, path: string): ReturnType<typeof readText> => {
  const here = readText(path)
  return "failure" in here && !isAbsolute(path) && isThere(source) ? readText(join(dirname(source), path)) : here
}

interface Input {
  readonly source: string
  /** A text, or the words that a shell made of a command. */
  readonly text: string | readonly string[]
}

/** One word may name a file; a text with blanks that does not, and several words, are a command. */
const inputOf = Effect.fn("inputOf")(function* (words: readonly string[]) {
  const [first = ""] = words
  if (words.length > 1) return { source: "command line", text: words } satisfies Input
  if (first === "-") return yield* standardInput
  if (isThere(first)) {
    const read = readText(first)
    if ("failure" in read) return yield* new InputWrong({ text: `cannot read ${show(first)}: ${read.failure}` })
    return { source: first, text: withoutMark(read.text) } satisfies Input
  }
  if (/\s/.test(first.trim())) return { source: "command line", text: first } satisfies Input
  return yield* new InputWrong({
    text: `there is no file ${show(first)}\n  expected a config.json, a script, a training configuration, or a command line such as vllm serve MODEL -tp 8`
  })
})

const standardInput = Effect.suspend((): Effect.Effect<Input, InputWrong> => {
  try {
    return Effect.succeed({ source: "standard input", text: withoutMark(new TextDecoder().decode(readFileSync(0))) })
  } catch (error) {
    return Effect.fail(new InputWrong({ text: `cannot read standard input: ${reasonOf(error)}` }))
  }
})

const isThere = (path: string): boolean => {
  try {
    return statSync(path) !== undefined
  } catch {
    // A name that no file can have, or a file that is not there.
    return false
  }
}

const withoutMark = (text: string): string => text.replace(/^\uFEFF/, "")

/** JSON begins with a bracket; a file of that name is meant to be one, whatever is in it. */
const isConfig = (source: string, text: string): boolean =>
  /^\s*[[{]/.test(text) || source.toLowerCase().endsWith(".json")

const modelFrom = Effect.fn("modelFrom")(function* (source: string, text: string, name: string | undefined) {
  const model = importModel(source, text, name ?? folderName(source))
  return isRefused(model) ? yield* inputWrong(model.issues) : model
})

const configOf = Effect.fn("configOf")(function* (file: string, name: string | undefined) {
  const read = readText(file)
  if ("failure" in read) return yield* new InputWrong({ text: `cannot read ${show(file)}: ${read.failure}` })
  return yield* modelFrom(file, withoutMark(read.text), name)
})

/** A clone of a repository keeps its config.json in a folder of the model's name. */
const folderName = (file: string): string | undefined => {
  const folder = basename(dirname(file))
  return basename(file) === "config.json" &&
    /\d/.test(folder) &&
    /^[\w.-]+$/.test(folder) &&
    !/^[0-9a-f]{32,}$/.test(folder)
    ? folder
    : undefined
}

interface Wanted extends Input {
  readonly model: ImportedModel | undefined
  readonly system: string | undefined
  readonly nodes: number | undefined
  readonly isStrict: boolean
  readonly readText: typeof readText
}

const requestOf = ({ source, text, model, system, nodes, isStrict, readText: read }: Wanted): ServerRequest => ({
  source,
  command: text,
  isStrict,
  readText: read,
  ...(model === undefined ? {} : { model }),
  ...(system === undefined ? {} : { system }),
  ...(nodes === undefined ? {} : { nodes })
})

interface Outcome {
  readonly target: string | undefined
  readonly json: boolean
  readonly text: string
  readonly summary: readonly string[]
  /** Command that takes the file. */
  readonly next?: string
  readonly document: object
}

const finish = Effect.fn("finish")(function* ({ target, json, text, summary, next, document }: Outcome) {
  if (target !== undefined) {
    const failure = writeText(target, text)
    if (failure !== undefined) return yield* new InputWrong({ text: `cannot write ${show(target)}: ${failure}` })
  }
  if (json) return yield* printJson(document)
  if (target === undefined) return yield* print(text)
  const more = next === undefined ? [] : [`next    ${invocation(process.env)} ${next} ${target}`]
  return yield* print([`wrote ${target}`, ...summary.map((line) => `  ${line}`), ...more].join("\n"))
})

const ownValues: readonly string[] = ["--config", "--name", "--system", "--nodes", "--out"]
/** Flags of ours that no server has: they may also stand behind the command. */
const onlyOurs = /^--(?:system|nodes|out|strict|json)(?:=|$)/
const starts =
  /^(?:vllm|sglang|trtllm-serve|torchrun|deepspeed|composer|nemo|llmfoundry|srun|mpirun|bash|python[\d.]*|docker|podman|env|nohup|exec|[A-Za-z_]\w*=.*)$/

/** `import vllm serve ... -tp 8`: what follows the program's name are its flags, not ours, with or without a `--`. */
export const importArguments = (args: readonly string[]): readonly string[] => {
  if (args[0] !== "import" || args.includes("--")) return args
  for (let at = 1; at < args.length; at++) {
    const word = args[at] ?? ""
    if (ownValues.includes(word)) at++
    else if (!word.startsWith("-")) {
      if (!starts.test(word) && !starts.test(basename(word))) return args
      const [ours, theirs] = parted(args.slice(at))
      return [...args.slice(0, at), ...ours, "--", ...theirs]
    }
  }
  return args
}

const parted = (words: readonly string[]): readonly [ours: readonly string[], theirs: readonly string[]] => {
  const ours: string[] = []
  const theirs: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ""
    if (!onlyOurs.test(word)) theirs.push(word)
    else if (ownValues.includes(word)) ours.push(word, ...words.slice(++at, at + 1))
    else ours.push(word)
  }
  return [ours, theirs]
}
