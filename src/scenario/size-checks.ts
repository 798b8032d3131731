/**
 * Sizes of a split against the shapes of a model, alike for training and serving.
 */
import type { Model } from "../catalog/index.ts"
import type { Finding, Path } from "./issue.ts"

/** A finding about a size, with the sizes nearest to it that can be. */
export const refuse = (
  path: Path,
  given: number | string,
  problem: string,
  expected: string,
  nearest: readonly number[] = []
): Finding => ({ path, problem, given: String(given), expected, nearest: nearest.map(String) })

/** A tensor-parallel size divides the query heads, and divides or repeats the key-value heads. */
export const undividedHeads = ({ heads, keyValueHeads }: Model, tensor: number, path: Path): Finding | undefined => {
  if (heads % tensor !== 0)
    return refuse(
      path,
      tensor,
      `a tensor-parallel size of ${tensor} does not divide ${heads} attention heads`,
      `a divisor of ${heads}`,
      divisorsNear(heads, tensor)
    )
  if (keyValueHeads % tensor === 0 || tensor % keyValueHeads === 0) return undefined
  return refuse(
    path,
    tensor,
    `a tensor-parallel size of ${tensor} neither divides nor repeats ${keyValueHeads} key-value heads`,
    `a divisor or a multiple of ${keyValueHeads}`,
    divisorsNear(heads, tensor).filter((size) => keyValueHeads % size === 0 || size % keyValueHeads === 0)
  )
}

/** The divisors of n next to a size: the nearest below and above it. */
export const divisorsNear = (n: number, size: number): readonly number[] => {
  const found: number[] = []
  for (let below = Math.min(size, n); below >= 1 && found.length === 0; below--) if (n % below === 0) found.push(below)
  for (let above = size + 1; above <= n && found.length < 2; above++) if (n % above === 0) found.push(above)
  return found
}
