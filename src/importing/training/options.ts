/**
 * What a launch script or configuration says, as options: a flag with its words, or a leaf of a YAML or TOML file by its path.
 */
import { show } from "../../scenario/index.ts"
import { issueOf } from "../refusal.ts"
import type { ScenarioIssue } from "../../scenario/index.ts"

export interface Option {
  /** Without dashes: `num-layers`, `model.num_layers`. */
  readonly key: string
  /** As it was written, its value included. */
  readonly written: string
  readonly values: readonly string[]
  /** False for `--no-name`, `name: false`, `name: null`. */
  readonly isOn: boolean
  readonly file: string
  readonly line?: number
}

/** What an option does: it sets a field of the scenario, changes no time, or says what a scenario cannot. */
export type Rule =
  | { readonly kind: "understood"; readonly text: string }
  | { readonly kind: "ignored" }
  | { readonly kind: "not modelled"; readonly text: string }

export interface UnknownOption {
  readonly option: Option
  readonly nearest: readonly string[]
}

export interface Options {
  readonly given: ReadonlyMap<string, Option>
  readonly ruleOf: (key: string) => Rule | undefined
  readonly unknown: readonly UnknownOption[]
  /** What is wrong whatever is read of them. */
  readonly wrong: readonly ScenarioIssue[]
}

/** Values of options, with bounds; whatever is wrong is collected, so that one refusal names it all. */
export interface OptionReader {
  readonly has: (key: string) => boolean
  readonly option: (key: string) => Option | undefined
  /** A switch: undefined where it was not given. */
  readonly isOn: (key: string) => boolean | undefined
  readonly word: (key: string) => string | undefined
  readonly words: (key: string) => readonly string[]
  readonly count: (key: string, minimum?: number) => number | undefined
  readonly number: (key: string, minimum: number, maximum: number) => number | undefined
  readonly refuse: (key: string, expected: string) => undefined
  readonly wrong: readonly ScenarioIssue[]
}

const nothing = /^(?:none|null|~|auto|\?\?\?|)$/i
const largest = 1e12

export const optionReader = ({ given, wrong: earlier }: Options, source: string): OptionReader => {
  const wrong = [...earlier]
  const word = (key: string): string | undefined => {
    const [value] = given.get(key)?.values ?? []
    return value === undefined || nothing.test(value) ? undefined : value
  }
  const refuse = (key: string, expected: string): undefined => {
    const option = given.get(key)
    const text = option?.values.join(" ") ?? ""
    wrong.push(
      issueOf({
        source: option?.file ?? source,
        ...(option?.line === undefined ? {} : { place: { line: option.line, column: 1 } }),
        path: key,
        problem: `given ${show(text)}`,
        given: show(text),
        expected
      })
    )
  }
  /** Python writes 220_000_000 as well, YAML 1e6. */
  const numeric = (key: string): number | undefined => {
    const text = word(key)
    if (text === undefined) return undefined
    const plain = text.replaceAll(/(?<=\d)_(?=\d)/g, "")
    return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN
  }
  const number = (key: string, minimum: number, maximum: number): number | undefined => {
    const value = numeric(key)
    if (value === undefined || (value >= minimum && value <= maximum)) return value
    return refuse(key, `a number from ${minimum} to ${maximum}`)
  }
  const count = (key: string, minimum = 1): number | undefined => {
    const value = numeric(key)
    if (value === undefined || (Number.isInteger(value) && value >= minimum && value <= largest)) return value
    return refuse(key, `a whole number from ${minimum}`)
  }
  return {
    has: (key) => given.has(key),
    option: (key) => given.get(key),
    isOn: (key) => given.get(key)?.isOn,
    word,
    words: (key) => given.get(key)?.values ?? [],
    count,
    number,
    refuse,
    wrong
  }
}
