/**
 * What a planned fleet is in all: one kind of replica, or two pools of kinds of their own.
 */
import { acceleratorsOf, type PrefillSide, type ReplicaKind, type SizedFleet } from "../planner/index.ts"

interface Planned {
  readonly candidate: ReplicaKind
  readonly replicas: number
  readonly prefill?: PrefillSide
}

export const plannedAccelerators = ({ candidate, replicas, prefill }: Planned): number =>
  replicas * acceleratorsOf(candidate) +
  (prefill === undefined ? 0 : prefill.replicas * acceleratorsOf(prefill.candidate))

export const plannedReplicas = ({ replicas, prefill }: Pick<Planned, "replicas" | "prefill">): number =>
  replicas + (prefill?.replicas ?? 0)

/** A sized fleet as planned; with its spares it has more replicas. */
export const plannedOf = ({ rated, replicas, prefill }: SizedFleet, withSpares = replicas): Planned => ({
  candidate: rated.candidate,
  replicas: withSpares,
  ...(prefill === undefined ? {} : { prefill: { candidate: prefill.rated.candidate, replicas: prefill.replicas } })
})

/** Dollars an hour; undefined where nobody says. */
export const plannedDollars = ({ rated, prefill, replicas }: SizedFleet, withSpares = replicas): number | undefined => {
  if (rated.dollars === undefined) return undefined
  if (prefill === undefined) return rated.dollars * withSpares
  return prefill.rated.dollars === undefined
    ? undefined
    : rated.dollars * withSpares + prefill.rated.dollars * prefill.replicas
}
