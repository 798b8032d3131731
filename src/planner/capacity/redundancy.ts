/**
 * Spare replicas: a fleet that still serves its busiest load within its goals while k of its nodes are down.
 *
 * A node takes with it every replica that has an accelerator in it, so k nodes cost k x (replicas of a node) spares, or k
 * where a replica fills a node or more. With all spares gone the fleet is the one that was searched and simulated, so the
 * promise holds by that simulation; how often more nodes are down at once follows from the binomial distribution of nodes
 * that fail and are repaired apart from each other: a node is down MTTR / (MTBF + MTTR) of the time.
 *
 * Llama 3's training on 16,384 H100 was interrupted 419 times in 54 days (arXiv:2407.21783, table 5), unplanned: a failure a
 * node of 8 every 54 x 24 x 2,048 / 419 = 6,335 h.
 */
export interface FailureInputs {
  readonly spareNodes: number
  readonly nodeHoursBetweenFailures: number
  readonly repairHours: number
}

export const usualFailures: FailureInputs = { spareNodes: 0, nodeHoursBetweenFailures: 6335, repairHours: 24 }

export interface Redundancy {
  readonly spareReplicas: number
  readonly replicas: number
  readonly nodes: number
  /** Share of the time in which at most the spare nodes are down. */
  readonly availability: number
  /** The same without spares: no node is down. */
  readonly availabilityWithout: number
  /** The pool that computes prompts, where it is apart; `replicas` and `spareReplicas` are then of the other. */
  readonly prefill?: { readonly replicas: number; readonly spareReplicas: number }
}

/** A pool as far as spares go. */
export interface PoolShape {
  readonly needed: number
  readonly acceleratorsPerReplica: number
  readonly acceleratorsPerNode: number
}

export const redundancyOf = (
  needed: number,
  acceleratorsPerReplica: number,
  acceleratorsPerNode: number,
  { spareNodes, nodeHoursBetweenFailures, repairHours }: FailureInputs
): Redundancy => {
  const ofNode = Math.max(1, Math.floor(acceleratorsPerNode / acceleratorsPerReplica))
  const spareReplicas = spareNodes * ofNode
  const nodesOf = (replicas: number): number => Math.ceil((replicas * acceleratorsPerReplica) / acceleratorsPerNode)
  const down = repairHours / (nodeHoursBetweenFailures + repairHours)
  return {
    spareReplicas,
    replicas: needed + spareReplicas,
    nodes: nodesOf(needed + spareReplicas),
    availability: atMost(spareNodes, nodesOf(needed + spareReplicas), down),
    availabilityWithout: atMost(0, nodesOf(needed), down)
  }
}

/**
 * Of two pools on nodes of their own: whichever k of all nodes are down, each pool has at least what it needs if it has the spares
 * of k nodes itself.
 */
export const redundancyApart = (prompts: PoolShape, answers: PoolShape, inputs: FailureInputs): Redundancy => {
  const of = ({ needed, acceleratorsPerReplica, acceleratorsPerNode }: PoolShape, spareNodes: number): Redundancy =>
    redundancyOf(needed, acceleratorsPerReplica, acceleratorsPerNode, { ...inputs, spareNodes })
  const [first, second] = [of(prompts, inputs.spareNodes), of(answers, inputs.spareNodes)]
  const nodes = first.nodes + second.nodes
  const without = of(prompts, 0).nodes + of(answers, 0).nodes
  const down = inputs.repairHours / (inputs.nodeHoursBetweenFailures + inputs.repairHours)
  return {
    spareReplicas: second.spareReplicas,
    replicas: second.replicas,
    prefill: { replicas: first.replicas, spareReplicas: first.spareReplicas },
    nodes,
    availability: atMost(inputs.spareNodes, nodes, down),
    availabilityWithout: atMost(0, without, down)
  }
}

/** Chance that at most k of n are down. */
export const atMost = (k: number, n: number, down: number): number => {
  let term = (1 - down) ** n
  let sum = term
  for (let count = 1; count <= Math.min(k, n); count++) {
    term *= ((n - count + 1) / count) * (down / (1 - down))
    sum += term
  }
  return Math.min(1, sum)
}
