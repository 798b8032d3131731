/**
 * The server's own command in a shell script: what starts it, under whatever wraps it (docker, env, nohup, mpirun).
 */
import { isRefused, refuse, type RefusedImport } from "./refusal.ts"
import { readShell, type ShellCommand } from "./shell-words.ts"

export type Engine = "vllm" | "trtllm" | "sglang"

export interface ServerCommand {
  readonly engine: Engine
  /** Words after the program's name. */
  readonly args: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  /** Version that a container image's tag names, such as 0.6.3. */
  readonly version: string | undefined
  /** The command on one line. */
  readonly text: string
  /** Files that the script writes before it starts the server. */
  readonly files: ReadonlyMap<string, string>
}

export const known =
  "vllm serve MODEL, python -m vllm.entrypoints.openai.api_server, trtllm-serve MODEL or python -m sglang.launch_server; or a training by Megatron-LM, Megatron-DeepSpeed, NeMo, torchtitan or llm-foundry"

interface Launch {
  readonly engine: Engine
  readonly after: number
}

const basename = (word: string): string => word.replace(/^.*\//, "")

const modules: Readonly<Record<string, Engine>> = {
  "vllm.entrypoints.openai.api_server": "vllm",
  "vllm.entrypoints.api_server": "vllm",
  "vllm.entrypoints.cli.main": "vllm",
  "sglang.launch_server": "sglang"
}

/** What starts a server at a word; text where it starts something else of the same software. */
const launchAt = (words: readonly string[], at: number): Launch | string | undefined => {
  const word = words[at] ?? ""
  const next = words[at + 1] ?? ""
  const name = basename(word)
  if (name === "vllm" || name === "sglang") {
    if (next === "serve") return { engine: name, after: at + 2 }
    return /^[a-z][a-z-]*$/.test(next) ? `${name} ${next}` : undefined
  }
  if (name === "trtllm-serve") {
    if (["disaggregated", "disaggregated_mpi_worker", "mm_embedding_serve"].includes(next)) return `${name} ${next}`
    return { engine: "trtllm", after: next === "serve" ? at + 2 : at + 1 }
  }
  const module = word === "-m" ? next : undefined
  const engine = module === undefined ? undefined : modules[module]
  if (engine !== undefined) return { engine, after: at + 2 + (words[at + 2] === "serve" ? 1 : 0) }
  if (/vllm\/entrypoints\/(?:openai\/)?api_server\.py$/.test(word)) return { engine: "vllm", after: at + 1 }
  if (word.endsWith("sglang/launch_server.py")) return { engine: "sglang", after: at + 1 }
  return undefined
}

/** An image whose entry point is the server. */
const image = /(?:^|\/)vllm-openai(?::(\S+))?$/

const largestText = 1e6

/** Finds the first server that a text starts. */
export const findServer = (source: string, text: string): ServerCommand | RefusedImport => {
  if (text.includes("\0") || text.includes("\uFFFD"))
    return refuse({ source, problem: "the file is not text", given: "bytes that are not UTF-8 text", expected: known })
  if (text.length > largestText)
    return refuse({
      source,
      problem: "it is too large for a command line",
      given: `${text.length} characters`,
      expected: known
    })
  const script = readShell(text)
  if ("_tag" in script)
    return refuse({
      source,
      place: { line: script.line, column: script.column },
      problem: `${script.what} is opened and never closed`,
      given: text.split("\n")[script.line - 1] ?? "",
      expected: "the other one of the pair"
    })
  const { commands, files } = script
  if (commands.length === 0) return refuse({ source, problem: "it is empty", given: "nothing", expected: known })
  const server = serverOf(source, commands)
  return isRefused(server) ? server : { ...server, files }
}

/** The same for a command that a shell has split into words already. */
export const serverOfWords = (source: string, words: readonly string[]): ServerCommand | RefusedImport => {
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word))
  const environment = new Map(words.slice(0, Math.max(0, first)).map((word) => splitAtEquals(word)))
  return serverOf(source, [{ words: words.slice(Math.max(0, first)), environment }])
}

const serverOf = (source: string, commands: readonly ShellCommand[]): ServerCommand | RefusedImport => {
  let other: string | undefined
  for (const { words, environment } of commands) {
    for (let at = 0; at < words.length; at++) {
      const launch = launchAt(words, at)
      if (typeof launch === "string") other ??= launch
      else if (launch !== undefined) return serverCommand(words, launch, environment, words.slice(0, at))
    }
    const container = words.findIndex((word) => image.test(word))
    if (container >= 0 && words.some((word) => ["docker", "podman", "nerdctl"].includes(basename(word))))
      return serverCommand(words, { engine: "vllm", after: container + 1 }, environment, words.slice(0, container + 1))
  }
  const [command] = commands
  const given = command?.words.slice(0, 4).join(" ") ?? ""
  return refuse(
    other === undefined
      ? { source, problem: `no server is started: given ${JSON.stringify(given)}`, given, expected: known }
      : { source, problem: `\`${other}\` starts no server`, given: other, expected: known }
  )
}

const serverCommand = (
  words: readonly string[],
  { engine, after }: Launch,
  environment: ReadonlyMap<string, string>,
  wrapper: readonly string[]
): ServerCommand => {
  const version = wrapper.map(
    (word) => /(?:vllm-openai|sglang|tensorrt-llm\/release):v?(\d+(?:\.\d+)+)/.exec(word)?.[1]
  )
  return {
    engine,
    args: words.slice(after),
    environment: new Map([...environment, ...wrapped(wrapper)]),
    files: new Map(),
    version: version.find((found) => found !== undefined),
    text: shown(words.slice(startsBefore(words, wrapper) ? wrapper.length - 1 : wrapper.length))
  }
}

/** `python -m module` starts with python, the arguments of a container with its image. */
const startsBefore = (words: readonly string[], wrapper: readonly string[]): boolean => {
  const last = wrapper[wrapper.length - 1] ?? ""
  return image.test(last) || (last !== "" && words[wrapper.length] === "-m")
}

const secrets = /^--?(?:api|hf|admin)[-_](?:api[-_])?(?:key|token)$/

/** The command on one line, without its secrets. */
const shown = (words: readonly string[]): string =>
  words
    .map((word, at) =>
      secrets.test(words[at - 1] ?? "")
        ? "***"
        : secrets.test(word.split("=")[0] ?? "")
          ? withoutValue(word)
          : quoted(word)
    )
    .join(" ")

const withoutValue = (word: string): string => word.replace(/=.*$/s, "=***")

/** Variables that a wrapper sets: env NAME=value, docker run -e NAME=value. */
const wrapped = (wrapper: readonly string[]): readonly (readonly [string, string])[] =>
  wrapper
    .map((word) => word.replace(/^(?:--env=|-e(?==))/, ""))
    .filter((word) => /^[A-Z_]\w*=/.test(word))
    .map(splitAtEquals)

const splitAtEquals = (word: string): readonly [string, string] => {
  const at = word.indexOf("=")
  return [word.slice(0, at), word.slice(at + 1)]
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
