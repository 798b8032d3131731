/**
 * A software stack with some of its properties or constants replaced. Whatever is replaced must keep its kind: the
 * stack that is extended serves as the pattern.
 */
import { nearestNames, type ServingStack, type Stack } from "../catalog/index.ts"
import { fieldsText } from "./findings.ts"
import { show, type Finding, type Path } from "./issue.ts"
import { isFields, type Fields } from "./merge.ts"
import { readNumber } from "./written-quantities.ts"

/** What the fields of a stack may be, by their path inside of it, where the shipped value does not tell. */
export interface Rules {
  /** The words that a text may be. */
  readonly choices: Readonly<Record<string, readonly string[]>>
  /** Least and greatest number; 0 to 1e15 otherwise. */
  readonly bounds: Readonly<Record<string, readonly [number, number]>>
  /** Fields that are more than a number, a text or a flag. */
  readonly special: Readonly<Record<string, Special>>
  /** Fields that a scenario cannot change. */
  readonly fixed: readonly string[]
}

export interface Special {
  readonly isValid: (value: unknown) => boolean
  readonly expected: string
  /** Whether the word "none" may stand for null, which in a scenario takes a field away. */
  readonly mayBeNone?: boolean
}

const greatest = 1e15

const share = [0, 1] as const
/** What is multiplied or divided by: zero would stop or undo the work. */
const factor = [1e-3, greatest] as const

const trainingRules: Rules = {
  choices: {
    attention: ["unfused", "fused"],
    selectiveRecompute: ["core", "operators"],
    layerFilling: ["even", "greedy"],
    "host.mode": ["blocking", "asynchronous"],
    flopCounting: ["hardware-megatron-2021", "model-full-attention", "model-causal-attention", "estimate-8nt"]
  },
  bounds: {
    "constants.tensorOverlap": share,
    "constants.dataOverlap": share,
    "constants.tensorRateShare": [1e-3, 1],
    "constants.dataNetworkShare": [1e-3, 1],
    "constants.pipelineExposure": share,
    "constants.expertOverlap": share,
    "constants.gemmFactor": factor,
    "constants.attentionFactor": factor,
    "constants.pace": factor
  },
  special: {},
  fixed: ["sources"]
}

export const changedStack = (stack: Stack, written: Fields, path: Path): Stack | readonly Finding[] =>
  changedBy(trainingRules, stack, written, path)

/** @param rules what the fields may be where the stack's own value, which serves as the pattern, does not tell */
export const changedBy = <Entry extends Stack | ServingStack>(
  { choices, bounds, special, fixed }: Rules,
  stack: Entry,
  written: Fields,
  path: Path
): Entry | readonly Finding[] => {
  const findings: Finding[] = []
  const { extends: _parent, ...changes } = written
  const changed = (pattern: unknown, change: unknown, here: Path): unknown => {
    const refuse = (expected: string, nearest: readonly string[] = []): unknown => {
      findings.push({
        path: [...path, ...here],
        problem: `given ${show(change)}`,
        given: show(change),
        expected,
        nearest
      })
      return pattern
    }
    const own = special[here.join(".")]
    if (own !== undefined) {
      if (own.mayBeNone === true && change === "none") return null
      return own.isValid(change) ? change : refuse(own.expected)
    }
    if (isFields(pattern)) {
      const constant = here.length === 2 && here[0] === "constants"
      if (constant && !isFields(change)) {
        const value = changed(pattern["value"], change, here)
        return { value, origin: "assumed", source: "given in the scenario" }
      }
      if (!isFields(change)) return refuse(`a map with fields such as ${Object.keys(pattern).slice(0, 3).join(", ")}`)
      const merged = new Map(Object.entries(pattern))
      for (const [key, inner] of Object.entries(change)) {
        if (Object.hasOwn(pattern, key) && !fixed.includes(key))
          merged.set(key, changed(pattern[key], inner, [...here, key]))
        else findings.push(unknownField(key, Object.keys(pattern), [...path, ...here, key]))
      }
      return Object.fromEntries(merged)
    }
    if (typeof pattern === "number") {
      const value = typeof change === "string" ? readNumber(change, here) : change
      const isConstant = here[0] === "constants"
      const [least, most] = bounds[(isConstant ? here.slice(0, 2) : here).join(".")] ?? [0, greatest]
      if (typeof value === "number" && value >= least && value <= most) return value
      return refuse(`a number from ${least} ${most === greatest ? "on" : `to ${most}`}`)
    }
    if (typeof pattern === "boolean") return typeof change === "boolean" ? change : refuse("true or false")
    const allowed = choices[here.join(".")]
    if (allowed !== undefined)
      return typeof change === "string" && allowed.includes(change)
        ? change
        : refuse(`one of ${allowed.join(", ")}`, typeof change === "string" ? nearestNames(change, allowed) : [])
    if (typeof pattern === "string") return typeof change === "string" ? change : refuse("text")
    return refuse("nothing: this field cannot be changed")
  }
  const result = changed(stack, { title: `${stack.title}, changed`, ...changes }, [])
  return findings.length > 0 ? findings : (result as Entry)
}

const unknownField = (key: string, keys: readonly string[], path: Path): Finding => ({
  path,
  at: "key",
  problem: `there is no field ${show(key)} here`,
  given: show(key),
  expected: fieldsText(keys),
  nearest: nearestNames(key, keys)
})
