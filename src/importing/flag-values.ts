/**
 * Values of flags, read with bounds; whatever is wrong is collected, so that one refusal names it all.
 */
import { show } from "../scenario/index.ts"
import type { FlagProblem, GivenFlag, GivenFlags } from "./flags.ts"

export interface FlagReader {
  /** Whether a flag was given. */
  readonly has: (name: string) => boolean
  /** A switch: undefined where it was not given. */
  readonly isOn: (name: string) => boolean | undefined
  readonly word: (name: string) => string | undefined
  readonly count: (name: string, minimum?: number) => number | undefined
  /** Tokens: whole numbers, also as 8k (8,000) and 8K (8,192); `auto` and -1 are no number. */
  readonly tokens: (name: string) => number | undefined
  readonly number: (name: string, minimum: number, maximum: number) => number | undefined
  readonly given: (name: string) => GivenFlag | undefined
  /** What was wrong so far. */
  readonly wrong: readonly FlagProblem[]
}

const suffixes: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

export const flagReader = ({ flags, wrong: earlier }: GivenFlags): FlagReader => {
  const wrong = [...earlier]
  const given = (name: string): GivenFlag | undefined => flags.get(name)
  const word = (name: string): string | undefined => {
    const flag = given(name)
    return flag?.isOn === true ? flag.values[0] : undefined
  }
  const refuse = (name: string, text: string, expected: string): undefined => {
    wrong.push({ flag: `--${name}`, problem: `given ${show(text)}`, given: show(text), expected, nearest: [] })
  }
  const number = (name: string, minimum: number, maximum: number): number | undefined => {
    const text = word(name)
    if (text === undefined) return undefined
    const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
    return value >= minimum && value <= maximum ? value : refuse(name, text, `a number from ${minimum} to ${maximum}`)
  }
  const count = (name: string, minimum = 1): number | undefined => {
    const text = word(name)
    if (text === undefined) return undefined
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= minimum ? value : refuse(name, text, `a whole number from ${minimum}`)
  }
  const tokens = (name: string): number | undefined => {
    const text = word(name)
    if (text === undefined || text === "-1" || text.toLowerCase() === "auto" || text === "None") return undefined
    const [, digits, suffix = ""] = /^(\d+(?:\.\d+)?)([kmgKMG]?)$/.exec(text) ?? []
    const value = Number(digits ?? Number.NaN) * (suffixes[suffix] ?? 1)
    return value >= 1 && value <= 1e9
      ? Math.floor(value)
      : refuse(name, text, "tokens: a whole number, or one such as 8k (8,000) or 8K (8,192)")
  }
  return {
    has: (name) => flags.has(name),
    isOn: (name) => given(name)?.isOn,
    word,
    count,
    tokens,
    number,
    given,
    wrong
  }
}
