/**
 * What of a scenario, or of its capacity block, stands against a plan of capacity.
 */
import type { ServingScenario } from "../scenario/index.ts"

/** Why no plan can be made of a scenario. */
export const unplannable = ({ serving, workload: { arrivals }, capacity }: ServingScenario): string | undefined => {
  const hasLoad = capacity?.load !== undefined
  const isApart = capacity?.disaggregation?.includes("apart") === true
  const kind = Object.keys(arrivals)[0] ?? ""
  if (!["poisson", "gamma", "deterministic", "trace"].includes(kind))
    return `workload.arrivals: ${kind} has no rate that a plan could turn\n  expected poisson, gamma, deterministic or trace arrivals`
  const roles = (serving.pools ?? []).map(({ role = "both" }) => role)
  const isPair = roles.length === 2 && roles.includes("prefill") && roles.includes("decode")
  if (hasLoad && serving.pools !== undefined && !(isPair && isApart))
    return "serving.pools: a plan chooses one kind of replica, and these are several\n  expected no pools, capacity.disaggregation with apart for a pool of prompts and one of answers, or no load: then the highest load of the pools is sought"
  return undefined
}

/** What the highest load of some machines cannot be asked with. */
export const unfitForHighest = (block: NonNullable<ServingScenario["capacity"]>): string | undefined => {
  if (block.accelerators === undefined)
    return "capacity.objective: load needs capacity.accelerators, the machines that there are\n  expected --accelerators, such as --accelerators 16"
  if ((block.spareNodes ?? 0) > 0)
    return "capacity.spareNodes: the highest load is what all machines carry together\n  expected no spareNodes, and as accelerators those that are to be up"
  const besides = (["load", "night", "models", "budget"] as const).find((name) => block[name] !== undefined)
  return besides === undefined
    ? undefined
    : `capacity.${besides}: the highest load is what is sought\n  expected no ${besides}, or another objective than load`
}
