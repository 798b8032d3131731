/** What differs between two logs of the same job. */
import type { ReplicaTotals, ServingLog, TokenGaps } from "../../src/serving/index.ts"

const columns = [
  "arrival",
  "scheduled",
  "firstToken",
  "finished",
  "preemptedSeconds",
  "prompt",
  "output",
  "generated",
  "cached",
  "preemptions",
  "classIndex",
  "replica",
  "state"
] as const

/** Equal to a billionth, or to the rounding of times of some seconds; both never came. */
const isSame = (a: number, b: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(1e-2, Math.abs(a), Math.abs(b))

/** Number of gaps between tokens, and the sums of their first three powers. */
export const gapMoments = ({ count, first, increment, steps, sequences }: TokenGaps): readonly number[] => {
  const moments = [0, 0, 0, 0]
  for (let row = 0; row < count; row++)
    for (let step = 0; step < steps[row]!; step++) {
      const gap = first[row]! + step * increment[row]!
      for (let power = 0; power < 4; power++) moments[power] = moments[power]! + sequences[row]! * gap ** power
    }
  return moments
}

/** One line for each column or total that differs; empty when the logs tell the same story. */
export const differences = (a: ServingLog, b: ServingLog): readonly string[] => {
  const found: string[] = []
  const compare = (what: string, first: number, second: number): boolean => {
    const same = isSame(first, second)
    if (!same) found.push(`${what}: ${first} and ${second}`)
    return same
  }
  compare("requests", a.requests.count, b.requests.count)
  compare("seconds", a.seconds, b.seconds)
  compare("rejected tries", a.rejectedTries, b.rejectedTries)
  for (const column of columns)
    for (let row = 0; row < a.requests.count; row++)
      if (!compare(`${column} of ${row}`, a.requests[column]?.[row] ?? NaN, b.requests[column]?.[row] ?? NaN)) break
  for (const column of ["replica", "asked", "reserved", "prefilled", "moved"] as const)
    for (let row = 0; row < a.requests.count; row++) {
      const [first, second] = [a.requests.handovers?.[column][row] ?? NaN, b.requests.handovers?.[column][row] ?? NaN]
      if (!compare(`${column} of the hand-over of ${row}`, first, second)) break
    }
  for (const column of ["tokens", "seconds"] as const)
    for (let row = 0; row < a.requests.count; row++) {
      const [first, second] = [a.requests.fetches?.[column][row] ?? 0, b.requests.fetches?.[column][row] ?? 0]
      if (!compare(`${column} of the fetches of ${row}`, first, second)) break
    }
  for (const [index, tier] of (a.tiers ?? []).entries())
    for (const name of ["hitTokens", "readBytes", "writtenBytes", "evictions", "usedBytes"] as const)
      compare(`${name} of ${tier.in}`, tier[name], b.tiers![index]![name])
  compare("bytes moved", a.transfers?.bytes ?? 0, b.transfers?.bytes ?? 0)
  for (const [index, { totals }] of a.replicas.entries())
    for (const name of Object.keys(totals) as (keyof ReplicaTotals)[])
      compare(`${name} of replica ${index}`, totals[name]!, b.replicas[index]!.totals[name]!)
  const [gapsOfA, gapsOfB] = [gapMoments(a.gaps), gapMoments(b.gaps)]
  for (const [power, moment] of gapsOfA.entries()) compare(`gaps to the power ${power}`, moment, gapsOfB[power]!)
  return found
}
