/**
 * What a second of a stage's iteration was spent on. Indices into the composition of an operation.
 */
export const categories = [
  "gemm",
  "attention",
  "elementwise",
  "head",
  "experts",
  "recompute",
  "accumulation",
  "shardCopies",
  "tensor",
  "context",
  "expert",
  "data",
  "host"
] as const

export type Category = (typeof categories)[number]

/** Seconds by category, in the order of `categories`. */
export type Composition = Float64Array

export const categoryIndex: Readonly<Record<Category, number>> = Object.fromEntries(
  categories.map((name, index) => [name, index])
) as Record<Category, number>

export const emptyComposition = (): Composition => new Float64Array(categories.length)

/** Adds `times` of one composition to another. */
export const addComposition = (into: Composition, from: Composition, times = 1): void => {
  for (let index = 0; index < into.length; index++) into[index] = (into[index] ?? 0) + times * (from[index] ?? 0)
}

export const totalSeconds = (composition: Composition): number => composition.reduce((sum, value) => sum + value, 0)

const kernels: readonly Category[] = [
  "gemm",
  "attention",
  "elementwise",
  "head",
  "experts",
  "recompute",
  "accumulation",
  "shardCopies"
]

/** Seconds in which a rank itself computed. */
export const kernelSeconds = (composition: Composition): number =>
  kernels.reduce((sum, category) => sum + (composition[categoryIndex[category]] ?? 0), 0)
