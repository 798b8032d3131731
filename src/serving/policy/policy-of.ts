/** A pool's batching policy: what decides, and by which rules. */
import type { Server } from "../types.ts"
import { customPolicy, customRules } from "./custom.ts"
import { fixedBatches } from "./fixed-batch.ts"
import { iteration } from "./iteration.ts"
import { mixed } from "./mixed.ts"
import { type Rules, rulesOf } from "./rules.ts"
import type { Policy } from "./scheduler.ts"

export const policyOf = ({
  batching,
  cache
}: Pick<Server, "batching" | "cache">): { readonly policy: Policy; readonly rules: Rules } => {
  const { policy, timeoutSeconds } = batching
  if (typeof policy === "function") return { policy: customPolicy(policy), rules: customRules(batching) }
  if (policy === "static" || policy === "dynamic")
    return {
      policy: fixedBatches(policy === "static" ? Infinity : timeoutSeconds),
      // A fixed batch reserves its sequences to their ends; nothing else of the rules matters to it.
      rules: rulesOf("in-flight", batching, cache)
    }
  return { policy: policy === "mixed" ? mixed : iteration, rules: rulesOf(policy, batching, cache) }
}
