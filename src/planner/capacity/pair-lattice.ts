/**
 * Sizes of two pools that may still be the cheapest: a lattice of (prefill, decode) replicas.
 *
 * More replicas of either pool never serve the same requests worse (as everywhere in this search), so that a size which fails
 * settles every size that has no more of either, and one that does settles every size that costs no less. What is open lies
 * between two staircases. The next size to simulate is the one expected to settle the most.
 */
import type { PairSize } from "./runs.ts"

export interface Lattice {
  /** Fewest replicas by the bounds of each pool, and about how many it will take. */
  readonly least: PairSize
  readonly about: PairSize
  /** Most of each by itself, and most of the second beside so many of the first: they may share machines. */
  readonly most: PairSize
  readonly mostDecode: (prefill: number) => number
  /** What a replica of each adds to the objective. */
  readonly worth: { readonly prefill: number; readonly decode: number }
}

/** Open sizes with so many prefill replicas: from above `low` to `high` decode replicas. */
export interface OpenRow {
  readonly prefill: number
  readonly low: number
  readonly high: number
}

export const valueOf = ({ worth }: Pick<Lattice, "worth">, { prefill, decode }: PairSize): number =>
  prefill * worth.prefill + decode * worth.decode

/** Most decode replicas with which a size costs less than `cap`. */
const mostBelow = ({ worth }: Lattice, prefill: number, cap: number): number =>
  cap === Infinity ? Infinity : Math.ceil((cap - prefill * worth.prefill) / worth.decode - 1e-9) - 1

/** @param cap  a size has to cost less than this */
export const openRows = (lattice: Lattice, failed: readonly PairSize[], cap: number): readonly OpenRow[] => {
  const rows: OpenRow[] = []
  for (let prefill = lattice.least.prefill; prefill <= lattice.most.prefill; prefill++) {
    const high = Math.min(lattice.mostDecode(prefill), mostBelow(lattice, prefill, cap))
    if (high < lattice.least.decode) break
    const low = failed.reduce(
      (top, size) => (size.prefill >= prefill ? Math.max(top, size.decode) : top),
      lattice.least.decode - 1
    )
    if (high > low) rows.push({ prefill, low, high })
  }
  return rows
}

/** Chances that a size fails: one at least as large as the estimate, and one that is smaller. */
const chanceOfFailure = { large: 0.25, small: 0.8 } as const

/** Sizes with the same number of prefill replicas that are weighed against one another. */
const sizesOfRow = 16

/** The open size that is expected to settle the most. */
export const mostTelling = (lattice: Lattice, rows: readonly OpenRow[]): PairSize | undefined => {
  let best: PairSize | undefined
  let most = -1
  for (const row of rows) {
    // Of a long row some sizes, the largest among them.
    const stride = Math.ceil((row.high - row.low) / sizesOfRow)
    for (let decode = row.high; decode > row.low; decode -= stride) {
      const size = { prefill: row.prefill, decode }
      const value = valueOf(lattice, size)
      let [smaller, dearer] = [0, 0]
      for (const { prefill, low, high } of rows) {
        if (prefill <= size.prefill) smaller += Math.max(0, Math.min(decode, high) - low)
        dearer += high - Math.min(high, Math.max(low, mostBelow(lattice, prefill, value)))
      }
      const isLarge = size.prefill >= lattice.about.prefill && decode >= lattice.about.decode
      const chance = isLarge ? chanceOfFailure.large : chanceOfFailure.small
      const settled = chance * smaller + (1 - chance) * dearer
      if (settled > most) {
        most = settled
        best = size
      }
    }
  }
  return best
}
