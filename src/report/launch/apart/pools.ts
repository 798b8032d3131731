/**
 * The pools of a fleet whose prompts and answers are apart, each as the server that an engine is told of.
 */
import { mergePatch, type ResolvedServing } from "../../../scenario/index.ts"
import type { Pool } from "../../../serving/index.ts"

export interface ApartPool {
  readonly name: string
  readonly role: "prefill" | "decode"
  /** Among the scenario's pools. */
  readonly index: number
  readonly replicas: number
  /** Pools of the same machines share nodes. */
  readonly machines: number
  readonly acceleratorsPerNode: number
  /** The pool alone, as a server of one replica with the pool's fields laid over the scenario's. */
  readonly server: ResolvedServing
}

/** The pools, or why no engine's commands say such a fleet. */
export const apartPools = (
  resolved: ResolvedServing
): { readonly pools: readonly ApartPool[] } | { readonly none: string } => {
  const { pools = [] } = resolved.job
  if (pools.some(({ role }) => role === "both"))
    return { none: "pools that serve requests whole: start each by itself, behind a router that you have" }
  if (new Set(pools.map(({ target }) => target.model.name)).size > 1)
    return { none: "pools of several models: start the fleet of each model by itself, behind a router that you have" }
  return { pools: pools.map((pool, index) => apartPool(resolved, pool, index)) }
}

const apartPool = (resolved: ResolvedServing, pool: Pool, index: number): ApartPool => {
  const { job, scenario } = resolved
  const { pools: _pools, handover: _handover, ...own } = job
  const { pools: written = [], handover: _written, poolWeights: _weights, ...shared } = scenario.serving
  const { name: _name, role: _role, weight: _weight, cluster: _cluster, model: _model, ...fields } = written[index]!
  return {
    name: pool.name,
    role: pool.role === "prefill" ? "prefill" : "decode",
    index,
    replicas: pool.replicas,
    machines: pool.machines,
    acceleratorsPerNode: pool.target.fabric.acceleratorsPerNode,
    server: {
      ...resolved,
      job: { ...own, ...pool, name: job.name, replicas: 1 },
      scenario: { ...scenario, serving: mergePatch(shared, fields) as typeof scenario.serving }
    }
  }
}
