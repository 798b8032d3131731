/**
 * Flags of a server's command line, as argparse and click read them: `--name value`, `--name=value`, short forms, hyphens
 * as good as underscores, `--no-name`.
 */
import { nearestNames } from "../catalog/index.ts"
import { show } from "../scenario/index.ts"

/**
 * What becomes of a flag: it sets something of the scenario; no time depends on it; or the scenario cannot say it, with
 * the reason.
 */
export type Effect = { readonly kind: "sets" | "nothing" } | { readonly kind: "not modelled"; readonly why: string }

export interface FlagRule {
  readonly takes: "switch" | "one" | "many"
  readonly effect: Effect
}

export interface FlagTable {
  /** By name, with hyphens and without dashes. */
  readonly rules: ReadonlyMap<string, FlagRule>
  /** Other names of flags, short forms among them. */
  readonly aliases: Readonly<Record<string, string>>
  /** Words that precede the model rather than name it. */
  readonly hasPositionalModel: boolean
}

/** Names by what they take, separated by blanks. */
interface Names {
  readonly switches?: string
  readonly ones?: string
  readonly many?: string
}

interface TableText {
  readonly sets: Names
  readonly nothing: Names
  /** Reason to names. */
  readonly notModelled: Readonly<Record<string, Names>>
  readonly aliases: Readonly<Record<string, string>>
  readonly hasPositionalModel: boolean
}

const split = (text: string | undefined): readonly string[] => text?.trim().split(/\s+/) ?? []

const rulesOf = (names: Names, effect: Effect): readonly (readonly [string, FlagRule])[] => [
  ...split(names.switches).map((name) => [name, { takes: "switch", effect }] as const),
  ...split(names.ones).map((name) => [name, { takes: "one", effect }] as const),
  ...split(names.many).map((name) => [name, { takes: "many", effect }] as const)
]

export const flagTable = ({ sets, nothing, notModelled, aliases, hasPositionalModel }: TableText): FlagTable => ({
  rules: new Map([
    ...rulesOf(nothing, { kind: "nothing" }),
    ...Object.entries(notModelled).flatMap(([why, names]) => rulesOf(names, { kind: "not modelled", why })),
    ...rulesOf(sets, { kind: "sets" })
  ]),
  aliases,
  hasPositionalModel
})

/** A flag as it was given; the last of several counts. */
export interface GivenFlag {
  readonly name: string
  /** As it was written, its value included. */
  readonly written: string
  readonly values: readonly string[]
  /** False for `--no-name` and `--name=false`. */
  readonly isOn: boolean
}

export interface FlagProblem {
  readonly flag: string
  readonly problem: string
  readonly given: string
  readonly expected: string
  readonly nearest: readonly string[]
}

export interface GivenFlags {
  readonly flags: ReadonlyMap<string, GivenFlag>
  readonly positional: readonly string[]
  readonly unknown: readonly FlagProblem[]
  readonly wrong: readonly FlagProblem[]
}

const isFlag = (word: string): boolean => /^-{1,2}[A-Za-z]/.test(word)
const isTruth = (word: string): boolean => /^(?:true|false)$/i.test(word)

/** Reads the words after a program's name. */
export const readFlags = (words: readonly string[], table: FlagTable): GivenFlags => {
  const flags = new Map<string, GivenFlag>()
  const positional: string[] = []
  const unknown: FlagProblem[] = []
  const wrong: FlagProblem[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ""
    if (!isFlag(word)) {
      if (word !== "--") positional.push(word)
      continue
    }
    const { spelled, value } = parted(word)
    const { name, isNegated, rule } = ruleOf(spelled, table)
    const following = (): readonly string[] => {
      let end = at + 1
      while (end < words.length && !isFlag(words[end] ?? "") && words[end] !== "--") end++
      return words.slice(at + 1, end)
    }
    if (rule === undefined) {
      unknown.push(unknownFlag(spelled, table, unknown.length < mostAdvice))
      // Whether an unknown flag takes a value nobody knows: a word that follows is taken for one.
      if (value === undefined && following().length > 0) at++
      continue
    }
    let values: readonly string[] = value === undefined ? [] : [value]
    if (value === undefined && rule.takes !== "switch") {
      values = rule.takes === "one" ? following().slice(0, 1) : following()
      at += values.length
      if (values.length === 0) wrong.push(missingValue(spelled))
    } else if (value === undefined && isTruth(words[at + 1] ?? "")) {
      values = [words[at + 1] ?? ""]
      at++
    }
    const off = rule.takes === "switch" && values[0]?.toLowerCase() === "false"
    flags.set(name, { name, written: [spelled, ...values].join(" "), values, isOn: off === isNegated })
  }
  return { flags, positional, unknown, wrong }
}

const parted = (word: string): { readonly spelled: string; readonly value?: string } => {
  // -O3 and -O=3 are one flag with its value.
  const level = /^-O=?(\d)$/.exec(word)
  if (level !== null) return { spelled: "-O", value: level[1] ?? "" }
  const equals = word.indexOf("=")
  return equals < 0 ? { spelled: word } : { spelled: word.slice(0, equals), value: word.slice(equals + 1) }
}

const ruleOf = (spelled: string, table: FlagTable) => {
  // JSON arguments may be given a key at a time: --speculative-config.method ngram.
  const bare = (spelled.replace(/^-+/, "").split(".")[0] ?? "").replaceAll("_", "-")
  const named = table.aliases[bare] ?? bare
  const rule = table.rules.get(named)
  if (rule !== undefined) return { name: named, isNegated: false, rule }
  const positive = bare.replace(/^no-/, "")
  const name = table.aliases[positive] ?? positive
  const switched = positive === bare ? undefined : table.rules.get(name)
  return { name, isNegated: switched !== undefined, rule: switched?.takes === "switch" ? switched : undefined }
}

/** Unknown flags to which near names are looked up. */
const mostAdvice = 50

const unknownFlag = (spelled: string, table: FlagTable, isAdvised: boolean): FlagProblem => ({
  flag: spelled,
  problem: "there is no such flag",
  given: show(spelled),
  expected: "",
  nearest: isAdvised ? nearFlags(spelled, table) : []
})

const nearFlags = (spelled: string, table: FlagTable): readonly string[] =>
  nearestNames(spelled, [...table.rules.keys(), ...Object.keys(table.aliases).filter((name) => name.length > 3)])
    .slice(0, 2)
    .map((name) => `--${name}`)

const missingValue = (flag: string): FlagProblem => ({
  flag,
  problem: "its value is missing",
  given: "nothing",
  expected: "a value after it",
  nearest: []
})
