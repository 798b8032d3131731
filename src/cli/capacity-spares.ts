/**
 * The spares of a planned fleet, and whether its goals hold while they fail.
 */
import { find, isUnknownName } from "../catalog/index.ts"
import {
  acceleratorsOf,
  redundancyApart,
  redundancyOf,
  survivedApart,
  type CapacityRequest,
  type FailureInputs,
  type Redundancy,
  type ReplicaKind,
  type SizedFleet,
  type Survived
} from "../planner/index.ts"
import { searched, type CapacityPool } from "./capacity-pool.ts"
import { plannedAccelerators, plannedOf } from "./fleet-size.ts"

const perNodeOf = ({ system: name }: ReplicaKind): number => {
  const system = find("systems", name)
  return isUnknownName(system) ? 8 : system.acceleratorsPerNode
}

const plannedSpares = (best: SizedFleet, failures: FailureInputs): Redundancy => {
  const { rated, replicas, prefill } = best
  const perNode = perNodeOf(rated.candidate)
  if (prefill === undefined) return redundancyOf(replicas, acceleratorsOf(rated.candidate), perNode, failures)
  // Without spares a failure in either pool is one of the whole fleet: its nodes are counted together.
  if (failures.spareNodes === 0)
    return { ...redundancyOf(1, plannedAccelerators(plannedOf(best)), perNode, failures), replicas }
  const shape = (kind: ReplicaKind, needed: number) => ({
    needed,
    acceleratorsPerReplica: acceleratorsOf(kind),
    acceleratorsPerNode: perNodeOf(kind)
  })
  return redundancyApart(shape(prefill.rated.candidate, prefill.replicas), shape(rated.candidate, replicas), failures)
}

/** What a failure that takes a few replicas more adds to the spares. */
const grownTo = (planned: Redundancy, { replicas, prefill }: Survived): Redundancy => ({
  ...planned,
  replicas,
  spareReplicas: planned.spareReplicas + replicas - planned.replicas,
  ...(planned.prefill === undefined || prefill === undefined
    ? {}
    : {
        prefill: {
          replicas: prefill,
          spareReplicas: planned.prefill.spareReplicas + prefill - planned.prefill.replicas
        }
      })
})

export const sparesOf = async (
  request: CapacityRequest,
  best: SizedFleet,
  failures: FailureInputs,
  pool: CapacityPool
): Promise<{ readonly redundancy: Redundancy; readonly through: Survived | null }> => {
  const planned = plannedSpares(best, failures)
  if (planned.spareReplicas === 0) return { redundancy: planned, through: null }
  const through = await searched(survivedApart(request, best, planned), pool)
  return { redundancy: grownTo(planned, through), through }
}
