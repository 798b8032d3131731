/**
 * One field of a scenario that a sweep varies: `training.microBatch=1,2,4` or `training.parallelism.tensor=1..8*2`.
 */
import { parseDocument } from "yaml"

export interface Axis {
  /** Where the field is, such as `training.microBatch`. */
  readonly path: string
  /** What it is set to, in order; null takes the field away. */
  readonly values: readonly unknown[]
}

/** Why something written about a sweep cannot be. */
export interface SweepProblem {
  readonly _tag: "SweepProblem"
  readonly about: string
  readonly given: string
  readonly expected: string
}

export const isSweepProblem = (made: object): made is SweepProblem => "_tag" in made && made._tag === "SweepProblem"

export const sweepProblem = (about: string, given: string, expected: string): SweepProblem => ({
  _tag: "SweepProblem",
  about,
  given,
  expected
})

export const mostValues = 100_000

const example = "path=value,value such as training.microBatch=1,2,4 or a range such as 1..64*2"

/** Reads `path=...`. */
export const parseAxis = (text: string): Axis | SweepProblem => {
  const equals = text.indexOf("=")
  if (equals < 1) return sweepProblem("--vary", text, example)
  return axisOf(text.slice(0, equals).trim(), text.slice(equals + 1).trim())
}

/** An axis of a path and its values as text (`1,2,4`, `1..64*2`) or as a list. */
export const axisOf = (path: string, written: unknown): Axis | SweepProblem => {
  const about = `the values of ${path}`
  if (path === "" || path.split(".").some((step) => step.trim() === ""))
    return sweepProblem("--vary", path, "a path such as training.microBatch")
  const values = Array.isArray(written) ? (written as readonly unknown[]) : valuesOf(String(written), about)
  if (!Array.isArray(values)) return values as SweepProblem
  if (values.length === 0) return sweepProblem(about, "nothing", example)
  if (values.length > mostValues) return sweepProblem(about, `${values.length} values`, `at most ${mostValues}`)
  return { path, values }
}

const range = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?:([+*])(\d+(?:\.\d+)?))?$/

const valuesOf = (text: string, about: string): readonly unknown[] | SweepProblem => {
  if (text === "") return sweepProblem(about, "nothing", example)
  const found = range.exec(text)
  if (found !== null) return rangeValues(found, about, text)
  // A YAML list without its brackets: commas inside of brackets or quotes part nothing.
  const document = parseDocument(`[${text}]`, { logLevel: "error", prettyErrors: false })
  if (document.errors.length > 0) return sweepProblem(about, text, example)
  const values: unknown = document.toJS({ maxAliasCount: 100 })
  return Array.isArray(values) ? (values as readonly unknown[]) : sweepProblem(about, text, example)
}

/** From..to by steps (+, default 1) or by factors (*). */
const rangeValues = (found: RegExpExecArray, about: string, text: string): readonly unknown[] | SweepProblem => {
  const [from, to, by] = [Number(found[1]), Number(found[2]), Number(found[4] ?? 1)]
  const isFactor = found[3] === "*"
  if (to < from) return sweepProblem(about, text, "a range that rises, such as 1..64*2")
  if (isFactor ? by <= 1 || from <= 0 : by <= 0)
    return sweepProblem(about, text, isFactor ? "a positive start and a factor above 1" : "a step above 0")
  const values: number[] = []
  for (let step = 0; values.length <= mostValues; step++) {
    const value = isFactor ? from * by ** step : from + by * step
    // A step that rounding moved past the end still counts.
    if (value > to * (1 + 1e-12)) break
    values.push(Number(value.toPrecision(12)))
  }
  return values
}
