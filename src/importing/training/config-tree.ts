/**
 * A configuration in YAML or TOML, with overrides from a command line, as options by their paths: `model.num_layers`.
 */
import { parse } from "yaml"
import { nearestNames } from "../../catalog/index.ts"
import { parseSource } from "../../scenario/index.ts"
import { isFields } from "../config-file.ts"
import { issueOf, refuse, type RefusedImport } from "../refusal.ts"
import type { Option, Options, Rule } from "./options.ts"
import { parseToml } from "./toml.ts"

/** A value of a configuration that is no map. */
export interface Leaf {
  readonly path: string
  readonly value: unknown
  readonly file: string
  readonly line?: number
}

/** Values whose lines are looked up; no configuration has more. */
const mostPlaces = 2000

export const yamlLeaves = (file: string, text: string): readonly Leaf[] | RefusedImport => {
  const source = parseSource(file, text, "a configuration in YAML")
  if ("_tag" in source) return { _tag: "RefusedImport", issues: [source] }
  const leaves: Leaf[] = []
  const walk = (value: unknown, path: readonly string[]): void => {
    if (isFields(value) && path.length < 20 && Object.keys(value).length > 0) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key])
      return
    }
    const place = leaves.length < mostPlaces ? source.locate(path, "key") : undefined
    const line = typeof place === "object" ? { line: place.line } : {}
    leaves.push({ path: path.join("."), value, file, ...line })
  }
  walk(source.data, [])
  return leaves
}

export const tomlLeaves = (file: string, text: string): readonly Leaf[] | RefusedImport => {
  const parsed = parseToml(text)
  if ("_tag" in parsed)
    return refuse({
      source: file,
      place: { line: parsed.line, column: 1 },
      problem: `not TOML that is read here: ${parsed.given}`,
      given: parsed.given,
      expected: parsed.expected
    })
  return parsed.flatMap(({ path, value, line }) =>
    flat(path, value).map(([own, leaf]) => ({ path: own, value: leaf, file, line }))
  )
}

const flat = (path: string, value: unknown): readonly (readonly [string, unknown])[] =>
  isFields(value) ? Object.entries(value).flatMap(([key, inner]) => flat(`${path}.${key}`, inner)) : [[path, value]]

/** `model.micro_batch_size=4`, `++trainer.devices=8`, as Hydra and OmegaConf take them; other words are left out. */
export const equalsOverrides = (words: readonly string[], file: string): readonly Leaf[] =>
  words.flatMap((word) => {
    const [, path, text] = /^(?:\+{0,2}|--)?([A-Za-z_][\w.-]*)=([\s\S]*)$/.exec(word) ?? []
    return path === undefined || text === undefined ? [] : [{ path, value: valueOf(text), file }]
  })

/** `--training.seq_len 8192`, `--compile.enable`; hyphens are as good as underscores. */
export const flagOverrides = (
  words: readonly string[],
  file: string,
  lines: ReadonlyMap<string, number>
): readonly Leaf[] => {
  const leaves: Leaf[] = []
  for (let at = 0; at < words.length; at++) {
    const [, name, joined] = /^--([A-Za-z][\w.-]*)(?:=([\s\S]*))?$/.exec(words[at] ?? "") ?? []
    if (name === undefined) continue
    const next = words[at + 1]
    const takes = joined === undefined && next !== undefined && !next.startsWith("--")
    const value = joined ?? (takes ? next : undefined)
    if (takes) at++
    const line = lines.get(name.replaceAll("_", "-"))
    leaves.push({
      path: name.replaceAll("-", "_"),
      value: value === undefined ? true : valueOf(value),
      file,
      ...(line === undefined ? {} : { line })
    })
  }
  return leaves
}

const valueOf = (text: string): unknown => {
  if (text.length > 10_000) return text
  try {
    const value: unknown = parse(text, { logLevel: "silent" })
    return isFields(value) ? text : value
  } catch {
    // What is no YAML is a text.
    return text
  }
}

