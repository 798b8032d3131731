/**
 * What a planned fleet is in all: one kind of replica, or two pools of kinds of their own.
 */
import {
  acceleratorsOf,
  type PrefillSide,
  type Redundancy,
  type ReplicaKind,
  type SizedFleet
} from "../planner/index.ts"

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

/** How many replicas a plan comes to with its spares; of two pools of both. */
type WithSpares = Pick<Redundancy, "replicas" | "prefill">

/** A sized fleet as planned; with its spares it has more replicas. */
export const plannedOf = (
  { rated, replicas, prefill }: SizedFleet,
  withSpares: WithSpares = { replicas }
): Planned => ({
  candidate: rated.candidate,
  replicas: withSpares.replicas,
  ...(prefill === undefined
    ? {}
    : {
        prefill: {
          candidate: prefill.rated.candidate,
          replicas: withSpares.prefill?.replicas ?? prefill.replicas
        }
      })
})

/** Dollars an hour; undefined where nobody says. */
export const plannedDollars = (best: SizedFleet, withSpares?: WithSpares): number | undefined => {
  const { rated, prefill } = best
  const planned = plannedOf(best, withSpares)
  if (rated.dollars === undefined) return undefined
  if (prefill === undefined || planned.prefill === undefined) return rated.dollars * planned.replicas
  return prefill.rated.dollars === undefined
    ? undefined
    : rated.dollars * planned.replicas + prefill.rated.dollars * planned.prefill.replicas
}

/** In what a fleet may grow: replicas, or accelerators where pools apart have replicas of two sizes. */
export const fleetSize = (
  best: SizedFleet,
  withSpares: WithSpares
): { readonly size: number; readonly unit: string } => {
  const planned = plannedOf(best, withSpares)
  return best.prefill === undefined
    ? { size: plannedReplicas(planned), unit: "replicas" }
    : { size: plannedAccelerators(planned), unit: "accelerators" }
}
