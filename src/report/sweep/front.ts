/**
 * The Pareto front of two numbers: points that no other is at least as good as in both, and better in one.
 */
import { extent } from "../../statistics/index.ts"
import { metricOf, type Metric } from "./metric.ts"
import { isServed } from "./objective.ts"
import { numberOf, type SweptPoint } from "./points.ts"

export interface FrontPoint {
  readonly point: SweptPoint
  readonly x: number
  readonly y: number
}

export interface Front {
  readonly x: Metric
  readonly y: Metric
  /** The best in x first. */
  readonly points: readonly FrontPoint[]
  readonly others: readonly FrontPoint[]
}

export const frontOf = (points: readonly SweptPoint[], x: Metric, y: Metric): Front => {
  const [signX, signY] = [x, y].map(({ better }) => (better === "less" ? 1 : -1)) as [number, number]
  const placed = points
    .flatMap((point): readonly FrontPoint[] => {
      const [atX, atY] = [numberOf(point, x.column), numberOf(point, y.column)]
      return atX === undefined || atY === undefined ? [] : [{ point, x: atX, y: atY }]
    })
    .toSorted((a, b) => signX * (a.x - b.x) || signY * (a.y - b.y))
  const front: FrontPoint[] = []
  const others: FrontPoint[] = []
  for (const one of placed) {
    const last = front.at(-1)
    if (last === undefined || signY * (one.y - last.y) < 0) front.push(one)
    else others.push(one)
  }
  return { x, y, points: front, others }
}

/** What is given up for what, in the order in which it is asked for. */
const pairs = {
  training: [
    ["dollarsPerMillionTokens", "iterationSeconds"],
    ["accelerators", "iterationSeconds"],
    ["memoryBytes", "iterationSeconds"]
  ],
  /** Iterations of different numbers of tokens are not compared by their time. */
  unequal: [
    ["dollarsPerMillionTokens", "tokensPerSecond"],
    ["accelerators", "tokensPerSecond"],
    ["memoryBytes", "tokensPerSecond"]
  ],
  serving: [
    ["dollarsPerMillionOutputTokens", "ttftP99"],
    ["dollarsPerMillionOutputTokens", "tpotP99"],
    ["accelerators", "ttftP99"],
    ["accelerators", "tpotP99"],
    ["outputTokensPerSecond", "ttftP99"],
    ["outputTokensPerSecond", "tpotP99"]
  ]
} as const

/**
 * The fronts that say something: of two points or more. Of a server the first two, a first token's and a token's; where one
 * point is the best in everything, none.
 */
export const frontsOf = (points: readonly SweptPoint[]): readonly Front[] => {
  const kind = isServed(points) ? "serving" : hasEqualIterations(points) ? "training" : "unequal"
  const found: Front[] = []
  for (const [x, y] of pairs[kind]) {
    if (found.some((front) => front.y.column === y)) continue
    const front = frontOf(points, metricOf(x), metricOf(y))
    if (front.points.length > 1) found.push(front)
  }
  return found.slice(0, 2)
}

const hasEqualIterations = (points: readonly SweptPoint[]): boolean => {
  const tokens = points.flatMap((point) => {
    const [seconds, rate] = [numberOf(point, "iterationSeconds"), numberOf(point, "tokensPerSecond")]
    return seconds === undefined || rate === undefined ? [] : [seconds * rate]
  })
  const [fewest, most] = extent(tokens)
  return most <= fewest * (1 + 1e-6)
}