/** Values that are other values, `${max_seq_len}`, `${model.x}`, `${.encoder_seq_length}`, put in, and `${multiply:4, ${.hidden_size}}`; the last of a path counts. */
export const settled = (leaves: readonly Leaf[]): readonly Leaf[] => {
  const byPath = new Map(leaves.map((leaf) => [leaf.path, leaf]))
  const follow = ({ value, path }: Leaf, depth: number): unknown => {
    if (typeof value !== "string" || !value.includes("${") || value.length > 1000 || depth > 10) return value
    let text = value
    for (let round = 0; round < 20; round++) {
      const [inner, said] = /\$\{([^${}]+)\}/.exec(text) ?? []
      if (inner === undefined || said === undefined) return text
      const found = computed(said) ?? lookedUp(said, path, depth)
      if (found === undefined || found === null || typeof found === "object") return text === inner ? found : value
      if (text === inner) return found
      text = text.replace(inner, () => textOf(found))
    }
    return value
  }
  const lookedUp = (said: string, path: string, depth: number): unknown => {
    const meant = said.startsWith(".") ? [...path.split(".").slice(0, -1), said.slice(1)].join(".") : said
    const other = byPath.get(meant)
    return other === undefined ? undefined : follow(other, depth + 1)
  }
  return [...byPath.values()].map((leaf) => ({ ...leaf, value: follow(leaf, 0) }))
}

/** The resolvers that NeMo's configurations use: `multiply:4,1024`, `divide_ceil:...`, `sum:...`. */
const computed = (said: string): number | undefined => {
  const [, name, list] = /^(multiply|divide_ceil|divide_floor|sum|add):([\d\s.,+-]+)$/.exec(said) ?? []
  const [first = Number.NaN, ...others] = list?.split(",").map(Number) ?? []
  switch (name) {
    case "multiply":
      return others.reduce((product, factor) => product * factor, first)
    case "sum":
    case "add":
      return others.reduce((sum, term) => sum + term, first)
    case "divide_ceil":
      return Math.ceil(first / (others[0] ?? 1))
    case "divide_floor":
      return Math.floor(first / (others[0] ?? 1))
    default:
      return undefined
  }
}

export interface RuleTable {
  /** Path to the field of the scenario that it sets. */
  readonly sets: Readonly<Record<string, string>>
  /** Reason to paths, separated by blanks; a * at the end stands for what follows. */
  readonly notModelled: Readonly<Record<string, string>>
  /** Paths on which no time depends. */
  readonly ignored: string
}

const listed = (text: string): readonly string[] => text.trim().split(/\s+/)

const holds = (pattern: string, path: string): boolean =>
  pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path

export const ruleReader = ({ sets, notModelled, ignored }: RuleTable) => {
  const reasons = Object.entries(notModelled).map(([text, paths]) => [text, listed(paths)] as const)
  const nothing = listed(ignored)
  return (path: string): Rule | undefined => {
    const target = Object.hasOwn(sets, path) ? sets[path] : undefined
    if (target !== undefined) return { kind: "understood", text: target }
    const reason = reasons.find(([, paths]) => paths.some((pattern) => holds(pattern, path)))
    if (reason !== undefined) return { kind: "not modelled", text: reason[0] }
    return nothing.some((pattern) => holds(pattern, path)) ? { kind: "ignored" } : undefined
  }
}

/** Unknown paths to which near ones are looked up. */
const mostAdvice = 50

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""))

/** Leaves as options; what is null is as good as not written. */
export const treeOptions = (leaves: readonly Leaf[], table: RuleTable): Options => {
  const ruleOf = ruleReader(table)
  const options = settled(leaves)
    .filter(({ value, path }) => value !== null && value !== undefined && path !== "")
    .map(({ path, value, file, line }): Option => ({
      key: path,
      written: `${path}: ${textOf(value)}`,
      values: Array.isArray(value) ? value.map(textOf) : [textOf(value)],
      isOn: value !== false,
      file,
      ...(line === undefined ? {} : { line })
    }))
  const known = Object.keys(table.sets)
  return {
    given: new Map(options.map((option) => [option.key, option])),
    ruleOf,
    unknown: options
      .filter(({ key }) => ruleOf(key) === undefined)
      .map((option, index) => ({
        option,
        nearest: index < mostAdvice ? nearestNames(option.key, known).slice(0, 2) : []
      })),
    wrong: []
  }
}

/** An option that a configuration lacks. */
export const lacking = (source: string, paths: readonly string[], what: string): RefusedImport => ({
  _tag: "RefusedImport",
  issues: [issueOf({ source, problem: `${what} is not said`, given: "nothing", expected: paths.join(" or ") })]
})

/** Field of the scenario to the path that sets it. */
export const fieldsBy = ({ given }: Options, { sets }: RuleTable): Readonly<Record<string, string>> =>
  Object.fromEntries([...given.keys()].map((key) => [(sets[key] ?? "").replace(/[:,].*$/, ""), key]))
