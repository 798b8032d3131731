/**
 * The numbers of an outcome that a sensitivity is about, and which way each is better.
 */
import { formatBytes } from "../../units/index.ts"
import type { Objective, Outcome } from "./response.ts"

/** What a simulation of a side has to tell; the points of a report's studies do. Seconds, bytes, dollars, joules. */
export type SidePoint = TrainedSide | ServedSide | { readonly kind: "none"; readonly reason: string }

export interface TrainedSide {
  readonly kind: "training"
  readonly tokensPerSecond: number
  readonly iterationSeconds: number
  readonly dollarsPerMillionTokens: number | null
  readonly joulesPerToken: number
  readonly peakBytes: number
  readonly capacityBytes: number
  readonly fits: boolean
}

interface Latency {
  readonly mean: number
  readonly p99: number
}

export interface ServedSide {
  readonly kind: "serving"
  readonly capacityPerSecond: number
  readonly outputTokensPerSecond: number
  readonly ttft: Latency
  readonly tpot: Latency
  readonly e2e: Latency
  readonly dollarsPerMillionOutputTokens: number | null
  readonly joulesPerOutputToken: number
}

const training: readonly Objective[] = [
  { name: "tokensPerSecond", title: "tokens/s", isBetter: "higher" },
  { name: "iterationSeconds", title: "iteration", isBetter: "lower" },
  { name: "dollarsPerMillionTokens", title: "cost/token", isBetter: "lower" },
  { name: "joulesPerToken", title: "energy/token", isBetter: "lower" }
]

const serving: readonly Objective[] = [
  { name: "capacityPerSecond", title: "capacity", isBetter: "higher" },
  { name: "outputTokensPerSecond", title: "tokens/s", isBetter: "higher" },
  { name: "ttftMean", title: "TTFT", isBetter: "lower" },
  { name: "tpotMean", title: "TPOT", isBetter: "lower" },
  { name: "ttftP99", title: "TTFT p99", isBetter: "lower" },
  { name: "tpotP99", title: "TPOT p99", isBetter: "lower" },
  { name: "e2eMean", title: "request", isBetter: "lower" },
  { name: "dollarsPerMillionOutputTokens", title: "cost/token", isBetter: "lower" },
  { name: "joulesPerOutputToken", title: "energy/token", isBetter: "lower" }
]

/** Those that an outcome has, the wanted one first; undefined where it has none of that name. */
export const objectivesOf = (
  kind: "training" | "serving",
  outcome: Exclude<Outcome, string>,
  wanted: string | undefined
): readonly Objective[] | undefined => {
  const all = kind === "training" ? training : serving
  const known = all.filter(({ name }) => (outcome[name] ?? null) !== null)
  if (wanted === undefined) return known
  const first = known.find(({ name }) => name === wanted)
  return first === undefined ? undefined : [first, ...known.filter((one) => one !== first)]
}

/** @param mayOverflow  work that does not fit is told of all the same, for what time it would take */
export const outcomeOf = (point: SidePoint, mayOverflow: boolean): Outcome => {
  switch (point.kind) {
    case "none":
      return point.reason
    case "training": {
      const { fits, peakBytes, capacityBytes } = point
      if (!fits && !mayOverflow) return `does not fit: ${formatBytes(peakBytes)} of ${formatBytes(capacityBytes)}`
      const { tokensPerSecond, iterationSeconds, dollarsPerMillionTokens, joulesPerToken } = point
      return { tokensPerSecond, iterationSeconds, dollarsPerMillionTokens, joulesPerToken }
    }
    default:
      return {
        capacityPerSecond: Number.isFinite(point.capacityPerSecond) ? point.capacityPerSecond : null,
        outputTokensPerSecond: point.outputTokensPerSecond,
        ttftMean: point.ttft.mean,
        tpotMean: point.tpot.mean,
        ttftP99: point.ttft.p99,
        tpotP99: point.tpot.p99,
        e2eMean: point.e2e.mean,
        dollarsPerMillionOutputTokens: point.dollarsPerMillionOutputTokens,
        joulesPerOutputToken: point.joulesPerOutputToken
      }
  }
}
