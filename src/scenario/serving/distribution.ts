/**
 * Distributions of a scenario as the simulation takes them, or what is wrong with them.
 */
import { publishedLengths, type Distribution } from "../../serving/index.ts"
import { show, type Finding, type Path } from "../issue.ts"
import { mostTokens, type WrittenDistribution } from "../schema/distribution.ts"

export const isFindings = (value: unknown): value is readonly Finding[] => Array.isArray(value)

const refuse = (path: Path, given: unknown, problem: string, expected: string): readonly Finding[] => [
  { path, problem, given: show(given), expected }
]

/** Values of a Zipf distribution, which are ranked one by one. */
const mostRanks = 1e6

const isAscending = (values: readonly number[], first: number): boolean =>
  values.every((value, index) => value > (index === 0 ? first : (values[index - 1] ?? first)))

/**
 * A distribution with its bounds in order and some weight somewhere.
 *
 * @param of  whose lengths they are, where a published workload is named
 */
export const distributionOf = (
  written: WrittenDistribution,
  path: Path,
  of: "prompt" | "output" = "prompt"
): Distribution | readonly Finding[] => {
  if (typeof written === "number") return { kind: "constant", value: written }
  const published = written.published === undefined ? undefined : publishedLengths[written.published]
  if (published !== undefined) return published[of]
  if (written.constant !== undefined) return { kind: "constant", value: written.constant }
  if (written.uniform !== undefined) {
    const [low, high] = written.uniform
    return low <= high
      ? { kind: "uniform", low, high }
      : refuse([...path, "uniform"], written.uniform, `${low} is more than ${high}`, "the smallest value first")
  }
  if (written.exponential !== undefined) {
    const { mean } = written.exponential
    return mean <= mostTokens / 10
      ? { kind: "exponential", mean }
      : refuse(
          [...path, "exponential", "mean"],
          mean,
          "such values would grow beyond bounds",
          "a mean of at most 10 million"
        )
  }
  if (written.lognormal !== undefined) {
    const { mean, deviation, max } = written.lognormal
    if (mean === 0) return refuse([...path, "lognormal", "mean"], mean, "a lognormal mean is above 0", "a mean above 0")
    // Cut far below its mean, hardly a draw would be left uncut.
    if (max !== undefined && max < mean)
      return refuse([...path, "lognormal", "max"], max, `${max} is below the mean of ${mean}`, `at least ${mean}`)
    if (deviation > 1000 * mean)
      return refuse(
        [...path, "lognormal", "deviation"],
        deviation,
        `a deviation of ${deviation} around a mean of ${mean}`,
        "at most 1000 times the mean"
      )
    return { kind: "lognormal", mean, deviation, high: max ?? mostTokens }
  }
  if (written.zipf !== undefined) {
    const { exponent, min, max } = written.zipf
    const [low, high] = [Math.round(min), Math.round(max)]
    if (low > high) return refuse([...path, "zipf", "min"], min, `${min} is more than ${max}`, `at most ${max}`)
    return high - low < mostRanks
      ? { kind: "zipf", exponent, low, high }
      : refuse(
          [...path, "zipf", "max"],
          max,
          `${high - low + 1} values are too many to rank`,
          `at most ${low + mostRanks - 1}`
        )
  }
  if (written.histogram !== undefined) {
    const { min, edges, weights } = written.histogram
    const here = [...path, "histogram"]
    if (!isAscending(edges, min))
      return refuse(
        [...here, "edges"],
        edges,
        `the edges do not ascend from ${min}`,
        "upper edges, ascending, above min"
      )
    if (weights.length !== edges.length)
      return refuse(
        [...here, "weights"],
        weights,
        `${weights.length} weights for ${edges.length} bins`,
        `${edges.length} weights, one a bin`
      )
    if (weights.every((weight) => weight === 0))
      return refuse([...here, "weights"], weights, "every weight is 0", "a weight above 0")
    return { kind: "histogram", low: min, edges, weights }
  }
  return { kind: "empirical", values: written.values ?? [] }
}
