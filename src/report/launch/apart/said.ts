/**
 * What of a fleet whose prompts and answers are apart none of the engines is told, and how its routers name a policy.
 */
import type { ResolvedServing } from "../../../scenario/index.ts"
import type { RouterName } from "../../../serving/index.ts"
import { formatCount } from "../../../units/index.ts"
import type { ApartPool } from "./pools.ts"

/** "prompts: " before what is about one pool; once for both where it is about both. */
export const pooledRemarks = (
  pools: readonly ApartPool[],
  remarksOf: (pool: ApartPool) => readonly string[]
): readonly string[] => {
  const all = pools.map((pool) => ({ name: pool.name, remarks: remarksOf(pool) }))
  const common = (all[0]?.remarks ?? []).filter((one) => all.every(({ remarks }) => remarks.includes(one)))
  return [
    ...common,
    ...all.flatMap(({ name, remarks }) =>
      remarks.filter((one) => !common.includes(one)).map((one) => `${name}: ${one}`)
    )
  ]
}

/** @param layers  the engine sends a layer when it is computed */
export const unsaidHandover = ({ job }: ResolvedServing): readonly string[] => {
  const { handover } = job
  return [
    ...(handover?.overlap === "after-prefill"
      ? []
      : ["keys and values were simulated to leave layer by layer; this engine sends them when a prompt is computed"]),
    ...(handover?.mixing === undefined ? [] : ["left out: replicas that stand in for those of the other pool"])
  ]
}

/** A policy of the routers of vLLM and SGLang, and what it makes of the simulated one. */
export const routerPolicy = (
  simulated: RouterName,
  known: Partial<Readonly<Record<RouterName, string>>>,
  whose: string
): { readonly policy: string; readonly remarks: readonly string[] } => {
  const policy = known[simulated]
  return policy === undefined
    ? {
        policy: "power_of_two",
        remarks: [`${whose}: ${simulated} in the simulation, the less loaded of two servers here`]
      }
    : { policy, remarks: [] }
}

/** Policies for prompts and for answers. */
export const routerPolicies = (
  { job }: ResolvedServing,
  known: Partial<Readonly<Record<RouterName, string>>>
): { readonly prefill: string; readonly decode: string; readonly remarks: readonly string[] } => {
  const prefill = routerPolicy(job.queue.router, known, "who computes a prompt")
  const decode = routerPolicy(job.handover?.router ?? "least-requests", known, "who writes an answer")
  return { prefill: prefill.policy, decode: decode.policy, remarks: [...prefill.remarks, ...decode.remarks] }
}

/** "3 servers for prompts, 1 for answers". */
export const fleetTitle = (engine: string, pools: readonly ApartPool[]): string => {
  const count = (role: ApartPool["role"]): number =>
    pools.reduce((sum, pool) => sum + (pool.role === role ? pool.replicas : 0), 0)
  const prompts = count("prefill")
  return `${engine}: ${formatCount(prompts)} server${prompts === 1 ? "" : "s"} for prompts, ${formatCount(count("decode"))} for answers, and a router`
}
