/**
 * The pools of a fleet whose prompts and answers are apart: the scenario's own pools of those roles, where it has them, with
 * the kind of replica that the plan tries laid over each.
 */
import { mergePatch, type Changes, type ServingScenario } from "../../scenario/index.ts"
import type { PrefillSide, ReplicaKind, PoolSide } from "./types.ts"

type Written = NonNullable<ServingScenario["serving"]["pools"]>[number]

/** Accelerators of a replica. */
export const acceleratorsOf = ({
  tensor,
  pipeline,
  dataAttention = 1
}: Pick<ReplicaKind, "tensor" | "pipeline" | "dataAttention">): number => tensor * pipeline * dataAttention

/** Sizes of a replica by the names that a scenario uses. */
export const sizesOf = ({
  tensor,
  pipeline,
  expert,
  dataAttention
}: ReplicaKind): Readonly<Record<string, number>> => ({
  tensor,
  pipeline,
  ...(expert === undefined ? {} : { expert }),
  ...(dataAttention === undefined ? {} : { dataAttention })
})

/** The scenario's pool of a role, if it has exactly one: what a plan leaves of it stands. */
const templateOf = (pools: readonly Written[] | undefined, side: PoolSide): Partial<Written> => {
  const own = (pools ?? []).filter(({ role }) => role === side)
  return own.length === 1 ? own[0]! : {}
}

/** What a plan says itself, or what the machines of another plan were measured at. */
const settled = {
  cluster: null,
  replicas: null,
  measured: null,
  perAcceleratorHour: null,
  weight: null,
  scaling: null,
  rollingRestart: null
} as const

/** What befalls a pool: how its replicas fail. */
export interface PoolFailures {
  readonly side: PoolSide
  readonly failures: unknown
}

const poolOf = (
  pools: readonly Written[] | undefined,
  side: PoolSide,
  { candidate, replicas }: PrefillSide,
  failing: PoolFailures | undefined
): unknown => {
  const template = templateOf(pools, side)
  const { system, precision, batchSequences, batchTokens } = candidate
  const own = mergePatch(template, failing === undefined ? settled : { ...settled, failures: null })
  return mergePatch(own, {
    name: template.name ?? side,
    role: side,
    cluster: { ...machinesOf(template), system, accelerators: replicas * acceleratorsOf(candidate) },
    parallelism: sizesOf(candidate),
    precision,
    ...(failing?.side === side ? { failures: failing.failures } : {}),
    ...(batchSequences === null && batchTokens === null
      ? {}
      : {
          batching: {
            ...(batchSequences === null ? {} : { maxBatchSize: batchSequences }),
            ...(batchTokens === null ? {} : { maxBatchTokens: batchTokens })
          }
        })
  })
}

/** A pool's cluster without what the plan chooses. */
const machinesOf = ({ cluster = {} }: Partial<Written>): Partial<NonNullable<Written["cluster"]>> => {
  const { system: _system, accelerator: _accelerator, nodes: _nodes, accelerators: _accelerators, ...rest } = cluster
  return rest
}

/** The fields of a scenario that make it a fleet of two pools. */
export const apartChanges = (
  pools: readonly Written[] | undefined,
  prefill: PrefillSide,
  decode: PrefillSide,
  failing?: PoolFailures
): Changes => ({
  "cluster.system": prefill.candidate.system,
  "cluster.accelerator": null,
  "cluster.nodes": null,
  "cluster.accelerators": prefill.replicas * acceleratorsOf(prefill.candidate),
  "serving.pools": [poolOf(pools, "prefill", prefill, failing), poolOf(pools, "decode", decode, failing)],
  ...(failing === undefined ? {} : { "serving.failures": null }),
  "serving.poolWeights": null,
  "serving.replicas": null,
  "serving.scaling": null,
  "serving.rollingRestart": null
})

/** The scenario with one pool's fields as those of its server: the same steps and memory as in the pool. */
export const sideOf = (scenario: ServingScenario, side: PoolSide): ServingScenario => {
  const {
    name: _name,
    role: _role,
    model: _model,
    adapters: _adapters,
    ...own
  } = mergePatch(templateOf(scenario.serving.pools, side), settled) as Partial<Written>
  const { pools: _pools, handover: _handover, poolWeights: _weights, ...shared } = scenario.serving
  return { ...scenario, serving: mergePatch(shared, own) as ServingScenario["serving"] }
}
