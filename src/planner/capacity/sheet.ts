/**
 * Several models that share a budget: what each takes of it, and what share of all loads it pays for where it is too small.
 */
export interface SheetRow {
  readonly model: string
  /** Requests a second. */
  readonly rate: number
  /** Replicas that serve them, dollars an hour and accelerators of one. */
  readonly replicas: number
  readonly replicaDollars: number
  readonly replicaAccelerators: number
}

export interface Sheet {
  readonly dollars: number
  readonly accelerators: number
  /** Dollars an hour; undefined = none is set. */
  readonly budget: number | undefined
  /** Every load times this is within the budget, by whole replicas whose loads grow in proportion; at most 1. */
  readonly share: number
  /** Replicas of each row at that share; 0 where the budget does not pay for one of every model. */
  readonly replicas: readonly number[]
}

export const sheetOf = (rows: readonly SheetRow[], budget: number | undefined): Sheet => {
  const dollarsOf = (replicas: readonly number[]): number =>
    rows.reduce((sum, { replicaDollars }, index) => sum + replicaDollars * replicas[index]!, 0)
  const full = rows.map(({ replicas }) => replicas)
  const totals = {
    dollars: dollarsOf(full),
    accelerators: rows.reduce((sum, { replicas, replicaAccelerators }) => sum + replicas * replicaAccelerators, 0),
    budget
  }
  if (budget === undefined || totals.dollars <= budget) return { ...totals, share: 1, replicas: full }
  // Shares at which some model gets by with a replica less.
  const shares = [
    ...new Set(rows.flatMap(({ replicas }) => Array.from({ length: replicas }, (_, less) => (less + 1) / replicas)))
  ]
  const at = (share: number): readonly number[] => rows.map(({ replicas }) => Math.ceil(share * replicas - 1e-9))
  const paid = shares.toSorted((one, other) => other - one).find((share) => dollarsOf(at(share)) <= budget)
  return paid === undefined
    ? { ...totals, share: 0, replicas: rows.map(() => 0) }
    : { ...totals, share: paid, replicas: at(paid) }
}
