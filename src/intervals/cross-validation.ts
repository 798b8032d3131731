/**
 * Whether intervals cover what they say: each source in turn is predicted by constants that it had no part in, and its
 * interval is made of the other sources alone.
 */
import { mean, median } from "../statistics/index.ts"
import { levels, predictionInterval, type Band, type Level } from "./interval.ts"
import { quantities, type Quantity, type Residual } from "./residual.ts"

export interface Covered {
  readonly level: Level
  /** Share of the cases inside their interval. */
  readonly share: number
  /** The same as a mean over sources, whatever their size. */
  readonly ofSources: number
  /** Median half-width over the cases: 0.2 = from predicted / 1.2 to predicted * 1.2. */
  readonly medianWidth: number
}

export interface CoverageGroup {
  readonly name: string
  readonly cases: number
  readonly sources: number
  readonly covered: readonly Covered[]
}

/** Something measured, how far off it was, and what its bands said. */
export interface Tested {
  readonly source: string
  /** |log| of the error. */
  readonly score: number
  readonly bands: readonly Band[]
}

interface TestedCase extends Tested {
  readonly residual: Residual
}

const tested = (residuals: readonly Residual[], isTested: (one: Residual) => boolean): readonly TestedCase[] => {
  const sources = [...new Set(residuals.map(({ source }) => source))]
  return sources.flatMap((source) => {
    const others = residuals.filter((one) => one.source !== source)
    return residuals
      .filter((one) => one.source === source && isTested(one))
      .map((residual) => ({
        residual,
        source,
        score: Math.abs(residual.leftOut),
        bands: predictionInterval(residual, others)?.bands ?? []
      }))
  })
}

const isInside = ({ score, bands }: Tested, level: Level): boolean => {
  const factor = bands.find((band) => band.level === level)?.factor ?? Infinity
  return score <= Math.log(factor)
}

export const groupOf = (name: string, cases: readonly Tested[]): CoverageGroup => {
  const sources = [...new Set(cases.map(({ source }) => source))]
  const share = (some: readonly Tested[], level: Level): number =>
    mean(some.map((one) => (isInside(one, level) ? 1 : 0)))
  return {
    name,
    cases: cases.length,
    sources: sources.length,
    covered: levels.map((level) => ({
      level,
      share: share(cases, level),
      ofSources: mean(
        sources.map((source) =>
          share(
            cases.filter((one) => one.source === source),
            level
          )
        )
      ),
      medianWidth: median(
        cases.map(({ bands }) => (bands.find((band) => band.level === level)?.factor ?? Infinity) - 1)
      )
    }))
  }
}

const names: Readonly<Record<Quantity, string>> = {
  iteration: "training iteration",
  throughput: "throughput of a server",
  token: "time of a token",
  first: "time to first token"
}

export interface IntervalCoverage {
  readonly all: CoverageGroup
  readonly groups: readonly CoverageGroup[]
  readonly sources: readonly CoverageGroup[]
  /** Latencies of servers that requests come to by themselves; not among the others. */
  readonly open: CoverageGroup | null
}

export const coverageOfIntervals = (residuals: readonly Residual[]): IntervalCoverage => {
  const cases = tested(residuals, ({ load }) => load !== "open")
  const open = tested(residuals, ({ load, quantity }) => load === "open" && quantity !== "throughput")
  const kinds = [false, true] as const
  return {
    all: groupOf("all", cases),
    groups: quantities.flatMap((quantity) =>
      kinds.flatMap((isMixture) => {
        const own = cases.filter(({ residual }) => residual.quantity === quantity && residual.isMixture === isMixture)
        return own.length === 0 ? [] : [groupOf(`${names[quantity]}, ${isMixture ? "mixture" : "dense"}`, own)]
      })
    ),
    sources: [...new Set(cases.map(({ residual }) => residual.source))].sort().map((source) =>
      groupOf(
        source,
        cases.filter(({ residual }) => residual.source === source)
      )
    ),
    open: open.length === 0 ? null : groupOf("open load", open)
  }
}
