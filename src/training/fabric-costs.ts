/**
 * What the network between the nodes, and the place of the ranks on it, cost an iteration: the same job simulated with
 * its nodes packed, and on a network that holds nothing up.
 */
import type { Fabric } from "../cluster/index.ts"
import { busiestLink, type BusiestLink } from "./busiest-link.ts"
import { isImpossible, simulateTraining, withPlan } from "./simulate.ts"
import type { TrainingJob } from "./types.ts"

export interface FabricCosts {
  /** Seconds of an iteration with the first nodes in order; null where they cannot run. */
  readonly packedSeconds: number | null
  /** Seconds of an iteration where switches and cables hold nothing up. */
  readonly unblockedSeconds: number | null
  /** What sends and exchanges keep busy for longest; null where no link may hold them up. */
  readonly busiest: BusiestLink | null
}

const secondsOn = (job: TrainingJob, fabric: Fabric): number | null => {
  const outcome = simulateTraining({ ...job, fabric, trace: "off" })
  return isImpossible(outcome) ? null : outcome.iterationSeconds
}

/**
 * @param iterationSeconds of the job as it is
 * @returns null where the network has no topology
 */
export const fabricCosts = (job: TrainingJob, iterationSeconds: number): FabricCosts | null => {
  const { nodesAt, ...packed } = job.fabric
  const { network } = packed
  if (network?.topology === undefined) return null
  const { topology: _topology, degraded: _degraded, ...unblocked } = network
  const busiest = withPlan(job, busiestLink)
  return {
    busiest: busiest === null || "_tag" in busiest ? null : busiest,
    packedSeconds: nodesAt === undefined ? iterationSeconds : secondsOn(job, packed),
    unblockedSeconds: secondsOn(job, { ...packed, network: unblocked })
  }
}
