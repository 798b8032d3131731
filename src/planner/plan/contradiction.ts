/**
 * Why no layout meets a plan: the constraints that cannot be met beside the others, and the nearest that can.
 */
import type { Machines } from "./machines.ts"
import { ceiling, limited, limits, type Constraints, type Limit } from "./objective.ts"
import { search, type Counts, type Found, type Planned } from "./search.ts"
import type { PlanSpace } from "./space.ts"

export interface Unmet<Layout> {
  readonly limit: Limit
  readonly ceiling: number
  /** The layout that comes nearest while it keeps every other constraint; null where none keeps the others. */
  readonly nearest: Layout | null
  /** Its quantity; and the least of any layout, whatever the other constraints say, where there is none. */
  readonly least: number | null
}

export interface NoPlan<Layout> {
  readonly _tag: "NoPlan"
  /** `empty`: no layout has sizes that divide; `unmet`: layouts there are, but each breaks a constraint. */
  readonly kind: "empty" | "unmet"
  readonly counts: Counts
  readonly findings: Found["findings"]
  readonly unmet: readonly Unmet<Layout>[]
}

/** The same constraints without one; memory without limit is a headroom below all bounds. */
const without = (constraints: Constraints, limit: Limit): Constraints => {
  if (limit === "memoryHeadroom") return { ...constraints, memoryHeadroom: Number.NEGATIVE_INFINITY }
  const { [limit]: _dropped, ...rest } = constraints
  return rest
}

/** Looks for what stands in the way where a search found nothing. */
export const contradictionOf = <Layout>(
  machines: readonly Machines[],
  space: PlanSpace,
  constraints: Constraints,
  found: Found,
  layoutOf: (planned: Planned) => Layout
): NoPlan<Layout> => {
  const { counts, findings } = found
  const base = { _tag: "NoPlan", counts, findings } as const
  if (counts.layouts === counts.impossible + counts.refused) return { ...base, kind: "empty", unmet: [] }
  const given = limits.filter((limit) => limit === "memoryHeadroom" || constraints[limit] !== undefined)
  const leastOf = (limit: Limit, kept: Constraints): Planned | null =>
    search({ machines, space, objective: limited[limit], constraints: without(kept, limit), top: 1, front: false })
      .best[0] ?? null
  const unmet = given.map((limit): Unmet<Layout> => {
    const nearest = leastOf(limit, constraints)
    const any = nearest ?? leastOf(limit, {})
    return {
      limit,
      ceiling: ceiling(constraints, limit),
      nearest: nearest === null ? null : layoutOf(nearest),
      least: any?.value ?? null
    }
  })
  // A constraint that nothing breaks once it is dropped is no part of the contradiction.
  const telling = unmet.filter(({ least, nearest, ceiling: most }) => nearest !== null || (least ?? Infinity) > most)
  return { ...base, kind: "unmet", unmet: telling.length > 0 ? telling : unmet }
}
