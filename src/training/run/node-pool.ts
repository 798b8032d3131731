/**
 * The nodes of a job and those that stand by: how many are missing, and how many replicas the others can carry.
 */
import type { RunPlan } from "./types.ts"

export interface NodePool {
  /** Nodes that have to be put in the place of others before the next start. */
  readonly swapsDue: number
  /** Replicas for which there are nodes. */
  replicas(): number
  /** Nodes leave the job; false where they are replaced at once and none has to be repaired. */
  lose(nodes: number): boolean
  repaired(nodes: number): void
  swapped(): void
}

type Sizes = Pick<RunPlan, "nodes" | "spares" | "replicas" | "acceleratorsPerNode" | "acceleratorsPerReplica">

export const makeNodePool = (sizes: Sizes): NodePool => {
  const { nodes: needed, spares, replicas: all, acceleratorsPerNode, acceleratorsPerReplica } = sizes
  let [missing, swapsDue] = [0, 0]
  return {
    get swapsDue() {
      return swapsDue
    },
    replicas() {
      if (spares === null) return all
      const nodes = needed + spares.nodes - missing
      return nodes >= needed ? all : Math.max(0, Math.floor((nodes * acceleratorsPerNode) / acceleratorsPerReplica))
    },
    lose(nodes) {
      if (nodes === 0) return false
      swapsDue += nodes
      if (spares === null) return false
      missing += nodes
      return true
    },
    repaired(nodes) {
      missing -= nodes
    },
    swapped() {
      swapsDue = 0
    }
  }
}
