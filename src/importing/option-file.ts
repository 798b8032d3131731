/**
 * `--config file.yaml` of vLLM and SGLang: flags by name in a file. What the command line says goes before it.
 */
import { parse } from "yaml"
import type { ReadText } from "../scenario/index.ts"
import { isFields, type Fields } from "./config-file.ts"
import { notModelled, type Remark } from "./settings.ts"

export interface ExpandedArguments {
  readonly args: readonly string[]
  readonly remarks: readonly Remark[]
}

/** The words of a command with those of its file in front, so that its own come last and count; "--" parts them. */
export const withOptionFile = (args: readonly string[], readText: ReadText): ExpandedArguments => {
  const at = args.findIndex((word) => word === "--config" || word.startsWith("--config="))
  if (at < 0) return { args, remarks: [] }
  const [, joined] = /^--config=(.*)$/s.exec(args[at] ?? "") ?? []
  const file = joined ?? args[at + 1] ?? ""
  const rest = [...args.slice(0, at), ...args.slice(joined === undefined ? at + 2 : at + 1)]
  const read = readText(file)
  const options = "failure" in read ? undefined : yamlFields(read.text)
  if (options !== undefined) return { args: [...wordsOf(options), "--", ...rest], remarks: [] }
  const why = "failure" in read ? "a file that cannot be read here" : "not a YAML map of options"
  return { args: rest, remarks: [notModelled(`--config ${file}: ${why}; what it says may matter`)] }
}

/** A YAML map, or undefined for any other text. */
export const yamlFields = (text: string): Fields | undefined => {
  try {
    const data: unknown = parse(text, { logLevel: "silent" })
    return isFields(data) ? data : undefined
  } catch {
    // Whatever is wrong with it, the options are not known.
    return undefined
  }
}

const wordsOf = (options: Fields): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${name}`
    if (value === true) return [flag]
    if (value === false || value === null) return []
    if (Array.isArray(value)) return [flag, ...value.map(plainText)]
    return [flag, plainText(value)]
  })

const plainText = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""))
