/**
 * LoRA adapters of a scenario: how many, how they are chosen, what they weigh on a server.
 */
import type { InferenceMemory, InferenceTarget } from "../../inference/index.ts"
import { adapterCost, type AdapterChoice, type Server } from "../../serving/index.ts"
import type { Finding } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"
import { hostRate } from "./batching.ts"

type Written = Pick<ServingScenario["serving"], "adapters" | "batching">
type Adapters = NonNullable<Server["adapters"]>

const usualRank = 16
const usualPlaces = 8

export const adapterChoiceOf = ({ adapters }: Written): { readonly adapterChoice?: AdapterChoice } =>
  adapters === undefined
    ? {}
    : {
        adapterChoice: { count: adapters.count, exponent: adapters.exponent ?? 1, share: adapters.share ?? 1 }
      }

const path = ["serving", "adapters"]

/** What a server holds of them; undefined without adapters. */
export const adaptersOf = (
  { adapters, batching }: Written,
  target: InferenceTarget
): Adapters | Finding | undefined => {
  if (adapters === undefined) return undefined
  const { rank = usualRank, modules = "attention", resident = Math.min(adapters.count, usualPlaces) } = adapters
  const { model, accelerator } = target
  if (model.latentAttention !== null || model.linearAttention !== undefined)
    return {
      path,
      at: "key",
      problem: `adapters of ${model.name} are not modelled: its attention is latent or linear`,
      given: model.name,
      expected: "a model with grouped or multi-head attention, or no adapters"
    }
  if (modules === "all" && model.experts !== null)
    return {
      path: [...path, "modules"],
      problem: `adapters of the experts of ${model.name} are not modelled`,
      given: "all",
      expected: "attention"
    }
  const policy = batching?.policy
  if (typeof policy === "function" || policy === "static" || policy === "dynamic")
    return {
      path,
      at: "key",
      problem: "a fixed batch, or a policy of one's own, does not look at adapters",
      given: typeof policy === "function" ? "a function" : policy,
      expected: "a policy that decides for every step, such as continuous-chunked, or no adapters"
    }
  return { places: resident, rank, cost: adapterCost(target, rank, modules, hostRate(accelerator)) }
}

/** Memory with the places of adapters taken out of what was left for keys and values, as vLLM reserves them at start. */
export const withAdapters = (
  memory: InferenceMemory,
  adapters: Adapters | undefined,
  groups: number
): InferenceMemory => {
  if (adapters === undefined) return memory
  const bytes = adapters.places * adapters.cost.bytes
  const perGroup = memory.keyValueTokens / groups - bytes / memory.keyValueBytesPerToken
  return {
    ...memory,
    overhead: memory.overhead + bytes,
    keyValueTokens: Math.max(0, Math.floor(perGroup)) * groups,
    fits: memory.fits && perGroup >= 1
  }
}
