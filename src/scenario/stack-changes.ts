/**
 * A software stack with some of its properties or constants replaced. Whatever is replaced must keep its kind: the
 * stack that is extended serves as the pattern.
 */
import { nearestNames, type Stack } from "../catalog/index.ts"
import { fieldsText } from "./findings.ts"
import { show, type Finding, type Path } from "./issue.ts"
import { isFields, type Fields } from "./merge.ts"
import { readNumber } from "./written-quantities.ts"

const choices: Readonly<Record<string, readonly string[]>> = {
  attention: ["unfused", "fused"],
  selectiveRecompute: ["core", "operators"],
  "host.mode": ["blocking", "asynchronous"],
  flopCounting: ["hardware-megatron-2021", "model-full-attention", "model-causal-attention", "estimate-8nt"]
}

const greatest = 1e15
/** Constants that are shares of something: at most all of it. */
const shares = new Set(["tensorOverlap", "dataOverlap", "dataNetworkShare", "pipelineExposure", "expertOverlap"])
/** Constants that are multiplied or divided by: zero would stop or undo the work. */
const factors = new Set(["gemmFactor", "attentionFactor", "dataNetworkShare", "pace"])

export const changedStack = (stack: Stack, written: Fields, path: Path): Stack | readonly Finding[] => {
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
    if (isFields(pattern)) {
      const constant = here.length === 2 && here[0] === "constants"
      if (constant && !isFields(change)) {
        const value = changed(pattern["value"], change, here)
        return { value, origin: "assumed", source: "given in the scenario" }
      }
      if (!isFields(change)) return refuse(`a map with fields such as ${Object.keys(pattern).slice(0, 3).join(", ")}`)
      const merged = new Map(Object.entries(pattern))
      for (const [key, inner] of Object.entries(change)) {
        if (Object.hasOwn(pattern, key) && key !== "sources")
          merged.set(key, changed(pattern[key], inner, [...here, key]))
        else findings.push(unknownField(key, Object.keys(pattern), [...path, ...here, key]))
      }
      return Object.fromEntries(merged)
    }
    if (typeof pattern === "number") {
      const value = typeof change === "string" ? readNumber(change, here) : change
      const name = here[0] === "constants" ? String(here[1]) : ""
      const most = shares.has(name) ? 1 : greatest
      const isPositive = typeof value === "number" && (factors.has(name) ? value >= 1e-3 : value >= 0)
      if (isPositive && value <= most) return value
      return refuse(`a number from ${factors.has(name) ? "0.001" : "0"} ${most === 1 ? "to 1" : "on"}`)
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
  return findings.length > 0 ? findings : (result as Stack)
}

const unknownField = (key: string, keys: readonly string[], path: Path): Finding => ({
  path,
  at: "key",
  problem: `there is no field ${show(key)} here`,
  given: show(key),
  expected: fieldsText(keys),
  nearest: nearestNames(key, keys)
})
